"""Comments, calls, events and e-mails of Sellsy on their way to the customers that they are about."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import Interaction
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.defaults import default_lines
from integrations.sellsy.interactions.sources import SOURCES
from integrations.sellsy.models import SellsyConnection
from integrations.sellsy.simulator import activities
from integrations.sync.connector import How, Read
from integrations.sync.models import Block, RecordLink, Run

from .conftest import signed_in
from .everyday import add_block, client, contact, gone, records, sync

KINDS = ("emails", "meetings", "calls", "notes")
YESTERDAY = (datetime.now(UTC) - timedelta(days=1)).replace(microsecond=0)
WHEN = YESTERDAY.isoformat()


@pytest.fixture
def crm(small_crm: Callable[..., PracticeSellsy]) -> PracticeSellsy:
    crm = small_crm(0)
    crm.control(index_lag=0)
    return crm


@pytest.fixture
def connection(db: None, crm: PracticeSellsy) -> SellsyConnection:
    connection = signed_in(crm, state="on", wizard_step="review")
    client(crm, "Customer")
    add_block(connection, "customers")
    return connection


def read_too(connection: SellsyConnection, *kinds: str, months: int = 12) -> None:
    for kind in kinds or KINDS:
        lines = {line["hub_field"]: line["crm_field"] for line in default_lines(kind)}
        add_block(connection, kind, lines, settings={"since_months": months})


def everything(kind: str) -> Read:
    return Read(kind, How.ALL, tuple(SOURCES[kind].fields))


def of(company: str | None = "1", person: str | None = None) -> list[dict[str, Any]]:
    found = [{"type": "company", "id": int(company)}] if company else []
    return [*found, *([{"type": "contact", "id": int(person)}] if person else [])]


def note(crm: PracticeSellsy, text: str, **more: Any) -> str:
    return crm.create("comment", **{"description": text, "related": of(), **more})


def call(crm: PracticeSellsy, text: str, **more: Any) -> str:
    told = {"date": WHEN, "duration": 600, "result": "connected", "source": "incoming", "related": of()}
    return crm.create("phonecall", description=text, **{**told, **more})


def meeting(crm: PracticeSellsy, title: str, **more: Any) -> str:
    told = {"datetime_start": WHEN, "datetime_end": (YESTERDAY + timedelta(minutes=45)).isoformat(), "label_id": 1}
    return crm.create("calendar_event", title=title, **{**told, "related": of(), **more})


def email(crm: PracticeSellsy, number: str, sender: str, *events: str, **more: Any) -> str:
    with crm.store.transaction():
        body = {
            "subject": "Renewal", "content": "<p>Dear all,</p><p>yes.</p>", "from": sender, "related": of(), "owner_id": 1,
            "participants": [sender, "success@aldervale.example"], **more,
        }  # fmt: skip
        record = crm.store.add("email", body, record_id=number)
        for event in events or ("emailengine.received",):
            crm.store.add("activity", activities.row(event, record))
    return number


# --- What they become


@pytest.mark.requirement("R1", "R5", "R53", "R54")
def test_each_kind_becomes_an_interaction_of_its_customer(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    person = contact(crm, "Person", "1", email="p@customer.example")
    add_block(connection, "contacts")
    note(crm, "<p>First line</p><p>and &eacute;</p>")
    call(crm, "About the renewal\nShe agrees", related=of("1", person))
    meeting(crm, "Quarterly review", description="Went well", related=of("1", person))
    email(crm, "abc1", "p@customer.example")
    read_too(connection)

    run = sync(connection)

    assert run.state == Run.State.DONE
    rows = {row.type: row for row in Interaction.objects.all()}
    assert {kind: (row.subject, row.customer.name) for kind, row in rows.items()} == {
        "note": ("First line", "Customer"), "call": ("About the renewal", "Customer"),
        "meeting": ("Quarterly review", "Customer"), "email": ("Renewal", "Customer"),
    }  # fmt: skip
    assert rows["note"].body == "First line\nand é"
    assert (rows["call"].minutes, rows["call"].is_incoming, rows["call"].starts_at) == (10, True, YESTERDAY)
    assert rows["meeting"].minutes == 45
    assert (rows["email"].body, rows["email"].is_incoming) == ("Dear all,\nyes.", True)
    assert rows["email"].participants == ["p@customer.example", "success@aldervale.example"]
    assert [one.last_name for one in rows["call"].contacts.all()] == ["Person"]
    assert all(block.unexplained == 0 for block in Block.objects.all())


def test_what_names_a_contact_alone_belongs_to_its_company(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    person = contact(crm, "Person", "1")
    number = call(crm, "At the person", related=of(None, person))

    found = records(SellsyConnector(connection), everything("calls"))

    assert found[number].customer_ids == ("1",)


def test_email_that_was_opened_twice_comes_once(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    email(crm, "abc1", "team@aldervale.example", "emailengine.sent", "emailengine.opened", "emailengine.opened")
    read_too(connection, "emails")

    sync(connection)

    assert Interaction.objects.get().is_incoming is False
    assert Block.objects.get(object="emails").unexplained == 0


def test_planned_calls_and_private_events_stay_outside(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    call(crm, "Planned", result="scheduled")
    taken = call(crm, "Taken")
    meeting(crm, "Private", is_private=True)
    read_too(connection, "calls", "meetings")

    sync(connection)

    assert [link.source_id for link in RecordLink.objects.exclude(object="customers")] == [taken]
    assert all(block.unexplained == 0 for block in Block.objects.all())


def test_history_begins_on_the_chosen_day(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    old = (YESTERDAY - timedelta(days=400)).isoformat()
    call(crm, "Old", date=old)
    recent = call(crm, "Recent")
    connector = SellsyConnector(connection)

    def found(months: int) -> int:
        connector.kept = {"calls": {"since_months": months}}
        return len(connector.read(everything("calls")).records)

    assert (found(12), found(0)) == (1, 2)
    assert recent


def test_what_was_written_down_late_about_long_ago_is_not_read(
    connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    call(crm, "Old", date=(YESTERDAY - timedelta(days=400)).isoformat())
    connector = SellsyConnector(connection)
    now = connector.whoami().clock
    read = Read("calls", How.CHANGED, ("id",), now - timedelta(hours=1), now + timedelta(hours=1))

    assert records(connector, read) == {}


# --- Changes, and what is gone


@pytest.mark.parametrize(
    ("kind", "make", "change"),
    [
        ("notes", lambda crm: note(crm, "Before"), {"description": "After"}),
        ("calls", lambda crm: call(crm, "Before"), {"description": "After"}),
        ("meetings", lambda crm: meeting(crm, "Before"), {"title": "After"}),
    ],
)
def test_change_arrives_with_the_next_sync(
    connection: SellsyConnection, crm: PracticeSellsy, kind: str, make: Callable[[PracticeSellsy], str],
    change: dict[str, Any],
) -> None:  # fmt: skip
    number = make(crm)
    read_too(connection, kind)
    sync(connection)
    crm.control(clock_offset=3600)
    crm.edit({"notes": "comment", "calls": "phonecall", "meetings": "calendar_event"}[kind], number, **change)
    crm.control(clock_offset=3700)

    sync(connection)

    assert Interaction.objects.get().subject == "After"


def test_deleted_one_stays_here_flagged(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    number = note(crm, "Deleted there")
    note(crm, "Stays")
    read_too(connection, "notes")
    sync(connection)
    crm.control(clock_offset=3600)
    crm.delete("comment", number)
    crm.control(clock_offset=3700)

    sync(connection)

    assert RecordLink.objects.get(object="notes", source_id=number).state == "gone"
    assert Interaction.objects.count() == 2


@pytest.mark.parametrize("kind", KINDS)
def test_same_record_however_it_is_asked_for(connection: SellsyConnection, crm: PracticeSellsy, kind: str) -> None:
    person = contact(crm, "Person", "1", email="p@customer.example")
    make: dict[str, Callable[[], str]] = {
        "notes": lambda: note(crm, "N", related=of(None, person)),
        "calls": lambda: call(crm, "C", related=of(None, person)),
        "meetings": lambda: meeting(crm, "M", related=of(None, person)),
        "emails": lambda: email(crm, "abc1", "p@customer.example", related=of(None, person)),
    }
    number = make[kind]()
    connector, paths = SellsyConnector(connection), tuple(SOURCES[kind].fields)
    now = connector.whoami().clock

    asked = [
        records(connector, everything(kind))[number],
        records(connector, Read(kind, How.CHANGED, paths, now - timedelta(days=2), now + timedelta(hours=1)))[number],
        records(connector, Read(kind, How.BY_ID, paths, ids=(number, "999999")))[number],
        records(connector, Read(kind, How.DEPENDENTS, paths, ids=("1",)))[number],
    ]

    assert len({(one.customer_ids, str(one.values)) for one in asked}) == 1
    assert connector.count(kind).total == 1
    assert [one.source_id for one in gone(connector, Read(kind, How.DELETED, ids=(number, "999999")))] == ["999999"]


# --- The step of the set-up


@pytest.mark.requirement("R7", "R35", "R53", "R55", "X8")
def test_step_offers_four_choices_that_only_read(
    client_as: Callable[..., Client], admin_user: User, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    note(crm, "Counted")
    admin, page = client_as(admin_user), reverse("sellsy:wizard", args=[connection.slug, "interactions"])

    response = admin.get(page)
    admin.post(
        page, {"emails": "disabled", "meetings": "disabled", "calls": "input", "notes": "input", "since_months": 12}
    )

    form, shown = response.context["form"], " ".join(response.content.decode().split())
    assert [row.name for row in form.rows] == ["emails", "meetings", "calls", "notes"]
    assert all([mode for mode, _ in row.field.field.choices] == ["disabled", "input"] for row in form.rows)
    assert {row.name: row.number for row in form.rows}["notes"] == 1
    assert "typed here by hand" not in shown
    assert "Two-way" not in shown
    assert dict(Block.objects.exclude(object="customers").values_list("object", "mode")) == {
        "calls": "input", "notes": "input",
    }  # fmt: skip


def test_lifelike_account_is_read_to_the_end(tmp_path: Any, settings: Any, db: None) -> None:
    from .conftest import allow

    with PracticeSellsy(tmp_path) as crm:
        allow(settings, crm)
        connection = signed_in(crm, state="on")
        for name in ("customers", "contacts"):
            add_block(connection, name)
        read_too(connection, months=0)

        run = sync(connection)

        assert run.state == Run.State.DONE
        assert set(Interaction.objects.values_list("type", flat=True)) == {"email", "meeting", "call", "note"}
        assert {block.object: block.unexplained for block in Block.objects.all() if block.unexplained} == {}
