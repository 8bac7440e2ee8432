"""Who sees which customers, by role and by team."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from accounts.permissions import Role
from integrations.hub.models import Customer
from integrations.hub.visibility import visible_contacts, visible_customers
from tests.factories import TeamFactory, UserFactory
from tests.hub.factories import ContactFactory, CsmOwnerFactory, CustomerFactory

pytestmark = pytest.mark.django_db

SEES_ALL = [Role.ADMIN, Role.MANAGER, Role.CSM, Role.SUPPORT, Role.READ_ONLY]


@pytest.fixture
def restricted() -> User:
    return UserFactory.create(role=Role.RESTRICTED_CSM, email="mia@aldervale.example")


def owned_by(email: str, name: str = "Owned") -> Customer:
    return CustomerFactory.create(name=name, csm=CsmOwnerFactory.create(email=email))


@pytest.mark.parametrize("role", SEES_ALL)
def test_visible_customers_of_other_roles_are_all(role: Role) -> None:
    row = owned_by("somebody@aldervale.example")

    assert list(visible_customers(UserFactory.create(role=role))) == [row]


def test_visible_customers_restricted_sees_own_whatever_the_spelling(restricted: User) -> None:
    own = owned_by("MIA@Aldervale.example")
    owned_by("tom@aldervale.example", "Foreign")
    CustomerFactory.create(name="Nobody's", csm=None)

    assert list(visible_customers(restricted)) == [own]


def test_visible_customers_restricted_sees_those_they_help_with(restricted: User) -> None:
    helped = owned_by("tom@aldervale.example")
    helped.team.add(
        CsmOwnerFactory.create(email="mia@aldervale.example"), CsmOwnerFactory.create(email="other@aldervale.example")
    )

    assert list(visible_customers(restricted)) == [helped]


def test_visible_customers_restricted_sees_those_of_a_team_mate(restricted: User) -> None:
    mate = UserFactory.create(email="tom@aldervale.example")
    TeamFactory.create().members.set([restricted, mate])
    mates = owned_by("tom@aldervale.example")
    owned_by("yuki@aldervale.example", "Foreign")

    assert list(visible_customers(restricted)) == [mates]


def test_visible_customers_disabled_person_sees_none() -> None:
    CustomerFactory.create()

    assert not visible_customers(UserFactory.create(role=Role.ADMIN, is_active=False)).exists()
    assert not visible_contacts(UserFactory.create(role=Role.ADMIN, is_active=False)).exists()


def test_visible_contacts_follow_their_customer(restricted: User) -> None:
    own = ContactFactory.create(customer=owned_by("mia@aldervale.example"))
    ContactFactory.create(customer=owned_by("tom@aldervale.example", "Foreign"))

    assert list(visible_contacts(restricted)) == [own]


@pytest.mark.parametrize("page", ["customer", "customer-peek"])
def test_customer_page_of_foreign_customer_is_not_found(
    page: str, client_as: Callable[..., Client], restricted: User
) -> None:
    client = client_as(restricted)
    own, foreign = owned_by("mia@aldervale.example"), owned_by("tom@aldervale.example", "Foreign")

    assert client.get(reverse(f"hub:{page}", args=[own.pk])).status_code == 200
    assert client.get(reverse(f"hub:{page}", args=[foreign.pk])).status_code == 404


@pytest.mark.parametrize("page", ["contact", "contact-peek"])
def test_contact_page_of_foreign_customer_is_not_found(
    page: str, client_as: Callable[..., Client], restricted: User
) -> None:
    client = client_as(restricted)
    own = ContactFactory.create(customer=owned_by("mia@aldervale.example"))
    foreign = ContactFactory.create(customer=owned_by("tom@aldervale.example", "Foreign"))

    assert client.get(reverse(f"hub:{page}", args=[own.pk])).status_code == 200
    assert client.get(reverse(f"hub:{page}", args=[foreign.pk])).status_code == 404


def test_customer_page_hides_foreign_relatives(client_as: Callable[..., Client], restricted: User) -> None:
    parent = owned_by("tom@aldervale.example", "Hidden Holding")
    own = CustomerFactory.create(
        name="Own Daughter", csm=CsmOwnerFactory.create(email="mia@aldervale.example"), parent=parent
    )
    CustomerFactory.create(name="Hidden Grandchild", parent=own)
    client = client_as(restricted)

    pages = [client.get(reverse("hub:customer", args=[own.pk])), client.get(reverse("hub:customers"))]

    for page in pages:
        assert "Own Daughter" in page.content.decode()
        assert "Hidden" not in page.content.decode()


def test_list_does_not_open_the_eye_on_a_foreign_customer(client_as: Callable[..., Client], restricted: User) -> None:
    foreign = owned_by("tom@aldervale.example", "Foreign")

    page = client_as(restricted).get(reverse("hub:customers"), {"peek": foreign.pk})

    assert page.context["peek"] is None
    assert "Foreign" not in page.content.decode()
