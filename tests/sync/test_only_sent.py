"""Data types that only go out: nothing of them is read, so what a run did not send is decided anew by its mark alone."""

from typing import Any

import pytest

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Contact
from integrations.sync import retrying, runs
from integrations.sync.models import Block, Change, Connection, FieldMapping, HubMark, Outbox, RecordLink, Run
from integrations.sync.runner import applying
from integrations.sync.runner.drive import drive
from integrations.sync.undo import request_undo

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db
PEOPLE = 3


@pytest.fixture
def connection() -> Connection:
    made = connect(brake_floor=0, brake_percent=0)
    lines = FieldMapping.objects.filter(block__connection=made, block__object="contacts").exclude(hub_field="ref_id")
    lines.update(direction="both", blanks="erase")
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    """Three people, read once; from then on they only go out."""
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    for number in range(PEOPLE):
        crm.person(f"p{number}", "1", FirstName="Ana", Email=f"ana{number}@aldervale.example")
    sync(connection)
    Block.objects.filter(connection=connection, object="contacts").update(mode="output", key_field="Key")
    sync(connection)
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    WORLDS[connection.pk].later()
    connection.refresh_from_db()
    return drive(runs.request_run(connection, kind, by="Inès"), 20)


def empty_all() -> None:
    edits = {pk: {"first_name": ""} for pk in Contact.objects.values_list("pk", flat=True)}
    assert door().edit("contacts", edits, by="Inès") == []


def edit(source_id: str, **values: Any) -> None:
    pk = RecordLink.objects.get(object="contacts", source_id=source_id).hub_id
    assert pk is not None
    assert door().edit("contacts", {pk: values}, by="Inès") == []


def first_names(crm: PaperCrm) -> set[Any]:
    return {record.values["FirstName"] for record in crm.records["contacts"].values()}


@pytest.fixture
def held(connection: Connection, crm: PaperCrm) -> Run:
    empty_all()
    held = sync(connection)
    assert (held.state, held.reason_code) == ("held", "brake-emptied")
    return held


def approve(connection: Connection) -> Run:
    return drive(runs.apply_preview(sync(connection, "preview"), "Inès"), 20)


@pytest.mark.requirement("F36", "I1")
def test_next_run_decides_anew_what_the_brake_held(connection: Connection, crm: PaperCrm, held: Run) -> None:
    Connection.objects.update(brake_floor=100)

    sync(connection)

    held.refresh_from_db()
    assert (held.reason_code, first_names(crm)) == ("superseded", {None})
    assert not HubMark.objects.exists()


@pytest.mark.requirement("F36", "I1")
def test_brake_holds_as_often_as_it_is_asked(connection: Connection, crm: PaperCrm, held: Run) -> None:
    again = sync(connection)
    previewed = sync(connection, "preview")

    assert (again.state, again.reason_params["held"], first_names(crm)) == ("held", PEOPLE, {"Ana"})
    assert previewed.counts["contacts.push"] == PEOPLE


@pytest.mark.requirement("F36", "I1")
def test_what_was_held_outlives_a_run_that_takes_another_back(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    edit("p0", last_name="Reis")
    before = sync(connection)
    empty_all()
    held = sync(connection)

    drive(request_undo(before, admin_user, note="Mistaken"), 20)
    connection.refresh_from_db()
    runs.resume(connection, "Inès")
    Connection.objects.update(brake_floor=100)
    sync(connection)

    held.refresh_from_db()
    assert (held.reason_code, first_names(crm)) == ("dropped-by-undo", {None})


@pytest.mark.requirement("F36")
def test_released_once_it_is_sent_once(connection: Connection, crm: PaperCrm, held: Run) -> None:
    crm.edit("contacts", "p1", Role="Buyer")

    runs.release_held(held, "Inès")
    ended = drive(held, 20)
    sent = len(crm.sends)

    assert (ended.state, first_names(crm), HubMark.objects.exists()) == ("done", {None}, False)
    sync(connection)
    assert len(crm.sends) == sent


@pytest.mark.requirement("F36", "C5")
def test_dropped_once_it_is_never_sent(connection: Connection, crm: PaperCrm, held: Run) -> None:
    edit("p0", email="new@aldervale.example")

    runs.drop_held(held, "Inès")
    drive(held, 20)
    sync(connection)

    assert first_names(crm) == {"Ana"}
    assert [[send.values for send in batch] for batch in crm.sends] == [[{"Email": "new@aldervale.example"}]]


@pytest.mark.requirement("F36")
def test_held_record_is_not_said_to_wait_for_a_reading(held: Run) -> None:
    assert not RecordLink.objects.filter(object="contacts", next_try_at__isnull=False).exists()


@pytest.mark.requirement("I1")
def test_applied_preview_sends_whatever_a_colleague_touched(connection: Connection, crm: PaperCrm) -> None:
    edit("p0", last_name="Reis")
    crm.edit("contacts", "p0", Role="Buyer")
    crm.reads.clear()

    run = approve(connection)

    assert not Change.objects.filter(run_id=run.pk, outcome="refused").exists()
    assert crm.records["contacts"]["p0"].values["LastName"] == "Reis"
    assert not [read for read in crm.reads if read.object == "contacts" and not read.fields], "nothing is compared"


@pytest.mark.requirement("C16", "I1")
def test_retried_record_that_was_set_aside_is_sent(
    connection: Connection, crm: PaperCrm, monkeypatch: pytest.MonkeyPatch
) -> None:
    edit("p0", last_name="Reis")

    def crash(*_asked: object) -> None:
        raise ZeroDivisionError

    with monkeypatch.context() as broken:
        broken.setattr(applying, "apply_page", crash)
        run = sync(connection)
    link = RecordLink.objects.get(source_id="p0")
    assert (run.state, link.state, link.reason_code) == ("done", "failing", "crashed-record")
    sync(connection)
    assert crm.sends == []

    done = retrying.retry(connection, retrying.of_run(run), by="Noa")
    drive(done.run, 20)

    assert done.said.startswith("To be decided anew: 1 record.")
    assert crm.records["contacts"]["p0"].values["LastName"] == "Reis"
    link.refresh_from_db()
    assert (link.state, link.reason_code, HubMark.objects.exists()) == ("linked", "", False)


@pytest.mark.requirement("C16", "I1")
def test_retried_record_whose_row_moved_before_it_was_applied_is_sent(connection: Connection, crm: PaperCrm) -> None:
    edit("p0", last_name="Reis")
    preview = sync(connection, "preview")
    Contact.objects.filter(last_name="Reis").update(last_name="Moved by nobody's hand")
    run = drive(runs.apply_preview(preview, "Inès"), 20)
    assert Change.objects.get(run_id=run.pk).reason_code == "hub-moved"

    done = retrying.retry(connection, retrying.of_run(run), by="Noa")
    drive(done.run, 20)

    assert (done.records, done.unread, done.writes) == (0, 1, 0)
    assert crm.records["contacts"]["p0"].values["LastName"] == "Moved by nobody's hand"
    assert not Outbox.objects.exists()
