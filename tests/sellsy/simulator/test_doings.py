from datetime import datetime
from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import Api, ids
from tests.sellsy.simulator.conftest import Clock

COMPANY, CONTACT = {"id": 1, "type": "company"}, {"id": 1, "type": "contact"}
WHEN = "2026-11-20T14:00:00+01:00"
NEW: dict[str, dict[str, Any]] = {
    "/comments": {"description": "<p>Hello</p>", "related": [COMPANY]},
    "/phone-calls": {"owner_id": 2, "date": WHEN, "result": "connected", "source": "outcoming", "related": [COMPANY, CONTACT]},
    "/calendar-events": {
        "title": "Review", "datetime_start": WHEN, "datetime_end": "2026-11-20T15:00:00+01:00", "label_id": 1,
        "participants": [{"id": 1, "type": "contact"}], "related": [COMPANY],
    },
    "/tasks": {"due_date": WHEN, "label_id": 1, "title": "Send it"},
}  # fmt: skip
REQUIRED = {
    "/comments": ["description", "related"],
    "/phone-calls": ["owner_id", "date", "result", "source", "related"],
    "/calendar-events": ["title", "datetime_start", "datetime_end", "label_id"],
    "/tasks": ["due_date", "label_id"],
}


@pytest.mark.parametrize("path", [*NEW])
def test_what_is_required_and_how_it_is_read_back(api: Api, path: str, clock: Clock) -> None:
    for name in REQUIRED[path]:
        sent = {key: value for key, value in NEW[path].items() if key != name}
        assert list(api.refused("POST", path, sent)["details"]) == [name]
    made = api("POST", path, NEW[path], 201)
    clock.move(1)

    assert api.get(f"{path}/{made['id']}") == made
    assert api.get(path)["data"] == [made]
    change = {"/calendar-events": {"title": "x"}, "/phone-calls": {"result": "busy"}}.get(path, {"description": "x"})
    assert api("PUT", f"{path}/{made['id']}", change)["updated"] == "2026-11-26T10:00:01+01:00"
    api("DELETE", f"{path}/{made['id']}", None, 204)
    api.refused("GET", f"{path}/{made['id']}", status=404)


def test_sides_are_only_what_is_related(api: Api) -> None:
    both = api("POST", "/phone-calls", NEW["/phone-calls"], 201)
    alone = api("POST", "/phone-calls", {**NEW["/phone-calls"], "related": [CONTACT]}, 201)

    assert (both["company_id"], both["contact_id"], both["individual_id"]) == (1, 1, None)
    assert (alone["company_id"], alone["contact_id"]) == (None, 1)
    assert (both["date"], both["duration"], both["result"]) == (WHEN, 0, {"id": "connected", "name": "Connecté"})
    assert ids(api.search("/phone-calls", companies=[1])) == [both["id"]]
    assert ids(api.search("/phone-calls", contacts=[1])) == [both["id"], alone["id"]]


@pytest.mark.parametrize(
    ("path", "changed", "named"),
    [
        ("/comments", {"related": []}, "related"),
        ("/comments", {"related": [COMPANY, CONTACT]}, "related"),
        ("/comments", {"owner_id": 1}, "owner_id"),
        ("/phone-calls", {"related": []}, "related"),
        ("/phone-calls", {"related": [COMPANY] * 4}, "related"),
        ("/phone-calls", {"source": "outgoing"}, "source"),
        ("/phone-calls", {"result": "ok"}, "result"),
        ("/phone-calls", {"date": "2026-11-20"}, "date"),
        ("/phone-calls", {"topic": 99}, "topic"),
        ("/calendar-events", {"label_id": 99}, "label_id"),
        ("/calendar-events", {"datetime_end": "2026-11-20T13:00:00+01:00"}, "datetime_end"),
        ("/tasks", {"status": "open"}, "status"),
        ("/tasks", {"priority": 2}, "priority"),
        ("/tasks", {"related": [{"id": 99, "type": "contact"}]}, "related[0]"),
    ],
)
def test_what_does_not_fit(api: Api, path: str, changed: dict[str, Any], named: str) -> None:
    assert list(api.refused("POST", path, {**NEW[path], **changed})["details"]) == [named]


@pytest.mark.parametrize(
    ("path", "filters", "found"),
    [
        ("/comments", {"created": {"start": "2026-11-26T09:00:00Z"}}, [1]),
        ("/comments", {"updated": {"end": "2026-11-26T08:00:00Z"}}, []),
        ("/comments", {"related_objects": [COMPANY]}, [1]),
        ("/comments", {"owners": [2]}, []),
        ("/phone-calls", {"due_date": {"start": "2026-11-20T13:00:00Z", "end": "2026-11-20T13:00:00Z"}}, [1]),
        ("/phone-calls", {"result": "connected", "source": "outcoming", "owners": [2]}, [1]),
        ("/phone-calls", {"topic": 1}, []),
        ("/calendar-events", {"due_date": {"start": "2026-11-21T00:00:00Z"}}, []),
        ("/calendar-events", {"due_date": None, "labels": [1], "companies": [1]}, [1]),
        ("/tasks", {"statuses": ["todo"], "labels": [1], "priority": {"min": 0, "max": 0}}, []),
        ("/tasks", {"due_date": {"end": "2026-11-21T00:00:00Z"}}, [1]),
    ],
)
def test_filters_find(api: Api, path: str, filters: dict[str, Any], found: list[int]) -> None:
    api("POST", path, {**NEW[path], **({"status": "done"} if path == "/tasks" else {})}, 201)
    assert ids(api.search(path, **filters)) == found


@pytest.mark.parametrize(
    ("path", "name"), [("/phone-calls", "updated"), ("/calendar-events", "created"), ("/tasks", "updated")]
)
def test_a_delta_of_calls_events_and_tasks_has_only_their_days(api: Api, path: str, name: str) -> None:
    assert list(api.refused("POST", f"{path}/search", {"filters": {name: {}}})["details"]) == [f"filters.{name}"]


def test_embeds_bring_who_and_what(api: Api) -> None:
    api("POST", "/phone-calls", NEW["/phone-calls"], 201)
    found = api.get("/phone-calls/1?embed[]=company&embed[]=contact&embed[]=owner&embed[]=individual&embed[]=related")[
        "_embed"
    ]

    assert (found["company"]["id"], found["contact"]["id"], found["owner"]["id"]) == (1, 1, 2)
    assert (found["individual"], [one["id"] for one in found["related"]]) == (None, [1, 1])


# --- The index of activities -----------------------------------------------------------------------------------------------
def test_activities_learn_of_an_object_late_and_forget_it_at_once(api: Api, clock: Clock) -> None:
    made = api("POST", "/phone-calls", NEW["/phone-calls"], 201)
    early = api.search("/activities", entities=["phonecall"])["data"]
    clock.move(2)
    [found] = api.search("/activities", entities=["phonecall"])["data"]

    assert early == []
    assert (found["event"], found["object"]["id"], found["object"]["model"]) == ("phonecall.created", made["id"], made)
    assert (found["due_date"], found["event_more"]) == (WHEN, [])
    assert found["event_details"] == {"source": "outcoming", "status": "connected", "label": "", "priority": 0}
    assert found["related"] == [COMPANY, CONTACT, {"type": "staff", "id": 2}]
    api("PUT", f"/phone-calls/{made['id']}", {"date": "2026-11-21T14:00:00+01:00"})
    [moved] = api.search("/activities", due_date={"start": "2026-11-21T00:00:00Z", "end": "2026-11-22T00:00:00Z"})[
        "data"
    ]
    assert (moved["id"], moved["event_date"]) == (found["id"], found["event_date"])
    api("DELETE", f"/phone-calls/{made['id']}", None, 204)
    assert api.search("/activities")["data"] == []


def test_the_lag_of_the_index_can_be_set(api: Api, practice: PracticeSellsy) -> None:
    practice.control(index_lag=0)
    api("POST", "/comments", NEW["/comments"], 201)
    assert len(api.search("/activities")["data"]) == 1


def test_emails_have_no_list_and_are_read_through_the_activities(reader: Api) -> None:
    reader.refused("GET", "/emails", status=404)
    found = [
        one for page in reader.pages("/activities/search", 100, {"filters": {"entities": ["email"]}}) for one in page
    ]
    email = reader.get(f"/emails/{found[0]['object']['id']}")

    events = {one["event"] for one in found}
    assert events == {"emailengine.sent", "emailengine.received", "emailengine.opened"}
    assert len({one["object"]["id"] for one in found}) < len(found)
    assert [one["due_date"] for one in found] == sorted((one["due_date"] for one in found), key=_instant)
    assert (email["id"], email["subject"]) == (found[0]["object"]["id"], found[0]["event_more"]["subject"])
    reader.refused("GET", "/emails/abc", status=404)


def _instant(text: str) -> float:
    return datetime.fromisoformat(text).timestamp()


def test_a_timeline_tells_of_one_object(reader: Api) -> None:
    some = next(one for one in reader.search("/activities?limit=100")["data"] if one["related"][0]["type"] == "company")
    number = some["related"][0]["id"]
    found = [one for page in reader.pages(f"/timeline/company/{number}/search", 100, {"filters": {}}) for one in page]

    assert some["id"] in [one["id"] for one in found]
    assert {"type": "company", "id": number} in [
        link for one in found for link in one["related"] if link["id"] == number
    ]
    near = reader.search("/activities?limit=100", object_related={"type": "company", "id": number})["data"]
    assert near == found
    reader.refused("POST", "/timeline/company/99999/search", {"filters": {}}, 404)
    reader.refused("POST", "/timeline/invoice/1/search", {"filters": {}}, 404)


# --- The search over everything --------------------------------------------------------------------------------------------
def test_the_search_tells_of_contacts_with_their_companies_and_in_utc(
    api: Api, practice: PracticeSellsy, clock: Clock
) -> None:
    practice.create("contact", last_name="Orlykovska", first_name="Anna", companies=[1, 2])
    assert api.get("/search?q=orlykov")["data"] == []
    clock.move(2)
    found = api.get("/search?q=anna%20orlykov&type[]=contact")

    [hit] = found["data"]
    assert (hit["object"], [one["id"] for one in hit["companies"]]) == (
        {"type": "contact", "sub_type": "contact", "id": 4},
        [1, 2],
    )
    assert (hit["created"], hit["phone_number"], hit["email"]) == ("2026-11-26T09:00:00+00:00", "", None)
    assert found["aggregations"] == {"count_by_type": {"contact": [1, 0]}}


def test_the_search_narrows_by_type(api: Api, practice: PracticeSellsy, clock: Clock) -> None:
    for sort in ("client", "prospect"):
        practice.create("company", name=f"Zanzibar {sort}", type=sort, email=f"{sort}@zanzibar.example")
    clock.move(2)

    def hits(query: str) -> list[str]:
        return [one["name"] for one in api.get(f"/search?q=zanzibar{query}")["data"]]

    assert hits("") == hits("&type[]=company") == ["Zanzibar client", "Zanzibar prospect"]
    assert (hits("&type[]=company.prospect"), hits("&type[]=opportunity")) == (["Zanzibar prospect"], [])
    assert hits("&archived=true") == []
    api.refused("GET", "/search?q=x&type[]=nonsense")
