"""Interactions: read with their contacts, typed by hand and sent once, captured ones never."""

from datetime import UTC, datetime
from typing import Any

import pytest

from integrations.hub.door import door
from integrations.hub.models import Contact, Customer, Interaction
from integrations.sync import runs
from integrations.sync.models import Block, Change, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive

from .fakes import WORLDS, PaperCrm, connect

pytestmark = pytest.mark.django_db
WHEN = datetime(2026, 3, 3, 9, 30, tzinfo=UTC)


@pytest.fixture
def connection() -> Connection:
    made = connect(objects=("customers", "contacts", "calls"))
    FieldMapping.objects.filter(block__connection=made, block__object="calls").exclude(hub_field="ref_id").update(
        direction="both"
    )
    return made


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    crm.person("11", "1", LastName="Reis")
    crm.call("c1", "1", Minutes=20, **{"@contacts": ("11",)})
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    WORLDS[connection.pk].later()
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    assert run.state == "done", run.reason_params
    return run


def mode(connection: Connection, value: str) -> None:
    Block.objects.filter(connection=connection, object="calls").update(mode=value, key_field="Key")


def typed(**more: Any) -> int:
    values = {
        "customer": Customer.objects.get().pk, "subject": "Typed", "starts_at": WHEN, "minutes": 15,
        "contacts": (Contact.objects.get().pk,), **more,
    }  # fmt: skip
    [made] = door().create("calls", [values], by="Inès")
    assert isinstance(made, int), made
    return made


@pytest.mark.requirement("R1", "R54")
def test_call_comes_in_with_its_customer_and_contacts(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)

    call = Interaction.objects.get()
    assert (call.type, call.origin, call.subject, call.minutes) == ("call", "captured", "Call c1", 20)
    assert (call.customer.name, [str(one) for one in call.contacts.all()]) == ("Aldervale", ["Reis"])


@pytest.mark.requirement("R55", "R8")
def test_typed_call_goes_out_once_with_its_contact(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "two-way")
    sync(connection)
    typed()

    for kind in ("delta", "delta", "full"):
        sync(connection, kind)

    made = [record for record in crm.records["calls"].values() if record.values["Subject"] == "Typed"]
    assert [(one.values["Minutes"], one.values["@contacts"], one.customer_ids) for one in made] == [
        (15, ("11",), ("1",))
    ]
    assert Interaction.objects.filter(subject="Typed").count() == 1


@pytest.mark.requirement("R55")
def test_captured_call_is_never_created_there(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "two-way")
    sync(connection)
    captured = Interaction.objects.create(
        customer=Customer.objects.get(), type="call", origin="captured", subject="From a mailbox", starts_at=WHEN
    )
    door().edit("calls", {captured.pk: {"subject": "Renamed here"}}, by="Inès")

    sync(connection)

    assert set(crm.records["calls"]) == {"c1"}


@pytest.mark.requirement("R55")
def test_captured_call_that_is_edited_here_is_not_sent_back(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "two-way")
    sync(connection)
    door().edit("calls", {Interaction.objects.get().pk: {"subject": "Renamed here"}}, by="Inès")

    for kind in ("delta", "full"):
        sync(connection, kind)

    assert crm.sends == []
    assert Interaction.objects.get().subject == "Renamed here"


@pytest.mark.requirement("R10", "R11")
def test_output_only_sends_and_reads_nothing(connection: Connection, crm: PaperCrm) -> None:
    mode(connection, "output")
    sync(connection)
    typed()
    crm.reads.clear()

    sync(connection)

    assert [record.values["Subject"] for record in crm.records["calls"].values()] == ["Call c1", "Typed"]
    assert {read.how.value for read in crm.reads if read.object == "calls"} <= {"by-id"}
    assert Interaction.objects.get().subject == "Typed"


@pytest.mark.requirement("R6", "R12")
@pytest.mark.parametrize("value", ["input", "disabled"])
def test_typed_call_stays_here_where_nothing_goes_out(connection: Connection, crm: PaperCrm, value: str) -> None:
    mode(connection, value)
    sync(connection)
    typed()

    sync(connection, "full")

    assert crm.sends == []


def test_call_deleted_there_is_kept_and_says_so(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    crm.delete("calls", "c1")

    sync(connection)

    assert Interaction.objects.get().gone_at is not None
    assert RecordLink.objects.get(object="calls").state == "gone"


def test_call_whose_customer_is_out_of_scope_is_taken_up_when_it_enters(connection: Connection, crm: PaperCrm) -> None:
    crm.company("2", "Birch")
    crm.outside.add("2")
    crm.call("c2", "2")
    sync(connection)
    assert not Interaction.objects.filter(subject="Call c2").exists()

    crm.outside.clear()
    sync(connection)

    assert Interaction.objects.filter(subject="Call c2").exists()


def test_typed_call_is_journaled_with_who_typed_it(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    made = typed()

    change = Change.objects.get(object="calls", hub_id=made)
    assert (change.action, change.actor) == ("create", "Inès")


def test_deleting_a_customer_takes_its_interactions_along(connection: Connection, crm: PaperCrm) -> None:
    sync(connection)
    typed()

    door().delete("customers", [Customer.objects.get().pk], by="Inès")

    assert not Interaction.objects.exists()
    assert Change.objects.filter(object="calls", action="delete").count() == 2
