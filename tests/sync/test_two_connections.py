"""Two CRMs with the same customers: order decides who writes, who may churn, and whose revenue counts."""

from collections.abc import Callable, Iterator

import pytest

from integrations.hub.models import Customer
from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runs import request_run
from tests.sync.fakes import WORLDS, PaperCrm, connect

Sync = Callable[[Connection], Run]


@pytest.fixture
def first(db: None) -> Iterator[Connection]:
    yield connect("France", order=1, churn_missing=True)
    WORLDS.clear()


@pytest.fixture
def second(first: Connection) -> Connection:
    return connect("Spain", order=2, churn_missing=True)


def sync(connection: Connection, kind: str = Run.Kind.DELTA) -> Run:
    connection.refresh_from_db()
    return drive(request_run(connection, kind, by="test"), 20)


def world(connection: Connection) -> PaperCrm:
    return WORLDS[connection.pk]


@pytest.fixture
def shared(first: Connection, second: Connection) -> tuple[PaperCrm, PaperCrm]:
    """One customer that both CRMs have, recognised by its website."""
    for connection, source_id, name in ((first, "A1", "Alder"), (second, "B1", "Alder Iberia")):
        world(connection).company(source_id, name, Website="alder.example", Stage="Run")
        world(connection).company(f"{source_id}x", f"Only {connection.name}")
        sync(connection)
    assert Customer.objects.count() == 3
    return world(first), world(second)


def alder() -> Customer:
    return Customer.objects.get(domain="alder.example")


def leaves(crm: PaperCrm, source_id: str) -> None:
    crm.outside.add(source_id)
    crm.later(60)


@pytest.mark.requirement("R16")
def test_second_connection_never_churns_a_customer_the_first_still_has(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    leaves(shared[1], "B1")

    sync(second, Run.Kind.FULL)

    change = Change.objects.filter(connection_id=second.pk, source_id="B1").latest("pk")
    assert (alder().stage.name, change.action) == ("run", "exclude")
    assert change.notes == [{"code": "stage-kept", "params": {"system": "Paper CRM", "other": "France"}}]
    assert RecordLink.objects.get(source_id="B1").churned_from == ""


@pytest.mark.requirement("R16")
def test_first_connection_churns_what_the_second_still_has(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    leaves(shared[0], "A1")

    sync(first, Run.Kind.FULL)

    assert alder().stage.is_churn


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("state", [Connection.State.PAUSED, Connection.State.ARCHIVED])
def test_paused_first_connection_keeps_its_customer_and_an_archived_one_does_not(
    state: str, first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    Connection.objects.filter(pk=first.pk).update(state=state)
    leaves(shared[1], "B1")

    sync(second, Run.Kind.FULL)

    assert alder().stage.is_churn is (state == Connection.State.ARCHIVED)


@pytest.mark.requirement("R16")
def test_second_connection_churns_once_the_first_has_lost_the_customer(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    Connection.objects.filter(pk=first.pk).update(churn_missing=False)
    leaves(shared[0], "A1")
    sync(first, Run.Kind.FULL)
    assert not alder().stage.is_churn
    leaves(shared[1], "B1")

    sync(second, Run.Kind.FULL)

    assert alder().stage.is_churn


@pytest.mark.requirement("R16")
def test_second_connection_churns_where_it_alone_writes_the_stage(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    FieldMapping.objects.filter(block__connection=first, hub_field="stage").delete()
    leaves(shared[1], "B1")

    sync(second, Run.Kind.FULL)

    assert alder().stage.is_churn


def test_own_customers_of_the_second_churn_as_ever(second: Connection, shared: tuple[PaperCrm, PaperCrm]) -> None:
    leaves(shared[1], "B1x")

    sync(second, Run.Kind.FULL)

    assert Customer.objects.get(name="Only Spain").stage.is_churn


def test_second_connection_writes_what_the_first_does_not_map(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    FieldMapping.objects.filter(block__connection=first, hub_field="csm").delete()
    for email in ("noa@aldervale.example", "ines@aldervale.example"):
        shared[1].later()
        shared[1].edit("customers", "B1", Name="Renamed", Owner__Email=email)
        sync(second)

    one = alder()
    assert one.csm is not None
    assert (one.name, one.csm.email) == ("Alder", "ines@aldervale.example")


def test_with_the_same_order_the_older_connection_writes(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    Connection.objects.update(order=1)
    shared[1].later()
    shared[1].edit("customers", "B1", Name="Renamed")
    sync(second)
    assert alder().name == "Alder"
    shared[0].later()
    shared[0].edit("customers", "A1", Name="Alder Group")
    sync(first)

    assert alder().name == "Alder Group"


def test_second_connection_writes_while_the_first_is_paused(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    Connection.objects.filter(pk=first.pk).update(state=Connection.State.PAUSED)
    shared[1].later()
    shared[1].edit("customers", "B1", Name="Renamed")

    sync(second)

    assert alder().name == "Renamed"


def test_contact_stays_with_the_customer_that_the_first_connection_names(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    shared[0].person("P1", "A1", Email="kim@alder.example")
    shared[0].later()
    sync(first)
    shared[1].person("Q1", "B1x", Email="kim@alder.example")
    shared[1].later()

    sync(second)

    links = RecordLink.objects.filter(object="contacts", state="linked")
    assert links.count() == 2
    assert [contact.email for contact in alder().contacts.all()] == ["kim@alder.example"]


def test_parent_stays_as_the_first_connection_says(
    first: Connection, second: Connection, shared: tuple[PaperCrm, PaperCrm]
) -> None:
    Connection.objects.update(keep_hierarchy=True)
    shared[0].edit("customers", "A1", parent="A1x")
    shared[0].later()
    sync(first)
    shared[1].edit("customers", "B1", parent="B1x")
    shared[1].later()

    sync(second)

    parent = alder().parent
    assert parent is not None
    assert parent.name == "Only France"
