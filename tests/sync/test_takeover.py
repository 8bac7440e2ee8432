"""A record that others were merged into, where the CRM makes a new one of them: it takes their row over, as it was settled."""

from typing import Any
from unittest.mock import patch

import pytest

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.sync import decisions, runs
from integrations.sync.connector import Breakdown
from integrations.sync.models import Block, Change, Connection, FieldMapping, PlannedChange, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runner.taking_over import followed
from integrations.sync.undo import request_undo

from .fakes import WORLDS, PaperConnector, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C12", "F33")]


@pytest.fixture
def connection() -> Connection:
    made = connect(keep_hierarchy=True)
    Block.objects.filter(connection=made).update(mode="two-way", key_field="Key")
    FieldMapping.objects.filter(block__connection=made).exclude(hub_field="ref_id").update(direction="both")
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    """Companies 1 to 5, settled; 5 hangs from 1, and p1 and p2 are people of 1 and 2."""
    crm = WORLDS[connection.pk]
    for n in range(1, 6):
        crm.company(str(n), f"Company {n}", Website=f"c{n}.example", parent="1" if n == 5 else "")
    for n in (1, 2):
        crm.person(f"p{n}", str(n), LastName=f"Person {n}", Email=f"p{n}@x.example")
    sync(connection)
    crm.later()
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    return run


def link(source_id: str, object_name: str = "customers") -> RecordLink:
    return RecordLink.objects.get(source_id=source_id, object=object_name)


def row_of(source_id: str, object_name: str = "customers") -> int:
    hub_id = link(source_id, object_name).hub_id
    assert hub_id is not None
    return hub_id


def journal(run: Run) -> set[tuple[str, str, str, str]]:
    rows = Change.objects.filter(run_id=run.pk)
    return set(rows.values_list("action", "source_id", "reason_code", "outcome"))


def quiet(connection: Connection, crm: PaperCrm) -> bool:
    """Whether everything is said: the next complete reading finds nothing to do."""
    sends = len(crm.sends)
    crm.later()
    run = sync(connection, "full")
    return journal(run) == set() and len(crm.sends) == sends


def test_new_record_has_the_row_and_all_that_hung_on_it(connection: Connection, crm: PaperCrm) -> None:
    first, second = row_of("1"), row_of("2")
    crm.merge("customers", "12", "1", "2", Name="Company 12")

    run = sync(connection)

    assert (link("1").state, link("1").hub_id, link("1").merged_into) == ("merged", None, "12")
    assert (link("12").state, row_of("12"), link("2").hub_id) == ("linked", first, second)
    assert Customer.objects.get(pk=first).name == "Company 12"
    assert journal(run) >= {
        ("link", "12", "took-over", "done"),
        ("gone", "1", "merged-in-crm", "done"),
        ("gone", "2", "merged-in-crm", "done"),
    }
    assert not Change.objects.filter(run_id=run.pk, outcome="refused").exists()
    # The row's own story tells of the merge, and nothing was sent for a row that nobody touched.
    assert set(Change.objects.filter(run_id=run.pk, hub_id=first).values_list("source_id", flat=True)) == {"1", "12"}
    assert crm.sends == []
    assert set(Contact.objects.values_list("last_name", "customer_id")) == {("Person 1", first), ("Person 2", first)}
    assert Customer.objects.get(name="Company 5").parent_id == first
    assert quiet(connection, crm)
    assert Customer.objects.get(name="Company 5").parent_id == first


def test_edit_of_a_row_on_its_way_goes_to_the_new_record(connection: Connection, crm: PaperCrm) -> None:
    row = row_of("1")
    assert door().edit("customers", {row: {"name": "Typed here"}}, by="Inès") == []
    crm.merge("customers", "12", "1", "2", Website="moved.example")

    sync(connection)

    now = Customer.objects.get(pk=row)
    assert (now.name, now.domain) == ("Typed here", "moved.example")
    assert [(send.source_id, send.values) for batch in crm.sends for send in batch] == [("12", {"Name": "Typed here"})]
    assert quiet(connection, crm)


def test_pause_goes_on_with_the_row(connection: Connection, crm: PaperCrm) -> None:
    row, paused = row_of("1"), link("1")
    decisions.pause([paused.pk])
    door().edit("customers", {row: {"name": "Typed here"}}, by="Inès")
    crm.merge("customers", "12", "1", Website="moved.example")

    sync(connection)

    now = Customer.objects.get(pk=row)
    assert (now.name, now.domain, now.ref_id, crm.sends) == ("Typed here", "c1.example", "1", [])
    assert (row_of("12"), link("12").paused_at) == (row, link("1").paused_at)
    assert quiet(connection, crm)

    decisions.resume([link("12").pk])
    sync(connection)

    now.refresh_from_db()
    assert (now.domain, now.ref_id, crm.records["customers"]["12"].values["Name"]) == (
        "moved.example",
        "12",
        "Typed here",
    )


@pytest.mark.parametrize("keys", [["ref_id", "domain"], []], ids=["keys", "no-keys"])
def test_chain_of_merges_leads_to_its_end(connection: Connection, crm: PaperCrm, keys: list[str]) -> None:
    Block.objects.filter(object="customers").update(merge_keys=keys)
    row = row_of("1")
    crm.merge("customers", "12", "1", Website="c12.example")
    crm.merge("customers", "34", "12", "3", Website="c34.example")

    sync(connection)

    assert (row_of("34"), link("1").merged_into, link("3").merged_into) == (row, "34", "34")
    assert (link("1").hub_id, Customer.objects.count()) == (None, 5)
    assert quiet(connection, crm)


def test_of_a_circle_nobody_lives_on() -> None:
    assert followed({"1": "2", "2": "1", "3": "1", "4": "5", "5": "6"}) == {"4": "6", "5": "6"}


def test_listing_that_is_too_short_does_not_speak_against_a_merge(connection: Connection, crm: PaperCrm) -> None:
    """The CRM named both records, so its word stands; a merely missing one waits."""
    row = row_of("1")
    crm.merge("customers", "12", "1", "2")
    crm.vanish("customers", "4")
    too_many = Breakdown(len(crm.records["customers"]) + 1)

    with patch.object(PaperConnector, "count", lambda *_: too_many):
        run = sync(connection, "full")

    assert (run.state, row_of("12"), link("1").state, link("4").state) == ("done", row, "merged", "linked")


def test_many_merges_wait_at_the_brake_and_go_on(connection: Connection, crm: PaperCrm) -> None:
    for n in range(100, 122):
        crm.company(str(n), f"Company {n}", Website=f"c{n}.example")
    sync(connection)
    crm.later()
    rows = {n: row_of(str(n)) for n in range(100, 122, 2)}
    for n in rows:
        crm.merge("customers", f"m{n}", str(n), str(n + 1))

    run = sync(connection)

    assert run.state == Run.State.HELD
    assert {held["code"] for held in run.cursor["held"]} == {"brake-deleted", "brake-rekeyed"}
    assert not RecordLink.objects.filter(source_id__startswith="m", hub_id__isnull=False).exists()
    runs.release_held(run, "Inès")
    drive(run)
    assert {n: row_of(f"m{n}") for n in rows} == rows
    assert quiet(connection, crm)


def test_who_was_left_out_by_hand_hands_nothing_on(connection: Connection, crm: PaperCrm) -> None:
    decisions.exclude([link("1").pk], by="Inès")
    first, second = row_of("1"), row_of("2")
    crm.merge("customers", "12", "1", "2", Website="c12.example")
    crm.merge("customers", "11", "3")
    decisions.exclude([link("3").pk], by="Inès")
    crm.edit("customers", "11", Website="c11.example")

    run = sync(connection)

    assert (row_of("1"), link("1").reason_code, row_of("12")) == (first, "kept-out-by-hand", second)
    assert {one for one in journal(run) if one[1] == "11"} == {("create", "11", "no-key-matched", "done")}


def test_row_that_was_deleted_here_is_not_taken_over(connection: Connection, crm: PaperCrm) -> None:
    door().delete("customers", [row_of("3")], by="Inès")
    sync(connection)
    crm.merge("customers", "13", "3")

    run = sync(connection)

    assert {one for one in journal(run) if one[1] == "13"} == {("create", "13", "no-key-matched", "done")}
    assert link("13").state == "linked"


def test_word_of_a_person_between_preview_and_applying_stands(connection: Connection, crm: PaperCrm) -> None:
    rows, second = {one: row_of(one) for one in ("1", "3")}, row_of("2")
    crm.merge("customers", "12", "1", "2")
    crm.merge("customers", "13", "3")
    preview = sync(connection, "preview")
    planned = PlannedChange.objects.filter(run_id=preview.pk, action="link")
    assert set(planned.values_list("source_id", "hub_id")) == {("12", rows["1"]), ("13", rows["3"])}
    decisions.exclude([link("1").pk], by="Inès")
    decisions.pause([link("3").pk])

    run = runs.apply_preview(preview, by="Inès")
    drive(run)

    assert {one for one in journal(run) if one[0] == "link"} == {
        ("link", "12", "hub-moved", "refused"),
        ("link", "13", "hub-moved", "refused"),
    }
    assert {one: row_of(one) for one in rows} == rows
    sync(connection)
    assert (row_of("12"), row_of("13")) == (second, rows["3"])
    assert link("13").paused_at == link("3").paused_at is not None


def test_record_that_could_not_be_taken_takes_over_later(connection: Connection, crm: PaperCrm) -> None:
    """The merge is remembered: the row waits for the record, and no second one is made."""
    Block.objects.filter(object="customers").update(merge_keys=[])
    row = row_of("1")
    door().edit("customers", {row: {"name": "Typed here"}}, by="Inès")
    crm.merge("customers", "12", "1", "2")
    crm.outside.add("12")
    sync(connection)
    assert (link("1").state, row_of("1")) == ("merged", row)
    crm.later()
    crm.outside.clear()

    sync(connection)

    assert (row_of("12"), link("1").hub_id, Customer.objects.get(pk=row).name) == (row, None, "Typed here")
    assert crm.records["customers"]["12"].values["Name"] == "Typed here"
    assert quiet(connection, crm)


def test_contact_that_was_marked_gone_is_back_with_the_new_record(connection: Connection, crm: PaperCrm) -> None:
    rows = {row_of("p1", "contacts"), row_of("p2", "contacts")}
    crm.merge("contacts", "p12", "p1", "p2")

    sync(connection)

    taken = row_of("p12", "contacts")
    assert taken == min(rows)
    assert dict(Contact.objects.values_list("pk", "gone_at"))[taken] is None
    assert Contact.objects.filter(gone_at__isnull=False).count() == 1


@pytest.mark.requirement("C25", "E2")
def test_undone_the_row_is_its_former_records_again(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    decisions.pause([link("3").pk])
    kept = ("state", "hub_id", "settled", "source_hash", "merged_into", "paused_at", "churned_from", "linked_at")
    before = everything(kept)
    crm.merge("customers", "12", "1", "2", Name="Company 12")
    crm.merge("customers", "13", "3")
    run = sync(connection)
    assert everything(kept) != before

    undo = request_undo(run, by=admin_user, note="A wrong merge.")
    drive(undo)

    assert everything(kept) == before
    assert (link("12").state, link("12").reason_code, link("12").hub_id) == ("excluded", "undone", None)
    Connection.objects.update(state="on")
    row = row_of("1")
    sync(connection)
    assert (link("12").hub_id, row_of("1"), Customer.objects.get(pk=row).name) == (None, row, "Company 1")
    crm.later()
    crm.edit("customers", "12", Name="Moved on")
    sync(connection)
    assert (row_of("12"), Customer.objects.get(pk=row).name) == (row, "Moved on")


@pytest.mark.requirement("C25", "E2")
def test_undone_too_late_the_row_stays_with_the_new_record(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    row = row_of("1")
    crm.merge("customers", "12", "1", "2", Name="Company 12")
    run = sync(connection)
    door().edit("customers", {row: {"name": "Typed since"}}, by="Tom")

    undo = request_undo(run, by=admin_user, note="A wrong merge.")
    drive(undo)

    assert ("restore", "12", "touched-since", "refused") in journal(undo)
    assert (row_of("12"), link("1").hub_id, Customer.objects.get(pk=row).name) == (row, None, "Typed since")


def everything(kept: tuple[str, ...]) -> Any:
    """The hub's customers, and the links of those that were there first."""
    links = RecordLink.objects.filter(object="customers", source_id__in=["1", "3", "4"])
    return list(Customer.objects.order_by("pk").values()), list(links.order_by("source_id").values(*kept))
