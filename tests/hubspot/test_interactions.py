"""E-mails, meetings, calls and notes: the practice HubSpot, the wire, the runner, the set-up and the hub, both ways."""

import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.engine.values import Value
from integrations.hub.door import Values, door
from integrations.hub.models import Contact, Interaction
from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.defaults import default_lines
from integrations.hubspot.interactions import headers, noted
from integrations.hubspot.models import HubSpotConnection
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync import runs
from integrations.sync.connector import Answer, How, Read, Send
from integrations.sync.models import Block, Change, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Transient

from .conftest import signed_in
from .reading_all import records_of

WHEN = datetime(2026, 11, 5, 14, 30, tzinfo=UTC)
AT = "2026-11-05T14:30:00Z"
KINDS = ("emails", "meetings", "calls", "notes")
TYPES = {"calls": (182, 194, 206), "emails": (186, 198, 210), "meetings": (188, 200, 212), "notes": (190, 202, 214)}
USUAL: dict[str, dict[str, str]] = {
    "emails": {
        "hs_timestamp": AT, "hs_email_subject": "Exports", "hs_email_html": "<p>When do they <b>come</b>?</p>",
        "hs_email_direction": "INCOMING_EMAIL", "hs_email_status": "SENT",
        "hs_email_headers": json.dumps({
            "from": {"email": "Ada@one.example"}, "to": [{"email": "team@own.example"}], "cc": [{"email": "bob@one.example"}],
        }),
    },
    "meetings": {
        "hs_meeting_title": "Review", "hs_meeting_body": "<p>Agenda</p>", "hs_meeting_start_time": AT,
        "hs_meeting_end_time": "2026-11-05T15:15:00Z", "hs_timestamp": AT, "hs_meeting_outcome": "COMPLETED",
    },
    "calls": {
        "hs_timestamp": AT, "hs_call_title": "Check-in", "hs_call_body": "All well", "hs_call_duration": "620000",
        "hs_call_direction": "INBOUND", "hs_call_status": "COMPLETED",
    },
    "notes": {"hs_timestamp": AT, "hs_note_body": "<p><strong>Who decides</strong></p><p>Ada &amp; Bob do.</p>"},
}  # fmt: skip


@pytest.fixture
def practice(small_practice: Callable[..., PracticeHubSpot]) -> PracticeHubSpot:
    """Three companies with a contact each, and nothing logged on them."""
    crm = small_practice(0)
    for name in ("One", "Two", "Three"):
        company = crm.create("companies", name=name, lifecyclestage="customer")
        crm.create("contacts", lastname=f"Of {name}", email=f"{name.lower()}@one.example", associatedcompanyid=company)
    return crm


@pytest.fixture
def connection(db: None, practice: PracticeHubSpot) -> HubSpotConnection:
    connection = signed_in(practice, state="on", wizard_step="review")
    for name in ("customers", "contacts"):
        add_block(connection, name, "input")
    return connection


@pytest.fixture
def connector(connection: HubSpotConnection) -> HubSpotConnector:
    return HubSpotConnector(connection)


def add_block(connection: HubSpotConnection, name: str, mode: str) -> Block:
    block = Block.objects.create(connection=connection, object=name, mode=mode, merge_keys=["ref_id"])
    if mode in {"two-way", "output"}:
        block.key_field = HubSpotConnector(connection).create_key_field(name)
        block.save()
    known = HubSpotConnector(connection).schema(name)
    FieldMapping.objects.bulk_create(
        FieldMapping(block=block, crm_label=line["crm_field"], **line)
        for line in default_lines(name) if known.get(line["crm_field"])
    )  # fmt: skip
    return block


def ids(practice: PracticeHubSpot, kind: str = "companies") -> list[str]:
    with practice.store.transaction():
        return [one.id for one in practice.store.find(kind)]


def bodies(practice: PracticeHubSpot, kind: str) -> dict[str, dict[str, Any]]:
    with practice.store.transaction():
        return {one.id: one.body for one in practice.store.find(kind)}


def log(practice: PracticeHubSpot, kind: str, *ends: tuple[str, str], **values: str) -> str:
    made = practice.create(kind, **{**USUAL[kind], **values})
    places = {"companies": 0, "contacts": 1, "deals": 2}
    rows = [{"from": [kind, made], "to": list(end), "type": TYPES[kind][places[end[0]]]} for end in ends]
    practice.control(associate=rows)
    return made


def ties(practice: PracticeHubSpot, kind: str, one: str, end: str) -> set[str]:
    with practice.store.transaction():
        return {other for _start, other, _label in practice.store.links(kind, [one], end)}


def sync(connection: HubSpotConnection, kind: str = Run.Kind.DELTA) -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params
    return run


def hub_id(object_name: str, source_id: str) -> int:
    found = RecordLink.objects.get(object=object_name, source_id=source_id).hub_id
    assert found is not None
    return found


def paths(kind: str) -> tuple[str, ...]:
    return tuple(str(line["crm_field"]) for line in default_lines(kind))


# --- In


@pytest.mark.requirement("R1", "R5", "R53", "R54")
def test_each_kind_stands_beside_its_customer_and_contacts(
    connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    for kind in KINDS:
        add_block(connection, kind, "input")
    company, person = ids(practice)[0], ids(practice, "contacts")[0]
    for kind in KINDS:
        log(practice, kind, ("companies", company), ("contacts", person))

    sync(connection)
    practice.control(clock_offset=900)
    practice.forget_calls()
    again = sync(connection, "full")

    found = {one.type: one for one in Interaction.objects.all()}
    assert {one.customer_id for one in found.values()} == {hub_id("customers", company)}
    assert {one.origin for one in found.values()} == {"captured"}
    assert {one.starts_at for one in found.values()} == {WHEN}
    assert (found["call"].subject, found["call"].minutes, found["call"].is_incoming) == ("Check-in", 11, True)
    assert (found["meeting"].subject, found["meeting"].minutes, found["meeting"].body) == ("Review", 45, "Agenda")
    assert (found["email"].body, found["email"].is_incoming) == ("When do they come?", True)
    assert found["email"].participants == ["ada@one.example", "team@own.example", "bob@one.example"]
    assert (found["note"].subject, found["note"].body) == ("Who decides", "Ada & Bob do.")
    for one in found.values():
        assert [contact.pk for contact in one.contacts.all()] == [hub_id("contacts", person)]
    assert not Change.objects.filter(run_id=again.pk).exists()


@pytest.mark.requirement("R54")
def test_what_is_logged_on_a_deal_or_a_contact_alone_reaches_the_company(
    connector: HubSpotConnector, practice: PracticeHubSpot
) -> None:
    company, person = ids(practice)[0], ids(practice, "contacts")[1]
    deal = practice.create("deals", dealname="D", dealstage="closedwon")
    practice.control(associate=[{"from": ["deals", deal], "to": ["companies", company], "type": 341}])
    of_deal, of_person = log(practice, "calls", ("deals", deal)), log(practice, "notes", ("contacts", person))
    log(practice, "notes")

    calls, notes = (records_of(connector, Read(kind, How.ALL, paths(kind))) for kind in ("calls", "notes"))
    entering = records_of(connector, Read("notes", How.DEPENDENTS, paths("notes"), ids=(ids(practice)[1],)))

    assert {one: record.customer_ids for one, record in calls.items()} == {of_deal: (company,)}
    assert {one: record.customer_ids for one, record in notes.items()} == {of_person: (ids(practice)[1],)}
    assert notes[of_person].values["@contacts"] == (person,)
    assert set(entering) == {of_person}


@pytest.mark.requirement("R28", "R53")
def test_only_what_hangs_on_companies_in_scope_is_taken(
    connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    add_block(connection, "notes", "input")
    inside = ids(practice)[0]
    prospect = practice.create("companies", name="Prospect", lifecyclestage="lead")
    log(practice, "notes", ("companies", inside)), log(practice, "notes", ("companies", prospect))

    sync(connection)
    taken = Interaction.objects.count()
    practice.control(clock_offset=900)
    practice.edit("companies", prospect, lifecyclestage="customer")
    practice.control(clock_offset=1100)
    sync(connection)

    assert (taken, Interaction.objects.count()) == (1, 2)


@pytest.mark.parametrize(
    ("kind", "state", "planned"),
    [("calls", "hs_call_status", "QUEUED"), ("meetings", "hs_meeting_outcome", "CANCELED")],
)
def test_what_did_not_take_place_stays_outside_until_it_does(
    connection: HubSpotConnection, practice: PracticeHubSpot, kind: str, state: str, planned: str
) -> None:
    add_block(connection, kind, "input")
    one = log(practice, kind, ("companies", ids(practice)[0]), **{state: planned})
    sync(connection)
    before = Interaction.objects.count()
    practice.control(clock_offset=900)
    practice.edit(kind, one, **{state: "COMPLETED"})
    practice.control(clock_offset=1100)

    sync(connection)

    assert (before, Interaction.objects.count()) == (0, 1)


@pytest.mark.requirement("C10")
@pytest.mark.parametrize("kind", KINDS)
def test_delta_named_and_deleted_records(connector: HubSpotConnector, practice: PracticeHubSpot, kind: str) -> None:
    old, new = (log(practice, kind, ("companies", ids(practice)[0])) for _ in range(2))
    now = connector.whoami().clock
    practice.control(clock_offset=3600)
    practice.edit(kind, new, hs_timestamp="2026-11-06T10:00:00Z")
    until = HubSpotConnector(connector.connection).whoami().clock + timedelta(seconds=5)

    changed = records_of(connector, Read(kind, How.CHANGED, paths(kind), now + timedelta(minutes=1), until))
    named = records_of(connector, Read(kind, How.BY_ID, paths(kind), ids=(old, new, "12")))
    practice.delete(kind, old)
    gone = connector.read(Read(kind, How.DELETED, since=now, until=until + timedelta(minutes=5)))

    assert (set(changed), set(named)) == ({new}, {old, new})
    assert [one.source_id for one in gone.gone] == [old]


def test_history_begins_on_a_fixed_day(connection: HubSpotConnection, practice: PracticeHubSpot) -> None:
    add_block(connection, "calls", "input")
    Block.objects.filter(object="calls").update(settings={"since_months": 3})
    company = ids(practice)[0]
    old = log(practice, "calls", ("companies", company))
    with practice.store.transaction():
        practice.store.execute("UPDATE _record SET created = '2020-01-01T00:00:00.000Z' WHERE kind = 'calls'")
    new = log(practice, "calls", ("companies", company))
    connector = HubSpotConnector(connection)

    read = records_of(connector, Read("calls", How.ALL, paths("calls")))
    entering = records_of(connector, Read("calls", How.DEPENDENTS, paths("calls"), ids=(company,)))
    named = records_of(connector, Read("calls", How.BY_ID, paths("calls"), ids=(old,)))

    assert (set(read), set(entering), set(named)) == ({new}, {new}, {old})


@pytest.mark.requirement("E1")
def test_ties_are_read_for_all_records_at_once(connection: HubSpotConnection, practice: PracticeHubSpot) -> None:
    for _ in range(250):
        log(practice, "notes", ("companies", ids(practice)[0]))
    connector = HubSpotConnector(connection)
    connector.fields("notes")
    connector.read(Read("customers", How.IDS))
    practice.forget_calls()

    read, token, found = Read("notes", How.ALL, paths("notes")), "", 0
    while True:
        page = connector.read(read, token)
        found, token = found + len(page.records), page.next
        if not token:
            break

    # Below the companies, their contacts and deals; of what is found its companies and its contacts.
    assert found == 250
    assert practice.calls() == {"associations": 6, "search": 3}


# --- Out


@pytest.mark.requirement("R8", "R55", "C21")
def test_what_is_typed_here_goes_out_once_and_comes_back_as_itself(
    connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    for kind in KINDS:
        add_block(connection, kind, "two-way")
    company, person = ids(practice)[0], ids(practice, "contacts")[0]
    captured = log(practice, "calls", ("companies", company))
    sync(connection)
    typed: Values = {
        "customer": hub_id("customers", company), "subject": "Typed <here>", "body": "First.\n\nThird & last.",
        "starts_at": WHEN, "contacts": (str(hub_id("contacts", person)),),
    }  # fmt: skip
    more: dict[str, Values] = {
        "calls": {"minutes": 25, "is_incoming": False}, "meetings": {"minutes": 40}, "notes": {},
        "emails": {"participants": ("ada@one.example", "bob@one.example"), "is_incoming": False},
    }  # fmt: skip
    for kind in KINDS:
        assert isinstance(door().create(kind, [{**typed, **more[kind]}], by="Inès")[0], int)
    practice.forget_calls()

    sync(connection)
    written = {kind: number for kind, number in practice.calls().items() if kind.startswith("batch_create")}
    for number in range(1, 3):
        practice.control(clock_offset=900 * number)
        last = sync(connection, "full")

    made = {kind: {one: body for one, body in bodies(practice, kind).items() if one != captured} for kind in KINDS}
    [(call, said)], [(meeting, held)] = made["calls"].items(), made["meetings"].items()
    [(_note, note)], [(_email, email)] = made["notes"].items(), made["emails"].items()
    assert sum(written.values()) == 4
    assert (said["hs_call_duration"], said["hs_call_direction"], said["hs_call_status"]) == (
        "1500000", "OUTBOUND", "COMPLETED",
    )  # fmt: skip
    assert (held["hs_meeting_start_time"], held["hs_meeting_end_time"]) == (AT, "2026-11-05T15:10:00Z")
    assert note["hs_note_body"].startswith("<p><strong>Typed &lt;here&gt;</strong></p><p>First.</p>")
    assert (email["hs_email_direction"], email["hs_email_status"]) == ("EMAIL", "SENT")
    assert [to["email"] for to in json.loads(email["hs_email_headers"])["to"]] == ["ada@one.example", "bob@one.example"]
    for kind, one in (("calls", call), ("meetings", meeting)):
        assert (ties(practice, kind, one, "companies"), ties(practice, kind, one, "contacts")) == ({company}, {person})
    assert Interaction.objects.count() == 5
    assert set(Interaction.objects.filter(origin="hand").values_list("body", "starts_at")) == {
        ("First.\n\nThird & last.", WHEN)
    }
    assert not Change.objects.filter(run_id=last.pk).exists()
    # What HubSpot itself brought in is never sent: it is as it was.
    assert bodies(practice, "calls")[captured]["hs_call_body"] == "All well"


@pytest.mark.requirement("R6", "R10", "R11", "R12")
@pytest.mark.parametrize(("mode", "there", "here"), [("input", 1, 2), ("output", 2, 1), ("disabled", 1, 1)])
def test_each_mode_carries_only_its_own_way(
    connection: HubSpotConnection, practice: PracticeHubSpot, mode: str, there: int, here: int
) -> None:
    sync(connection)
    add_block(connection, "calls", mode)
    log(practice, "calls", ("companies", ids(practice)[0]))
    typed: Values = {"customer": hub_id("customers", ids(practice)[0]), "subject": "Typed", "starts_at": WHEN}
    door().create("calls", [typed], by="Inès")
    practice.forget_calls()

    sync(connection)

    assert (len(bodies(practice, "calls")), Interaction.objects.count()) == (there, here)


@pytest.mark.requirement("R14", "R55")
def test_later_changes_of_either_side_are_carried_over(
    connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    add_block(connection, "notes", "two-way")
    person, other = ids(practice, "contacts")[:2]
    sync(connection)
    typed: Values = {
        "customer": hub_id("customers", ids(practice)[0]), "subject": "Title", "body": "Text", "starts_at": WHEN,
        "contacts": (str(hub_id("contacts", person)),),
    }  # fmt: skip
    [pk] = door().create("notes", [typed], by="Inès")
    assert isinstance(pk, int)
    sync(connection)
    [note] = ids(practice, "notes")

    door().edit("notes", {pk: {"body": "Other words", "contacts": (str(hub_id("contacts", other)),)}}, by="Inès")
    sync(connection)
    here = bodies(practice, "notes")[note]["hs_note_body"]
    practice.control(clock_offset=900)
    practice.edit("notes", note, hs_note_body="<p><b>New title</b></p><p>Other words</p>")
    practice.control(clock_offset=1100)
    sync(connection)

    assert here == "<p><strong>Title</strong></p><p>Other words</p>"
    assert ties(practice, "notes", note, "contacts") == {other}
    assert Interaction.objects.get(pk=pk).subject == "New title"


def test_interaction_that_is_deleted_here_goes_there_where_that_is_chosen(
    connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    block = add_block(connection, "calls", "two-way")
    Block.objects.filter(pk=block.pk).update(on_hub_delete="delete")
    sync(connection)
    typed: Values = {"customer": hub_id("customers", ids(practice)[0]), "subject": "Typed", "starts_at": WHEN}
    [pk] = door().create("calls", [typed], by="Inès")
    sync(connection)
    assert len(ids(practice, "calls")) == 1

    door().delete("calls", [int(str(pk))], by="Inès")
    sync(connection)

    assert ids(practice, "calls") == []


@pytest.mark.requirement("I2", "F5")
def test_lost_answer_doubles_nothing(connection: HubSpotConnection, practice: PracticeHubSpot) -> None:
    add_block(connection, "meetings", "two-way")
    sync(connection)
    typed: Values = {"customer": hub_id("customers", ids(practice)[0]), "subject": "Once", "starts_at": WHEN}
    door().create("meetings", [typed], by="Inès")
    practice.control(reset=1, kinds=["batch_create"])

    for number in range(1, 4):
        run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
        drive(run, 5.0)
        Run.objects.filter(pk=run.pk).update(due_at=None)
        practice.control(clear=True, clock_offset=900 * number)
        drive(run, 20.0)

    assert [body["hs_meeting_title"] for body in bodies(practice, "meetings").values()] == ["Once"]
    assert Interaction.objects.count() == 1


def test_same_meeting_of_a_calendar_is_asked_about_and_not_doubled(
    connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    sync(connection)
    customer, person = hub_id("customers", ids(practice)[0]), hub_id("contacts", ids(practice, "contacts")[0])
    calendar = Interaction.objects.create(
        customer_id=customer, type="meeting", origin="captured", subject="Review", starts_at=WHEN + timedelta(minutes=1),
        participants=[Contact.objects.get(pk=person).email],
    )  # fmt: skip
    add_block(connection, "meetings", "input")
    one = log(practice, "meetings", ("companies", ids(practice)[0]), ("contacts", ids(practice, "contacts")[0]))

    sync(connection)

    assert list(Interaction.objects.filter(type="meeting")) == [calendar]
    assert RecordLink.objects.get(object="meetings", source_id=one).state == "collision"


# --- The connector's part of it


@pytest.mark.parametrize(("values", "start", "end"), [
    ({"@minutes": 10}, AT, "2026-11-05T14:40:00Z"),
    ({"hs_meeting_start_time": WHEN + timedelta(hours=1)}, "2026-11-05T15:30:00Z", "2026-11-05T16:15:00Z"),
    ({"hs_meeting_title": "Renamed"}, AT, "2026-11-05T15:15:00Z"),
])  # fmt: skip
def test_meeting_keeps_its_length_when_it_is_moved(
    connector: HubSpotConnector, practice: PracticeHubSpot, values: dict[str, Value], start: str, end: str
) -> None:
    one = log(practice, "meetings", ("companies", ids(practice)[0]))

    [sent] = connector.write("meetings", [Send(one, values=values)])

    held = bodies(practice, "meetings")[one]
    assert sent.answer is Answer.DONE, sent
    assert (held["hs_meeting_start_time"], held["hs_meeting_end_time"]) == (start, end)


def test_direction_and_addresses_of_an_email_change_together(
    connector: HubSpotConnector, practice: PracticeHubSpot
) -> None:
    one = log(practice, "emails", ("companies", ids(practice)[0]))

    [sent] = connector.write("emails", [Send(one, values={"hs_email_direction": False, "@text": "Plain"})])

    held = bodies(practice, "emails")[one]
    told = json.loads(held["hs_email_headers"])
    assert sent.answer is Answer.DONE, sent
    assert (held["hs_email_direction"], held["hs_email_text"], "from" in told) == ("EMAIL", "Plain", False)
    assert [to["email"] for to in told["to"]] == ["ada@one.example", "team@own.example", "bob@one.example"]


def test_who_wrote_and_who_got_a_copy_stays_when_others_are_added(
    connector: HubSpotConnector, practice: PracticeHubSpot
) -> None:
    told = {
        "from": {"email": "rep@own.example"},
        "to": [{"email": "Ada One<ada@one.example>"}],
        "cc": [{"email": "bob@one.example"}],
    }
    one = log(
        practice, "emails", ("companies", ids(practice)[0]),
        hs_email_direction="EMAIL", hs_email_headers=json.dumps(told),
    )  # fmt: skip
    people = ("rep@own.example", "ada@one.example", "bob@one.example", "eve@one.example")

    connector.write("emails", [Send(one, values={"@participants": people})])

    now = json.loads(bodies(practice, "emails")[one]["hs_email_headers"])
    assert now["from"]["email"] == "rep@own.example"
    assert [to["email"] for to in now["to"]] == ["ada@one.example", "eve@one.example"]
    assert [to["email"] for to in now["cc"]] == ["bob@one.example"]


def test_hundred_new_ones_go_with_their_ties_in_one_call(
    connector: HubSpotConnector, practice: PracticeHubSpot
) -> None:
    company, person = ids(practice)[0], ids(practice, "contacts")[0]
    connector.fields("calls")
    values: dict[str, Value] = {"hs_timestamp": WHEN, "@customer": company, "@contacts": (person,)}
    practice.forget_calls()

    answers = connector.write("calls", [Send(values=values)] * 100)

    assert {one.answer for one in answers} == {Answer.DONE}
    assert len({one.source_id for one in answers}) == 100
    assert practice.calls() == {"batch_create": 1}
    assert all(ties(practice, "calls", one.source_id, "companies") == {company} for one in answers)


def test_contact_that_is_unknown_there_refuses_its_own_record(
    connector: HubSpotConnector, practice: PracticeHubSpot
) -> None:
    company = ids(practice)[0]
    good, bad = Send(values={"hs_timestamp": WHEN, "@customer": company}), Send(
        values={"hs_timestamp": WHEN, "@customer": company, "@contacts": ("404",)}
    )  # fmt: skip

    answers = connector.write("calls", [good, bad, good])

    assert [one.answer for one in answers] == [Answer.DONE, Answer.REFUSED, Answer.DONE]
    assert len(ids(practice, "calls")) == 2


def test_create_is_not_sent_again_by_itself(connector: HubSpotConnector, practice: PracticeHubSpot) -> None:
    connector.fields("calls")
    practice.control(reset=1, kinds=["batch_create"])

    with pytest.raises(Transient):
        connector.write("calls", [Send(values={"hs_timestamp": WHEN, "@customer": ids(practice)[0]})])

    assert practice.calls()["batch_create"] <= 1


@pytest.mark.parametrize(
    ("html", "title", "body"),
    [
        ("<p><strong>T &amp; t</strong></p><p>One</p><p>Two</p>", "T & t", "One\nTwo"),
        ("<div><p style='x'><b>T</b></p>Rest</div>", "T", "Rest"),
        ("<p>Only <b>text</b></p>", None, "Only text"),
        ("<p><strong>All of it</strong></p>", "All of it", None),
        ("<script>x</script>Words", None, "Words"),
        ("", None, None),
    ],
)
def test_note_is_a_title_and_a_text(html: str, title: str | None, body: str | None) -> None:
    held = {"hs_note_body": html}

    assert (noted.title(held), noted.body(held)) == (title, body)


def test_headers_that_are_no_json_leave_the_two_addresses_that_hubspot_works_out() -> None:
    held = {"hs_email_headers": "not json", "hs_email_from_email": "A@x.example", "hs_email_to_email": "b@x.example"}

    assert headers.addresses(held) == ("a@x.example", "b@x.example")


def test_names_beside_the_addresses_of_a_header_are_left_out() -> None:
    """As HubSpot's own page shows it."""
    told = {"from": {"email": "from@domain.example"}, "to": [{"email": "ToFirst ToLast<To@test.example>"}]}

    assert headers.addresses({"hs_email_headers": json.dumps(told)}) == ("from@domain.example", "to@test.example")


def test_key_property_is_made_where_an_earlier_try_left_its_group(connector: HubSpotConnector) -> None:
    connector.client.create_group("calls", "skalin_sync", "Skalin Sync")

    assert connector.create_key_field("calls") == "skalin_sync_id"


def test_who_may_not_see_deals_reads_what_stands_on_companies_and_contacts(
    connector: HubSpotConnector, practice: PracticeHubSpot
) -> None:
    """Without agreements nobody has to give that scope."""
    company, person = ids(practice)[0], ids(practice, "contacts")[0]
    both = {log(practice, "calls", ("companies", company)), log(practice, "calls", ("contacts", person))}
    practice.control(withheld_scopes=["crm.objects.deals.read", "crm.objects.deals.write"])

    assert set(records_of(connector, Read("calls", How.ALL, ("hs_call_title",)))) == both


# --- The set-up


@pytest.mark.requirement("R4", "R7", "R9", "R10", "R11", "R13", "R53", "R76")
def test_each_kind_is_a_choice_of_its_own_and_starts_disabled(
    client_as: Callable[..., Client], admin_user: User, connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    for _ in range(2):
        log(practice, "calls", ("companies", ids(practice)[0]))
    client, page = client_as(admin_user), reverse("hubspot:wizard", args=[connection.slug, "interactions"])

    response = client.get(page)
    form, shown = response.context["form"], " ".join(response.content.decode().split())
    modes = {"calls": "two-way", "meetings": "disabled", "notes": "input", "emails": "output"}
    saved = client.post(page, {"since_months": "12", **modes})

    assert {row.name: (row.number, row.field.value()) for row in form.rows} == {
        "emails": (0, "disabled"), "meetings": (0, "disabled"), "calls": (2, "disabled"), "notes": (0, "disabled"),
    }  # fmt: skip
    for kind in KINDS:
        assert [mode for mode, _label in form.fields[kind].choices] == ["disabled", "input", "two-way", "output"]
    assert "Stay on Input only for the first sync." in shown
    assert "HubSpot does not keep the meeting IDs of Google and Microsoft." in shown
    assert "counted in the whole portal" in shown
    assert saved.status_code == 302
    blocks = dict(Block.objects.filter(object__in=KINDS).values_list("object", "mode"))
    assert blocks == {"calls": "two-way", "notes": "input", "emails": "output"}
    lines = dict(FieldMapping.objects.filter(block__object="calls").values_list("hub_field", "crm_field"))
    assert lines["subject"] == "hs_call_title"
    assert client.get(reverse("sync:mapping", args=[connection.slug, "calls"])).status_code == 200
