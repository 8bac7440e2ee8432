"""What is typed here by hand goes out to Pipedrive: once, to its kind, and found again if its answer was lost."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import Values, door
from integrations.hub.models import Interaction
from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.models import PipedriveConnection
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.sync import runs
from integrations.sync.connector import Answer, How, Read, Send
from integrations.sync.models import Block, FieldMapping, Outbox, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import DryRun

from .conftest import signed_in
from .reading_all import records_of
from .test_interactions import KINDS, TYPES, activity, add_block, note, paths, taking_people_in, without_interactions

WHEN = datetime(2026, 3, 5, 23, 30, tzinfo=UTC)
WRITES = ("create", "update", "delete")
FIELDS: dict[str, Any] = {
    "subject": "Check-in", "note": "All <well>\n\nSecond & last", "@starts_at": WHEN, "@minutes": 75,
    "@contacts": ("1", "2"), "@customer": "1",
}  # fmt: skip
NOTE: dict[str, Any] = {"content": "Ada decides.\nBob <signs>.", "@contacts": ("1",), "@customer": "1"}


@pytest.fixture
def practice(small_practice: Callable[..., PracticePipedrive]) -> PracticePipedrive:
    return without_interactions(small_practice)


@pytest.fixture
def connection(db: None, practice: PracticePipedrive) -> PipedriveConnection:
    return taking_people_in(practice)


def sync(connection: PipedriveConnection, practice: PracticePipedrive, kind: str = Run.Kind.DELTA) -> Run:
    """Each one a quarter of an hour after the one before."""
    practice.passed = getattr(practice, "passed", 0) + 900  # type: ignore[attr-defined]
    practice.control(clock_offset=practice.passed)  # type: ignore[attr-defined]
    run = runs.request_run(connection, kind, by="Inès")
    for _attempt in range(5):
        drive(run, 60.0)
        run.refresh_from_db()
        if run.state not in {Run.State.WAITING, Run.State.QUEUED}:
            break
        Run.objects.filter(pk=run.pk).update(due_at=None)
    assert run.state == Run.State.DONE, run.reason_params
    return run


def bodies(practice: PracticePipedrive, kind: str) -> dict[str, dict[str, Any]]:
    with practice.book.transaction():
        return {one.id: one.body for one in practice.book.find(kind)}


def written(practice: PracticePipedrive) -> int:
    return sum(practice.calls()[kind] for kind in WRITES)


def hub_id(object_name: str, source_id: str) -> int:
    return RecordLink.objects.get(object=object_name, source_id=source_id).hub_id or 0


def type_by_hand(kinds: tuple[str, ...] = KINDS, **more: Any) -> dict[str, int]:
    common: Values = {"customer": hub_id("customers", "1"), "body": "Words", "starts_at": WHEN, **more}
    made: dict[str, int] = {}
    for kind in kinds:
        given = common if kind == "notes" else {**common, "subject": "Typed here"}
        [row] = door().create(kind, [given], by="Inès")
        assert isinstance(row, int)
        made[kind] = row
    return made


def two_way(connection: PipedriveConnection, **settings: Any) -> None:
    for kind in KINDS:
        add_block(connection, kind)
    Block.objects.filter(object__in=KINDS).update(mode="two-way", **settings)


# --- The wire


@pytest.mark.requirement("R53", "R55", "C21")
@pytest.mark.parametrize("kind", TYPES)
def test_each_kind_becomes_an_activity_of_its_type_and_reads_as_it_was_typed(
    connector: PipedriveConnector, practice: PracticePipedrive, kind: str
) -> None:
    sent = {path: value for path, value in FIELDS.items() if path in (*paths(kind), "@customer")}

    [made] = connector.write(kind, [Send(key="k1", values=sent)])

    body = bodies(practice, "activity")[made.source_id]
    assert (made.answer, body["type"], body["done"], body["org_id"]) == (Answer.DONE, TYPES[kind], True, 1)
    assert (body["due_date"], body["due_time"]) == ("2026-03-05", "23:30:00")
    assert body["participants"] == [{"person_id": 1, "primary": True}, {"person_id": 2, "primary": False}]
    read = records_of(connector, Read(kind, How.BY_ID, paths(kind), ids=(made.source_id,)))[made.source_id]
    assert {path: read.values[path] for path in sent if path != "@customer"} == {
        path: value for path, value in sent.items() if path != "@customer"
    }
    assert read.customer_ids == ("1",)
    assert read.is_inside


def test_planned_meeting_is_not_done(connector: PipedriveConnector, practice: PracticePipedrive) -> None:
    ahead = datetime.now(UTC) + timedelta(days=3)

    [made] = connector.write("meetings", [Send(key="k1", values={**FIELDS, "@starts_at": ahead})])

    assert bodies(practice, "activity")[made.source_id]["done"] is False


@pytest.mark.requirement("R55")
def test_note_hangs_on_its_organization_and_keeps_its_text(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    made, refused = connector.write(
        "notes", [Send(key="k1", values=NOTE), Send(key="k2", values={"content": "", "@customer": "1"})]
    )

    body = bodies(practice, "note")[made.source_id]
    assert (body["org_id"], body["person_id"]) == (1, 1)
    assert body["content"] == "<p>Ada decides.</p><p>Bob &lt;signs&gt;.</p>"
    assert (refused.answer, refused.code, refused.fields) == (Answer.REFUSED, "NOTE_WITHOUT_TEXT", ("content",))
    read = records_of(connector, Read("notes", How.BY_ID, paths("notes"), ids=(made.source_id,)))[made.source_id]
    assert read.values["content"] == NOTE["content"]


def test_update_changes_what_was_sent_and_nothing_else(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    call, text = activity(practice, "call", subject="Before"), note(practice)

    [changed] = connector.write(
        "calls", [Send(call, values={"@minutes": None, "note": None, "subject": "After", "@customer": "2"})]
    )
    [rewritten] = connector.write("notes", [Send(text, values={"content": "Other words"})])

    now = bodies(practice, "activity")[call]
    assert (changed.answer, rewritten.answer) == (Answer.DONE, Answer.DONE)
    assert (now["subject"], now["due_time"], now["org_id"]) == ("After", "14:30:00", 1)
    read = records_of(connector, Read("calls", How.BY_ID, paths("calls"), ids=(call,)))[call]
    assert (read.values["@minutes"], read.values["note"]) == (None, None)
    assert bodies(practice, "note")[text]["content"] == "<p>Other words</p>"
    assert practice.calls()["update"] == 2


@pytest.mark.parametrize("kind", ["calls", "notes"])
def test_deleted_twice_is_deleted_and_changed_is_gone(
    connector: PipedriveConnector, practice: PracticePipedrive, kind: str
) -> None:
    one = note(practice) if kind == "notes" else activity(practice, "call")
    text = {"content": "x"} if kind == "notes" else {"subject": "x"}

    answers = [connector.write(kind, [send])[0] for send in (
        Send(one, delete=True), Send(one, delete=True), Send(one, values=text),
    )]  # fmt: skip

    assert [sent.answer for sent in answers] == [Answer.DONE, Answer.DONE, Answer.GONE]
    assert bodies(practice, "note" if kind == "notes" else "activity") == {}


@pytest.mark.requirement("I2", "F5")
@pytest.mark.parametrize("kind", ["meetings", "notes"])
def test_what_was_made_is_found_by_what_it_says(
    connector: PipedriveConnector, practice: PracticePipedrive, kind: str
) -> None:
    values = NOTE if kind == "notes" else FIELDS
    title = "content" if kind == "notes" else "subject"
    since = datetime.now(UTC) - timedelta(minutes=2)
    elsewhere = {**values, "@customer": "2"}
    twice = connector.write(kind, [Send(key=key, values=values) for key in ("a", "b")])
    connector.write(kind, [Send(key="c", values=elsewhere), Send(key="d", values={**values, title: "Others"})])
    practice.forget_calls()

    sends = [
        Send(key="a", values=values),
        Send(key="b", values=values),
        Send(key="x", values={**values, title: "None"}),
    ]
    found = connector.find_made(kind, sends, since)
    later = connector.find_made(kind, sends, since + timedelta(hours=1))

    # Several go at one time: which of two equal ones was first, nobody knows.
    numbers = sorted((sent.source_id for sent in twice), key=int)
    assert found == {"a": numbers, "b": numbers, "x": []}
    assert later == {"a": [], "b": [], "x": []}
    assert sum(practice.calls().values()) == 2


def test_what_was_made_is_found_whoever_of_its_people_pipedrive_names_first(
    connector: PipedriveConnector, practice: PracticePipedrive
) -> None:
    since = datetime.now(UTC) - timedelta(minutes=2)
    [made] = connector.write("calls", [Send(key="a", values=FIELDS)])
    practice.edit("activity", made.source_id, participants=[
        {"person_id": 2, "primary": False}, {"person_id": 1, "primary": True},
    ])  # fmt: skip

    assert connector.find_made("calls", [Send(key="a", values=FIELDS)], since) == {"a": [made.source_id]}


def test_preview_writes_nothing(db: None, practice: PracticePipedrive) -> None:
    reader = PipedriveConnector(signed_in(practice), read_only=True)

    for kind in KINDS:
        with pytest.raises(DryRun):
            reader.write(kind, [Send(key="k", values=NOTE if kind == "notes" else FIELDS)])

    assert written(practice) == 0


# --- The runner


@pytest.mark.requirement("R8", "R14", "R55")
def test_what_is_typed_here_goes_out_once_and_comes_back_as_itself(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    two_way(connection, on_hub_delete="delete")
    captured = activity(practice, "call", subject="Captured")
    sync(connection, practice)
    first = written(practice)
    made = type_by_hand()
    sync(connection, practice)
    for _ in range(2):
        practice.forget_calls()
        sync(connection, practice)
    repeated = written(practice)
    whole = sync(connection, practice, "full")

    assert (first, repeated, whole.state) == (0, 0, Run.State.DONE)
    typed = [body for one, body in bodies(practice, "activity").items() if one != captured]
    assert sorted(body["type"] for body in typed) == ["call", "email", "meeting"]
    assert {body["subject"] for body in typed} == {"Typed here"}
    assert [body["content"] for body in bodies(practice, "note").values()] == ["<p>Words</p>"]
    assert Interaction.objects.count() == 5
    assert set(Interaction.objects.filter(origin="hand").values_list("starts_at", flat=True)) == {WHEN}

    door().edit("meetings", {made["meetings"]: {"subject": "Edited here"}}, by="Inès")
    door().delete("calls", [made["calls"]], by="Inès")
    sync(connection, practice)

    now = sorted((body["type"], body["subject"]) for body in bodies(practice, "activity").values())
    assert now == [("call", "Captured"), ("email", "Typed here"), ("meeting", "Edited here")]


@pytest.mark.requirement("I2", "F5")
def test_lost_answers_double_nothing_and_nobody_is_asked(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    two_way(connection)
    sync(connection, practice)
    type_by_hand()
    type_by_hand()
    practice.control(reset=3, kinds=["create"])

    sync(connection, practice)
    practice.control(clear=True)
    sync(connection, practice)
    sync(connection, practice, "full")

    assert sorted(body["type"] for body in bodies(practice, "activity").values()) == sorted(list(TYPES.values()) * 2)
    assert len(bodies(practice, "note")) == 2
    assert Interaction.objects.count() == 8
    assert not Outbox.objects.exists()
    assert not RecordLink.objects.filter(object__in=KINDS).exclude(state="linked").exists()


@pytest.mark.requirement("R10", "R11")
def test_output_only_reads_nothing(connection: PipedriveConnection, practice: PracticePipedrive) -> None:
    two_way(connection)
    Block.objects.filter(object__in=KINDS).update(mode="output")
    activity(practice, "call", subject="Not read")
    sync(connection, practice)
    type_by_hand()
    practice.forget_calls()

    sync(connection, practice)

    assert (written(practice), Interaction.objects.count()) == (4, 4)
    calls = practice.calls()
    # What was written is read back, by its number.
    assert (calls["activities"], calls["notes"], calls["recents"]) == (3, 0, 1)


@pytest.mark.requirement("R12")
def test_disabled_kinds_cost_no_call(connection: PipedriveConnection, practice: PracticePipedrive) -> None:
    two_way(connection)
    Block.objects.filter(object__in=KINDS).update(mode="disabled")
    activity(practice, "call")
    practice.forget_calls()

    sync(connection, practice)

    assert practice.calls() == {"me": 1, "fields": 2, "organizations": 1, "persons": 1}
    assert not Interaction.objects.exists()


# --- One walk for all types of activity


def test_three_kinds_share_one_walk(connection: PipedriveConnection, practice: PracticePipedrive) -> None:
    two_way(connection)
    for type_ in TYPES.values():
        activity(practice, type_)
    note(practice)
    practice.forget_calls()
    sync(connection, practice)
    first = practice.calls()
    gone, changed = activity(practice, "call"), activity(practice, "meeting", subject="New")
    practice.forget_calls()
    sync(connection, practice)
    second = practice.calls()
    practice.delete("activity", gone)
    practice.edit("activity", changed, subject="Changed there")
    sync(connection, practice)

    assert (first["activities"], first["notes"]) == (1, 1)
    assert (second["activities"], second["notes"]) == (1, 1)
    # One list tells what was deleted of persons, activities and notes.
    assert second["recents"] == 1
    assert RecordLink.objects.get(source_id=gone).state == "gone"
    assert Interaction.objects.get(pk=hub_id("meetings", changed)).subject == "Changed there"
    assert Interaction.objects.count() == 6


def test_one_number_of_a_person_and_a_note_is_gone_where_it_was_deleted(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    two_way(connection)
    one = note(practice)
    person = practice.create("person", name="Ada Note", org_id=1)
    while one != person:
        one, person = (
            (note(practice), person)
            if int(one) < int(person)
            else (one, practice.create("person", name="X Y", org_id=1))
        )
    sync(connection, practice)
    practice.delete("note", one)

    sync(connection, practice)

    assert RecordLink.objects.get(object="notes", source_id=one).state == "gone"
    assert RecordLink.objects.get(object="contacts", source_id=person).state == "linked"


def test_kind_that_is_switched_on_later_brings_its_own_history(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    add_block(connection, "calls")
    activity(practice, "call")
    activity(practice, "meeting")
    sync(connection, practice)
    add_block(connection, "meetings")

    sync(connection, practice)
    sync(connection, practice)

    assert sorted(Interaction.objects.values_list("type", flat=True)) == ["call", "meeting"]


def test_customer_that_enters_brings_its_activities_by_one_call(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    two_way(connection)
    prospect = practice.create("organization", name="Prospect")
    for type_ in TYPES.values():
        activity(practice, type_, org_id=int(prospect), participants=[])
    sync(connection, practice)
    before = Interaction.objects.count()
    practice.create("deal", title="Won", org_id=int(prospect), status="won")
    practice.forget_calls()

    sync(connection, practice)

    assert (before, Interaction.objects.count()) == (0, 3)
    assert practice.calls()["activities"] == 2


# --- The pages


@pytest.mark.requirement("R7", "R9", "R11", "R13", "R53", "R55")
def test_step_offers_all_modes_and_the_mapping_both_directions(
    connection: PipedriveConnection, practice: PracticePipedrive, client_as: Callable[..., Client], admin_user: User
) -> None:
    client = client_as(admin_user)
    page = reverse("pipedrive:wizard", args=[connection.slug, "interactions"])
    practice.forget_calls()
    shown = client.get(page)
    walks = practice.calls()["activities"]
    form = shown.context["form"]
    asked = {"since_months": "12", "meetings": "output", "calls": "two-way", "emails": "two-way", "notes": "input"}
    saved = client.post(page, asked)

    for kind in KINDS:
        modes = [mode for mode, _label in form.fields[kind].choices]
        assert modes == ["disabled", "input", "two-way", "output"]
    assert walks == 1
    assert "Only what somebody typed here by hand is ever sent." in " ".join(shown.content.decode().split())
    assert saved.status_code == 302
    assert dict(Block.objects.filter(object__in=KINDS).values_list("object", "mode")) == {
        "meetings": "output", "calls": "two-way", "emails": "two-way", "notes": "input",
    }  # fmt: skip
    directions = dict(
        FieldMapping.objects.filter(block__object="calls")
        .exclude(hub_field="ref_id")
        .values_list("hub_field", "direction")
    )
    assert set(directions) == {"subject", "body", "starts_at", "minutes", "contacts"}
    assert set(directions.values()) == {"both"}
    for kind in KINDS:
        assert client.get(reverse("sync:mapping", args=[connection.slug, kind])).status_code == 200
