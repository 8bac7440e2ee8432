"""The customer page with two connections: whose record, who writes which field, who may churn, whose revenue counts."""

from collections.abc import Callable, Sequence

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.permissions import Role
from integrations.hub import panels
from integrations.hub.models import Agreement, Customer
from integrations.hub.shown import source_lines
from integrations.hub.sources import sources_of
from integrations.sync.models import Block, Connection, FieldMapping, RecordLink
from tests.configuration.factories import connect, link
from tests.hub.factories import CustomerFactory

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R16", "R229")]


@pytest.fixture
def lake(connection: Connection) -> Connection:
    """The second one: it maps the stage and the CSM owner as well, and churns."""
    found = connect("lake", order=2, churn_missing=True, web_url="https://lake.example")
    customers = found.blocks.get(object="customers")
    for hub_field in ("stage", "csm"):
        FieldMapping.objects.create(block=customers, hub_field=hub_field, crm_field=hub_field)
    return found


def both(brook: Connection, lake: Connection, **columns: str) -> Customer:
    row = CustomerFactory.create()
    link(brook, row, "A1")
    link(lake, row, "B1", **columns)
    return row


def parts(row: Customer) -> dict[str, list[str]]:
    return {name: list(sentences) for name, sentences in panels.desk().bonds(row.pk).items()}


def agreement(connection: Connection, row: Customer) -> None:
    link(connection, Agreement.objects.create(customer=row, amount=100, mrr=100), object="agreements")


def test_each_connection_says_what_it_writes_and_whether_it_churns(connection: Connection, lake: Connection) -> None:
    assert parts(both(connection, lake)) == {
        "Brook": ["Writes: Customer ID, Name and Domain.", "Never churns it: that is up to Lake."],
        "Lake": [
            "Writes: CSM owner and Customer stage.",
            "Fills only where it is empty: Customer ID, Name and Domain.",
            "Churns it when it leaves the source.",
        ],
    }


def test_fields_that_were_left_apart_are_named(connection: Connection) -> None:
    customers = connection.blocks.get(object="customers")
    for hub_field in ("stage", "csm"):
        FieldMapping.objects.create(block=customers, hub_field=hub_field, crm_field=hub_field)
    row = CustomerFactory.create(name="Acme", domain="acme.example")
    settled = {
        "name": ["Acme", "Acme GmbH", ""], "domain": ["acme.example", "acme.example", ""], "score.pulse": [4, 5],
        # Its stage was given here; the owner cannot be read; the profile has no line any more.
        "stage": ["onboarding", None, ""], "csm": [None, None, "", "Nobody", True], "profile": ["A", "B", ""],
    }  # fmt: skip
    link(connection, row, "A1", settled=settled)

    [badge] = source_lines(sources_of("customers", [row.pk])[row.pk])
    assert (badge.light, badge.word) == ("pause", "Differs there"), "and is not called in sync beside it"
    assert parts(row)["Brook"][1:] == [
        "Keeps its stage when it leaves the source.",
        "Differs there, and stays so until one side changes: Name.",
        "Holds there what its line cannot read: CSM owner.",
    ]

    customers.lines.update(blanks="erase")
    assert parts(row)["Brook"][2] == "Differs there, and stays so until one side changes: Name and Customer stage."


def test_archived_connection_is_not_called_in_sync_nor_offered_a_pause(connection: Connection) -> None:
    row = CustomerFactory.create(name="Acme")
    link(connection, row, "A1")
    [badge] = source_lines(sources_of("customers", [row.pk])[row.pk])
    assert (badge.light, bool(badge.source.pause_url)) == ("ok", True)

    Connection.objects.update(state="archived")

    [badge] = source_lines(sources_of("customers", [row.pk])[row.pk])
    assert (badge.light, badge.word, badge.source.pause_url) == ("out", "Archived", "")


def test_edit_against_the_direction_of_its_line_is_named(connection: Connection) -> None:
    """Of what is only read no run carries an edit out, or tells of it before the CRM's value moves."""
    row = CustomerFactory.create(name="Typed here", domain="acme.example")
    link(connection, row, "A1", settled={"name": ["Acme", "Acme", ""], "domain": ["acme.example", "acme.example", ""]})

    assert parts(row)["Brook"][-1] == "Differs there, and stays so until one side changes: Name."

    # Where the line carries it out it only waits for the next run.
    Block.objects.filter(connection=connection).update(mode="two-way")
    FieldMapping.objects.filter(block__connection=connection).update(direction="both")
    assert parts(row)["Brook"][-1] == "Keeps its stage when it leaves the source."


def test_paused_connection_writes_nothing_and_keeps_its_say_about_churn(
    connection: Connection, lake: Connection
) -> None:
    FieldMapping.objects.filter(hub_field="stage").delete()
    Connection.objects.filter(pk=connection.pk).update(state=Connection.State.PAUSED)

    said = parts(both(connection, lake))

    assert said["Brook"] == ["Paused: it writes nothing now.", "Keeps its stage when it leaves the source."]
    assert said["Lake"] == ["Writes: Customer ID, Name, Domain and CSM owner.", "Never churns it: that is up to Brook."]


def test_line_that_only_goes_out_writes_nothing_here(connection: Connection, lake: Connection) -> None:
    Block.objects.filter(connection=lake).update(mode="output")

    assert parts(both(connection, lake))["Lake"][0] == "Writes no field of it."


def test_connection_that_lost_the_customer_takes_no_part(
    connection: Connection, lake: Connection, client_as: Callable[..., Client]
) -> None:
    row = both(connection, lake, state=RecordLink.State.GONE)

    page = client_as(Role.CSM).get(reverse("hub:customer", args=[row.pk])).content.decode()

    assert list(parts(row)) == ["Brook"]
    assert "It takes no part now: it writes nothing and churns nothing." in page


@pytest.mark.parametrize(("live", "counts"), [("on", "Brook"), ("paused", "Lake")])
def test_revenue_of_the_first_live_connection_counts(
    live: str, counts: str, connection: Connection, lake: Connection
) -> None:
    row = both(connection, lake)
    agreement(connection, row)
    agreement(lake, row)
    Connection.objects.filter(pk=connection.pk).update(state=live)

    last = {name: sentences[-1] for name, sentences in parts(row).items()}

    other = "Lake" if counts == "Brook" else "Brook"
    assert last == {
        counts: "Its agreements count as revenue.",
        other: f"Its agreements are shown uncounted: those of {counts} count.",
    }


@pytest.mark.parametrize("role", Role)
def test_every_role_sees_the_connections_of_a_customer(
    role: Role, connection: Connection, lake: Connection, client_as: Callable[..., Client]
) -> None:
    row = both(connection, lake)
    client = client_as(role)

    answer = client.get(reverse("hub:customer", args=[row.pk]))

    if answer.status_code == 404:
        assert role.sees_only_own_customers
        return
    page = answer.content.decode()
    assert "Connections of this customer" in page
    assert page.index("Brook</span>") < page.index("Lake</span>")
    assert 'href="https://lake.example/customers/B1"' in page
    assert ("Pause with Lake" in page) is bool(answer.context["may_edit"])


def test_customer_page_names_as_writer_who_really_writes(connection: Connection, lake: Connection) -> None:
    row = both(connection, lake)
    writers = panels.desk().story("customers", row.pk).writers
    assert (writers["name"].label, writers["stage"].label) == ("Brook", "Lake")

    # Of two with the same order the older one writes, whatever they are called.
    Connection.objects.filter(pk=lake.pk).update(order=connection.order, name="A lake")
    assert panels.desk().story("customers", row.pk).writers["name"].label == "Brook"
    Connection.objects.filter(pk=lake.pk).update(order=2, name="Lake")

    Connection.objects.filter(pk=connection.pk).update(state=Connection.State.PAUSED)
    writers = panels.desk().story("customers", row.pk).writers
    assert (writers["name"].label, writers["stage"].label) == ("Lake", "Lake")


@pytest.mark.parametrize("names", [[], ["Mill", "Pond"]])
def test_customer_page_costs_the_same_for_one_connection_and_for_three(
    names: Sequence[str],
    connection: Connection,
    client_as: Callable[..., Client],
    django_assert_num_queries: DjangoAssertNumQueries,
) -> None:
    row = CustomerFactory.create()
    for number, one in enumerate([connection, *(connect(name.lower()) for name in names)]):
        link(one, row, f"A{number}")
        agreement(one, row)
    client = client_as(Role.CSM)

    with django_assert_num_queries(44):
        client.get(reverse("hub:customer", args=[row.pk]))


def test_place_among_the_connections_is_saved_as_a_version(
    connection: Connection, lake: Connection, client_as: Callable[..., Client]
) -> None:
    client, address = client_as(Role.ADMIN), reverse("sync:connection", args=["brook"])
    asked = {"name": "Brook", "every_minutes": 15, "full_every_hours": 24}
    client.post(address, {**asked, "order": 1})

    page = client.get(address).content.decode()
    client.post(address, {**asked, "order": 3})
    client.post(address, {**asked, "order": ""})

    connection.refresh_from_db()
    assert "Now: Lake 2." in page
    assert (connection.order, connection.versions.latest("number").diff) == (3, ["Order: 1 → 3"])


@pytest.mark.parametrize(
    ("order", "said"), [(-1, "0 or more."), (1000, "At most 999."), ("x", "A whole number, such as 1.")]
)
def test_wrong_place_is_refused(
    order: object, said: str, connection: Connection, client_as: Callable[..., Client]
) -> None:
    asked = {"name": "Brook", "every_minutes": 15, "full_every_hours": 24, "order": order}

    page = client_as(Role.ADMIN).post(reverse("sync:connection", args=["brook"]), asked).content.decode()

    connection.refresh_from_db()
    assert said in page
    assert connection.order == 1
