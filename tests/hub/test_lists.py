"""The lists of customers and contacts: search, filters, sort, paging, and what each page costs."""

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
from integrations.hub.models import Customer, Stage
from tests.hub.factories import ContactFactory, CsmOwnerFactory, CustomerFactory, HealthProfileFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def csm(client_as: Callable[..., Client]) -> Client:
    return client_as(Role.CSM)


def names(client: Client, entity: str = "customers", **asked: Any) -> list[str]:
    page = client.get(reverse(f"hub:{entity}"), asked)
    assert page.status_code == 200
    return [str(line.row) for line in page.context["rows"]]


@pytest.mark.parametrize("words", ["élan", "ÉLAN", "  Élan   Vital ", "ELAN-VITAL.example", "0015g00000XyZ1A", "vital"])
def test_customers_search_finds_by_name_domain_and_id(csm: Client, words: str) -> None:
    CustomerFactory.create(name="Élan  Vital", domain="elan-vital.example", ref_id="0015g00000XyZ1AAAV")
    CustomerFactory.create(name="Other", domain="other.example", ref_id="001other")

    assert names(csm, q=words) == ["Élan  Vital"]


@pytest.mark.parametrize("words", ["%", "_", "' OR 1=1 --", "<script>", "\x00", "x" * 500, "😀"])
def test_customers_search_takes_anything_as_words(csm: Client, words: str) -> None:
    CustomerFactory.create(name="Plain")

    assert names(csm, q=words) == []


def test_customers_filters_each_narrow_the_list(csm: Client) -> None:
    profile, owner = HealthProfileFactory.create(), CsmOwnerFactory.create()
    parent = CustomerFactory.create(name="Parent")
    CustomerFactory.create(
        name="Child", stage=Stage.objects.get(name="churn"), profile=profile, csm=owner, parent=parent
    )
    ContactFactory.create(customer=parent)

    assert names(csm, stage="churn") == ["Child"]
    assert names(csm, profile=profile.pk) == ["Child"]
    assert names(csm, csm=owner.pk) == ["Child"]
    assert names(csm, csm="0") == ["Parent"]
    assert names(csm, family="parents") == ["Parent"]
    assert names(csm, family="children") == ["Child"]
    assert names(csm, family="single") == []
    assert names(csm, contacts="none") == ["Child"]
    assert names(csm, contacts="some") == ["Parent"]
    assert names(csm, source="0") == ["Child", "Parent"]


def test_customers_wrong_filter_shows_nothing_and_says_why(csm: Client) -> None:
    CustomerFactory.create()

    page = csm.get(reverse("hub:customers"), {"stage": "no-such-stage"})

    assert page.context["rows"] == []
    assert "no-such-stage is not one of the available choices" in page.content.decode()


@pytest.mark.parametrize(
    ("sort", "expected"),
    [
        ("name", ["Alpha", "beta"]),
        ("-name", ["beta", "Alpha"]),
        ("stage", ["beta", "Alpha"]),
        ("-csm", ["Alpha", "beta"]),
        ("changed", ["beta", "Alpha"]),
        ("password", ["Alpha", "beta"]),
    ],
)
def test_customers_sort_by_column(csm: Client, sort: str, expected: list[str]) -> None:
    beta = CustomerFactory.create(
        name="beta", stage=Stage.objects.get(name="trial"), csm=CsmOwnerFactory.create(name="Abel")
    )
    CustomerFactory.create(name="Alpha", csm=CsmOwnerFactory.create(name="Zoe"))
    Customer.objects.filter(pk=beta.pk).update(updated_at=timezone.now() - timedelta(days=1))

    assert names(csm, sort=sort) == expected


def test_customers_pages_of_fifty_repeat_and_lose_nothing(csm: Client) -> None:
    CustomerFactory.create_batch(101, name="Same name")

    pages = [csm.get(reverse("hub:customers"), {"page": number}) for number in (1, 2, 3)]

    shown = [line.row.pk for page in pages for line in page.context["rows"]]
    assert [len(page.context["rows"]) for page in pages] == [50, 50, 1]
    assert len(set(shown)) == 101


def test_customers_empty_hub_says_what_brings_the_first(client_as: Callable[..., Client]) -> None:
    assert "Connect a CRM" in client_as(Role.ADMIN).get(reverse("hub:customers")).content.decode()
    assert "Connect a CRM" not in client_as(Role.READ_ONLY).get(reverse("hub:customers")).content.decode()


@pytest.mark.requirement("R198", "R229")
def test_customers_eye_stands_last_and_opens_beside_the_list(csm: Client) -> None:
    row = CustomerFactory.create(name="Marlowe")

    closed = csm.get(reverse("hub:customers")).content.decode()
    opened = csm.get(reverse("hub:customers"), {"peek": row.pk})

    last_cell = closed[closed.rindex("<td") : closed.rindex("</tr>")]
    assert f'href="{reverse("hub:customer-peek", args=[row.pk])}"' in last_cell
    assert "Open the preview of Marlowe" in last_cell
    assert opened.context["peek"]["row"] == row
    assert "Close the preview of Marlowe" in opened.content.decode()


@pytest.mark.parametrize("peek", ["0", "-1", "x", "9" * 30, "²"])
def test_customers_peek_at_nothing_shows_the_list(csm: Client, peek: str) -> None:
    CustomerFactory.create(name="Marlowe")

    assert names(csm, peek=peek) == ["Marlowe"]


def test_contacts_search_and_filters(csm: Client) -> None:
    marlowe = CustomerFactory.create(name="Marlowe")
    ContactFactory.create(customer=marlowe, last_name="Lovelace", email="Ada.L@Marlowe.example", is_champion=True)
    ContactFactory.create(last_name="Gone", gone_at=timezone.now())

    assert names(csm, "contacts", q="lovelace") == ["Ada Lovelace"]
    assert names(csm, "contacts", q="ada.l@marlowe") == ["Ada Lovelace"]
    assert names(csm, "contacts", q="Marlowe") == ["Ada Lovelace"]
    assert names(csm, "contacts", role="is_champion") == ["Ada Lovelace"]
    assert names(csm, "contacts", gone="yes") == ["Ada Gone"]
    assert names(csm, "contacts", gone="no") == ["Ada Lovelace"]
    assert names(csm, "contacts", customer=marlowe.pk) == ["Ada Lovelace"]
    assert names(csm, "contacts", sort="-name") == ["Ada Lovelace", "Ada Gone"]


def test_hub_pages_without_any_sync_above_work(csm: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(panels, "_desks", [panels._NoDesk()])
    row = ContactFactory.create()

    for name, pk in (("customer", row.customer_id), ("customer-peek", row.customer_id), ("contact", row.pk)):
        assert csm.get(reverse(f"hub:{name}", args=[pk])).status_code == 200
    assert names(csm, source="0") == [str(row.customer)]


PAGES = ["customers", "contacts"]
QUERIES = {"customers": 16, "contacts": 12}


@pytest.mark.parametrize("number", [1, 3])
@pytest.mark.parametrize("entity", PAGES)
def test_list_query_count_is_constant(
    csm: Client, entity: str, number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    for _row in range(number):
        ContactFactory.create(
            customer=CustomerFactory.create(parent=CustomerFactory.create(), csm=CsmOwnerFactory.create())
        )
    csm.get(reverse("hub:customers"))

    with django_assert_num_queries(QUERIES[entity]):
        csm.get(reverse(f"hub:{entity}"))


@pytest.mark.parametrize("method", ["post", "put", "delete", "patch"])
def test_hub_pages_take_no_changes(csm: Client, method: str) -> None:
    assert getattr(csm, method)(reverse("hub:customers")).status_code == 405
