"""The guided set-up of Intercom over the made-up world, whose customers carry the IDs of the CRM."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import Contact, Customer, Interaction, Stage
from integrations.intercom.connector import IntercomConnector
from integrations.intercom.models import IntercomConnection
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.rehearsal.salesforce_org import account_id
from integrations.rehearsal.world import world
from integrations.salesforce.simulator import make_id
from integrations.setup.saving import first_data
from integrations.sync import runs
from integrations.sync.configuration import write
from integrations.sync.models import Block, RecordLink, Run
from integrations.sync.runner.drive import drive
from tests.configuration.test_mapping_page import typed

from .conftest import signed_in

CUSTOMERS = {"ref_id": "company_id", "carries": "ids"}
CONTACTS = {"ref_id": "external_id", "carries": "ids"}
INTERACTIONS = {"emails": "input", "calls": "input", "notes": "input", "since_months": "0"}


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def hub(db: None) -> None:
    """What the CRM brought: its customers and their contacts."""
    run = Stage.objects.get(name="run")
    companies = [one for one in world().companies() if "customer" in one.relation]
    rows = Customer.objects.bulk_create(
        Customer(name=one.name.replace("\x00", ""), name_key=one.name.replace("\x00", "").casefold(), ref_id=account_id(one.number), stage=run)
        for one in companies
    )  # fmt: skip
    owners = {one.number: row for one, row in zip(companies, rows, strict=True)}
    Contact.objects.bulk_create(
        Contact(
            last_name=one.last.replace("\x00", ""), ref_id=make_id("003", one.number), customer=owners[one.company],
            email=one.email or "", email_key=(one.email or "").casefold(),
        )
        for one in world().people()
        if one.company in owners
    )  # fmt: skip


@pytest.fixture
def connection(db: None, crm: PracticeIntercom, admin: Client) -> IntercomConnection:
    found = signed_in(crm)
    schemas: Any = {name: IntercomConnector(found).schema(name) for name in ("customers", "contacts")}
    write(found, first_data(found, schemas))
    found.refresh_from_db()
    return found


def page_of(connection: IntercomConnection, step: str) -> str:
    return reverse("intercom:wizard", args=[connection.slug, step])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.requirement("R184", "R185", "R190", "R191", "R192")
def test_pages_look_whether_the_ids_stand_in_intercom(hub: None, admin: Client, connection: IntercomConnection) -> None:
    companies = admin.get(page_of(connection, "customers"))
    contacts = admin.get(page_of(connection, "contacts"))

    [(label, held), *_others] = companies.context["evidence"]
    assert (label, held.rows, held.filled) == ("Company ID", 60, 60)
    assert 0 < held.known < 60
    [(label, held), *_others] = contacts.context["evidence"]
    assert label == "User ID"
    assert 0 < held.known < held.filled < held.rows
    assert "Intercom lists no company that nobody belongs to" in texts(companies)


@pytest.mark.requirement("R189")
def test_ids_only_is_one_choice_and_is_said_wherever_the_mode_stands(
    admin: Client, connection: IntercomConnection
) -> None:
    for step, data in (("customers", CUSTOMERS), ("contacts", CONTACTS)):
        assert admin.post(page_of(connection, step), data).status_code == 302

    block = Block.objects.get(connection=connection, object="customers")
    overview = texts(admin.get(reverse("sync:connection", args=[connection.slug])))
    mapping = texts(admin.get(reverse("sync:mapping", args=[connection.slug, "customers"])))
    assert [(one.hub_field, one.crm_field) for one in block.lines.all()] == [("ref_id", "company_id")]
    assert overview.count("IDs only") == 2
    assert "Customer ID is only compared with what Intercom holds, and never written." in overview
    assert "Direction ceiling of this data type: IDs only" in mapping


def test_fields_flow_where_the_mapping_says_so(admin: Client, connection: IntercomConnection) -> None:
    admin.post(page_of(connection, "customers"), {"ref_id": "company_id", "carries": "fields"})
    page = reverse("sync:mapping", args=[connection.slug, "customers"])
    block = Block.objects.select_related("connection").get(object="customers")

    saved = admin.post(page, typed(block, domain__crm="website", ref_is_common="on"))

    lines = set(Block.objects.get(object="customers").lines.values_list("hub_field", flat=True))
    assert (saved.status_code, lines) == (302, {"ref_id", "domain"})
    assert "IDs only" not in texts(admin.get(page)).partition("Direction ceiling")[2][:80]
    again = admin.get(page_of(connection, "customers"))
    assert again.context["form"]["carries"].value() == "fields"


@pytest.mark.requirement("R185", "R189")
def test_whole_world_links_what_is_known_and_lists_the_rest(
    hub: None, admin: Client, connection: IntercomConnection, crm: PracticeIntercom
) -> None:
    before = Customer.objects.count(), Contact.objects.count()
    for step, data in (("customers", CUSTOMERS), ("contacts", CONTACTS), ("interactions", INTERACTIONS)):
        assert admin.post(page_of(connection, step), data).status_code == 302, step
    review = admin.get(page_of(connection, "review"))
    IntercomConnection.objects.update(state="on")
    connection.refresh_from_db()

    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 300.0)
    run.refresh_from_db()

    assert run.state == Run.State.DONE, run.reason_params
    assert (Customer.objects.count(), Contact.objects.count()) == before
    states = {
        name: set(RecordLink.objects.filter(object=name).values_list("state", flat=True))
        for name in ("customers", "contacts", "notes")
    }
    assert states["customers"] == states["contacts"] == {"linked", "excluded"}
    assert Interaction.objects.filter(type="email").exists()
    assert Interaction.objects.filter(type="call").exists()
    assert Interaction.objects.filter(type="note", contacts__isnull=False).exists()
    assert not Interaction.objects.filter(customer=None).exists()
    assert all(block.unexplained in {0, None} for block in connection.blocks.all())
    shown = texts(review)
    assert "a day" not in shown.partition("Calls")[2][:200]
    listed = texts(admin.get(reverse("sync:records", args=[connection.slug, "customers"]) + "?state=excluded"))
    assert "Intercom adds to what is here and creates nothing" in listed


def test_what_is_read_of_conversations_is_said(admin: Client, connection: IntercomConnection) -> None:
    shown = texts(admin.get(page_of(connection, "interactions")))

    assert "Replies take a call for each conversation" in shown
    assert "left out, and listed" in shown


@pytest.mark.parametrize("step", ["customers", "contacts", "interactions", "move", "review"])
def test_others_look_and_change_nothing(
    client_as: Callable[..., Client], admin: Client, connection: IntercomConnection, step: str
) -> None:
    manager = client_as(Role.MANAGER)

    assert manager.get(page_of(connection, step)).status_code == 200
    assert manager.post(page_of(connection, step), {}).status_code == 403
