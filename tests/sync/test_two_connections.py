"""Two CRMs with the same customers: order decides who writes, who may churn, and whose revenue counts."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from django.utils import timezone

from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.sync import decisions
from integrations.sync.models import Change, Connection, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runs import apply_preview, request_run
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


# --- What one has found to be new, the other may have made since


def preview(connection: Connection) -> Run:
    connection.refresh_from_db()
    return drive(request_run(connection, Run.Kind.PREVIEW, by="test"), 20)


@pytest.mark.requirement("R4", "I2", "C8")
def test_previews_of_two_connections_applied_one_after_the_other_make_one_customer(
    first: Connection, second: Connection
) -> None:
    for connection, source_id in ((first, "A1"), (second, "B1")):
        world(connection).company(source_id, "Alder", Website="alder.example")
        world(connection).company(f"{source_id}x", f"Only {connection.name}")
        world(connection).person(f"{source_id}p", source_id, Email="anna@alder.example")
    previews = [preview(connection) for connection in (first, second)]

    applied = [drive(apply_preview(one, by="test"), 20) for one in previews]

    assert [run.state for run in applied] == ["done", "done"]
    assert Customer.objects.filter(domain="alder.example").count() == 1
    refused = Change.objects.get(run_id=applied[1].pk, object="customers", source_id="B1")
    assert (refused.outcome, refused.reason_code) == ("refused", "row-arrived")
    RecordLink.objects.update(next_try_at=timezone.now())
    sync(second)
    assert RecordLink.objects.get(object="customers", source_id="B1").hub_id == alder().pk
    assert Contact.objects.filter(email="anna@alder.example").count() == 1


@pytest.mark.requirement("R4", "I2")
def test_row_typed_by_hand_between_deciding_and_applying_is_not_made_again(first: Connection) -> None:
    world(first).company("A1", "Alder", Website="alder.example")
    found = preview(first)
    [pk] = door().create("customers", [{"name": "Alder", "domain": "https://www.alder.example"}], by="Inès")

    drive(apply_preview(found, by="test"), 20)
    RecordLink.objects.update(next_try_at=timezone.now())
    sync(first)

    assert Customer.objects.count() == 1
    assert RecordLink.objects.get(object="customers", source_id="A1").hub_id == pk


def test_records_of_one_crm_that_share_a_domain_do_not_stand_in_each_others_way(first: Connection) -> None:
    world(first).company("A1", "Alder North", Website="alder.example")
    world(first).company("A2", "Alder South", Website="alder.example")
    found = preview(first)

    applied = drive(apply_preview(found, by="test"), 20)

    assert not Change.objects.filter(run_id=applied.pk, outcome="refused").exists()
    assert Customer.objects.filter(domain="alder.example").count() == 2


def test_what_a_person_said_is_new_is_made_whoever_has_its_domain(first: Connection) -> None:
    door().create("customers", [{"name": "Alder", "domain": "alder.example"}], by="Inès")
    world(first).company("A1", "Alder North", Website="alder.example")
    world(first).company("A2", "Alder South", Website="alder.example")
    sync(first)
    decisions.make_new(list(RecordLink.objects.filter(state="collision").values_list("pk", flat=True)), by="Inès")
    Customer.objects.update(updated_at=timezone.now() + timedelta(hours=1))

    run = sync(first)

    assert not Change.objects.filter(run_id=run.pk, outcome="refused").exists()
    assert Customer.objects.filter(domain="alder.example").count() == 3
