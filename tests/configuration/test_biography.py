"""What the syncs tell on the hub's pages: the eye preview, who writes a field, what happened to a row."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.permissions import Role
from integrations.hub import panels
from integrations.hub.models import Customer
from integrations.sync.models import Block, Change, Connection, FieldMapping, RecordLink, Run
from tests.configuration.factories import connect, link
from tests.hub.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def csm(client_as: Callable[..., Client]) -> Client:
    return client_as(Role.CSM)


def change(connection: Connection, row: Any, action: str = "update", **columns: Any) -> Change:
    said = {"outcome": "done", "reason_code": "no-keys", "reason_params": {}, "source_id": f"src-{row.pk}"} | columns
    return Change.objects.create(
        at=timezone.now(), connection_id=connection.pk, system=connection.system, object="customers", hub_id=row.pk,
        action=action, **said,
    )  # fmt: skip


def text_of(client: Client, name: str, row: Any, **asked: str) -> str:
    return client.get(reverse(f"hub:{name}", args=[row.pk]), asked).content.decode()


@pytest.mark.parametrize(
    ("read_as", "said"),
    [("acme", "Make “acme” win"), (None, "“see our site!” cannot win")],
)
def test_what_can_win_is_named_as_the_hub_would_hold_it(
    read_as: str | None, said: str, connection: Connection, client_as: Callable[..., Client]
) -> None:
    row = CustomerFactory.create(domain="new.example")
    change(
        connection, row, "push", before={"domain": read_as}, after={"domain": "new.example"},
        undo={"crm": {"domain": "see our site!"}},
    )  # fmt: skip

    page = " ".join(text_of(client_as(Role.MANAGER), "customer", row, field="domain").split())

    assert said in page


@pytest.mark.requirement("R198", "R199", "R200", "R201", "R229")
def test_peek_shows_id_system_last_sync_and_that_it_was_matched(csm: Client, connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk).update(web_url="https://brook.example")
    row = CustomerFactory.create(ref_id="18420117731")
    link(connection, row, synced_at=timezone.now() - timedelta(minutes=2))
    change(
        connection, row, "link", reason_code="linked-by-key", reason_params={"label": "Domain", "value": "x.example"}
    )

    page = text_of(csm, "customer-peek", row)

    assert "<code>18420117731</code>" in page
    assert '<span class="sys" aria-hidden="true">BR</span>' in page
    assert "Brook" in page
    assert "Matched, not re-created" in page
    assert "2\xa0minutes ago" in page
    assert f'href="https://brook.example/customers/src-{row.pk}"' in page


def test_peek_of_a_created_row_does_not_say_matched(csm: Client, connection: Connection) -> None:
    row = CustomerFactory.create()
    link(connection, row)
    change(connection, row, "create")

    page = text_of(csm, "customer-peek", row)

    assert "Created from it" in page
    assert "Matched" not in page


def test_peek_of_a_row_without_record_says_so(csm: Client, connection: Connection) -> None:
    page = text_of(csm, "customer-peek", CustomerFactory.create())

    assert "No CRM record is linked to it." in page


def test_arrival_is_the_first_meeting_of_each_record(connection: Connection) -> None:
    row = CustomerFactory.create()
    change(connection, row, "create", run_id=1)
    change(connection, row, "link", run_id=2)
    change(connection, row, "link", run_id=3, source_id="other", outcome="refused")

    arrivals = panels.desk().arrivals("customers", row.pk)

    assert {key: arrival.was_here for key, arrival in arrivals.items()} == {("Brook", f"src-{row.pk}"): False}


def test_customer_page_says_who_writes_each_field(csm: Client, customers: Block) -> None:
    row = CustomerFactory.create(pulse=4)
    link(customers.connection, row)
    customers.lines.filter(hub_field="domain").update(suspended_at=timezone.now())
    FieldMapping.objects.create(block=customers, position=5, hub_field="stage", crm_field="Phase", blanks="erase")

    page = csm.get(reverse("hub:customer", args=[row.pk]))

    lines = {line.field.name: line.writer for line in page.context["lines"]}
    assert list(lines) == ["ref_id", "name", "domain", "stage", "pulse"]
    assert (lines["name"].label, lines["name"].rule) == ("Brook", "blanks never erase")
    assert (lines["stage"].rule, lines["domain"].is_resting, lines["pulse"]) == ("blanks erase", True, None)


def test_customer_page_first_live_connection_writes(csm: Client, customers: Block) -> None:
    row = CustomerFactory.create()
    later = connect("lake", order=2)
    gone = connect("pond", order=0, state=Connection.State.ARCHIVED)
    for one in (later, gone, customers.connection):
        link(one, row)

    writers = panels.desk().story("customers", row.pk).writers

    assert {writer.label for writer in writers.values()} == {"Brook"}


def test_customer_page_tells_what_happened_newest_first(csm: Client, connection: Connection) -> None:
    row = CustomerFactory.create()
    run = Run.objects.create(connection=connection, kind=Run.Kind.DELTA, state=Run.State.DONE)
    change(connection, row, "create", after={"name": "Old"}, run_id=run.pk)
    change(
        connection, row, before={"name": "Old", "pulse": 3}, after={"name": "New", "pulse": None}, actor="Tom Okafor"
    )

    page = text_of(csm, "customer", row, show="changes")

    assert page.index("Tom Okafor") < page.index(">Old</ins>")
    assert '<span class="visually-hidden">erases: </span>3' in page
    assert reverse("sync:run", args=[run.pk]) in page


def test_customer_page_hides_runs_from_who_may_not_see_them(
    connection: Connection, client_as: Callable[..., Client]
) -> None:
    row = CustomerFactory.create()
    run = Run.objects.create(connection=connection, kind=Run.Kind.DELTA, state=Run.State.DONE)
    link(connection, row)
    change(connection, row, "create", after={"name": "Old"}, run_id=run.pk)

    page = text_of(client_as(Role.READ_ONLY), "customer", row, show="changes")

    assert ">Old</ins>" in page
    assert reverse("sync:run", args=[run.pk]) not in page
    assert "Explain it" not in page


def test_customers_filter_by_connection(csm: Client, connection: Connection) -> None:
    linked, excluded, alone = CustomerFactory.create(), CustomerFactory.create(), CustomerFactory.create()
    link(connection, linked)
    link(connection, excluded, state=RecordLink.State.FAILING)

    found = [line.row for line in csm.get(reverse("hub:customers"), {"source": "brook"}).context["rows"]]
    unlinked = [line.row for line in csm.get(reverse("hub:customers"), {"source": "0"}).context["rows"]]

    assert found == [linked, excluded]
    assert unlinked == [alone]


@pytest.mark.parametrize("number", [1, 3])
def test_customer_page_query_count_is_constant(
    number: int, csm: Client, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    row: Customer = CustomerFactory.create(parent=CustomerFactory.create())
    link(connection, row)
    for n in range(number):
        CustomerFactory.create(parent=row)
        ContactFactory.create(customer=row)
        change(connection, row, after={"name": f"Name {n}"}, run_id=n + 1)

    with django_assert_num_queries(45):
        text_of(csm, "customer", row)


@pytest.mark.parametrize("number", [1, 3])
def test_customers_with_sources_query_count_is_constant(
    number: int, csm: Client, connection: Connection, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(number):
        link(connection, CustomerFactory.create())
    first = Customer.objects.first()
    assert first is not None

    with django_assert_num_queries(27):
        csm.get(reverse("hub:customers"), {"peek": first.pk})
