"""Reading what changed: stamps and what moves them, many records with one stamp, an index that lags behind."""

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import Clock, Wire, ids, where

BY_STAMP = [{"propertyName": "hs_lastmodifieddate", "direction": "ASCENDING"}]
BY_ID = [{"propertyName": "hs_object_id", "direction": "ASCENDING"}]


def _changed_since(wire: Wire, stamp: str) -> list[str]:
    return wire.found("companies", where("hs_lastmodifieddate", "GTE", stamp), sorts=BY_STAMP, limit=200)


def test_delta_finds_what_changed_in_its_order(wire: Wire, clock: Clock) -> None:
    first, second, *_ = ids(wire.page("companies"))
    since = str(int(clock.now.timestamp() * 1000))
    wire.update("companies", second, name="Later")
    clock.pass_by(1)
    wire.update("companies", first, name="Last")

    assert _changed_since(wire, since) == [second, first]


def test_same_values_again_move_no_stamp(wire: Wire, clock: Clock) -> None:
    company = ids(wire.page("companies"))[0]
    before = wire.update("companies", company, name="Once").json()["updatedAt"]
    clock.pass_by(60)

    assert wire.update("companies", company, name="Once").json()["updatedAt"] == before
    assert wire.update("companies", company, name="Twice").json()["updatedAt"] > before


def test_links_and_logged_activities_move_the_stamp(wire: Wire, clock: Clock) -> None:
    company = ids(wire.page("companies"))[0]
    stamps = [wire.one("companies", company).json()["updatedAt"]]

    clock.pass_by(60)
    link = {"to": {"id": company}, "types": [{"associationCategory": "HUBSPOT_DEFINED", "associationTypeId": 190}]}
    wire.create("notes", link, hs_timestamp="2026-11-01T10:00:00Z", hs_note_body="Hello")
    stamps.append(wire.one("companies", company).json()["updatedAt"])
    clock.pass_by(60)
    contact = wire.create("contacts", email="new@x.example").json()["id"]
    wire.link("contacts", "companies", "associate/default", [{"from": {"id": contact}, "to": {"id": company}}])
    record = wire.one("companies", company, properties="num_notes,num_associated_contacts,notes_last_updated").json()

    assert stamps[0] < stamps[1] < record["updatedAt"]
    assert record["properties"]["num_notes"] == "1"
    assert record["properties"]["num_associated_contacts"] == "3"
    assert record["properties"]["notes_last_updated"] == "2026-11-01T10:00:00Z"


def test_many_records_with_one_stamp_are_read_by_their_ids(empty: Wire) -> None:
    made = {empty.crm.create("companies", name=f"C{n}") for n in range(30)}
    stamp = "2026-11-20T09:00:00Z"

    found: list[str] = []
    while page := empty.found(
        "companies", where("hs_lastmodifieddate", "EQ", stamp),
        where("hs_object_id", "GT", found[-1] if found else "0"),
        sorts=BY_ID, limit=7,
    ):  # fmt: skip
        found += page

    assert len(found) == 30
    assert set(found) == made


def test_paging_by_stamp_alone_loses_records_with_one_stamp(empty: Wire) -> None:
    for n in range(30):
        empty.crm.create("companies", name=f"C{n}")
    stamp = "2026-11-20T09:00:00Z"

    first = empty.found("companies", where("hs_lastmodifieddate", "GTE", stamp), sorts=BY_STAMP, limit=10)
    beyond = empty.found("companies", where("hs_lastmodifieddate", "GT", stamp), sorts=BY_STAMP, limit=10)

    assert (len(first), beyond) == (10, [])


def test_milliseconds_tell_stamps_apart(empty: Wire, clock: Clock) -> None:
    empty.crm.create("companies", name="First")
    clock.pass_by(0.001)
    second = empty.crm.create("companies", name="Second")

    assert empty.found("companies", where("createdate", "GT", "2026-11-20T09:00:00.000Z")) == [second]


# --- The index --------------------------------------------------------------------------------------------------------
@pytest.fixture
def lagging(crm: PracticeHubSpot) -> Wire:
    crm.control(index_lag=10)
    return Wire(crm)


def test_new_record_is_read_at_once_and_found_later(lagging: Wire, clock: Clock) -> None:
    made = lagging.create("companies", name="New one").json()["id"]

    assert lagging.one("companies", made).status_code == 200
    assert made in ids(lagging.page("companies", limit=100))
    clock.pass_by(9.9)
    assert lagging.found("companies", where("name", "EQ", "New one")) == []
    clock.pass_by(0.2)
    assert lagging.found("companies", where("name", "EQ", "New one")) == [made]


def test_search_still_shows_the_values_of_before(lagging: Wire, clock: Clock) -> None:
    company = ids(lagging.page("companies"))[0]
    lagging.update("companies", company, name="Before")
    clock.pass_by(60)
    for name in ("Between", "After"):
        lagging.update("companies", company, name=name)
        clock.pass_by(1)

    answer = lagging.search("companies", where("hs_object_id", "EQ", company), properties=["name"])
    clock.pass_by(8.5)
    later = lagging.search("companies", where("hs_object_id", "EQ", company), properties=["name"])
    clock.pass_by(5)
    last = lagging.search("companies", where("hs_object_id", "EQ", company), properties=["name"])

    names = [one.json()["results"][0]["properties"]["name"] for one in (answer, later, last)]
    assert names == ["Before", "Between", "After"]


def test_deleted_record_is_found_a_while_longer(lagging: Wire, clock: Clock) -> None:
    company = ids(lagging.page("companies"))[0]
    lagging.delete("companies", company)

    assert lagging.found("companies", where("hs_object_id", "EQ", company)) == [company]
    clock.pass_by(11)
    assert lagging.found("companies", where("hs_object_id", "EQ", company)) == []


def test_lag_is_two_seconds_unless_set(crm: PracticeHubSpot, clock: Clock) -> None:
    crm.control(clear=True, unlimited=True)
    wire = Wire(crm)
    wire.create("companies", name="New one")

    clock.pass_by(1.9)
    assert wire.found("companies", where("name", "EQ", "New one")) == []
    clock.pass_by(0.2)
    assert len(wire.found("companies", where("name", "EQ", "New one"))) == 1
