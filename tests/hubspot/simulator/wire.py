"""Calls to a practice portal as a test makes them: bare HTTP, nothing of our own client."""

from datetime import UTC, datetime, timedelta
from typing import Any

import requests

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

HOST = "https://api.hubapi.com"
VERSION = "2026-09"
Answer = requests.Response


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 20, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def pass_by(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


class Wire:
    def __init__(self, crm: PracticeHubSpot, token: str = "", **headers: str) -> None:
        self.crm = crm
        self.session = crm.session()
        self.session.headers.update(crm.headers | ({"Authorization": f"Bearer {token}"} if token else {}) | headers)

    def call(self, method: str, path: str, **more: Any) -> Answer:
        return self.session.request(method, HOST + path, allow_redirects=False, **more)

    def get(self, path: str, **query: Any) -> Answer:
        return self.call("GET", path, params=query)

    def post(self, path: str, body: Any) -> Answer:
        return self.call("POST", path, json=body)

    # --- Objects in the newest version --------------------------------------------------------------------------------
    def page(self, kind: str, **query: Any) -> Answer:
        return self.get(f"/crm/objects/{VERSION}/{kind}", **query)

    def one(self, kind: str, record_id: str, **query: Any) -> Answer:
        return self.get(f"/crm/objects/{VERSION}/{kind}/{record_id}", **query)

    def create(self, kind: str, *associations: Any, **properties: Any) -> Answer:
        body = {"properties": properties} | ({"associations": list(associations)} if associations else {})
        return self.post(f"/crm/objects/{VERSION}/{kind}", body)

    def update(self, kind: str, record_id: str, **properties: Any) -> Answer:
        return self.call("PATCH", f"/crm/objects/{VERSION}/{kind}/{record_id}", json={"properties": properties})

    def delete(self, kind: str, record_id: str) -> Answer:
        return self.call("DELETE", f"/crm/objects/{VERSION}/{kind}/{record_id}")

    def batch(self, kind: str, verb: str, inputs: list[Any], **more: Any) -> Answer:
        return self.post(f"/crm/objects/{VERSION}/{kind}/batch/{verb}", {"inputs": inputs, **more})

    def search(self, kind: str, *filters: Any, **more: Any) -> Answer:
        groups = [{"filters": list(filters)}] if filters else []
        return self.post(f"/crm/objects/{VERSION}/{kind}/search", {"filterGroups": groups, **more})

    def found(self, kind: str, *filters: Any, **more: Any) -> list[str]:
        answer = self.search(kind, *filters, **more)
        assert answer.status_code == 200, answer.text
        return ids(answer)

    def link(self, start: str, end: str, verb: str, inputs: list[Any]) -> Answer:
        return self.post(f"/crm/associations/{VERSION}/{start}/{end}/batch/{verb}", {"inputs": inputs})


def ids(answer: Answer) -> list[str]:
    return [one["id"] for one in answer.json()["results"]]


def where(name: str, operator: str, value: Any = None, **more: Any) -> dict[str, Any]:
    """A filter; a list of values goes where lists go."""
    given = {"values": value} if isinstance(value, list) else {} if value is None else {"value": str(value)}
    return {"propertyName": name, "operator": operator, **given, **more}


def told(answer: Answer) -> tuple[int, str | None, str]:
    """Status, category and message of a refusal."""
    body = answer.json()
    return answer.status_code, body.get("category"), body["message"]
