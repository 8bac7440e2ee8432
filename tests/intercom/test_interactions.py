"""Conversations of Intercom beside the customers and contacts that they are about."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from integrations.hub.models import Interaction
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.sync.configuration import snapshot, write
from integrations.sync.connector import How, Read
from integrations.sync.models import RecordLink

from . import hub
from .everyday import Everyday

pytestmark = pytest.mark.django_db
KINDS = ("emails", "calls", "notes")


@pytest.fixture
def day(db: None, small_crm: Callable[..., PracticeIntercom]) -> Everyday:
    found = Everyday(small_crm(0, contacts_per=0))
    found.interactions(*KINDS)
    return found


def links(name: str) -> list[tuple[str, str]]:
    rows = RecordLink.objects.filter(object=name).order_by("source_id")
    return [(one.state, one.reason_code) for one in rows]


@pytest.mark.requirement("R189")
def test_conversation_finds_its_customer_and_contacts_by_ids_alone(day: Everyday) -> None:
    number = day.conversation(day.ada, text="<p>How do I export?<br>It fails.</p>", title="Export")
    day.crm.edit("conversation", number, reply="Thank you!")

    day.sync()

    [found] = Interaction.objects.all()
    assert (found.type, found.customer, found.subject) == ("note", day.here["Alder"], "Export")
    assert found.body == "How do I export?\nIt fails.\n\nAda: Thank you!"
    assert (found.is_incoming, found.participants) == (True, ["ada@alder.example"])
    assert [one.pk for one in found.contacts.all()] == [day.people["Ada"].pk]
    assert found.starts_at.replace(microsecond=0) <= datetime.now(UTC)


def test_channel_makes_the_kind(day: Everyday) -> None:
    for type_ in ("email", "conversation", "phone_call", "whatsapp", None):
        day.conversation(day.ada, type_=type_, text=f"<p>By {type_}</p>")

    day.sync()

    kinds = dict(Interaction.objects.values_list("body", "type"))
    assert kinds == {
        "By email": "email", "By conversation": "note", "By phone_call": "call", "By whatsapp": "note", "By None": "note",
    }  # fmt: skip


@pytest.mark.requirement("R185")
def test_conversation_of_an_unknown_company_is_left_out_listed_and_taken_up(day: Everyday) -> None:
    stray = day.person("Sam", [], role="lead")
    day.conversation(day.cy)
    day.conversation(stray)

    day.sync()
    day.later()
    day.sync()

    assert not Interaction.objects.exists()
    assert sorted(links("notes")) == [("excluded", "customer-out-of-scope"), ("excluded", "no-customer")]

    cedar = hub.customer("web-7", "Cedar here")
    day.later()
    day.sync()

    assert [one.customer for one in Interaction.objects.all()] == [cedar]


def test_conversation_of_several_belongs_to_the_first_company_that_is_known(day: Everyday) -> None:
    day.conversation(day.cy, day.bo)

    day.sync()

    assert Interaction.objects.get().customer == day.here["Birch"]


def test_contact_of_many_companies_names_them_all(day: Everyday) -> None:
    others = [day.company(f"Other {number}", f"other-{number}") for number in range(11)]
    day.crm.edit("contact", day.cy, company=[*others, day.birch])
    day.conversation(day.cy)

    day.sync()

    assert Interaction.objects.get().customer == day.here["Birch"]


def test_reply_that_comes_later_stands_in_the_text(day: Everyday) -> None:
    number = day.conversation(day.ada)
    day.sync()
    day.later()
    day.crm.edit("conversation", number, reply="One more thing")

    day.sync()

    assert Interaction.objects.get().body == "Hello\n\nAda: One more thing"


def test_replies_are_read_of_new_and_changed_conversations_alone(day: Everyday) -> None:
    numbers = [day.conversation(day.ada) for _ in range(3)]
    for number in numbers:
        day.crm.edit("conversation", number, reply="Yes")
    day.conversation(day.ada, text="<p>No reply</p>")
    day.crm.forget_calls()
    day.sync()
    first = day.crm.calls()["conversation"]
    day.later()
    day.crm.edit("conversation", numbers[0], reply="And no")
    day.crm.forget_calls()

    day.sync()
    delta = day.crm.calls()["conversation"]
    day.later()
    day.crm.forget_calls()
    day.sync("full")
    complete = day.crm.calls()["conversation"]

    assert (first, delta, complete) == (3, 1, 0)
    assert sorted(Interaction.objects.values_list("body", flat=True)) == sorted(
        ["Hello\n\nAda: Yes\n\nAda: And no", "Hello\n\nAda: Yes", "Hello\n\nAda: Yes", "No reply"]
    )


def test_other_text_is_read_anew_where_the_mapping_asks_for_it(day: Everyday) -> None:
    number = day.conversation(day.ada)
    day.crm.edit("conversation", number, reply="Yes")
    data = snapshot(day.connection)
    line = next(one for one in data["blocks"]["notes"]["lines"] if one["hub"] == "body")
    line["crm"] = "body"
    write(day.connection, data)
    day.sync()
    assert Interaction.objects.get().body == "Hello"
    line["crm"] = "@text"
    write(day.connection, data)
    day.later()

    day.sync("full")

    assert Interaction.objects.get().body == "Hello\n\nAda: Yes"


def test_replies_of_nobody_here_are_not_asked_for(day: Everyday) -> None:
    day.sync()
    day.later()
    number = day.conversation(day.cy)
    day.crm.edit("conversation", number, reply="Hello?")
    day.crm.forget_calls()

    day.sync()

    assert day.crm.calls()["conversation"] == 0


def test_one_walk_serves_all_kinds(day: Everyday) -> None:
    day.conversation(day.ada, type_="email")
    day.conversation(day.ada)
    day.sync()
    day.later()
    day.crm.forget_calls()

    day.sync()

    assert day.crm.calls()["search-conversations"] == 1


def test_history_begins_where_it_is_asked_to(day: Everyday) -> None:
    data = snapshot(day.connection)
    for name in KINDS:
        data["blocks"][name]["settings"] = {"since_months": 3}
    write(day.connection, data)
    old = datetime(2020, 1, 1, tzinfo=UTC)
    body = {"source": {"type": "email", "body": "<p>Old</p>"}, "contacts": [day.ada], "parts": []}
    with day.crm.workspace.book.transaction():
        day.crm.workspace.book.load("conversation", [("77", body, old, old)])
    day.conversation(day.ada)

    day.sync()

    assert [one.body for one in Interaction.objects.all()] == ["Hello"]


def test_deleted_conversation_is_flagged_at_the_next_complete_reading(day: Everyday) -> None:
    number, _other = day.conversation(day.ada), day.conversation(day.ada)
    day.sync()
    day.later()
    day.crm.delete("conversation", number)

    day.sync("full")

    assert links("notes") == [("gone", "deleted-in-crm"), ("linked", "")]
    assert Interaction.objects.get(ref_id=number).gone_at is not None


def test_contact_that_was_archived_leaves_its_conversation_readable(day: Everyday) -> None:
    day.conversation(day.ada)
    day.sync()
    day.later()
    day.crm.delete("contact", day.ada)

    day.sync("full")

    assert Interaction.objects.get().customer == day.here["Alder"]


def test_named_conversations_say_the_same_as_the_walk(day: Everyday) -> None:
    number = day.conversation(day.ada)
    day.crm.edit("conversation", number, reply="Yes")
    paths = tuple(field.path for field in day.connector.schema("notes").fields)

    [walked] = day.connector.read(Read("notes", How.ALL, paths)).records
    [named] = day.connector.read(Read("notes", How.BY_ID, paths, ids=(number, "999"))).records

    assert dict(named.values) == dict(walked.values)
    assert named.customer_ids == walked.customer_ids == (day.alder,)
