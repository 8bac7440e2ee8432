"""Agreements on pages: what counts in MRR and what does not, rates that an admin types, and what each page costs."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from accounts.models import AuditEntry
from accounts.permissions import Role
from integrations.hub import revenue
from integrations.hub.models import Agreement, Customer, ExchangeRate, MoneySettings
from integrations.sync.models import Connection, RecordLink
from tests.hub.factories import CustomerFactory

pytestmark = pytest.mark.django_db
START = date(2025, 3, 1)


@pytest.fixture
def csm(client_as: Callable[..., Client]) -> Client:
    return client_as(Role.CSM)


@pytest.fixture
def admin(client_as: Callable[..., Client]) -> Client:
    return client_as(Role.ADMIN)


def test_sum_holds_active_ones_and_says_what_is_missing() -> None:
    signed("100")
    signed("50", currency="")
    signed("7", status="PAUSED")
    signed(None)
    signed("9", currency="USD")

    assert revenue.total(Agreement.objects.all()) == revenue.Total("EUR", Decimal(150), 2, 1, 1, 0)


@pytest.mark.parametrize(
    ("start", "mrr"), [(date(2025, 3, 1), "90.00"), (date(2025, 5, 31), "90.00"), (date(2025, 6, 1), "80.00")]
)
def test_amount_is_converted_at_the_rate_of_its_start(start: date, mrr: str) -> None:
    rate("USD", date(2025, 3, 1), "0.9")
    rate("USD", date(2025, 6, 1), "0.8")
    signed("100", currency="USD", start_date=start)

    assert str(revenue.total(Agreement.objects.all()).mrr) == mrr


def test_rate_from_after_the_start_converts_nothing() -> None:
    rate("USD", date(2025, 3, 2), "0.9")
    signed("100", currency="USD")

    total = revenue.total(Agreement.objects.all())
    assert (total.mrr, total.number, total.unconverted) == (0, 0, 1)


def test_rates_into_another_currency_rest() -> None:
    rate("USD", START, "0.9", into="GBP")
    signed("100", currency="USD")

    assert revenue.total(Agreement.objects.all()).unconverted == 1
    MoneySettings.objects.create(pk=1, currency="GBP")
    assert revenue.total(Agreement.objects.all()).mrr == 90


def test_only_the_first_live_connection_counts_a_customer() -> None:
    first, second = connection("one", 1), connection("two", 2)
    customer = CustomerFactory.create()
    linked(first, signed("100", customer=customer))
    linked(second, signed("70", customer=customer))
    signed("5", customer=customer)
    linked(second, signed("30"))

    assert total_of() == (Decimal("135.00"), 1)
    Connection.objects.filter(pk=first.pk).update(state="paused")
    assert total_of() == (Decimal("105.00"), 1)
    Connection.objects.update(state="paused")
    assert total_of() == (Decimal("135.00"), 1)


def test_gone_one_counts_until_it_ends_and_says_so(csm: Client) -> None:
    signed("100", plan="Gold", gone_at=timezone.now())

    page = csm.get(reverse("hub:agreements"))

    assert page.context["total"].mrr == 100
    assert "gone from the CRM since" in page.content.decode()


def test_filters_each_narrow_the_list(csm: Client) -> None:
    signed("100", plan="Gold")
    signed("1", plan="Dollar", currency="USD")
    signed(None, plan="Blank")
    signed("2", plan="Paused", status="PAUSED", gone_at=timezone.now())

    assert plans(csm, q="gol") == ["Gold"]
    assert plans(csm, status="PAUSED") == ["Paused"]
    assert plans(csm, currency="USD") == ["Dollar"]
    assert plans(csm, revenue="counted") == ["Gold"]
    assert plans(csm, revenue="unconverted") == ["Dollar"]
    assert plans(csm, revenue="unknown") == ["Blank"]
    assert plans(csm, gone="yes") == ["Paused"]
    assert plans(csm, q="nothing") == []


def test_sorting_by_revenue_compares_what_was_converted(csm: Client) -> None:
    rate("USD", START, "0.5")
    signed("100", plan="Dollars", currency="USD")
    signed("60", plan="Euros")

    assert plans(csm, sort="-revenue") == ["Euros", "Dollars"]
    assert plans(csm, sort="revenue") == ["Dollars", "Euros"]


def test_page_says_choices_in_words(csm: Client) -> None:
    row = signed("100", plan="Gold", amount_format="MRR", type="RENEW")

    page = csm.get(reverse("hub:agreement", args=[row.pk])).content.decode()

    assert "Renewal" in page
    assert "RENEW" not in page


def test_revenue_is_shown_per_year_where_the_team_wants_it(csm: Client) -> None:
    MoneySettings.objects.create(pk=1, shown_as="ARR")
    row = signed("100", plan="Gold")

    page = csm.get(reverse("hub:agreement", args=[row.pk]))

    assert "1,200" in page.content.decode()
    assert Agreement.objects.get().mrr == 100


def test_customer_page_shows_its_agreements_and_their_sum(csm: Client) -> None:
    row = signed("100", plan="Gold")
    signed("999", plan="Other")

    page = csm.get(reverse("hub:customer", args=[row.customer_id]), {"show": "agreements"}).content.decode()

    assert "Gold" in page
    assert "Other" not in page
    assert "MRR 100.00 EUR from 1 active agreement." in page


def test_restricted_csm_sees_no_foreign_agreement(client_as: Callable[..., Client]) -> None:
    row = signed("100", plan="Gold")
    person = client_as(Role.RESTRICTED_CSM)

    assert plans(person) == []
    assert person.get(reverse("hub:agreements")).context["total"].mrr == 0
    assert person.get(reverse("hub:agreement", args=[row.pk])).status_code == 404


@pytest.mark.parametrize("address", ["list", "customer"])
def test_pages_cost_the_same_for_one_agreement_and_for_three(
    csm: Client, address: str, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    one = connection("one", 1)
    customer = CustomerFactory.create()
    linked(one, signed("1", customer=customer))
    url = reverse("hub:agreements") if address == "list" else reverse("hub:customer", args=[customer.pk])
    number = cost(csm, url)
    linked(one, signed("2", customer=customer))
    linked(one, signed("3", customer=customer, currency="USD"))

    with django_assert_num_queries(number):
        assert csm.get(url, {"show": "agreements"}).status_code == 200


def test_admin_types_a_rate_and_the_trail_knows(admin: Client) -> None:
    signed("100", currency="USD")
    assert "Without a rate" in admin.get(reverse("hub:money")).content.decode()

    answer = admin.post(reverse("hub:rate-new"), {"currency": "USD", "rate": "0.9", "day": "2025-01-01"})

    assert answer.status_code == 302
    assert revenue.total(Agreement.objects.all()).mrr == 90
    assert Decimal((AuditEntry.objects.get(verb="created").after or {})["rate"]) == Decimal("0.9")
    assert "Without a rate" not in admin.get(reverse("hub:money")).content.decode()


@pytest.mark.parametrize(
    "typed",
    [
        {"currency": "EUR", "rate": "1", "day": "2025-01-01"},
        {"currency": "USD", "rate": "0", "day": "2025-01-01"},
        {"currency": "USD", "rate": "-1", "day": "2025-01-01"},
        {"currency": "XYZ", "rate": "1", "day": "2025-01-01"},
        {"currency": "USD", "rate": "NaN", "day": "2025-01-01"},
        {"currency": "USD", "rate": "1", "day": "yesterday"},
        {"currency": "USD", "rate": "1", "day": "2025-02-02"},
        {},
    ],
)
def test_rate_that_cannot_be_is_refused(admin: Client, typed: dict[str, str]) -> None:
    rate("USD", date(2025, 2, 2), "0.9")

    assert admin.post(reverse("hub:rate-new"), typed).status_code == 422
    assert ExchangeRate.objects.count() == 1


def test_removed_rate_leaves_amounts_listed_not_summed(admin: Client) -> None:
    made = rate("USD", date(2025, 1, 1), "0.9")
    signed("100", currency="USD")

    admin.post(reverse("hub:rate-delete", args=[made.pk]))

    assert revenue.total(Agreement.objects.all()).unconverted == 1
    assert AuditEntry.objects.filter(verb="deleted").exists()


def test_reporting_currency_is_changed_and_audited(admin: Client) -> None:
    assert admin.post(reverse("hub:money"), {"currency": "USD", "shown_as": "ARR"}).status_code == 302

    assert (MoneySettings.current().currency, MoneySettings.current().shows_year) == ("USD", True)
    entry = AuditEntry.objects.get(verb="changed")
    assert ((entry.before or {})["currency"], (entry.after or {})["currency"]) == ("EUR", "USD")


def signed(mrr: str | None, *, customer: Customer | None = None, **more: Any) -> Agreement:
    """As a sync writes it: amount and MRR agree."""
    amount = None if mrr is None else Decimal(mrr)
    values = {"currency": "EUR", "status": "ACTIVE", "start_date": START} | more
    return Agreement.objects.create(customer=customer or CustomerFactory.create(), amount=amount, mrr=amount, **values)


def rate(currency: str, day: date, value: str, into: str = "EUR") -> ExchangeRate:
    return ExchangeRate.objects.create(currency=currency, into=into, day=day, rate=Decimal(value))


def connection(slug: str, order: int) -> Connection:
    return Connection.objects.create(system="salesforce", name=slug, slug=slug, order=order, state="on")


def linked(one: Connection, row: Agreement) -> None:
    RecordLink.objects.create(
        connection=one, object="agreements", source_object="Opportunity", source_id=f"006{row.pk}", hub_id=row.pk,
        state="linked",
    )  # fmt: skip


def total_of() -> tuple[Decimal, int]:
    total = revenue.total(Agreement.objects.all())
    return total.mrr, total.elsewhere


def plans(client: Client, **asked: Any) -> list[str]:
    page = client.get(reverse("hub:agreements"), asked)
    assert page.status_code == 200
    return [line.row.plan for line in page.context["rows"]]


def cost(client: Client, url: str) -> int:
    from django.db import connection as database
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(database) as made:
        assert client.get(url, {"show": "agreements"}).status_code == 200
    return len(made)
