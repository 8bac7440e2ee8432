"""What a person decides about a record or a field outranks the rules, holds against a run under way, and is journaled."""

from typing import Any

import pytest

from integrations.engine.records import Side
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.sync import choices, decisions, runs
from integrations.sync.models import (
    Block,
    Change,
    Conflict,
    Connection,
    FieldMapping,
    Outbox,
    PlannedChange,
    RecordLink,
    Run,
)
from integrations.sync.runner.drive import drive

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    made = connect()
    Block.objects.filter(connection=made).update(mode="two-way", key_field="Key")
    FieldMapping.objects.filter(block__connection=made).exclude(hub_field="ref_id").update(
        direction="both", on_conflict="ask"
    )
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale", Website="aldervale.example")
    crm.company("2", "Birch")
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    return run


def link_of(source_id: str) -> RecordLink:
    return RecordLink.objects.get(object="customers", source_id=source_id)


def collide(connection: Connection, crm: PaperCrm) -> None:
    """Two new records find the row of Aldervale by its domain; Aldervale itself is not in the CRM."""
    crm.records["customers"].clear()
    door().create("customers", [{"name": "Aldervale", "domain": "aldervale.example"}], by="Inès")
    Block.objects.filter(connection=connection).update(mode="input")
    crm.company("5", "Aldervale Ltd", Website="aldervale.example")
    crm.company("6", "Aldervale (copy)", Website="aldervale.example")
    sync(connection)
    assert {link_of("5").state, link_of("6").state} == {"collision"}


def dispute(connection: Connection, crm: PaperCrm, *names: str) -> None:
    sync(connection)
    for link in RecordLink.objects.filter(object="customers", name__in=names):
        door().edit("customers", {link.hub_id or 0: {"name": f"{link.name} here"}}, by="Tom")
        crm.edit("customers", link.source_id, Name=f"{link.name} there")
    sync(connection)
    assert Conflict.objects.count() == len(names)


@pytest.mark.requirement("C1")
def test_linking_by_hand_settles_a_collision_and_the_run_fills_the_row(connection: Connection, crm: PaperCrm) -> None:
    collide(connection, crm)
    row = Customer.objects.get()

    decisions.link_to_row(link_of("5").pk, row.pk, by="Inès")
    sync(connection)

    row.refresh_from_db()
    assert (link_of("5").state, link_of("5").hub_id, row.name) == ("linked", row.pk, "Aldervale Ltd")
    assert Change.objects.get(action="link", run_id=None).reason_code == "linked-by-hand"
    # The other one met a row that is taken: still a person's to decide.
    decisions.exclude([link_of("6").pk], by="Inès")
    sync(connection, "full")
    assert (link_of("6").state, link_of("6").reason_code) == ("excluded", "kept-out-by-hand")


def test_row_has_one_record_of_a_connection(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    row = link_of("1").hub_id or 0

    with pytest.raises(decisions.DecisionRefused, match="linked to this row already"):
        decisions.link_to_row(link_of("2").pk, row, by="Inès")
    decisions.link_to_row(link_of("2").pk, row, by="Inès", instead=True)

    assert (link_of("2").hub_id, link_of("1").hub_id, link_of("1").reason_code) == (row, None, "parted-by-hand")


def test_new_by_hand_creates_its_row_without_asking_a_key(connection: Connection, crm: PaperCrm) -> None:
    collide(connection, crm)

    decisions.make_new([link_of("6").pk], by="Inès")
    sync(connection)

    made = Customer.objects.get(pk=link_of("6").hub_id or 0)
    assert (made.name, Customer.objects.count()) == ("Aldervale (copy)", 2)
    assert Change.objects.get(action="create", source_id="6").reason_code == "new-by-hand"


@pytest.mark.requirement("I2")
def test_parted_record_stays_out_and_its_row_is_not_made_there_anew(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    row = link_of("1").hub_id or 0

    decisions.part(link_of("1").pk, by="Inès")
    door().edit("customers", {row: {"name": "Typed"}}, by="Inès")
    crm.edit("customers", "1", Name="There")
    sync(connection)
    sync(connection, "full")

    assert Customer.objects.get(pk=row).name == "Typed"
    assert (link_of("1").state, link_of("1").reason_code) == ("excluded", "parted-by-hand")
    assert crm.sends == []
    assert Customer.objects.count() == 2


def test_excluded_is_taken_in_again_with_its_row(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    row = link_of("1").hub_id or 0
    decisions.exclude([link_of("1").pk], by="Inès")
    crm.edit("customers", "1", Name="There")
    sync(connection)
    assert Customer.objects.get(pk=row).name == "Aldervale"

    decisions.take_in([link_of("1").pk], by="Inès")
    sync(connection)

    assert (link_of("1").state, link_of("1").hub_id) == ("linked", row)
    assert Customer.objects.get(pk=row).name == "There"


@pytest.mark.requirement("C25")
def test_deleted_here_and_taken_in_again_comes_as_new(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    door().delete("customers", [link_of("2").hub_id or 0], by="Inès")
    sync(connection, "full")
    assert link_of("2").reason_code == "deleted-here"

    decisions.take_in([link_of("2").pk], by="Inès")
    sync(connection)

    assert Customer.objects.get(pk=link_of("2").hub_id or 0).name == "Birch"


def test_paused_and_resumed(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    decisions.pause([link_of("1").pk])
    crm.edit("customers", "1", Website="new.example")
    sync(connection)
    row = Customer.objects.get(pk=link_of("1").hub_id or 0)
    assert row.domain == "aldervale.example"

    decisions.resume([link_of("1").pk])
    sync(connection)

    row.refresh_from_db()
    assert row.domain == "new.example"


def test_pausing_stops_what_waits_to_be_sent(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    link = link_of("1")
    assert link.hub_id is not None
    assert link.synced_at is not None
    Outbox.objects.create(
        connection=connection, object="customers", hub_id=link.hub_id, source_id="1", kind="update", state="refused",
        reason_code="only-hub-moved", planned_at=link.synced_at, due_at=link.synced_at,
    )  # fmt: skip

    decisions.pause([link.pk])

    assert not Outbox.objects.exists()


@pytest.mark.requirement("C19")
def test_thawed_field_is_written_again(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    RecordLink.objects.filter(source_id="1").update(frozen={"name": "2026-03-02T08:00:00+00:00"}, waves={"name": []})
    crm.edit("customers", "1", Name="There")
    sync(connection)
    assert not Customer.objects.filter(name="There").exists()

    decisions.thaw(link_of("1").pk, "name")
    sync(connection)

    assert Customer.objects.get(pk=link_of("1").hub_id or 0).name == "There"


@pytest.mark.requirement("I2")
def test_decision_outranks_what_a_preview_had_planned(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.edit("customers", "1", Name="There")
    preview = sync(connection, "preview")
    assert PlannedChange.objects.filter(run_id=preview.pk, source_id="1").exists()

    decisions.exclude([link_of("1").pk], by="Inès")
    drive(runs.apply_preview(preview, "Inès"))

    assert link_of("1").state == "excluded"
    assert not Customer.objects.filter(name="There").exists()


@pytest.mark.parametrize(("side", "kept"), [(Side.HUB, "here"), (Side.CRM, "there")])
@pytest.mark.requirement("F35")
def test_one_answer_for_all_alike(connection: Connection, crm: PaperCrm, side: Side, kept: str) -> None:
    dispute(connection, crm, "Aldervale", "Birch")

    decided = choices.choose(Conflict.objects.all(), side, by="Inès")
    sync(connection)

    assert len(decided) == 2
    assert not Conflict.objects.exists()
    assert set(Customer.objects.values_list("name", flat=True)) == {f"Aldervale {kept}", f"Birch {kept}"}
    assert {record.values["Name"] for record in crm.records["customers"].values()} == {
        f"Aldervale {kept}", f"Birch {kept}",
    }  # fmt: skip


def test_choice_is_taken_back_until_a_run_follows(connection: Connection, crm: PaperCrm) -> None:
    dispute(connection, crm, "Aldervale")
    choices.choose(Conflict.objects.all(), Side.HUB, by="Inès")
    assert not choices.waiting().exists()

    choices.unchoose(Conflict.objects.all())
    sync(connection)

    assert choices.waiting().count() == 1
    assert Customer.objects.filter(name="Aldervale here").exists()
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale there"


def test_choosing_costs_the_same_for_any_number(connection: Connection, crm: PaperCrm, statements: Any) -> None:
    for number in range(10, 18):
        crm.company(str(number))
    dispute(connection, crm, "Aldervale", "Birch", *(f"Company {number}" for number in range(10, 18)))

    few = statements(lambda: choices.choose(Conflict.objects.filter(source_id="1"), Side.HUB, by="Inès"))
    many = statements(lambda: choices.choose(Conflict.objects.exclude(source_id="1"), Side.HUB, by="Inès"))

    assert many == few


@pytest.fixture
def statements() -> Any:
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext

    def number(act: Any) -> int:
        with CaptureQueriesContext(database) as captured:
            act()
        return len(captured)

    return number


@pytest.mark.requirement("I4", "F35")
def test_choice_that_the_sides_have_overtaken_overrules_no_later_edit(connection: Connection, crm: PaperCrm) -> None:
    """A colleague typed there what a person chose here, before any run followed: the word is spent."""
    dispute(connection, crm, "Aldervale")
    choices.choose(Conflict.objects.all(), Side.HUB, by="Ana")
    here = Customer.objects.get(pk=link_of("1").hub_id or 0).name
    crm.edit("customers", "1", Name=here)
    sync(connection)
    assert link_of("1").chosen == {}

    crm.later()
    crm.edit("customers", "1", Name="Typed there since")
    sync(connection)

    assert crm.records["customers"]["1"].values["Name"] == "Typed there since"
    assert Customer.objects.get(pk=link_of("1").hub_id or 0).name == "Typed there since"


@pytest.mark.requirement("I4", "F35")
def test_what_no_line_can_read_is_left_alone_for_good_where_a_person_says_so(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    crm.edit("customers", "1", Website="see our site!")
    sync(connection)
    row = link_of("1").hub_id or 0
    door().edit("customers", {row: {"domain": "alder.example"}}, by="Inès")
    sync(connection)
    choices.choose(Conflict.objects.all(), Side.CRM, by="Ana")

    for kind in ("delta", "full"):
        sync(connection, kind)

    assert (Conflict.objects.count(), link_of("1").chosen) == (0, {})
    assert crm.records["customers"]["1"].values["Website"] == "see our site!"
    assert Customer.objects.get(pk=row).domain == "alder.example"
    # The next edit is asked about anew.
    door().edit("customers", {row: {"domain": "later.example"}}, by="Inès")
    sync(connection)
    assert Conflict.objects.get().hub_value == "later.example"


@pytest.mark.requirement("C12", "F33")
def test_row_churned_with_one_half_of_a_merge_is_back_with_the_other(connection: Connection, crm: PaperCrm) -> None:
    """Where the CRM tells of no merge, the half that went looks deleted; a person links the one that stayed."""
    Connection.objects.update(churn_missing=True)
    FieldMapping.objects.filter(hub_field="stage").delete()
    sync(connection)
    row, stage = link_of("1").hub_id or 0, Customer.objects.get(name="Aldervale").stage
    crm.company("12", "Aldervale Group", Website="aldervale.example")
    sync(connection)
    crm.delete("customers", "1")
    crm.later()
    sync(connection)
    assert (Customer.objects.get(pk=row).stage.is_churn, link_of("12").state) == (True, "collision")

    decisions.link_to_row(link_of("12").pk, row, by="Ana", instead=True)
    sync(connection)

    assert Customer.objects.get(pk=row).stage == stage
    assert (link_of("1").churned_from, link_of("12").churned_from) == ("", "")
