"""Calls, meetings and notes: the practice Zoho, the wire, the runner, the set-up and the hub, in both directions."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.engine.values import Value
from integrations.hub.door import Values, door
from integrations.hub.models import Interaction
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import runs
from integrations.sync.connector import Answer, How, Read, Send
from integrations.sync.models import Block, Change, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Misconfigured
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.defaults import default_lines
from integrations.zoho.models import ZohoConnection

from .conftest import signed_in
from .reading_all import ids_of, records_of

WHEN = datetime(2026, 11, 5, 14, 30, tzinfo=UTC)
KINDS = ("meetings", "calls", "notes")
MODULES = {"meetings": "Events", "calls": "Calls", "notes": "Notes"}


@pytest.fixture
def practice(small_practice: Callable[..., PracticeZoho]) -> PracticeZoho:
    practice = small_practice(3, contacts_per=1)
    with practice.store.transaction():
        practice.store.execute("DELETE FROM _record WHERE kind IN ('Calls', 'Events', 'Notes', 'Tasks')")
    return practice


@pytest.fixture
def connection(db: None, practice: PracticeZoho) -> ZohoConnection:
    connection = signed_in(practice, state="on", wizard_step="review")
    for name in ("customers", "contacts"):
        add_block(connection, name, "input")
    return connection


def add_block(connection: ZohoConnection, name: str, mode: str) -> Block:
    block = Block.objects.create(connection=connection, object=name, mode=mode, merge_keys=["ref_id"])
    if mode in {"two-way", "output"} and name in {"calls", "meetings"}:
        block.key_field = ZohoConnector(connection).create_key_field(name)
        block.save()
    for line in default_lines(name):
        FieldMapping.objects.create(block=block, crm_label=line["crm_field"], **line)
    return block


def ids(practice: PracticeZoho, module: str = "Accounts") -> list[str]:
    with practice.store.transaction():
        return [one.id for one in practice.store.find(module)]


def bodies(practice: PracticeZoho, module: str) -> list[dict[str, Any]]:
    with practice.store.transaction():
        return [one.body for one in practice.store.find(module)]


def call(practice: PracticeZoho, **values: Any) -> str:
    usual = {
        "Subject": "Check-in", "Call_Type": "Inbound", "Call_Start_Time": "2026-11-05T15:30:00+01:00",
        "Call_Duration": "10:20", "What_Id": ids(practice)[0], "$se_module": "Accounts",
    }  # fmt: skip
    return practice.create("Calls", **{**usual, **values})


def meeting(practice: PracticeZoho, **values: Any) -> str:
    usual = {
        "Event_Title": "Review", "Start_DateTime": "2026-11-05T15:30:00+01:00", "What_Id": ids(practice)[0],
        "End_DateTime": "2026-11-05T16:15:00+01:00", "$se_module": "Accounts",
    }  # fmt: skip
    return practice.create("Events", **{**usual, **values})


def note(practice: PracticeZoho, **values: Any) -> str:
    usual = {
        "Note_Title": "Who decides", "Note_Content": "Ada does.", "Parent_Id": ids(practice)[0],
        "$se_module": "Accounts",
    }  # fmt: skip
    return practice.create("Notes", **{**usual, **values})


def sync(connection: ZohoConnection, kind: str = Run.Kind.DELTA) -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params
    return run


def hub_id(object_name: str, source_id: str) -> int:
    found = RecordLink.objects.get(object=object_name, source_id=source_id).hub_id
    assert found is not None
    return found


# --- In


@pytest.mark.requirement("R1", "R53", "R54")
def test_each_kind_stands_beside_its_customer_and_contact(connection: ZohoConnection, practice: PracticeZoho) -> None:
    for kind in KINDS:
        add_block(connection, kind, "input")
    account, person = ids(practice)[0], ids(practice, "Contacts")[0]
    call(practice, Who_Id=person)
    meeting(practice, Who_Id=person)
    note(practice)

    sync(connection)

    found = {one.type: one for one in Interaction.objects.all()}
    assert {one.customer_id for one in found.values()} == {hub_id("customers", account)}
    assert {one.origin for one in found.values()} == {"captured"}
    assert (found["call"].subject, found["call"].minutes, found["call"].is_incoming) == ("Check-in", 11, True)
    assert (found["meeting"].subject, found["meeting"].minutes, found["meeting"].starts_at) == ("Review", 45, WHEN)
    assert (found["note"].subject, found["note"].body) == ("Who decides", "Ada does.")
    for name in ("call", "meeting"):
        assert [one.pk for one in found[name].contacts.all()] == [hub_id("contacts", person)]


@pytest.mark.requirement("R54")
def test_what_is_logged_on_a_deal_or_a_contact_reaches_the_account(
    connection: ZohoConnection, practice: PracticeZoho
) -> None:
    account, person = ids(practice)[0], ids(practice, "Contacts")[0]
    with practice.store.transaction():
        owner = next(one.body["Account_Name"] for one in practice.store.find("Contacts") if one.id == person)
    deal = practice.create(
        "Deals", Deal_Name="D", Account_Name=account, Stage="Closed Won", Pipeline="Standard (Standard)"
    )
    of_deal = call(practice, What_Id=deal, **{"$se_module": "Deals"})
    of_person = meeting(practice, What_Id=None, Who_Id=person)
    on_deal = note(practice, Parent_Id=deal, **{"$se_module": "Deals"})
    on_person = note(practice, Parent_Id=person, **{"$se_module": "Contacts"})
    connector = ZohoConnector(connection)
    read = {kind: records_of(connector, Read(kind, How.ALL, connector.fields_needed(kind))) for kind in KINDS}

    assert account in read["calls"][of_deal].customer_ids
    assert read["meetings"][of_person].customer_ids == (owner,)
    assert {one: record.customer_ids for one, record in read["notes"].items()} == {
        on_deal: (account,), on_person: (owner,),
    }  # fmt: skip


def test_planned_call_comes_in_once_it_took_place(connection: ZohoConnection, practice: PracticeZoho) -> None:
    add_block(connection, "calls", "input")
    planned = call(practice, Call_Type="Outbound", Outbound_Call_Status="Scheduled")
    sync(connection)
    before = Interaction.objects.count()
    practice.control(clock_offset=900)
    practice.edit("Calls", planned, Outbound_Call_Status="Completed")
    practice.control(clock_offset=1100)

    sync(connection)

    assert (before, Interaction.objects.count()) == (0, 1)


@pytest.mark.requirement("R116")
def test_only_what_hangs_on_the_chosen_accounts_is_listed(connection: ZohoConnection, practice: PracticeZoho) -> None:
    inside, outside, _third = ids(practice)
    practice.edit("Accounts", inside, Account_Type="Vendor")
    connection.account_types = "Vendor"
    connection.save()
    wanted = {"calls": call(practice), "meetings": meeting(practice), "notes": note(practice)}
    call(practice, What_Id=outside), meeting(practice, What_Id=outside), note(practice, Parent_Id=outside)
    connector = ZohoConnector(connection)

    assert {kind: ids_of(connector, kind) for kind in KINDS} == {kind: {one} for kind, one in wanted.items()}
    assert connector.activities("calls", None) == 1


@pytest.mark.parametrize("number", [1, 30])
def test_what_hangs_on_an_account_that_enters_comes_with_it(
    small_practice: Callable[..., PracticeZoho], db: None, number: int
) -> None:
    practice = small_practice(40, contacts_per=1)
    with practice.store.transaction():
        practice.store.execute("DELETE FROM _record WHERE kind IN ('Calls', 'Events', 'Notes')")
    accounts = ids(practice)
    chosen = accounts[:number]
    person = next(one for one, body in zip(ids(practice, "Contacts"), bodies(practice, "Contacts"), strict=True)
                  if body.get("Account_Name") == chosen[0])  # fmt: skip
    wanted = {
        "calls": {call(practice, What_Id=chosen[-1])},
        "meetings": {meeting(practice, What_Id=None, Who_Id=person)},
        "notes": {note(practice, Parent_Id=chosen[0])},
    }
    (
        call(practice, What_Id=accounts[-1]),
        meeting(practice, What_Id=accounts[-1]),
        note(practice, Parent_Id=accounts[-1]),
    )
    connector = ZohoConnector(signed_in(practice))

    found = {kind: set(records_of(connector, Read(kind, How.DEPENDENTS, ("id",), ids=tuple(chosen)))) for kind in KINDS}

    assert found == wanted


@pytest.mark.parametrize("kind", KINDS)
def test_delta_and_named_records_and_deletions(connection: ZohoConnection, practice: PracticeZoho, kind: str) -> None:
    make = {"calls": call, "meetings": meeting, "notes": note}[kind]
    old, new = make(practice), make(practice)
    now = ZohoConnector(connection).whoami().clock
    practice.control(clock_offset=3600)
    practice.edit(MODULES[kind], new, Description="x") if kind != "notes" else practice.edit(
        "Notes", new, Note_Title="x"
    )
    until = ZohoConnector(connection).whoami().clock + timedelta(seconds=5)
    connector = ZohoConnector(connection)
    fields = tuple(line["crm_field"] for line in default_lines(kind))

    changed = records_of(connector, Read(kind, How.CHANGED, fields, now + timedelta(minutes=1), until))
    named = records_of(connector, Read(kind, How.BY_ID, fields, ids=(old, new, "0000000")))
    practice.delete(MODULES[kind], old)
    gone = connector.read(Read(kind, How.DELETED, since=now, until=until + timedelta(minutes=5)))

    assert (set(changed), set(named)) == ({new}, {old, new})
    assert [one.source_id for one in gone.gone] == [old]


def test_notes_that_only_administrators_may_list_say_so(connection: ZohoConnection, practice: PracticeZoho) -> None:
    with practice.store.transaction():
        standard = next(
            u.body["email"] for u in practice.store.find("users")
            if u.body["profile"] != "Administrator" and u.body["status"] == "active"
        )  # fmt: skip
    practice.control(sign_in_as=standard, expire_sessions=True)

    with pytest.raises(Misconfigured) as refused:
        ZohoConnector(connection).read(Read("notes", How.IDS))

    assert refused.value.code == "NOT_SUPPORTED"


def test_history_begins_on_a_fixed_day(connection: ZohoConnection, practice: PracticeZoho) -> None:
    for kind in KINDS:
        add_block(connection, kind, "input").save()
    Block.objects.filter(object__in=KINDS).update(settings={"since_months": 3})
    old = {"calls": call(practice), "meetings": meeting(practice), "notes": note(practice)}
    with practice.store.transaction():
        practice.store.execute(
            "UPDATE _record SET created = '2020-01-01T00:00:00.000Z' WHERE kind IN ('Calls', 'Events', 'Notes')"
        )
    new = {"calls": call(practice), "meetings": meeting(practice), "notes": note(practice)}
    connector = ZohoConnector(connection)

    assert {kind: ids_of(connector, kind) for kind in KINDS} == {kind: {one} for kind, one in new.items()}
    assert set(old.values()).isdisjoint(new.values())


# --- Out


@pytest.mark.requirement("R8", "R55")
def test_what_is_typed_here_goes_out_once_and_comes_back_as_itself(
    connection: ZohoConnection, practice: PracticeZoho
) -> None:
    for kind in KINDS:
        add_block(connection, kind, "two-way")
    call(practice, Subject="Captured")
    sync(connection)
    customer = hub_id("customers", ids(practice)[0])
    typed: Values = {"customer": customer, "subject": "Typed here", "body": "Words", "starts_at": WHEN, "minutes": 25}
    for kind in KINDS:
        given = {name: value for name, value in typed.items() if kind != "notes" or name != "minutes"}
        assert isinstance(door().create(kind, [given], by="Inès")[0], int)

    for number in range(1, 4):
        practice.control(clock_offset=600 * number)
        sync(connection)

    assert sorted(body["Subject"] for body in bodies(practice, "Calls")) == ["Captured", "Typed here"]
    made = next(body for body in bodies(practice, "Calls") if body["Subject"] == "Typed here")
    assert (made["Call_Duration"], made["Call_Type"], made["Outbound_Call_Status"]) == (
        "25:00",
        "Outbound",
        "Completed",
    )
    [event] = bodies(practice, "Events")
    assert (event["Event_Title"], event["End_DateTime"]) == ("Typed here", "2026-11-05T14:55:00.000Z")
    [written] = bodies(practice, "Notes")
    assert (written["Note_Title"], written["Note_Content"], written["Parent_Id"]) == (
        "Typed here", "Words", ids(practice)[0],
    )  # fmt: skip
    assert Interaction.objects.count() == 4
    assert set(Interaction.objects.filter(origin="hand").values_list("starts_at", flat=True)) == {WHEN}


@pytest.mark.requirement("R10", "R11")
def test_output_only_reads_nothing(connection: ZohoConnection, practice: PracticeZoho) -> None:
    add_block(connection, "calls", "output")
    call(practice)

    sync(connection)

    assert not Interaction.objects.exists()


def test_what_zoho_insists_on_is_filled(connection: ZohoConnection, practice: PracticeZoho) -> None:
    connector, account = ZohoConnector(connection), ids(practice)[0]
    made: dict[str, dict[str, Value]] = {
        "calls": {"Call_Start_Time": WHEN, "@customer": account},
        "meetings": {"Start_DateTime": WHEN, "@customer": account},
        "notes": {"Note_Content": "First line.\nSecond.", "@customer": account},
    }

    sent = {kind: connector.write(kind, [Send(values=values)])[0] for kind, values in made.items()}

    assert {one.answer for one in sent.values()} == {Answer.DONE}, sent
    assert [bodies(practice, "Calls")[0][name] for name in ("Subject", "Call_Duration")] == ["Untitled", "01:00"]
    assert bodies(practice, "Events")[0]["End_DateTime"] == "2026-11-05T15:00:00.000Z"
    assert bodies(practice, "Notes")[0]["Note_Title"] == "First line."


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    ("kind", "module", "given", "edited", "comes"),
    [
        ("calls", "Calls", {"Call_Duration": "01:00"}, {"Call_Duration": "15:00"}, {"minutes": 15}),
        ("calls", "Calls", {"Call_Type": "Outbound"}, {"Call_Type": "Inbound"}, {"is_incoming": True}),
        ("calls", "Calls", {"Subject": "Untitled"}, {"Subject": "Check-in"}, {"subject": "Check-in"}),
        (
            "meetings", "Events", {"End_DateTime": "2026-11-05T15:00:00.000Z"},
            {"End_DateTime": "2026-11-05T14:45:00.000Z"}, {"minutes": 15},
        ),
        ("notes", "Notes", {"Note_Title": "Words"}, {"Note_Title": "Why"}, {"subject": "Why"}),
    ],
)  # fmt: skip
def test_what_zoho_insists_on_never_comes_back_and_what_somebody_makes_of_it_does(
    connection: ZohoConnection, practice: PracticeZoho, kind: str, module: str, given: dict[str, Any],
    edited: dict[str, Any], comes: dict[str, Any],
) -> None:  # fmt: skip
    add_block(connection, kind, "two-way")
    sync(connection)
    typed: Values = {"customer": hub_id("customers", ids(practice)[0]), "starts_at": WHEN}
    body = "Words" if kind == "notes" else ""
    door().create(kind, [{**typed, "body": body}], by="Inès")
    for number in range(1, 4):
        practice.control(clock_offset=600 * number)
        sync(connection)

    [made] = bodies(practice, module)
    assert {name: made[name] for name in given} == given
    row = Interaction.objects.get()
    assert (row.minutes, row.is_incoming, row.subject, row.body) == (None, None, "", body)

    practice.edit(module, ids(practice, module)[0], **edited)
    practice.control(clock_offset=3600)
    sync(connection)

    row.refresh_from_db()
    assert {name: getattr(row, name) for name in comes} == comes


@pytest.mark.parametrize(("values", "ends"), [
    ({"@minutes": 10}, "2026-11-05T14:40:00.000Z"),
    ({"Start_DateTime": WHEN + timedelta(hours=1)}, "2026-11-05T16:15:00.000Z"),
    ({"Start_DateTime": WHEN + timedelta(hours=1), "@minutes": 5}, "2026-11-05T15:35:00.000Z"),
    ({"Event_Title": "Renamed"}, "2026-11-05T15:15:00.000Z"),
])  # fmt: skip
def test_meeting_keeps_its_length_when_it_is_moved(
    connection: ZohoConnection, practice: PracticeZoho, values: dict[str, Value], ends: str
) -> None:
    one = meeting(practice)

    [sent] = ZohoConnector(connection).write("meetings", [Send(one, values=values)])

    assert sent.answer is Answer.DONE, sent
    assert bodies(practice, "Events")[0]["End_DateTime"] == ends


def test_contact_is_changed_and_taken_out(connection: ZohoConnection, practice: PracticeZoho) -> None:
    one, person = call(practice), ids(practice, "Contacts")[0]
    connector = ZohoConnector(connection)

    connector.write("calls", [Send(one, values={"@contacts": (person,), "@customer": "1"})])
    named = bodies(practice, "Calls")[0].get("Who_Id")
    connector.write("calls", [Send(one, values={"@contacts": None})])

    assert (named, bodies(practice, "Calls")[0].get("Who_Id")) == (person, None)
    assert bodies(practice, "Calls")[0]["What_Id"] == ids(practice)[0]


@pytest.mark.requirement("R10", "R11", "R53", "R55")
def test_email_that_is_typed_here_is_logged_once(connection: ZohoConnection, practice: PracticeZoho) -> None:
    sync(connection)
    add_block(connection, "emails", "output")
    account = ids(practice)[0]
    base: Values = {"customer": hub_id("customers", account), "starts_at": WHEN, "body": "One <line>.\n\nTwo."}
    went: Values = {**base, "subject": "Exports", "participants": ("ada@one.example", "bob@one.example")}
    came: Values = {**base, "participants": ("ada@one.example",), "is_incoming": True}
    nobody: Values = {**base, "subject": "Nobody"}
    before = len(bodies(practice, "_email"))
    for one in (went, came, nobody):
        assert isinstance(door().create("emails", [one], by="Inès")[0], int)
    practice.forget_calls()

    for number in range(1, 4):
        practice.control(clock_offset=600 * number)
        sync(connection)

    first, second = bodies(practice, "_email")[before:]
    assert (first["subject"], first["sent"], first["record"]) == ("Exports", True, account)
    assert [to["email"] for to in first["to"]] == ["ada@one.example", "bob@one.example"]
    assert first["content"] == "<p>One &lt;line&gt;.</p><p><br></p><p>Two.</p>"
    assert first["time"] == "2026-11-05T14:30:00.000Z"
    assert (second["subject"], second["sent"], second["from"]["email"]) == ("One <line>.", False, "ada@one.example")
    assert practice.calls()["associate_email"] == 1
    refused = Change.objects.get(object="emails", outcome="refused")
    assert refused.reason_params["code"] == "MANDATORY_NOT_FOUND"
    assert Interaction.objects.filter(type="email").count() == 3


def test_email_is_not_lost_over_a_long_subject(connection: ZohoConnection, practice: PracticeZoho) -> None:
    values: Values = {
        "subject": "Long " * 60, "date_time": WHEN, "@participants": ("ada@one.example",), "@customer": ids(practice)[0],
    }  # fmt: skip

    [sent] = ZohoConnector(connection).write("emails", [Send(key="one", values=values)])

    assert sent.answer is Answer.DONE, sent
    assert bodies(practice, "_email")[-1]["subject"] == ("Long " * 60)[:250]


def test_logged_email_is_not_changed(connection: ZohoConnection, practice: PracticeZoho) -> None:
    connector = ZohoConnector(connection)
    practice.forget_calls()

    [sent] = connector.write("emails", [Send("message", values={"subject": "Other"})])

    assert (sent.answer, sent.code) == (Answer.REFUSED, "EMAIL_WAS_SENT")
    assert not practice.calls()


# --- The set-up


@pytest.mark.requirement("R4", "R53")
def test_each_kind_is_a_choice_of_its_own_and_starts_disabled(
    client_as: Callable[..., Client], admin_user: User, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    call(practice)
    client, page = client_as(admin_user), reverse("zoho:wizard", args=[connection.slug, "interactions"])

    form = client.get(page).context["form"]
    modes = {"calls": "two-way", "meetings": "disabled", "notes": "input", "emails": "output"}
    response = client.post(page, {"since_months": "12", **modes})

    assert {row.name: (row.number, row.field.value()) for row in form.rows} == {
        "emails": (0, "disabled"), "meetings": (0, "disabled"), "calls": (1, "disabled"), "notes": (0, "disabled"),
    }  # fmt: skip
    assert response.status_code == 302
    saved = dict(Block.objects.filter(object__in=[*KINDS, "emails"]).values_list("object", "mode"))
    assert saved == {"calls": "two-way", "notes": "input", "emails": "output"}
