"""What waits for the CRM while the world goes on: nothing is sent twice, against its line, or forgotten."""

from typing import Any

import pytest
from django.db import IntegrityError
from django.utils import timezone
from pytest_django import Settings

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.sync import decisions, runs, undo
from integrations.sync.connector import Answer, Sent
from integrations.sync.models import Block, Change, Connection, FieldMapping, Outbox, RecordLink, Run
from integrations.sync.runner import sending
from integrations.sync.runner import slice as slices
from integrations.sync.runner.drive import drive
from integrations.sync.runner.finishing import Finish
from integrations.wire.errors import AuthExpired, RateLimited

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db


@pytest.fixture
def connection() -> Connection:
    made = connect()
    Block.objects.filter(connection=made).update(mode="two-way", key_field="")
    FieldMapping.objects.filter(block__connection=made).exclude(hub_field="ref_id").update(direction="both")
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    crm.company("2", "Birch")
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    return run


def edit(name: str, /, **values: Any) -> None:
    assert door().edit("customers", {Customer.objects.get(name=name).pk: values}, by="Inès") == []


def names(crm: PaperCrm) -> list[str]:
    return sorted(str(record.values["Name"]) for record in crm.records["customers"].values())


def refused_edit(connection: Connection, crm: PaperCrm) -> Run:
    """A run in which the CRM refused a name that somebody typed here."""
    sync(connection)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "LOCKED", "Name is locked.", ("Name",))
    edit("Aldervale", name="Typed")
    run = sync(connection)
    assert Outbox.objects.get().state == "refused"
    crm.refuses.clear()
    crm.later()
    return run


@pytest.mark.requirement("F5", "I2")
def test_answers_that_the_database_refuses_create_nothing_twice(
    connection: Connection, crm: PaperCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(connection)
    door().create("customers", [{"name": "Cedar"}], by="Inès")

    def refuse(*_args: Any) -> None:
        raise IntegrityError

    monkeypatch.setattr(sending, "keep_answers", refuse)
    sync(connection)

    assert names(crm).count("Cedar") == 1
    assert Outbox.objects.get().state == "doubtful"


@pytest.mark.requirement("F5", "I2")
def test_answers_are_kept_whatever_becomes_of_the_rest_of_the_run(
    connection: Connection, crm: PaperCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    sync(connection)
    door().create("customers", [{"name": "Cedar"}], by="Inès")
    spent, work = [ZeroDivisionError()], Finish.work

    def crash_once(*args: Any) -> Any:
        if spent:
            raise spent.pop()
        return work(*args)

    monkeypatch.setattr(slices, "BRIEF_SECONDS", 60)
    monkeypatch.setattr(Finish, "work", crash_once)
    run = sync(connection)

    assert (run.state, run.attempt, names(crm).count("Cedar")) == ("done", 2, 1)
    assert not Outbox.objects.exists()


@pytest.mark.requirement("F5", "I2")
def test_slice_whose_time_is_up_still_sends_what_it_marked(
    connection: Connection, crm: PaperCrm, settings: Settings
) -> None:
    """Who comes after it could not tell what was marked from what was sent."""
    sync(connection)
    door().create("customers", [{"name": "Cedar"}], by="Inès")
    settings.SYNC_SLICE_SECONDS = 0

    run = sync(connection)

    assert (run.state, names(crm).count("Cedar")) == ("done", 1)
    assert not Outbox.objects.exists()


@pytest.mark.requirement("F5", "I2")
def test_answer_is_kept_where_the_record_cannot_be_read_back(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    door().create("customers", [{"name": "Cedar"}], by="Inès")
    sent: list[bool] = []
    spent = [RateLimited("QUOTA_RESERVE", "The rest is kept for people.")]

    def fail_once(read: Any, token: str) -> None:
        if sent and spent:
            raise spent.pop()

    crm.after_write = lambda sends: sent.append(True)
    crm.before_read = fail_once
    run = sync(connection)

    assert (run.state, spent) == ("done", [])
    assert not Outbox.objects.exists()
    assert RecordLink.objects.get(hub_id=Customer.objects.get(name="Cedar").pk).state == "linked"
    crm.later()
    sync(connection)
    assert names(crm).count("Cedar") == 1


@pytest.mark.requirement("R6", "I5")
def test_write_that_waits_is_not_sent_once_its_line_only_reads(connection: Connection, crm: PaperCrm) -> None:
    refused_edit(connection, crm)
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction="in")
    Outbox.objects.update(due_at=timezone.now())
    sends = len(crm.sends)

    sync(connection)

    assert len(crm.sends) == sends
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale"
    assert not Outbox.objects.exists()


@pytest.mark.requirement("R6", "I5")
def test_record_that_waits_is_not_made_once_its_data_type_only_reads(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.refuses["Cedar"] = Sent(Answer.REFUSED, "", "LOCKED", "Not now.")
    door().create("customers", [{"name": "Cedar"}], by="Inès")
    sync(connection)
    crm.refuses.clear()
    Block.objects.filter(connection=connection).update(mode="input")
    Outbox.objects.update(due_at=timezone.now())

    sync(connection)

    assert "Cedar" not in names(crm)


@pytest.mark.requirement("C25", "E2")
def test_edit_that_an_earlier_run_decided_outlives_the_taking_back_of_one_that_only_tried_it(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    refused_edit(connection, crm)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "LOCKED", "Name is locked.", ("Name",))
    crm.edit("customers", "2", Name="Birch & Co")
    Outbox.objects.update(due_at=timezone.now())
    tried = sync(connection)
    assert Outbox.objects.get().run_id == tried.pk

    drive(undo.request_undo(tried, admin_user, "The mapping was wrong."))
    crm.refuses.clear()
    connection.refresh_from_db()
    runs.resume(connection, by="Inès")
    Outbox.objects.update(due_at=timezone.now())
    sync(connection)

    assert crm.records["customers"]["1"].values["Name"] == "Typed"


@pytest.mark.requirement("F34")
def test_row_deleted_while_its_write_is_under_way_is_deleted_there_too(connection: Connection, crm: PaperCrm) -> None:
    Block.objects.filter(connection=connection).update(on_hub_delete="delete")
    sync(connection)
    edit("Birch", name="Birch & Co")

    def delete(sends: Any) -> None:
        door().delete(
            "customers", list(Customer.objects.filter(name="Birch & Co").values_list("pk", flat=True)), by="Inès"
        )

    crm.before_write = delete
    sync(connection)
    crm.later()
    sync(connection)

    assert "2" not in crm.records["customers"]
    assert not Customer.objects.filter(name="Birch & Co").exists()


@pytest.mark.requirement("C25")
def test_record_parted_while_its_write_is_under_way_stays_parted(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    edit("Birch", name="Birch & Co")

    def part(sends: Any) -> None:
        decisions.part(RecordLink.objects.get(source_id="2").pk, by="Inès")

    crm.before_write = part
    sync(connection)

    assert RecordLink.objects.get(source_id="2").hub_id is None


@pytest.mark.parametrize("kind", ["first", "delta"])
@pytest.mark.requirement("I2", "R4")
def test_row_made_here_that_a_record_finds_in_the_same_run_is_not_made_there_again(
    connection: Connection, crm: PaperCrm, kind: str
) -> None:
    if kind == "delta":
        sync(connection)
        crm.later()
    crm.company("3", "Cedar", Website="cedar.example")
    [pk] = door().create("customers", [{"name": "Cedar", "domain": "cedar.example"}], by="Inès")

    run = sync(connection)
    crm.later()
    sync(connection)

    assert (run.state, names(crm).count("Cedar")) == ("done", 1)
    link = RecordLink.objects.get(source_id="3", object="customers")
    assert (link.state, link.hub_id) == ("linked", pk)
    assert not Outbox.objects.exists()


def log(run: Run) -> list[tuple[str, str, Any]]:
    """What was written in a run, as the log has it."""
    told = Change.objects.filter(run_id=run.pk, action="push").order_by("pk")
    return [(change.source_id, change.outcome, change.after.get("name")) for change in told]


@pytest.mark.requirement("F5", "I2", "R230")
def test_answer_that_was_lost_is_told_of_the_run_that_sent_it_and_the_next_edit_of_the_next(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    edit("Aldervale", name="Aldervale Group")
    lost = [AuthExpired("INVALID_SESSION_ID", "Expired.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    crm.after_write = drop
    failed = sync(connection)
    edit("Aldervale Group", name="Aldervale Holding")
    crm.edit("customers", "1", Website="aldervale.example")
    crm.later()

    run = sync(connection)

    failed.refresh_from_db()
    assert (failed.reason_code, run.state) == ("needs-sign-in", "done")
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale Holding"
    assert log(failed) == [("1", "done", "Aldervale Group")]
    assert log(run) == [("1", "done", "Aldervale Holding")]
    assert failed.counts["customers.sent.done"] == run.counts["customers.sent.done"] == 1
    assert not Outbox.objects.exists()


@pytest.mark.requirement("F5", "C20")
def test_refused_write_that_falls_due_while_its_run_still_sends_waits_for_the_next(
    connection: Connection, crm: PaperCrm
) -> None:
    """A long run outlives the wait; and a person who retries is told that the next run does it."""
    sync(connection)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "LOCKED", "Name is locked.", ("Name",))
    for n in range(3, 10):
        crm.company(str(n), f"Company {n}")
    crm.later()
    sync(connection)
    for pk, name in list(Customer.objects.order_by("pk").values_list("pk", "name")):
        door().edit("customers", {pk: {"name": f"{name} & Co"}}, by="Inès")

    def falls_due(sends: Any) -> None:
        Outbox.objects.filter(state="refused").update(due_at=timezone.now())

    crm.before_write = falls_due
    run = sync(connection)
    assert (run.state, Outbox.objects.get().state) == ("done", "refused")
    assert [entry for entry in log(run) if entry[0] == "1"] == [("1", "refused", "Aldervale & Co")]
    crm.refuses.clear()
    crm.later()
    sync(connection)

    assert crm.records["customers"]["1"].values["Name"] == "Aldervale & Co"


@pytest.mark.requirement("F5", "C25", "E2")
def test_late_answer_of_a_run_that_was_taken_back_is_told_of_one_that_still_can_be(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(connection)
    edit("Aldervale", name="Aldervale Group")
    crm.edit("customers", "2", Name="Birch & Co")
    lost = [AuthExpired("INVALID_SESSION_ID", "Expired.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    crm.after_write = drop
    failed = sync(connection)
    drive(undo.request_undo(failed, admin_user, "A wrong name."))
    Connection.objects.update(state="on")
    crm.later()

    run = sync(connection)

    assert (log(failed), log(run)) == ([], [("1", "done", "Aldervale Group")])
    assert run.counts["customers.sent.done"] == 1
    drive(undo.request_undo(run, admin_user, "This one too."))
    assert crm.records["customers"]["1"].values["Name"] == "Aldervale"


@pytest.mark.requirement("F5", "R230")
def test_write_that_never_arrived_is_told_of_the_run_that_sends_it_at_last(
    connection: Connection, crm: PaperCrm
) -> None:
    sync(connection)
    edit("Aldervale", name="Aldervale Group")
    lost = [AuthExpired("INVALID_SESSION_ID", "Expired.")]

    def drop(sends: Any) -> None:
        if lost:
            raise lost.pop()

    crm.before_write = drop
    failed = sync(connection)
    crm.refuses["1"] = Sent(Answer.REFUSED, "1", "LOCKED", "Name is locked.", ("Name",))
    run = sync(connection)

    failed.refresh_from_db()
    assert (log(failed), log(run)) == ([], [("1", "refused", "Aldervale Group")])
    assert "customers.sent.refused" not in failed.counts
    assert run.counts["customers.sent.refused"] == 1
    assert Outbox.objects.get().run_id == run.pk
