"""Lists of v2: pages, numbers, stamps, filters, and what is left out of them."""

import base64
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import orjson
import pytest

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller


@pytest.mark.parametrize(("limit", "sizes"), [(3, [3, 3, 3, 1]), (5, [5, 5]), (9, [9, 1]), (10, [10]), (500, [10])])
def test_pages_end_with_a_null_cursor(call: Caller, limit: int, sizes: list[int]) -> None:
    pages = list(call.pages("/v2/organizations", limit=limit))

    assert [len(page) for page in pages] == sizes
    assert [row["id"] for page in pages for row in page] == list(range(1, 11))


def test_an_empty_list_is_a_list(call: Caller) -> None:
    assert call.get("/v2/persons", org_id=999_999) == {
        "success": True, "data": [], "additional_data": {"next_cursor": None},
    }  # fmt: skip


def test_a_cursor_names_the_first_row_of_the_next_page(call: Caller) -> None:
    cursor = call.get("/v2/organizations", limit=2)["additional_data"]["next_cursor"]

    keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))

    assert keys == {"field": "id", "fieldValue": 3, "sortDirection": "asc", "id": 3}


@pytest.mark.parametrize(
    "params",
    [
        {"limit": 501}, {"limit": 0}, {"limit": "many"}, {"cursor": "alien"}, {"sort_by": "name"}, {"ids": "1,x"},
        {"updated_since": "2025-01-01T10:20:00.000Z"}, {"updated_since": "2025-01-01"}, {"owner_id": "me"},
        {"ids": ",".join(map(str, range(101)))}, {"custom_fields": ",".join("abcdefghijklmnop")},
        {"include_fields": "name"},
    ],
)  # fmt: skip
def test_what_a_list_does_not_understand_it_refuses(call: Caller, params: dict[str, Any]) -> None:
    refused = call("GET", "/v2/organizations", **params)

    assert (refused.status_code, refused.json()["code"]) == (400, "ERR_SCHEMA_VALIDATION_FAILED")


def test_a_cursor_of_another_order_is_refused(call: Caller) -> None:
    cursor = call.get("/v2/organizations", limit=2)["additional_data"]["next_cursor"]

    assert call("GET", "/v2/organizations", cursor=cursor, sort_by="update_time").status_code == 400


def test_a_row_deleted_between_two_pages_takes_no_other_with_it(call: Caller, practice: PracticePipedrive) -> None:
    first = call.get("/v2/organizations", limit=4)
    practice.delete("organization", "2")
    practice.delete("organization", "5")

    rest = call.get("/v2/organizations", limit=100, cursor=first["additional_data"]["next_cursor"])

    assert [row["id"] for row in rest["data"]] == [6, 7, 8, 9, 10]


@pytest.mark.parametrize("by", ["id", "add_time", "update_time"])
@pytest.mark.parametrize("direction", ["asc", "desc"])
def test_every_order_reads_everything_once(ask: Caller, by: str, direction: str) -> None:
    """Fifty rows of this world share one stamp, some have none."""
    pages = ask.pages("/v2/organizations", limit=30, sort_by=by, sort_direction=direction)

    rows = [row for page in pages for row in page]

    values = [row[by] or "" for row in rows]
    assert len({row["id"] for row in rows}) == len(rows) == 420
    assert values == sorted(values, reverse=direction == "desc")


def test_numbers_that_are_unknown_or_deleted_are_left_out(call: Caller, practice: PracticePipedrive) -> None:
    practice.delete("organization", "3")

    assert [row["id"] for row in call.data("/v2/organizations", ids="4,3,1,777")] == [1, 4]


def test_a_delta_takes_its_first_second_and_not_its_last(call: Caller, practice: PracticePipedrive) -> None:
    at = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)
    stamps = [
        "2026-01-01T11:59:59.900Z",
        "2026-01-01T12:00:00.000Z",
        "2026-01-01T12:00:00.900Z",
        "2026-01-01T12:00:01.000Z",
    ]
    with practice.book.transaction():
        for number, stamp in enumerate(stamps, 1):
            record = practice.book.get("organization", number)
            assert record
            practice.book.stamp(record, updated=stamp)

    found = call.data(
        "/v2/organizations", updated_since=f"{at:%Y-%m-%dT%H:%M:%SZ}", updated_until="2026-01-01T12:00:01Z"
    )

    assert [(row["id"], row["update_time"]) for row in found] == [
        (2, "2026-01-01T12:00:00Z"),
        (3, "2026-01-01T12:00:00Z"),
    ]


def test_a_delta_with_an_offset_is_understood(call: Caller, practice: PracticePipedrive) -> None:
    practice.edit("organization", "4", name="Changed")

    found = call.data("/v2/organizations", updated_since="2026-01-01T02:00:00+02:00")

    assert [row["name"] for row in found] == ["Changed"]


def test_equal_stamps_are_read_to_the_last(ask: Caller) -> None:
    """More rows share one second than a page holds: what pages by the last stamp alone never ends, or loses some."""
    pages = list(ask.pages("/v2/organizations", limit=7, sort_by="update_time", updated_since="2025-10-20T09:30:00Z",
                           updated_until="2025-10-20T09:30:01Z"))  # fmt: skip

    rows = [row["id"] for page in pages for row in page]
    assert len(rows) == len(set(rows)) > 40


def test_a_row_without_a_stamp_is_in_no_delta(ask: Caller) -> None:
    every = {row["id"]: row["update_time"] for page in ask.pages("/v2/organizations", limit=500) for row in page}
    delta = {
        row["id"]
        for page in ask.pages("/v2/organizations", limit=500, updated_since="2000-01-01T00:00:00Z")
        for row in page
    }

    unstamped = {number for number, stamp in every.items() if stamp is None}

    assert unstamped == {90, 180, 270, 360}
    assert delta == set(every) - unstamped


def test_a_deleted_row_says_so_to_whoever_asks_by_number(call: Caller, practice: PracticePipedrive) -> None:
    practice.delete("organization", "3")

    found = [call("GET", "/v2/organizations/3")]
    for way in ("404", "410"):
        practice.control(gone_as=way)
        found.append(call("GET", "/v2/organizations/3"))

    assert [one.status_code for one in found] == [200, 404, 410]
    assert found[0].json()["data"]["is_deleted"] is True
    assert found[1].json() == {"success": False, "error": "Organization not found", "code": "ERR_NOT_FOUND"}
    assert found[2].json()["success"] is True


def test_persons_and_deals_outlive_their_organization(call: Caller, practice: PracticePipedrive) -> None:
    [one, other] = call.data("/v2/persons", org_id=3)

    practice.delete("organization", "3")
    kept = call.data(f"/v2/persons/{one['id']}")["org_id"]
    practice.control(unlink_on_delete=True)
    practice.delete("organization", "4")

    assert (kept, other["org_id"]) == (3, 3)
    assert call.data("/v2/persons", org_id=4) == []


def test_deals_list_their_statuses_and_the_deleted_of_a_month(call: Caller, practice: PracticePipedrive) -> None:
    won = {row["id"] for row in call.data("/v2/deals", status="won")}
    every = {row["id"]: row for row in call.data("/v2/deals")}
    gone = str(min(won))
    practice.delete("deal", gone)

    deleted = call.data("/v2/deals", status="won,deleted")
    practice.control(clock_offset=31 * 86_400)

    assert {every[n]["status"] for n in won} == {"won"}
    assert {row["id"] for row in deleted} == won
    assert [row["status"] for row in deleted if row["is_deleted"]] == ["deleted"]
    assert int(gone) not in {row["id"] for row in call.data("/v2/deals")}
    assert call.data("/v2/deals", status="deleted") == []
    assert call("GET", "/v2/deals", status="closed").status_code == 400


def test_archived_deals_are_a_list_of_their_own(ask: Caller) -> None:
    archived = [row for page in ask.pages("/v2/deals/archived", limit=500) for row in page]
    living = {row["id"] for page in ask.pages("/v2/deals", limit=500) for row in page}

    assert archived
    assert all(row["is_archived"] and row["archive_time"] for row in archived)
    assert not living & {row["id"] for row in archived}


def test_counts_come_when_asked_for(ask: Caller, lifelike: PracticePipedrive) -> None:
    lifelike.forget_calls()
    won = {row["org_id"] for page in ask.pages("/v2/deals", status="won", limit=500) for row in page}

    asked = [row for page in ask.pages("/v2/organizations", include_fields="won_deals_count,people_count,next_activity_id",
                                       limit=500) for row in page]  # fmt: skip

    archived = {row["org_id"] for row in ask.data("/v2/deals/archived", limit=500) if row["status"] == "won"}
    assert {row["id"] for row in asked if row["won_deals_count"]} == won | archived
    assert sum(row["people_count"] for row in asked) == 1307
    assert any(row["next_activity_id"] for row in asked)
    assert "won_deals_count" not in ask.data("/v2/organizations/1")


def test_labels_come_when_asked_for(ask: Caller, lifelike: PracticePipedrive) -> None:
    key, modules = lifelike.key("organization", "Relation"), lifelike.key("organization", "Modules")

    plain = ask.data("/v2/organizations/1")["custom_fields"]
    named = ask.data("/v2/organizations/1", include_option_labels="true", custom_fields=f"{key},{modules}")[
        "custom_fields"
    ]

    assert set(named) == {key, modules}
    assert named[key] == {"id": plain[key], "label": "Channel customer"}
    assert [one["id"] for one in named[modules] or []] == (plain[modules] or [])


def test_a_filter_overrides_everything_else(ask: Caller) -> None:
    active = {f["name"]: f["id"] for f in ask.data("/v1/filters", type="org")}["Active customers (CS)"]

    found = [row for page in ask.pages("/v2/organizations", filter_id=active, owner_id=1, ids="1", limit=100,
                                       include_fields="won_deals_count") for row in page]  # fmt: skip

    assert 250 < len(found) < 420
    assert all(row["won_deals_count"] for row in found)


def test_a_filter_that_one_may_not_use_is_no_empty_answer(ask: Caller, call: Caller) -> None:
    """Nobody has left: the list is not to be had."""
    private = call("GET", "/v2/organizations", filter_id=6)
    of_persons = call("GET", "/v2/organizations", filter_id=7)
    nothing = ask.data("/v2/organizations", filter_id=5)

    assert (private.status_code, of_persons.status_code, nothing) == (404, 404, [])


@pytest.fixture
def statements(practice: PracticePipedrive) -> Iterator[list[str]]:
    found: list[str] = []
    practice.book._db.set_trace_callback(found.append)
    yield found
    practice.book._db.set_trace_callback(None)


@pytest.mark.parametrize("path", ["/v2/organizations", "/v2/persons", "/v2/deals", "/v1/notes", "/v1/organizations"])
def test_a_page_of_ten_takes_the_statements_of_a_page_of_one(
    call: Caller, practice: PracticePipedrive, statements: list[str], path: str
) -> None:
    for _ in range(10):
        practice.create("note", content="x", org_id=1)
    call.get(path, limit=1)
    counts = []
    for limit in (1, 10):
        statements.clear()
        call.get(path, limit=limit)
        counts.append(len([one for one in statements if one.lstrip().startswith("SELECT")]))

    assert counts[0] == counts[1]
