"""Typing an interaction, reading what happened, and who may do either."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.hub.models import CaptureSettings, Contact, Customer, Interaction
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
        ({"body": "Went well." * 3201}, "32000"),
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

    refused = manager.get(reverse("hub:interaction-edit", args=[row.pk]))
    assert refused.status_code == 403
    assert "It was captured, so nobody changes it here" in refused.content.decode()
    assert manager.post(reverse("hub:interaction-delete", args=[row.pk])).status_code == 403
    assert "Kick-off" in manager.get(reverse("hub:interaction", args=[row.pk])).content.decode()


def test_list_filters_by_kind_origin_direction_days_and_words(manager: Client, customer: Customer) -> None:
    captured(customer)
    manager.post(reverse("hub:interaction-new", args=[customer.pk]), typed(is_incoming="no"))
    other: Customer = CustomerFactory.create(name="Birch")
    captured(other, subject="Review")

    def subjects(**asked: Any) -> set[str]:
        page = manager.get(reverse("hub:interactions"), asked).content.decode()
        return {subject for subject in ("Kick-off", "Renewal", "Review") if subject in page}

    assert subjects() == {"Kick-off", "Renewal", "Review"}
    assert subjects(type="meeting") == {"Kick-off", "Review"}
    assert subjects(origin="hand") == {"Renewal"}
    assert subjects(direction="out") == {"Renewal"}
    assert subjects(direction="in") == set()
    assert subjects(direction="unsaid") == {"Kick-off", "Review"}
    assert subjects(first="2026-11-20", last="2026-11-20") == {"Renewal"}
    assert subjects(last="2026-11-19") == set()
    assert subjects(q="kick") == {"Kick-off"}
    assert subjects(q="BIRCH") == {"Review"}
    assert subjects(customer=other.pk) == {"Review"}


@pytest.mark.parametrize(
    "asked", [{"first": "soon"}, {"type": "letter"}, {"customer": "9" * 30}, {"before": "0001-01-01T00:00:00+14:00~1"}]
)
def test_filter_that_cannot_be_read_is_no_error(manager: Client, customer: Customer, asked: dict[str, str]) -> None:
    captured(customer)

    assert manager.get(reverse("hub:interactions"), asked).status_code == 200


def test_list_is_by_when_it_was_and_pages_without_loss(manager: Client, customer: Customer) -> None:
    now = timezone.now()
    # Read oldest last, many at one moment: neither ids nor moments alone tell the order.
    for place in range(120):
        captured(customer, subject=f"No {place:03}", starts_at=now - timedelta(minutes=place // 40))

    first = manager.get(reverse("hub:interactions")).context["page"]
    second = manager.get(reverse("hub:interactions"), {"before": first.older}).context["page"]
    third = manager.get(reverse("hub:interactions"), {"before": second.older}).context["page"]
    back = manager.get(reverse("hub:interactions"), {"after": third.newer}).context["page"]

    shown = [row.pk for page in (first, second, third) for row in page.rows]
    assert shown == list(Interaction.objects.order_by("-starts_at", "-pk").values_list("pk", flat=True))
    assert (third.older, back.rows) == (None, second.rows)


def test_page_tells_where_it_came_from_and_what_happened_to_it(manager: Client, customer: Customer) -> None:
    manager.post(reverse("hub:interaction-new", args=[customer.pk]), typed())
    row = Interaction.objects.get()
    manager.post(reverse("hub:interaction-edit", args=[row.pk]), typed(subject="Renewal, second call"))

    page = manager.get(reverse("hub:interaction", args=[row.pk])).content.decode()

    assert "No CRM record is linked to it." in page
    assert page.count("Made here by") == 1
    assert page.count("Changed here by") == 1


def test_ticket_of_no_data_type_has_a_page(manager: Client, customer: Customer) -> None:
    row = captured(customer, type="ticket", subject="Cannot sign in")

    assert "Cannot sign in" in manager.get(reverse("hub:interaction", args=[row.pk])).content.decode()


@pytest.mark.requirement("R77")
def test_admin_says_what_is_connected_and_it_is_audited(client_as: Callable[..., Client], customer: Customer) -> None:
    captured(customer)
    admin = client_as(Role.ADMIN)

    answer = admin.post(reverse("hub:capture"), {"calendar_connected": "on"}, follow=True)
    admin.post(reverse("hub:capture"), {"calendar_connected": "on"})

    settings = CaptureSettings.current()
    assert (settings.calendar_connected, settings.mailbox_connected) == (True, False)
    assert answer.context["kinds"] == [("meeting", "Meeting", 1, 0)]
    [entry] = AuditEntry.objects.filter(kind="mailbox and calendar")
    assert (entry.before, entry.after) == ({"calendar_connected": False}, {"calendar_connected": True})


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


def captured(customer: Customer, **more: Any) -> Interaction:
    values = {"type": "meeting", "subject": "Kick-off", "starts_at": timezone.now(), **more}
    return Interaction.objects.create(customer=customer, origin="captured", **values)
