"""Rows that were made here before their data type went out: told, and created there by an admin's word."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import AuditEntry, User
from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Contact, Customer, Interaction
from integrations.sync import decisions, runs
from integrations.sync.models import Block, Change, Connection, FieldMapping, HubMark, RecordLink, Run
from integrations.sync.never_sent import create_there, never_sent
from integrations.sync.runner.drive import drive
from tests.signed_in import ClientAs

from .fakes import WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("R8", "R14")]


@pytest.fixture
def connection() -> Connection:
    return connect(objects=("customers", "contacts", "calls"))


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    """One customer with a contact is in both; what comes next is made here while nothing goes out."""
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    crm.person("11", "1", LastName="Reis", Email="ana@aldervale.example")
    sync(connection)
    return crm


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def sync(connection: Connection, kind: str = "delta") -> Run:
    WORLDS[connection.pk].later()
    connection.refresh_from_db()
    return drive(runs.request_run(connection, kind, by="Inès"), 20)


def made(entity: str, **values: Any) -> int:
    [one] = door().create(entity, [values], by="Inès")
    assert isinstance(one, int), one
    return one


def of(name: str) -> int:
    return Customer.objects.get(name=name).pk


def switch(*objects: str) -> None:
    Block.objects.filter(object__in=objects).update(mode="two-way", key_field="Key")
    FieldMapping.objects.filter(block__object__in=objects).exclude(hub_field="ref_id").update(direction="both")


def number(connection: Connection, name: str = "customers") -> int:
    found = never_sent(connection.blocks.get(object=name))
    return found.number if found else 0


def page_of(name: str = "customers") -> str:
    return reverse("sync:mapping", args=["paper", name])


def consent(name: str = "customers") -> str:
    return reverse("sync:create-there", args=["paper", name])


@pytest.fixture
def two(connection: Connection, crm: PaperCrm) -> Connection:
    """Two customers from before, and one from after the switch, which has its mark."""
    made("customers", name="Birch")
    made("customers", name="Cedar")
    switch("customers", "contacts")
    made("customers", name="Dale")
    return connection


def test_rows_from_before_are_told_and_those_from_after_are_not(two: Connection, admin: Client) -> None:
    page = admin.get(page_of()).content.decode()

    assert number(two) == 2
    assert "Not in Paper: 2 customers made here before this data type went out. No sync sends them." in page
    assert f'href="{consent()}"' in page


def test_no_sync_sends_them_by_itself(two: Connection, crm: PaperCrm) -> None:
    sync(two)
    sync(two, "full")

    assert {record.name for record in crm.records["customers"].values()} == {"Aldervale", "Dale"}


def test_nothing_is_told_where_nothing_goes_out_or_nothing_was_compared(
    connection: Connection, crm: PaperCrm, admin: Client
) -> None:
    made("customers", name="Birch")
    assert number(connection) == 0, "input only"

    Block.objects.update(mode="two-way")
    assert number(connection) == 0, "no line goes out"

    switch("customers")
    Block.objects.update(cursor=None)
    assert number(connection) == 0, "never read: any of them may be there"
    assert "made here before" not in admin.get(page_of()).content.decode()
    assert admin.get(consent(), follow=True).redirect_chain[-1][0] == page_of()


def test_rows_of_another_connection_and_those_that_were_parted_are_not_told(
    connection: Connection, crm: PaperCrm
) -> None:
    other = connect("Other")
    WORLDS[other.pk].company("9", "Elm")
    drive(runs.request_run(other, by="Inès"), 20)
    decisions.part(RecordLink.objects.get(connection=connection, object="customers").pk, by="Inès")
    Customer.objects.filter(name="Aldervale").update(ref_writer=None)
    switch("customers")

    assert Customer.objects.count() == 2
    assert number(connection) == 0


def test_admin_consents_and_the_next_sync_creates_them_once(two: Connection, crm: PaperCrm, admin: Client) -> None:
    asked = admin.get(consent())
    answer = admin.post(consent(), {"number": asked.context["number"]}, follow=True)
    again = admin.post(consent(), {"number": asked.context["number"]}, follow=True)
    run = sync(two)
    sync(two, "full")

    assert asked.context["list_url"] == f"{reverse('hub:customers')}?source=0"
    assert "2 customers: the next sync creates them in Paper." in answer.content.decode()
    assert "Nothing is left to create" in again.content.decode()
    assert sorted(record.name for record in crm.records["customers"].values()) == [
        "Aldervale",
        "Birch",
        "Cedar",
        "Dale",
    ]
    created = Change.objects.filter(action="create-out", outcome="done")
    assert set(created.values_list("run_id", flat=True)) == {run.pk}
    assert AuditEntry.objects.filter(verb="had rows created in the CRM", note="2 customers").count() == 1
    assert number(two) == 0
    assert not HubMark.objects.exists()


def test_preview_shows_them_before_anything_is_created(two: Connection, crm: PaperCrm) -> None:
    found = never_sent(two.blocks.get(object="customers"))
    assert found
    create_there(found)

    preview = sync(two, "preview")

    assert preview.counts["customers.create-out"] == 3
    assert crm.sends == []


def test_more_than_were_shown_are_shown_again_first(two: Connection, admin: Client) -> None:
    answer = admin.post(consent(), {"number": "1"})

    assert answer.context["came_between"]
    assert "They are not as many any more as you were shown" in answer.content.decode()
    assert number(two) == 2


def test_contacts_come_with_a_customer_that_is_there_or_is_coming(connection: Connection, crm: PaperCrm) -> None:
    made("customers", name="Birch")
    for name in ("Aldervale", "Birch"):
        made("contacts", customer=str(of(name)), last_name=f"of {name}")
    switch("customers", "contacts")
    assert number(connection, "contacts") == 1, "Birch has no record to hang one on"

    for name in ("customers", "contacts"):
        found = never_sent(connection.blocks.get(object=name))
        assert found
        create_there(found)
    sync(connection)

    assert Contact.objects.count() == 3
    assert sorted(record.name for record in crm.records["contacts"].values()) == ["Reis", "of Aldervale", "of Birch"]


def test_of_interactions_only_those_typed_here_count(connection: Connection, crm: PaperCrm, admin: Client) -> None:
    starts_at = datetime(2026, 3, 2, 9, tzinfo=UTC)
    made("calls", subject="Typed", customer=str(of("Aldervale")), starts_at=starts_at)
    Interaction.objects.create(
        customer_id=of("Aldervale"), type="call", origin="captured", subject="Captured", starts_at=starts_at
    )
    switch("calls")

    assert number(connection, "calls") == 1
    assert admin.get(consent("calls")).context["list_url"] == f"{reverse('hub:interactions')}?type=call&origin=hand"


def test_readers_are_told_and_may_not(two: Connection, client_as: ClientAs) -> None:
    manager = client_as(Role.MANAGER)

    page = manager.get(page_of()).content.decode()

    assert "Not in Paper: 2 customers made here" in page
    assert consent() not in page
    assert manager.post(consent(), {"number": "2"}).status_code == 403
    assert number(two) == 2
