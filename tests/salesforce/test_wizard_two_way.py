"""Two ways, chosen in the guided set-up: from the tick to the record that stands in the practice Salesforce."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.engine.mapping import Kind
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SalesforceConnection
from integrations.setup.forms.both_ways import may_go_out
from integrations.setup.saving import first_data, new_line
from integrations.sync.configuration import write
from integrations.sync.connector import CrmField, Schema
from integrations.sync.models import FieldMapping, HubMark, RecordLink, Run
from integrations.sync.tallies import came_of_it, sum_of

from .conftest import signed_in
from .test_two_way import edit, id_of, sync
from .test_wizard import CONTACTS, CUSTOMERS, page_of, texts
from .writes import count, row

TWO_WAYS = {"mode": "two-way", "both_ways": "on"}
OFFER = "Let every field that Salesforce lets us write go both ways"


@pytest.fixture
def practice(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(4, contacts_per=1)


@pytest.fixture
def connection(db: None, practice: PracticeSalesforce) -> SalesforceConnection:
    connection = signed_in(practice, state="on")
    connector = SalesforceConnector(connection)
    write(connection, first_data(connection, {name: connector.schema(name) for name in ("customers", "contacts")}))
    connection.refresh_from_db()
    return connection


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def choose(
    admin: Client, connection: SalesforceConnection, customers: dict[str, str], contacts: dict[str, str]
) -> None:
    for step, given in (("customers", customers), ("contacts", contacts)):
        answer = admin.post(page_of(connection, step), given)
        assert answer.status_code == 302, answer.context["form"].errors


def made_here() -> int:
    [made] = door().create("customers", [{"name": "Made here"}], by="Inès")
    assert isinstance(made, int)
    return made


def directions(object_name: str) -> dict[str, str]:
    lines = FieldMapping.objects.filter(block__object=object_name)
    return dict(lines.values_list("hub_field", "direction"))


@pytest.mark.requirement("R8", "R14")
def test_edits_and_rows_made_here_arrive_in_salesforce(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    choose(admin, connection, {**CUSTOMERS, **TWO_WAYS, "make_key": "on"}, {**CONTACTS, **TWO_WAYS, "make_key": "on"})
    assert sync(connection).state == Run.State.DONE
    customer, contact = Customer.objects.order_by("pk")[0], Contact.objects.order_by("pk")[0]
    edit(customer, name="Renamed here")
    edit(contact, email="new@aldervale.example")
    made = made_here()
    door().create("contacts", [{"first_name": "Ida", "last_name": "Sorel", "customer": made}], by="Inès")

    for _ in range(3):
        assert sync(connection).state == Run.State.DONE

    assert row(practice, id_of(customer), "Name") == {"Name": "Renamed here"}
    assert row(practice, id_of(contact), "Email", obj="Contact") == {"Email": "new@aldervale.example"}
    assert count(practice, "Name = 'Made here'") == 1
    [person] = practice.query("SELECT FirstName, Account.Name FROM Contact WHERE LastName = 'Sorel'")
    assert (person["FirstName"], person["Account"]["Name"]) == ("Ida", "Made here")
    assert RecordLink.objects.get(object="customers", hub_id=made).state == "linked"
    assert not HubMark.objects.exists()


@pytest.mark.requirement("R8", "R230")
def test_what_knows_no_way_back_stays_input(admin: Client, connection: SalesforceConnection) -> None:
    FieldMapping.objects.filter(block__object="contacts", hub_field="phone").update(transform="equals", argument="x")
    FieldMapping.objects.filter(hub_field="first_name").update(on_conflict="ask", blanks="erase")

    choose(admin, connection, {**CUSTOMERS, **TWO_WAYS}, {**CONTACTS, **TWO_WAYS})

    assert directions("customers") == {"ref_id": "in", "name": "both", "domain": "both", "csm": "both"}
    assert directions("contacts") == {
        "ref_id": "in", "first_name": "both", "last_name": "both", "email": "both", "phone": "in",
    }  # fmt: skip
    kept = FieldMapping.objects.get(hub_field="first_name")
    assert (kept.on_conflict, kept.blanks) == ("ask", "erase")


@pytest.mark.requirement("R8")
@pytest.mark.parametrize(
    ("about", "goes"),
    [
        ({}, True),
        ({"is_updateable": False}, False),
        ({"values": {"Hot": "new", "Cold": "lost"}}, True),
        ({"values": {"Hot": "new", "Warm": "New"}}, False),
        ({"transform": "trim"}, True),
        ({"transform": "first-word"}, False),
        ({"crm": ""}, False),
        ({"crm": "Gone__c"}, False),
    ],
)
def test_line_goes_out_where_the_crm_takes_it_and_it_reads_again_as_it_was_sent(
    about: dict[str, Any], goes: bool
) -> None:
    is_updateable = about.pop("is_updateable", True)
    field = CrmField("Rating", "Rating", "picklist", Kind.CHOICE, is_updateable=is_updateable, is_createable=True)

    line = {**new_line("stage"), "crm": "Rating", **about}

    assert may_go_out(line, Kind.CHOICE, Schema("customers", (field,))) is goes


@pytest.mark.requirement("R8", "R13", "R14")
def test_first_input_then_two_ways_and_what_waited_is_created(
    admin: Client, connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    choose(admin, connection, CUSTOMERS, CONTACTS)
    sync(connection)
    choose(admin, connection, {**CUSTOMERS, "mode": "two-way"}, {**CONTACTS, "mode": "two-way"})
    made = made_here()
    door().create("contacts", [{"last_name": "Sorel", "customer": made}], by="Inès")
    waits = sync(connection)
    assert (sum_of(waits).sent, count(practice, "Name = 'Made here'")) == (0, 0)
    assert "1 made here and not sent, as no field goes out" in came_of_it(waits)

    choose(admin, connection, {**CUSTOMERS, **TWO_WAYS}, {**CONTACTS, **TWO_WAYS})
    edit(Customer.objects.order_by("pk")[0], name="Renamed here")
    for _ in range(2):
        assert sync(connection).state == Run.State.DONE

    assert count(practice, "Name = 'Made here'") == count(practice, "Name = 'Renamed here'") == 1
    assert count(practice, "LastName = 'Sorel'", "Contact") == 1


def test_offer_is_ticked_where_two_ways_begins_and_gone_once_a_line_goes_out(
    admin: Client, connection: SalesforceConnection
) -> None:
    first = admin.get(page_of(connection, "customers"))
    assert OFFER in texts(first)
    assert first.context["form"]["both_ways"].value() is True

    admin.post(page_of(connection, "customers"), {**CUSTOMERS, "both_ways": "on"})
    assert set(directions("customers").values()) == {"in"}

    admin.post(page_of(connection, "customers"), {**CUSTOMERS, "mode": "two-way"})
    assert set(directions("customers").values()) == {"in"}
    again = admin.get(page_of(connection, "customers")).context["form"]
    assert again["both_ways"].value() is False

    admin.post(page_of(connection, "customers"), {**CUSTOMERS, **TWO_WAYS})
    assert OFFER not in texts(admin.get(page_of(connection, "customers")))
    FieldMapping.objects.filter(hub_field="csm").update(direction="in")
    admin.post(page_of(connection, "customers"), {**CUSTOMERS, **TWO_WAYS})
    assert directions("customers")["csm"] == "in"


def test_review_names_what_is_written(admin: Client, connection: SalesforceConnection) -> None:
    choose(admin, connection, {**CUSTOMERS, **TWO_WAYS}, {**CONTACTS, **TWO_WAYS})

    written = admin.get(page_of(connection, "review")).context["forecast"].written

    assert written == ["Customers", "Contacts"]
    assert admin.get(reverse("sync:mapping", args=[connection.slug, "customers"])).status_code == 200


@pytest.mark.requirement("R8", "R14")
def test_review_tells_of_rows_that_were_made_before_the_switch(admin: Client, connection: SalesforceConnection) -> None:
    choose(admin, connection, CUSTOMERS, CONTACTS)
    sync(connection)
    made_here()
    choose(admin, connection, {**CUSTOMERS, **TWO_WAYS}, CONTACTS)

    page = texts(admin.get(page_of(connection, "review")))

    assert "1 customer made here before this data type went out. No sync sends them." in page
