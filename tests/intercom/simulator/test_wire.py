"""What the practice workspace does as the vendor's documents say, seen on the wire."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import requests

from integrations.rehearsal.practice_intercom import PracticeIntercom

API = "https://api.eu.intercom.io"


class Wire:
    def __init__(self, practice: PracticeIntercom) -> None:
        self.practice, self.http = practice, practice.session()
        self.http.headers.update(
            {"Authorization": f"Bearer {practice.credentials.access_token}", "Accept": "application/json"}
        )

    def get(self, path: str, **query: Any) -> requests.Response:
        return self.http.get(f"{API}{path}", params=query)

    def post(self, path: str, body: Any, **query: Any) -> requests.Response:
        return self.http.post(f"{API}{path}", json=body, params=query)

    def search(self, kind: str, field: str, operator: str, value: Any) -> requests.Response:
        return self.post(f"/{kind}/search", {"query": {"field": field, "operator": operator, "value": value}})


@pytest.fixture
def wire(small_crm: Callable[..., PracticeIntercom]) -> Wire:
    return Wire(small_crm(3, contacts_per=2))


def test_one_company_is_answered_and_not_a_list(wire: Wire) -> None:
    ref = wire.post("/companies/list", {}).json()["data"][0]["company_id"]

    found, missing = wire.get("/companies", company_id=ref), wire.get("/companies", company_id="x")

    assert (found.json()["type"], found.json()["company_id"]) == ("company", ref)
    assert (missing.status_code, missing.json()["errors"][0]["code"]) == (404, "company_not_found")


def test_company_that_nobody_belongs_to_is_in_no_list(wire: Wire) -> None:
    made = wire.post("/companies", {"company_id": "lonely", "name": "Lonely"}).json()

    listed = {one["id"] for one in wire.post("/companies/list", {}).json()["data"]}
    scrolled = {one["id"] for one in wire.get("/companies/scroll").json()["data"]}

    assert made["id"] not in listed | scrolled
    assert wire.get("/companies", company_id="lonely").json()["id"] == made["id"]
    assert wire.get(f"/companies/{made['id']}").json()["user_count"] == 0


def test_company_id_never_changes(wire: Wire) -> None:
    made = wire.post("/companies", {"company_id": "one", "name": "One"}).json()

    refused = wire.http.put(f"{API}/companies/{made['id']}", json={"company_id": "two"})

    assert (refused.status_code, refused.json()["errors"][0]["code"]) == (400, "bad_request")
    assert wire.get(f"/companies/{made['id']}").json()["company_id"] == "one"


def test_one_scroll_is_open_at_a_time_and_dies_after_a_minute(wire: Wire) -> None:
    first = wire.get("/companies/scroll").json()
    second = wire.get("/companies/scroll")

    assert second.json()["errors"][0]["code"] == "scroll_exists"
    wire.practice.control(clock_offset=61)
    assert wire.get("/companies/scroll", scroll_param=first["scroll_param"]).status_code == 404

    opened = wire.get("/companies/scroll").json()
    ended = wire.get("/companies/scroll", scroll_param=opened["scroll_param"]).json()
    assert (len(opened["data"]), ended["data"]) == (3, [])
    assert wire.get("/companies/scroll").status_code == 200, "one that ended frees the place"


def test_pages_too_large_are_refused_in_the_recorded_words(wire: Wire) -> None:
    refused = wire.get("/contacts", per_page=151)

    assert (refused.status_code, refused.json()["errors"]) == (
        400, [{"code": "parameter_invalid", "message": "Per Page is too big"}],
    )  # fmt: skip


def test_dates_of_contacts_are_compared_by_the_day_of_the_workspace(wire: Wire) -> None:
    late = datetime(2026, 3, 1, 22, 30, tzinfo=UTC)
    with wire.practice.app.book.transaction():
        wire.practice.app.book.execute("UPDATE _record SET updated = ?", (late.isoformat(timespec="milliseconds").replace("+00:00", "Z"),))  # fmt: skip

    def found(value: datetime) -> int:
        return int(wire.search("contacts", "updated_at", ">", int(value.timestamp())).json()["total_count"])

    # In Paris it is half past eleven in the evening of the first of March.
    assert (found(late), found(late - timedelta(hours=24)), found(late - timedelta(hours=23, minutes=29))) == (0, 6, 0)
    for operator in ("!=", ">=", "<=", "IN", "NIN"):
        assert wire.search("contacts", "updated_at", operator, 1).status_code == 400


def test_conversations_are_compared_by_the_second(wire: Wire) -> None:
    wire.practice.create("conversation", contacts=[])
    [one] = wire.get("/conversations").json()["conversations"]
    stamp = one["updated_at"]

    numbers = [wire.search("conversations", "updated_at", ">", stamp - more).json()["total_count"] for more in (0, 1)]

    assert numbers == [0, 1]


def test_replies_stand_in_the_single_answer_alone(wire: Wire) -> None:
    number = wire.practice.create("conversation", contacts=[], **{"source.body": "<p>Hi<br>you</p>"})
    wire.practice.edit("conversation", number, reply="There")

    listed = wire.get("/conversations").json()["conversations"][0]
    whole = wire.get(f"/conversations/{number}", display_as="plaintext").json()

    assert "conversation_parts" not in listed
    assert [one["body"] for one in whole["conversation_parts"]["conversation_parts"]] == ["There"]
    assert whole["source"]["body"] == "Hi\nyou"


def test_value_of_an_attribute_that_is_not_there_is_refused(wire: Wire) -> None:
    refused = wire.post("/companies", {"company_id": "one", "custom_attributes": {"nobody": "1"}})

    assert refused.json()["errors"][0]["code"] == "parameter_invalid"


def test_name_of_an_attribute_serves_once_and_may_not_be_odd(wire: Wire) -> None:
    asked = {"name": "crm_id", "model": "company", "data_type": "string"}
    made = wire.post("/data_attributes", asked)
    twice = wire.post("/data_attributes", {**asked, "model": "contact"})
    odd = wire.post("/data_attributes", {**asked, "name": "crm.id!"})

    assert made.json()["full_name"] == "custom_attributes.crm_id"
    assert twice.json()["errors"][0]["message"].startswith("You already have 'crm_id' in your company data")
    assert odd.json()["errors"][0]["message"].startswith("Your name for this attribute must only contain")


def test_json_is_asked_for_and_must_be_whole(wire: Wire) -> None:
    html = wire.http.get(f"{API}/me", headers={"Accept": "text/html"})
    broken = wire.http.post(f"{API}/companies", data="{", headers={"Content-Type": "application/json"})

    assert (html.status_code, html.json()["errors"][0]["code"]) == (406, "media_type_not_acceptable")
    assert broken.status_code == 400
    assert broken.json()["error"].startswith("There was a problem in the JSON you submitted")


def test_windows_of_ten_seconds_are_told_and_kept(wire: Wire) -> None:
    wire.practice.control(unlimited=False, rate_limit=2, forget_bursts=True)

    answers = [wire.get("/me") for _ in range(3)]
    refused = answers[-1]

    assert [one.status_code for one in answers] == [200, 200, 429]
    assert refused.json()["errors"][0]["message"] == "Exceeded rate limit of 2 in 10_seconds"
    assert (answers[0].headers["X-RateLimit-Limit"], answers[1].headers["X-RateLimit-Remaining"]) == ("2", "0")
    assert int(refused.headers["X-RateLimit-Reset"]) > 1_700_000_000


def test_merged_and_archived_contacts_are_nowhere(wire: Wire) -> None:
    lead = wire.post("/contacts", {"role": "lead", "email": "lead@x.example"}).json()["id"]
    user = wire.post("/contacts", {"role": "user", "email": "user@x.example"}).json()["id"]

    wire.post("/contacts/merge", {"from": lead, "into": user})
    wire.post(f"/contacts/{user}/archive", {})

    assert [wire.get(f"/contacts/{one}").status_code for one in (lead, user)] == [404, 404]
    assert wire.search("contacts", "email", "~", "x.example").json()["total_count"] == 0


def test_new_contact_is_searchable_late_where_it_is_asked_for(wire: Wire) -> None:
    wire.practice.control(index_lag=120)
    made = wire.post("/contacts", {"email": "late@x.example"}).json()["id"]

    early = wire.search("contacts", "id", "IN", [made]).json()["total_count"]
    wire.practice.control(clock_offset=200)
    late = wire.search("contacts", "id", "IN", [made]).json()["total_count"]

    assert (early, late) == (0, 1)


@pytest.mark.parametrize("depth", [2, 3])
def test_groups_are_nested_two_deep(wire: Wire, depth: int) -> None:
    query: dict[str, Any] = {"field": "role", "operator": "=", "value": "user"}
    for _ in range(depth):
        query = {"operator": "AND", "value": [query]}

    assert wire.post("/contacts/search", {"query": query}).status_code == (200 if depth == 2 else 400)
