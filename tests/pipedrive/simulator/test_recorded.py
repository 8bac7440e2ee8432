"""What real accounts answered, beside what the practice account answers to the same request."""

import re
from typing import Any

import pytest

from integrations.pipedrive.simulator.prices import Call
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.rehearsal.world import BEGINNING

from .caller import Caller, bearer, signed_in
from .conftest import spec, spec_path
from .shapes import differences

LATER = {
    # What the vendor's answers have gained since each recording, or lose from one account to the next.
    "n8n-2026-04-v2.json": set[str](),
    "nango-2026-05.json": {
        # A trial account without the fields of projects and tasks, on which deals have no yearly values.
        "acv", "arr", "mrr", "project_id", "task_id", "pinned_to_project_flag", "pinned_to_task_flag",
        # An activity told inside an organization has a project beside it, and no company.
        "project_title", "company_id", "description",
    },
    "grouparoo-2021-organizations-v1.json": {
        # Gone since 2021, or come since.
        "category_id", "delete_time", "filter_code", "is_editable", "last_used_time", "created_by_user_id",
        "label_ids", "address_country_code", "website", "linkedin", "industry",
        "annual_revenue", "employee_count", "link", "use_field", "display_field", "company_id", "color", "options",
        "picklist_data", "user_id", "org_id", "name", "email", "pic_hash", "followers.#.add_time", "edit_name",
        "last_activity", "next_activity",
    },
    "ampersand-2024-activities-v1.json": {"company_id", "person", "organization", "deal"},
}  # fmt: skip
OWN_NUMBERS = {
    # The rows that are asked for by number exist in the recorded account only.
    "/organizations/73": "/organizations/3", "/organizations/74": "/organizations/4",
    "/organizations/10": "/organizations/10",
    "/pipelines/6": "/pipelines/2",
}  # fmt: skip


def _entries() -> list[tuple[str, int]]:
    counts = {"n8n-2026-04-v2.json": 12, "nango-2026-05.json": 16, "grouparoo-2021-organizations-v1.json": 21}
    return [(name, number) for name, count in counts.items() for number in range(count)]


@pytest.fixture
def prepared(practice: PracticePipedrive) -> Caller:
    """What the recorded requests name is there: activities, notes, a filter, a second field."""
    caller = Caller(practice, bearer(signed_in(practice)))
    deal = {
        "title": "A deal", "org_id": 7, "person_id": 10, "owner_id": 25_455_001, "value": 1, "currency": "EUR",
        "stage_id": 1,
        "pipeline_id": 1, "status": "open", "label_ids": [],
    }  # fmt: skip
    with practice.book.transaction():
        practice.book.load("deal", [(number, deal, BEGINNING, BEGINNING) for number in (1, 8)])
    for number in range(1, 11):
        practice.create(
            "activity", subject=f"Call {number}", org_id=1, person_id=1, deal_id=1,
            participants=[{"person_id": 1, "primary": True}],
        )  # fmt: skip
        practice.create("note", content="A note", org_id=1, person_id=1, deal_id=None)
    return caller


@pytest.mark.parametrize(("file", "number"), _entries())
def test_every_recorded_request_is_answered_in_the_same_shape(
    prepared: Caller, practice: PracticePipedrive, file: str, number: int
) -> None:
    entry = spec(f"recorded/{file}")[number]
    method, path = entry["method"], _path(entry["path"])

    answer = prepared(method, path, _body(practice, entry), **_query(entry))

    assert answer.status_code == (entry["status"] or _unrecorded_status(method, path)), answer.text
    found = [one for one in differences(answer.json(), entry["response"]) if not _is_later(one, LATER[file])]
    assert found == []
    _same_headers(answer.headers, entry.get("headers") or {})


def _path(recorded: str) -> str:
    path = "/" + recorded.removeprefix("/api").lstrip("/")
    version, _, rest = path[1:].partition("/")
    rest = "/" + rest
    for old, new in OWN_NUMBERS.items():
        rest = re.sub(f"^{old}$", new, rest)
    return f"/{version}{rest}"


def _query(entry: dict[str, Any]) -> dict[str, Any]:
    found = {k: str(v).replace("%20", " ").replace("%2C", ",") for k, v in (entry["query"] or {}).items()}
    if entry["path"].endswith("/search"):
        found = {"term": "Dorn", **found}
    return found


def _body(practice: PracticePipedrive, entry: dict[str, Any]) -> Any:
    """The recorded body, with the fields of our account in place of theirs."""
    body = entry["request"]
    if entry["path"].endswith("/filters") and entry["method"] == "POST":
        number = next(f.number for f in practice.book.fields("organization") if f.custom)
        [group] = body["conditions"]["conditions"]
        group["conditions"] = [{**one, "field_id": number} for one in group["conditions"]]
    return body


def _unrecorded_status(method: str, path: str) -> int:
    return 201 if (method, path) == ("POST", "/v1/notes") else 200


def _is_later(difference: str, known: set[str]) -> bool:
    place = re.split("[: ]", difference, maxsplit=1)[0]
    return any(place.endswith(f".{name}") for name in known)


def _same_headers(ours: Any, recorded: dict[str, str]) -> None:
    for name in (
        "content-type",
        "x-ratelimit-limit",
        "x-ratelimit-reset",
        "cache-control",
        "access-control-expose-headers",
    ):
        if name in recorded and "2021" not in recorded.get("date", ""):
            assert ours[name] == recorded[name]
    for name in (
        "x-correlation-id",
        "x-ratelimit-remaining",
        "x-daily-ratelimit-token-limit",
        "x-daily-ratelimit-token-remaining",
    ):
        if name in recorded:
            assert name in ours


def test_an_activity_of_v1_looks_as_it_did_in_2024(prepared: Caller) -> None:
    recorded = spec("recorded/ampersand-2024-activities-v1.json")

    answer = prepared.get("/v1/activities", limit=1)

    known = LATER["ampersand-2024-activities-v1.json"]
    assert [one for one in differences(answer, recorded) if not _is_later(one, known)] == []
    assert answer["additional_data"] == recorded["additional_data"]


def test_recorded_rows_come_back_to_the_letter(tmp_path: Any) -> None:
    """The recording is loaded, and every read of it is asked again: values, cursors and all."""
    file = spec_path("recorded/n8n-2026-04-v2.json")
    entries = spec("recorded/n8n-2026-04-v2.json")
    reads = [one for one in entries if one["method"] == "GET" and not one["path"].endswith("/search")]

    with PracticePipedrive(tmp_path, load=file) as recorded:
        recorded.control(unlimited=True)
        caller = Caller(recorded)
        for one in reads:
            ours, theirs = caller.get(_path(one["path"]), **(one["query"] or {})), one["response"]
            if "next_cursor" in theirs.get("additional_data", {}):
                # Theirs points at number 3, which was not recorded; ours at the next one that was.
                assert ours["additional_data"]["next_cursor"]
                theirs = {**theirs, "additional_data": ours["additional_data"]}
            assert ours == theirs

    assert len(reads) == 4


def test_refusals_of_a_write_are_those_of_the_recording(call: Caller, practice: PracticePipedrive) -> None:
    errors = spec("recorded/errors.json")
    deal = practice.create("deal", title="A deal")
    unknown = next(one for one in errors if "PATCH /deals" in one["when"])
    keys = re.findall(r"(\w{40}): Parameter", unknown["body"]["error"])
    lead = next(one for one in errors if "GET /leads" in one["when"])
    custom = next(one for one in errors if "custom_fields holds a key" in one["when"])
    choice = next(one for one in errors if "enum" in one["when"])

    found = [
        call.send("PATCH", f"/v2/deals/{deal}", dict.fromkeys(keys, 1), unknown["status"]),
        call.send("GET", "/v1/leads/46c3b0e1-db35-59ca-1828-4817378dff71", None, lead["status"]),
        call.send("PATCH", "/v2/organizations/1", {"custom_fields": {"title": "x"}}, custom["status"])["error"],
    ]
    stage = practice.key("organization", "Lifecycle stage")
    refused = call("PATCH", "/v2/organizations/1", {"custom_fields": {stage: "1"}})

    assert found == [unknown["body"], lead["body"], custom["error_text"]]
    assert refused.status_code == choice["status"]
    assert refused.text.startswith(choice["body_starts_with"])


def test_prices_and_scopes_are_the_vendors(practice: PracticePipedrive) -> None:
    """Every operation of the vendor's description that we answer costs and opens as it says there."""
    found = 0
    for one in spec("token-costs.json"):
        path = f"/api/{one['api']}" + re.sub(r"\{\w+\}", "1", one["path"])
        if one["path"].startswith("/oauth"):
            continue
        call = next(r for r in practice.app.data_routes if r.method == one["method"] and r.pattern.fullmatch(path))
        assert isinstance(call, Call)
        found += 1
        assert (path, call.cost, set(call.scopes)) == (path, one["token_cost"], set(one["scopes_any_of"]))

    assert found == 150
