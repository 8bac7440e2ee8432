"""A bare client for tests: one address, one token, answers as they come."""

from dataclasses import dataclass
from typing import Any

import requests

from integrations.rehearsal.practice_zoho import ALL_SCOPES, PracticeZoho

ACCOUNTS = "https://accounts.zoho.eu"
API = "https://www.zohoapis.eu"


@dataclass
class Caller:
    zoho: PracticeZoho
    session: requests.Session
    version: str = "v8"

    @classmethod
    def signed_in(cls, zoho: PracticeZoho, scope: str = ALL_SCOPES) -> "Caller":
        session = zoho.session()
        caller = cls(zoho, session)
        caller.use(tokens(zoho, session, scope)["access_token"])
        return caller

    def use(self, token: str) -> None:
        self.session.headers["Authorization"] = f"Zoho-oauthtoken {token}"

    def get(self, path: str, headers: dict[str, str] | None = None, **query: Any) -> requests.Response:
        return self.call("GET", path, params=query, headers=headers)

    def post(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.call("POST", path, json=body, **more)

    def put(self, path: str, body: Any, **more: Any) -> requests.Response:
        return self.call("PUT", path, json=body, **more)

    def delete(self, path: str, **query: Any) -> requests.Response:
        return self.call("DELETE", path, params=query)

    def call(self, method: str, path: str, **more: Any) -> requests.Response:
        place = "/crm/bulk/" if path.startswith("bulk/") else "/crm/"
        return self.session.request(method, f"{API}{place}{self.version}/{path.removeprefix('bulk/')}", **more)

    def coql(self, query: str) -> requests.Response:
        return self.post("coql", {"select_query": query})

    def add(self, module: str, *records: dict[str, Any]) -> list[str]:
        """Ids of new records; every one has to be taken."""
        answer = self.post(module, {"data": list(records)})
        assert answer.status_code == 201, answer.text
        return [one["details"]["id"] for one in answer.json()["data"]]


def tokens(zoho: PracticeZoho, session: requests.Session, scope: str = ALL_SCOPES) -> dict[str, Any]:
    return ask_token(zoho, session, grant_type="authorization_code", code=zoho.grant_code(scope)).json()


def ask_token(zoho: PracticeZoho, session: requests.Session, **form: str) -> requests.Response:
    client = {"client_id": zoho.credentials.client_id, "client_secret": zoho.credentials.client_secret}
    return session.post(f"{ACCOUNTS}/oauth/v2/token", data={**client, **form})


def problem(answer: requests.Response) -> tuple[int, str, dict[str, Any]]:
    """Status, code and details of a refusal, wherever in the answer they stand."""
    body = answer.json()
    if "code" not in body:
        [body] = next(iter(body.values()))
    return answer.status_code, body["code"], body["details"]


def walk(api: Caller, path: str, headers: dict[str, str] | None = None, **query: Any) -> list[list[dict[str, Any]]]:
    """All pages by their tokens."""
    pages: list[list[dict[str, Any]]] = []
    token: dict[str, Any] = {}
    while True:
        answer = api.get(path, headers=headers, **query, **token)
        assert answer.status_code == 200, answer.text
        body = answer.json()
        pages.append(body["data"])
        if not body["info"]["more_records"]:
            assert body["info"]["next_page_token"] is None
            return pages
        token = {"page_token": body["info"]["next_page_token"]}
