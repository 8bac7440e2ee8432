"""Meetings, calls, e-mails and notes of Pipedrive: the wire, the runner, the set-up."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import CaptureSettings, Interaction
from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.defaults import default_lines
from integrations.pipedrive.models import PipedriveConnection
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.sync import runs
from integrations.sync.connector import How, Read
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive

from .conftest import signed_in
from .reading_all import all_of, ids_of, pages_of, records_of

KINDS = ("emails", "meetings", "calls", "notes")
TYPES = {"emails": "email", "meetings": "meeting", "calls": "call"}


def without_interactions(small_practice: Callable[..., PracticePipedrive]) -> PracticePipedrive:
    practice = small_practice(3, contacts_per=1)
    practice.control(unlimited=True)
    with practice.book.transaction():
        practice.book.execute("DELETE FROM _record WHERE kind IN ('activity', 'note')")
    return practice


def taking_people_in(practice: PracticePipedrive) -> PipedriveConnection:
    connection = signed_in(practice, state="on", wizard_step="review")
    for name in ("customers", "contacts"):
        add_block(connection, name)
    return connection


@pytest.fixture
def practice(small_practice: Callable[..., PracticePipedrive]) -> PracticePipedrive:
    return without_interactions(small_practice)


@pytest.fixture
def connection(db: None, practice: PracticePipedrive) -> PipedriveConnection:
    return taking_people_in(practice)


def add_block(connection: PipedriveConnection, name: str) -> None:
    block = Block.objects.create(connection=connection, object=name, mode="input", merge_keys=["ref_id"])
    for line in default_lines(name):
        if line["hub_field"] != "csm":
            FieldMapping.objects.create(block=block, crm_label=line["crm_field"], **line)


def activity(practice: PracticePipedrive, type_: str, **values: Any) -> str:
    usual = {
        "subject": "Check-in", "type": type_, "org_id": 1, "due_date": "2026-11-05", "due_time": "14:30:00",
        "duration": "01:15:00", "done": True, "note": "First<br>second &amp; last",
        "participants": [{"person_id": 1, "primary": True}],
    }  # fmt: skip
    return practice.create("activity", **{**usual, **values})


def note(practice: PracticePipedrive, **values: Any) -> str:
    return practice.create("note", **{"content": "<p>Ada <b>decides</b>.</p>", "org_id": 1, "person_id": 1, **values})


def sync(connection: PipedriveConnection) -> None:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params


def paths(name: str) -> tuple[str, ...]:
    return tuple(line["crm_field"] for line in default_lines(name))


@pytest.mark.requirement("R53", "R54")
@pytest.mark.parametrize("name", TYPES)
def test_each_kind_reads_the_activities_of_its_type(
    connector: PipedriveConnector, practice: PracticePipedrive, name: str
) -> None:
    made = {kind: activity(practice, type_) for kind, type_ in TYPES.items()}
    activity(practice, "task")

    records = records_of(connector, all_of(connector, name, *paths(name)))

    assert set(records) == {made[name]} == ids_of(connector, name)
    record = records[made[name]]
    assert record.customer_ids == ("1",)
    assert record.values["note"] == "First\nsecond & last"
    assert record.values["@starts_at"] == datetime(2026, 11, 5, 14, 30, tzinfo=UTC)
    assert record.values["@contacts"] == ("1",)
    assert record.values.get("@minutes", 75) == 75


def test_planned_calls_wait_and_planned_meetings_come(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    call, meeting = activity(practice, "call", done=False), activity(practice, "meeting", done=False)

    before = ids_of(connector, "calls")
    practice.edit("activity", call, done=True)

    assert before == set()
    assert ids_of(connector, "calls") == {call}
    assert ids_of(connector, "meetings") == {meeting}


def test_day_without_an_hour_stays_that_day(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    one = activity(practice, "meeting", due_time=None, duration=None)

    values = records_of(connector, Read("meetings", How.BY_ID, paths("meetings"), ids=(one,)))[one].values

    starts = values["@starts_at"]
    assert isinstance(starts, datetime)
    assert starts.date().isoformat() == "2026-11-05"
    assert values["@minutes"] is None


def test_notes_come_as_plain_text_and_by_their_numbers(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    one, other = note(practice), note(practice, content="<p>Two</p>", person_id=None)

    everything = records_of(connector, all_of(connector, "notes", *paths("notes")))
    named = records_of(connector, Read("notes", How.BY_ID, paths("notes"), ids=(one, other, "999")))

    assert everything[one].values["content"] == "Ada decides."
    assert everything[one].values["@contacts"] == ("1",)
    assert {key: dict(record.values) for key, record in named.items()} == {
        key: {path: record.values[path] for path in paths("notes")} for key, record in everything.items()
    }


def test_pages_of_notes_go_by_their_numbers(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    made = {note(practice, content=f"<p>{number}</p>") for number in range(501)}
    practice.forget_calls()

    assert ids_of(connector, "notes") == made
    assert practice.calls()["notes"] == 2


@pytest.mark.parametrize("name", ["calls", "notes"])
def test_deleted_one_is_found_among_what_changed_lately(
    connector: PipedriveConnector, practice: PracticePipedrive, name: str
) -> None:
    kind = "note" if name == "notes" else "activity"
    one = note(practice) if name == "notes" else activity(practice, "call")
    since = datetime.now(UTC) - timedelta(minutes=1)
    practice.delete(kind, one)
    practice.control(clock_offset=60)

    [page] = pages_of(connector, Read(name, How.DELETED, since=since, until=since + timedelta(minutes=10)))

    assert [gone.source_id for gone in page.gone] == [one]


@pytest.mark.requirement("R53", "R54", "R6")
def test_they_stand_on_their_customers_after_a_sync_and_nothing_is_written(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    for name in KINDS:
        add_block(connection, name)
    for type_ in TYPES.values():
        activity(practice, type_)
    note(practice)
    practice.forget_calls()

    sync(connection)

    customer = RecordLink.objects.get(object="customers", source_id="1").hub_id or 0
    assert Interaction.objects.filter(customer_id=customer).count() == 4
    assert not RecordLink.objects.filter(object__in=KINDS).exclude(state="linked").exists()
    assert {kind: n for kind, n in practice.calls().items() if kind in {"create", "update", "delete"}} == {}


# --- The set-up


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.requirement("R53", "R103")
def test_step_offers_four_choices_and_says_what_pipedrive_forgets(
    admin: Client, connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    prospect = practice.create("organization", name="Has won nothing")
    activity(practice, "meeting")
    activity(practice, "meeting", org_id=int(prospect))

    response = admin.get(reverse("pipedrive:wizard", args=[connection.slug, "interactions"]))

    form, shown = response.context["form"], texts(response)
    assert [row.name for row in form.rows] == list(KINDS)
    assert {row.name: row.number for row in form.rows}["meetings"] == 1
    assert "Pipedrive keeps no message IDs of Google and Microsoft" in shown
    assert "Pipedrive does not keep the meeting IDs of Google and Microsoft" in shown


@pytest.mark.requirement("R104")
def test_beside_a_mailbox_and_a_calendar_both_are_warned_against(
    admin: Client, connection: PipedriveConnection
) -> None:
    CaptureSettings.objects.update_or_create(
        pk=CaptureSettings.current().pk or 1, defaults={"mailbox_connected": True, "calendar_connected": True}
    )
    page = reverse("pipedrive:wizard", args=[connection.slug, "interactions"])
    asked = {"since_months": "12", "emails": "input", "meetings": "input", "calls": "disabled", "notes": "disabled"}

    shown = texts(admin.get(page))
    refused = admin.post(page, asked)
    taken = admin.post(page, {**asked, "meetings_anyway": "on"})

    assert "A mailbox is connected to this hub." in shown
    assert "Leave meetings disabled, or confirm below" in str(refused.context["form"].errors["meetings"])
    assert taken.status_code == 302
    assert Block.objects.get(object="meetings").mode == "input"
