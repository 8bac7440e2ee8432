"""Taking a run back: the hub as it was, the links knowing it, what was touched since left alone and listed."""

from typing import Any

import pytest
from django.db import connection as database

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Contact, CsmOwner, Customer, CustomKey
from integrations.sync import runs, undo
from integrations.sync.models import Block, Change, Connection, FieldMapping, Outbox, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runner.slice import run_slice

from .fakes import WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C25", "E2")]


@pytest.fixture
def connection() -> Connection:
    return connect(churn_missing=True, keep_hierarchy=True)


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    for number in range(1, 13):
        crm.company(str(number), f"Company {number}", Website=f"c{number}.example", Stage="run")
        crm.person(f"p{number}", str(number), Email=f"p@c{number}.example")
    return crm


def sync(connection: Connection, kind: str = "delta") -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run)
    run.refresh_from_db()
    assert run.state == "done", run.reason_params
    return run


def take_back(run: Run, by: User) -> Run:
    made = undo.request_undo(run, by)
    drive(made)
    made.refresh_from_db()
    assert made.state == "done", (made.reason_code, made.reason_params)
    return made


def hub() -> dict[str, Any]:
    """Every column of every row, as the database keeps it."""
    dump = {}
    for model in (Customer, Contact, CustomKey):
        rows = model.objects.order_by("pk").values_list()
        dump[model.__name__] = [tuple(map(repr, row)) for row in rows]
    return dump


def test_hub_is_byte_for_byte_as_before(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    sync(connection)
    before = hub()
    crm.later()
    crm.edit("customers", "1", Name="Renamed", Website=None)
    crm.edit("customers", "2", parent="1", Owner__Email="new@x.example")
    crm.edit("contacts", "p3", LastName="Changed")
    crm.company("99", "New one")
    crm.person("p99", "99")
    crm.outside.add("4")
    crm.delete("contacts", "p5")
    run = sync(connection, "full")
    assert hub() != before

    take_back(run, admin_user)

    assert hub() == before
    connection.refresh_from_db()
    assert connection.state == "paused"


@pytest.mark.requirement("I4")
def test_what_was_taken_back_stays_out_until_it_changes(
    connection: Connection, crm: PaperCrm, admin_user: User
) -> None:
    sync(connection)
    crm.later()
    crm.edit("customers", "1", Name="Renamed")
    crm.company("99", "New one")
    take_back(sync(connection), admin_user)
    runs.resume(connection, by="Inès")
    before = hub()

    for kind in ("delta", "full"):
        crm.later()
        sync(connection, kind)
    assert hub() == before
    assert RecordLink.objects.get(source_id="99").reason_code == "undone"

    crm.edit("customers", "1", Name="Renamed again")
    crm.edit("customers", "99", Name="Better")
    sync(connection)
    assert Customer.objects.filter(name__in=["Renamed again", "Better"]).count() == 2


def test_first_run_taken_back_leaves_nothing(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    run = sync(connection)

    take_back(run, admin_user)

    assert not Customer.objects.exists()
    assert not Contact.objects.exists()
    assert Block.objects.get(connection=connection, object="customers").cursor is None


def test_rows_touched_since_are_skipped_and_listed(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    sync(connection)
    crm.later()
    crm.edit("customers", "1", Name="Renamed")
    crm.edit("customers", "2", Name="Renamed too")
    crm.company("99", "New one")
    run = sync(connection)
    door().edit("customers", {Customer.objects.get(name="Renamed").pk: {"pulse": 5}}, by="Inès")
    door().create("contacts", [{"customer": Customer.objects.get(name="New one").pk, "last_name": "Reis"}], by="Inès")
    assert (undo.survey(run).total, undo.survey(run).touched) == (2, 1)

    made = take_back(run, admin_user)

    skipped = Change.objects.filter(run_id=made.pk, outcome="refused").order_by("source_id")
    assert [(row.source_id, row.reason_code) for row in skipped] == [("1", "touched-since"), ("99", "hung-on-since")]
    assert Customer.objects.filter(name__in=["Renamed", "Company 2", "New one"]).count() == 3


@pytest.mark.requirement("R8")
def test_what_went_out_goes_back_as_a_new_write(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    Block.objects.filter(connection=connection).update(mode="two-way")
    FieldMapping.objects.filter(block__connection=connection, hub_field="name").update(direction="both")
    sync(connection)
    row = Customer.objects.get(name="Company 1")
    door().edit("customers", {row.pk: {"name": "Typed"}}, by="Inès")
    run = sync(connection)
    assert crm.records["customers"]["1"].values["Name"] == "Typed"

    made = take_back(run, admin_user)

    assert crm.records["customers"]["1"].values["Name"] == "Company 1"
    written = Change.objects.get(run_id=made.pk, action="push")
    assert (written.before, written.after, written.reason_code) == ({"name": "Typed"}, {"name": "Typed"}, "taken-back")
    assert not Outbox.objects.exists()


@pytest.mark.requirement("F12", "F17")
def test_killed_and_delivered_twice_it_ends_all_the_same(
    connection: Connection, crm: PaperCrm, admin_user: User, settings: Any
) -> None:
    settings.SYNC_PAGE_SIZE = 3
    sync(connection)
    before = hub()
    crm.later()
    for number in range(1, 13):
        crm.edit("customers", str(number), Name=f"Renamed {number}")
    run = sync(connection)
    made = undo.request_undo(run, admin_user)
    settings.SYNC_SLICE_SECONDS = 0.2

    for _ in range(10):
        run_slice(made.pk)
        Run.objects.filter(pk=made.pk).update(lease_until=None, stuck=0)
        run_slice(made.pk)
    drive(made)

    assert hub() == before
    assert Change.objects.filter(run_id=made.pk, action="restore").count() == 12


def test_it_is_refused_with_a_sentence(connection: Connection, crm: PaperCrm, admin_user: User) -> None:
    preview = runs.request_run(connection, "preview", by="Inès")
    drive(preview)
    run = sync(connection)
    take_back(run, admin_user)

    for asked, says in ((preview, "wrote something"), (run, "taken back already")):
        with pytest.raises(runs.RunRefused, match=says):
            undo.request_undo(asked, admin_user)


def test_statements_do_not_grow_with_the_rows(
    connection: Connection, crm: PaperCrm, admin_user: User, django_assert_max_num_queries: Any
) -> None:
    run = sync(connection)
    made = undo.request_undo(run, admin_user)
    with django_assert_max_num_queries(100):
        run_slice(made.pk)
    assert CsmOwner.objects.count() == 0
    assert database.vendor in {"sqlite", "postgresql"}
