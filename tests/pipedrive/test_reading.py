"""What comes in from Pipedrive, and with how few calls."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations.engine.records import Record
from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.models import PipedriveConnection
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.rehearsal.world import BEGINNING
from integrations.sync.connector import How, Read, ReadingLost

from .conftest import deal_of, signed_in
from .reading_all import all_of, ids_of, pages_of, records_of


def bodies(practice: PracticePipedrive, kind: str) -> dict[str, dict[str, Any]]:
    with practice.book.transaction():
        return {one.id: one.body for one in practice.book.find(kind)}


def winners(practice: PracticePipedrive) -> set[str]:
    return {str(one["org_id"]) for one in bodies(practice, "deal").values() if one["status"] == "won"}


def number(practice: PracticePipedrive, condition: Callable[[dict[str, Any]], bool]) -> str:
    inside = winners(practice)
    return next(one for one, body in bodies(practice, "organization").items() if one in inside and condition(body))


# --- Scope


@pytest.mark.requirement("R97", "X7", "X21")
def test_organizations_with_a_won_deal_come_in_and_no_other(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    found = ids_of(connector, "customers")

    # Deals that were archived stay won.
    assert found == winners(practice)
    assert 0 < len(found) < len(bodies(practice, "organization"))
    assert set(records_of(connector, all_of(connector, "customers", "name"))) == found


@pytest.mark.requirement("R97")
def test_first_won_deal_brings_the_organization_in_and_lost_ones_do_not(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    outside = next(one for one in bodies(practice, "organization") if one not in winners(practice))
    practice.create("deal", title="Lost", org_id=int(outside), status="lost")
    before = ids_of(connector, "customers")
    practice.create("deal", title="Won", org_id=int(outside), status="won")

    assert outside not in before
    assert outside in ids_of(connector, "customers")


@pytest.mark.requirement("R99")
def test_persons_name_their_organization(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    records = records_of(connector, all_of(connector, "contacts", "last_name", "emails"))

    expected = {
        one: (str(body["org_id"]),) if body["org_id"] else () for one, body in bodies(practice, "person").items()
    }
    assert {one: record.customer_ids for one, record in records.items()} == expected


def test_persons_of_named_organizations_are_asked_for_one_organization_at_a_time(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    wanted = tuple(sorted(winners(practice))[:3])

    records = records_of(connector, Read("contacts", How.DEPENDENTS, ("last_name",), ids=wanted))

    expected = {one for one, body in bodies(practice, "person").items() if str(body["org_id"]) in wanted}
    assert set(records) == expected


# --- Values


def test_values_come_as_what_they_are(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    key = {name: practice.key("organization", name) for name in (
        "Customer success manager", "Renewal date", "Annual spend", "Modules", "Strategic", "Lifecycle stage",
    )}  # fmt: skip
    one = number(practice, lambda body: bool(body["custom_fields"].get(key["Modules"])) and bool(body["website"]))
    currency = f"{key['Annual spend']}.currency"

    values = records_of(
        connector,
        Read("customers", How.BY_ID, (*key.values(), currency, "owner_id", "update_time", "website"), ids=(one,)),
    )[one].values

    assert str(values[key["Customer success manager"]]).endswith("@aldervale.example")
    assert str(values["owner_id"]).endswith("@aldervale.example")
    assert isinstance(values[key["Renewal date"]], date)
    assert not isinstance(values[key["Renewal date"]], datetime)
    assert isinstance(values[key["Annual spend"]], Decimal)
    assert values[currency] == "EUR"
    assert set(values[key["Modules"]] or ()) <= {"Reports", "Surveys", "Playbooks", "Portal"}  # type: ignore[arg-type]
    assert values[key["Strategic"]] in {"Yes", "No"}
    assert isinstance(values["update_time"], datetime)
    assert practice.calls()["users"] == 1


def test_company_without_custom_fields_answers_null_and_nothing_breaks(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    practice.control(null_custom_fields=True)
    key = practice.key("organization", "Lifecycle stage")

    records = records_of(connector, all_of(connector, "customers", key))

    assert {record.values[key] for record in records.values()} == {None}


@pytest.mark.requirement("X4", "X5")
def test_fields_with_a_hash_for_a_key_are_shown_by_their_names(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    fields = {one.path: one for one in connector.schema("customers").fields}

    stage, manager = (fields[practice.key("organization", n)] for n in ("Lifecycle stage", "Customer success manager"))
    assert (stage.label, manager.label) == ("Lifecycle stage", "Customer success manager")
    assert "Adoption" in {choice.label for choice in stage.choices}
    assert all(len(one.path) != 40 or one.label != one.path for one in fields.values())
    # Of two of one name each says which it is.
    segments = [one.label for one in fields.values() if one.label.startswith("Segment")]
    assert len(segments) == len(set(segments)) == 2
    # Colleagues are found in user fields, and in nothing else.
    assert {one.label for one in fields.values() if one.is_person} == {"Owner", "Customer success manager"}


def test_single_word_is_a_last_name(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    one = practice.create("person", name="Madonna", org_id=int(min(winners(practice))))

    values = records_of(connector, Read("contacts", How.BY_ID, ("first_name", "last_name"), ids=(one,)))[one].values

    assert dict(values) == {"first_name": None, "last_name": "Madonna"}


# --- Parents


@pytest.mark.requirement("R19", "X3", "R98")
def test_parents_come_from_relationships_or_from_a_field_as_chosen(
    practice: PracticePipedrive, connection: PipedriveConnection
) -> None:
    practice.control(unlimited=True)
    connection.keep_hierarchy = True
    by_relationship = records_of_saved(connection)
    calls = practice.calls()["relationships"]
    connection.parent_field = practice.key("organization", "Parent company")
    practice.forget_calls()
    by_field = records_of_saved(connection)

    assert by_relationship == by_field
    assert any(by_field.values())
    # One call for each organization that comes in, and none for those that do not.
    assert calls == len(by_field)
    assert practice.calls()["relationships"] == 0


@pytest.mark.requirement("R20")
def test_no_parent_is_asked_for_where_all_stand_side_by_side(
    practice: PracticePipedrive, connection: PipedriveConnection
) -> None:
    assert set(records_of_saved(connection).values()) == {""}
    assert practice.calls()["relationships"] == 0


def records_of_saved(connection: PipedriveConnection) -> dict[str, str]:
    connection.save()
    connector = PipedriveConnector(connection)
    found = records_of(connector, all_of(connector, "customers", "name"))
    return {one: record.parent_id for one, record in found.items()}


# --- Changes and what went


def test_delta_reads_whole_seconds_and_nothing_but_what_changed(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    one = min(winners(practice))
    since = datetime.now(UTC).replace(microsecond=123)
    practice.edit("organization", one, name="Renamed")

    found = records_of(
        connector, Read("customers", How.CHANGED, ("name",), since=since, until=since + timedelta(minutes=5))
    )

    assert {key: record.values["name"] for key, record in found.items()} == {one: "Renamed"}


@pytest.mark.parametrize("answers", ["record", "410"])
def test_deleted_person_is_found_among_what_changed_lately(
    connector: PipedriveConnector, practice: PracticePipedrive, answers: str
) -> None:
    practice.control(gone_as=answers)
    one = min(bodies(practice, "person"))
    since = datetime.now(UTC) - timedelta(minutes=1)
    practice.delete("person", one)
    practice.control(clock_offset=60)

    [page] = pages_of(connector, Read("contacts", How.DELETED, since=since, until=since + timedelta(minutes=10)))

    assert [gone.source_id for gone in page.gone] == [one]
    assert page.covered_until is not None


def test_record_that_may_not_be_seen_is_not_taken_for_deleted(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    [page] = pages_of(connector, Read("customers", How.DELETED, ids=("999999999",)))

    assert not page.gone


def test_of_longer_than_a_month_nobody_knows_all_deletions(connector: PipedriveConnector) -> None:
    until = datetime.now(UTC)

    [page] = pages_of(connector, Read("contacts", How.DELETED, since=until - timedelta(days=40), until=until))

    assert page.covered_until is None


# --- Pages and calls


def test_empty_page_is_no_end(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    practice.control(empty_pages=1)

    assert ids_of(connector, "customers") == winners(practice)


def test_foreign_cursor_begins_the_reading_anew(connector: PipedriveConnector) -> None:
    with pytest.raises(ReadingLost):
        connector.read(Read("customers", How.IDS), '{"cursor":"bm9uc2Vuc2U"}')


def test_first_reading_takes_one_call_for_five_hundred(
    db: None, small_practice: Callable[..., PracticePipedrive]
) -> None:
    practice = small_practice(1200, contacts_per=1)
    connector = PipedriveConnector(signed_in(practice))

    assert len(records_of(connector, all_of(connector, "customers", "name"))) == 1200
    assert len(records_of(connector, all_of(connector, "contacts", "last_name"))) == 1200

    assert (practice.calls()["organizations"], practice.calls()["persons"]) == (3, 3)


# --- The company's tokens of the day


def test_gauge_shows_the_tokens_of_the_whole_company(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    practice.control(quota_max=1000, quota_used=300)

    connector.whoami()

    assert connector.quota is not None
    assert (connector.quota.used, connector.quota.limit) == (302, 1000)


def test_gauge_says_nothing_where_the_headers_are_missing(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    practice.control(hide_daily_headers=True)

    connector.whoami()

    assert connector.quota is None


# --- Agreements


def agreements_of(connection: PipedriveConnection, **settings: str) -> PipedriveConnector:
    connector = PipedriveConnector(connection)
    connector.kept = {"agreements": settings}
    return connector


@pytest.mark.requirement("R100", "R101", "R74")
def test_won_deals_of_all_pipelines_come_in_archived_ones_too(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    connector = agreements_of(connection)
    read = Read("agreements", How.ALL, ("title", "value", "currency"))

    token = ""
    pages: list[Record] = []
    while True:
        page = connector.read(read, token)
        pages += page.records
        token = page.next
        if not token:
            break

    won = {one: body for one, body in bodies(practice, "deal").items() if body["status"] == "won"}
    assert {record.source_id for record in pages} == set(won)
    assert any(body["is_archived"] for body in won.values())
    assert all(record.customer_ids == (str(won[record.source_id]["org_id"]),) for record in pages)
    assert all(isinstance(record.values["value"], Decimal | None) for record in pages)


@pytest.mark.requirement("R100", "R101")
def test_pipeline_narrows_the_deals_down(connection: PipedriveConnection, practice: PracticePipedrive) -> None:
    connector = agreements_of(connection, source="deal", customer_field="org_id", view="2", view_label="Renewals")

    ids = [one for page in (connector.read(Read("agreements", How.IDS)),) for one in page.ids]

    won = {
        one
        for one, body in bodies(practice, "deal").items()
        if (body["status"], body["pipeline_id"], body["is_archived"]) == ("won", 2, False)
    }
    assert set(ids) == won
    assert [view.label for view in connector.views("agreements")] == ["Pipeline", "Renewals"]


@pytest.mark.requirement("R100", "R101")
def test_several_pipelines_are_read_one_after_the_other(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    connector = agreements_of(connection, source="deal", customer_field="org_id", view="1,2", view_label="Both")

    ids: list[str] = []
    token = ""
    while True:
        page = connector.read(Read("agreements", How.IDS), token)
        ids += page.ids
        token = page.next
        if not token:
            break

    assert sorted(ids) == sorted(one for one, body in bodies(practice, "deal").items() if body["status"] == "won")
    assert connector.count_agreements(connector.agreements).total == len(ids)


@pytest.mark.requirement("R100")
def test_agreements_may_be_fields_of_the_organization(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    connector = agreements_of(connection, source="organization", customer_field="id", view="", view_label="")

    page = connector.read(Read("agreements", How.ALL, ("name",)))

    assert {record.source_id for record in page.records} == winners(practice)
    assert all(record.customer_ids == (record.source_id,) for record in page.records)


def test_reopened_deal_says_that_it_does_not_belong_any_more(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    connector = agreements_of(connection)
    one = next(
        one for one, body in bodies(practice, "deal").items() if body["status"] == "won" and not body["is_archived"]
    )
    since = datetime.now(UTC) - timedelta(minutes=1)
    practice.edit("deal", one, status="open")

    page = connector.read(
        Read("agreements", How.CHANGED, ("value",), since=since, until=since + timedelta(minutes=10))
    )  # fmt: skip

    assert [(record.source_id, record.is_inside) for record in page.records] == [(one, False)]


def test_pipeline_that_is_gone_is_said(connection: PipedriveConnection, practice: PracticePipedrive) -> None:
    connector = agreements_of(connection, source="deal", customer_field="org_id", view="77", view_label="Old")

    assert [(lost.label, lost.step) for lost in connector.lost_views()] == [("Old", "agreements")]


def test_deal_without_an_organization_names_no_customer(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    with practice.book.transaction():
        practice.book.load("deal", [(900_000, deal_of(0) | {"org_id": None}, BEGINNING, BEGINNING)])

    page = agreements_of(connection).read(Read("agreements", How.BY_ID, ("title",), ids=("900000",)))

    assert [record.customer_ids for record in page.records] == [()]
