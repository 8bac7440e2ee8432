"""Typing an interaction, reading what happened, and who may do either."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.permissions import Role
from integrations.hub.models import Contact, Customer, Interaction
from integrations.sync.models import Change
from tests.hub.factories import ContactFactory, CustomerFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def customer() -> Customer:
    return CustomerFactory.create(name="Aldervale")


@pytest.fixture
def manager(client_as: Callable[..., Client]) -> Client:
    return client_as(Role.MANAGER)


def typed(**more: Any) -> dict[str, Any]:
    return {
        "type": "call",
        "starts_at": "2026-11-20T14:30",
        "minutes": "25",
        "subject": "Renewal",
        "body": "Went well.",
        **more,
    }


@pytest.mark.requirement("R53", "R55")
def test_typed_call_is_kept_with_its_people_and_its_journal(manager: Client, customer: Customer) -> None:
    contact: Contact = ContactFactory.create(customer=customer)

    answer = manager.post(
        reverse("hub:interaction-new", args=[customer.pk]), typed(contacts=[contact.pk], is_incoming="yes")
    )

    row = Interaction.objects.get()
    assert answer["Location"] == reverse("hub:customer", args=[customer.pk]) + "?show=interactions"
    assert (row.type, row.origin, row.minutes, row.is_incoming) == ("call", "hand", 25, True)
    assert list(row.contacts.all()) == [contact]
    assert Change.objects.get(object="calls", action="create").hub_id == row.pk


@pytest.mark.parametrize(
    ("wrong", "says"),
    [
        ({"starts_at": "soon"}, "A date and a time"),
        ({"subject": ""}, "what it was about"),
        ({"minutes": "long"}, "whole number of minutes"),
    ],
)
def test_bad_input_is_named_and_nothing_is_lost(
    manager: Client, customer: Customer, wrong: dict[str, str], says: str
) -> None:
    page = manager.post(reverse("hub:interaction-new", args=[customer.pk]), typed(**wrong)).content.decode()

    assert says in page
    assert "Went well." in page
    assert not Interaction.objects.exists()


def test_typed_one_can_be_changed_and_deleted(manager: Client, customer: Customer) -> None:
    manager.post(reverse("hub:interaction-new", args=[customer.pk]), typed())
    row = Interaction.objects.get()

    manager.post(reverse("hub:interaction-edit", args=[row.pk]), typed(subject="Renewal, second call"))
    row.refresh_from_db()
    assert row.subject == "Renewal, second call"

    manager.post(reverse("hub:interaction-delete", args=[row.pk]))
    assert not Interaction.objects.exists()
    assert Change.objects.get(action="delete").before["subject"] == "Renewal, second call"


def test_captured_one_is_only_read(manager: Client, customer: Customer) -> None:
    row = captured(customer)

    assert manager.get(reverse("hub:interaction-edit", args=[row.pk])).status_code == 403
    assert manager.post(reverse("hub:interaction-delete", args=[row.pk])).status_code == 403
    assert "Kick-off" in manager.get(reverse("hub:interaction", args=[row.pk])).content.decode()


def test_list_filters_by_kind_origin_and_subject(manager: Client, customer: Customer) -> None:
    captured(customer)
    manager.post(reverse("hub:interaction-new", args=[customer.pk]), typed())

    def subjects(**asked: str) -> set[str]:
        page = manager.get(reverse("hub:interactions"), asked).content.decode()
        return {subject for subject in ("Kick-off", "Renewal") if subject in page}

    assert subjects() == {"Kick-off", "Renewal"}
    assert subjects(type="meeting") == {"Kick-off"}
    assert subjects(origin="hand") == {"Renewal"}
    assert subjects(q="kick") == {"Kick-off"}


def test_restricted_csm_sees_only_their_customers(client_as: Callable[..., Client], customer: Customer) -> None:
    row = captured(customer)
    client = client_as(Role.RESTRICTED_CSM)

    assert client.get(reverse("hub:interaction", args=[row.pk])).status_code == 404
    assert "Kick-off" not in client.get(reverse("hub:interactions")).content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_list_takes_as_many_statements_for_one_row_as_for_three(
    manager: Client, customer: Customer, number: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(number):
        captured(customer)
    manager.get(reverse("hub:interactions"))
    with django_assert_max_num_queries(14):
        manager.get(reverse("hub:interactions"))


def captured(customer: Customer) -> Interaction:
    return Interaction.objects.create(
        customer=customer, type="meeting", origin="captured", subject="Kick-off", starts_at=timezone.now()
    )
