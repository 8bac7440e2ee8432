import time

import pytest
from django.db import connection as db
from django.test.utils import CaptureQueriesContext

from integrations.hub.models import Contact, Customer
from integrations.sync.configuration import save_version
from integrations.sync.connector import How
from integrations.sync.models import Block, Change, Connection, FieldMapping, RecordLink, Run
from integrations.sync.opening import moment_of
from integrations.sync.runner import slice as slices
from integrations.sync.runner.drive import drive
from integrations.sync.runs import request_run
from tests.sync.fakes import START, PaperCrm


@pytest.fixture
def synced(connection: Connection, crm: PaperCrm, sync) -> PaperCrm:
    """Twelve companies with a person each, synced once."""
    for number in range(12):
        crm.company(f"A{number:02}", Stage="Run")
        crm.person(f"C{number:02}", f"A{number:02}")
    sync()
    crm.later()
    return crm


def churning() -> None:
    Connection.objects.update(churn_missing=True)


def stage_of(ref_id: str) -> str:
    return Customer.objects.get(ref_id=ref_id).stage.name


def link_of(source_id: str) -> RecordLink:
    return RecordLink.objects.get(source_id=source_id)


@pytest.mark.requirement("R5")
def test_delta_takes_a_change_and_reads_nothing_else(synced: PaperCrm, sync) -> None:
    synced.later(60)
    synced.edit("customers", "A03", Name="Renamed")
    synced.reads.clear()

    run = sync()

    assert run.kind == Run.Kind.DELTA
    assert Customer.objects.get(ref_id="A03").name == "Renamed"
    [change] = Change.objects.filter(run_id=run.pk)
    assert (change.action, change.before, change.after) == ("update", {"name": "Company A03"}, {"name": "Renamed"})
    assert change.fields == " name "
    assert [read.how for read in synced.reads if read.how in {How.ALL, How.BY_ID, How.DEPENDENTS}] == []
    assert run.counts["customers.unchanged"] == 11


@pytest.mark.requirement("E9")
def test_run_is_tied_to_the_configuration_that_it_reads(synced: PaperCrm, connection: Connection) -> None:
    """Whenever it was asked for: it may have waited for hours before it began."""
    run = request_run(connection, by="test")
    FieldMapping.objects.filter(block__connection=connection, hub_field="stage").delete()
    version = save_version(connection, None)

    drive(run)

    run.refresh_from_db()
    assert version is not None
    assert (run.version, run.state) == (version.number, Run.State.DONE)


def test_delta_that_finds_nothing_writes_little_beside_its_readings(synced: PaperCrm, sync, monkeypatch) -> None:
    """Each reading is remembered by itself; everything that asks nobody goes together."""
    monkeypatch.setattr(slices, "BRIEF_SECONDS", 60)
    sync()
    synced.reads.clear()

    with CaptureQueriesContext(db) as queries:
        run = sync()

    readings, preparing, deciding = len(synced.reads), 1, 1
    remembered = [one for one in queries if one["sql"].startswith('UPDATE "sync_run" SET "cursor"')]
    assert run.counts["customers.unchanged"] == 12
    assert len(remembered) <= readings + preparing + deciding


@pytest.mark.requirement("R28")
def test_customer_entering_the_scope_brings_contacts_of_any_age(synced: PaperCrm, connection: Connection, sync) -> None:
    synced.company("B1")
    synced.person("D1", "B1")
    synced.outside.add("B1")
    sync()
    synced.later(60)
    assert not RecordLink.objects.filter(source_id__in=["B1", "D1"]).exists()
    synced.outside.clear()

    sync()

    assert Contact.objects.get(ref_id="D1").customer == Customer.objects.get(ref_id="B1")


@pytest.mark.requirement("R16", "R17", "R68")
def test_customer_leaving_the_scope_is_churned_at_the_next_run_and_kept(synced: PaperCrm, sync) -> None:
    churning()
    synced.outside.add("A04")

    run = sync()

    assert stage_of("A04") == "churn"
    assert Contact.objects.filter(ref_id="C04").exists()
    [change] = Change.objects.filter(run_id=run.pk, object="customers")
    assert (change.action, change.before, change.after) == ("churn", {"stage": "run"}, {"stage": "churn"})
    assert link_of("A04").churned_from == "run"


@pytest.mark.requirement("R18")
def test_customer_leaving_the_scope_keeps_its_stage_without_the_option(synced: PaperCrm, sync) -> None:
    synced.outside.add("A04")

    sync()

    assert stage_of("A04") == "run"
    assert (link_of("A04").state, link_of("A04").reason_code) == ("excluded", "left-scope")


def test_churned_customer_that_returns_gets_its_stage_back(synced: PaperCrm, connection: Connection, sync) -> None:
    Block.objects.get(connection=connection, object="customers").lines.filter(hub_field="stage").delete()
    churning()
    sync("full")
    synced.outside.add("A04")
    sync()
    assert stage_of("A04") == "churn"
    synced.outside.clear()
    synced.later(60)

    run = sync()

    assert stage_of("A04") == "run"
    assert Change.objects.get(run_id=run.pk, source_id="A04").action == "unchurn"
    assert link_of("A04").churned_from == ""


@pytest.mark.requirement("X36", "I5")
def test_mere_absence_churns_at_the_second_complete_reading(synced: PaperCrm, sync) -> None:
    churning()
    synced.vanish("customers", "A05")

    once = sync()
    stage_after_one, misses = stage_of("A05"), link_of("A05").misses
    twice = sync()

    assert (stage_after_one, misses) == ("run", 1)
    assert not Change.objects.filter(run_id=once.pk, object="customers").exists()
    assert stage_of("A05") == "churn"
    assert Change.objects.get(run_id=twice.pk, object="customers").reason_code == "missing-twice"


@pytest.mark.requirement("X36")
def test_record_seen_again_forgets_its_miss(synced: PaperCrm, sync) -> None:
    churning()
    away = synced.records["customers"].pop("A05")
    sync()
    synced.records["customers"]["A05"] = away

    run = sync()

    assert (link_of("A05").misses, stage_of("A05")) == (0, "run")
    assert not Change.objects.filter(run_id=run.pk).exists()


@pytest.mark.requirement("X36", "F36")
def test_emptied_view_churns_nobody(synced: PaperCrm, sync) -> None:
    churning()
    synced.outside.update(synced.records["customers"])

    runs = [sync(), sync(), sync("full"), sync("full")]

    assert set(Customer.objects.values_list("stage__name", flat=True)) == {"run"}
    assert {run.reason_code for run in runs} == {"empty-scope"}


@pytest.mark.requirement("F33")
def test_deleted_customer_is_churned_and_said(synced: PaperCrm, sync) -> None:
    churning()
    synced.delete("customers", "A06")

    run = sync()

    assert stage_of("A06") == "churn"
    assert Change.objects.get(run_id=run.pk, object="customers").reason_code == "deleted-in-crm"
    assert link_of("A06").state == "gone"


@pytest.mark.requirement("F33")
def test_merged_customer_names_its_survivor(synced: PaperCrm, sync) -> None:
    synced.delete("customers", "A06", merged_into="A07")

    sync()

    assert (link_of("A06").state, link_of("A06").merged_into) == ("merged", "A07")
    assert stage_of("A06") == "run"


def test_deleted_contact_is_marked_gone_and_comes_back(synced: PaperCrm, sync) -> None:
    away = synced.records["contacts"]["C01"]
    synced.delete("contacts", "C01")
    sync()
    gone_at = Contact.objects.get(ref_id="C01").gone_at
    synced.records["contacts"]["C01"] = away
    synced.later(60)
    synced.edit("contacts", "C01", LastName="Back")

    sync()

    assert gone_at is not None
    contact = Contact.objects.get(ref_id="C01")
    assert (contact.gone_at, contact.last_name) == (None, "Back")


def test_contact_moving_to_another_customer_moves_here(synced: PaperCrm, sync) -> None:
    synced.person("C02", "A09")

    sync()

    assert Contact.objects.get(ref_id="C02").customer == Customer.objects.get(ref_id="A09")


@pytest.mark.requirement("X26")
def test_blank_in_the_crm_erases_nothing(synced: PaperCrm, sync) -> None:
    synced.edit("customers", "A01", Stage=None, Name="Still here")

    sync()

    assert (stage_of("A01"), Customer.objects.get(ref_id="A01").name) == ("run", "Still here")


@pytest.mark.requirement("R12")
def test_disabled_block_makes_no_call(connection: Connection, crm: PaperCrm, sync) -> None:
    Block.objects.filter(object="contacts").update(mode="disabled")
    crm.company("A1")
    crm.person("C1", "A1")

    sync()

    assert {read.object for read in crm.reads} == {"customers"}
    assert (crm.calls["describe"], crm.calls["query"]) == (1, 1)
    assert not Contact.objects.exists()


def test_changed_mapping_decides_everything_anew(synced: PaperCrm, connection: Connection, sync) -> None:
    line = Block.objects.get(connection=connection, object="customers").lines.get(hub_field="name")
    line.transform = "upper"
    line.save()

    run = sync()

    assert run.kind == Run.Kind.FULL
    assert Customer.objects.get(ref_id="A00").name == "COMPANY A00"


def test_contact_without_a_customer_in_scope_is_listed_and_taken_up_later(synced: PaperCrm, sync) -> None:
    synced.company("B1", "B1", Owner__Email="x", Website="")
    synced.person("D1", ["B1", "A00"])
    synced.outside.add("B1")
    sync()
    assert Contact.objects.get(ref_id="D1").customer == Customer.objects.get(ref_id="A00")
    synced.outside.clear()
    synced.later(60)

    sync()

    assert Contact.objects.get(ref_id="D1").customer == Customer.objects.get(ref_id="B1")


@pytest.mark.requirement("C3", "X26")
def test_blanks_rule_changed_to_erase_settles_anew(synced: PaperCrm, connection: Connection, sync) -> None:
    """A blank that was kept under the old line is decided by the new one at the next complete reading."""
    synced.edit("customers", "A01", Website="known.example")
    sync()
    synced.later()
    synced.edit("customers", "A01", Website=None)
    sync()
    kept = Customer.objects.get(ref_id="A01").domain
    lines = FieldMapping.objects.filter(block__connection=connection, hub_field="domain")
    lines.update(blanks="erase")

    run = sync(Run.Kind.FULL)

    assert kept
    assert Customer.objects.get(ref_id="A01").domain == ""
    change = Change.objects.get(run_id=run.pk, source_id="A01")
    assert (change.erases, change.before["domain"]) == (True, kept)


@pytest.mark.requirement("C12")
def test_record_that_two_became_takes_a_row_over_without_any_key(
    connection: Connection, synced: PaperCrm, sync
) -> None:
    Block.objects.filter(connection=connection).update(merge_keys=[])
    row = RecordLink.objects.get(object="customers", source_id="A07").hub_id
    number = Customer.objects.count()
    synced.company("Z1", "Both of them")
    synced.delete("customers", "A07", merged_into="Z1")
    synced.later()

    sync()

    assert (RecordLink.objects.get(source_id="Z1").hub_id, Customer.objects.count()) == (row, number)


@pytest.mark.parametrize(
    "told", ["Mon, 02 Mar 2026 08:00:00 GMT", "Mon, 02 Mar 2026 08:00:00", "Mon, 02 Mar 2026 08:00:00 -0000"]
)
def test_clock_that_names_no_zone_is_read_as_utc_wherever_the_server_stands(
    told: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TZ", "Asia/Tokyo")
    time.tzset()
    try:
        assert moment_of(told) == START
    finally:
        monkeypatch.undo()
        time.tzset()
