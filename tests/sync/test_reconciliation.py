"""From the CRM's revenue to the hub's: every step has its rows, and the steps add up."""

from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from integrations.hub.door import door
from integrations.hub.models import Agreement, ExchangeRate, MoneySettings
from integrations.sync import runs
from integrations.sync.models import Connection
from integrations.sync.reconciliation import Bridge, bridge_of
from integrations.sync.runner.drive import drive
from tests.today import TODAY

from .fakes import WORLDS, PaperCrm, connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E8"), pytest.mark.usefixtures("one_day")]


@pytest.fixture
def connection() -> Connection:
    return connect(objects=("customers", "agreements"))


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    crm = WORLDS[connection.pk]
    crm.company("1", "Aldervale")
    crm.company("2", "Birch")
    return crm


def sync(connection: Connection) -> None:
    run = runs.request_run(connection, "delta", by="Inès")
    drive(run)
    run.refresh_from_db()
    assert run.state == "done", run.reason_params


def edit(ref_id: str, **values: Any) -> None:
    assert door().edit("agreements", {Agreement.objects.get(ref_id=ref_id).pk: values}, by="Inès") == []


def rate(value: str) -> None:
    MoneySettings.objects.update_or_create(pk=1, defaults={"currency": "EUR"})
    ExchangeRate.objects.create(currency="USD", into="EUR", day=TODAY.replace(year=TODAY.year - 1), rate=value)


def steps(bridge: Bridge) -> dict[str, tuple[int, Decimal | None]]:
    return {step.label: (step.number, step.mrr) for step in bridge.steps}


def test_steps_lead_from_what_was_read_to_what_counts(connection: Connection, crm: PaperCrm) -> None:
    MoneySettings.objects.update_or_create(pk=1, defaults={"currency": "EUR"})
    ExchangeRate.objects.create(currency="USD", into="EUR", day=TODAY.replace(year=TODAY.year - 1), rate="0.5")
    crm.deal("d1", "1", Yearly=Decimal(1200), Currency="EUR", Start=TODAY)
    crm.deal("d2", "1", Yearly=Decimal(2400), Currency="USD", Start=TODAY)
    crm.deal("d3", "1", Yearly=Decimal(1200), Currency="CHF", Start=TODAY)
    crm.deal("d4", "1", Currency="EUR", Start=TODAY)
    crm.deal("d5", "2", Yearly=Decimal(600), Currency="EUR", Start=TODAY.replace(year=TODAY.year + 1))
    crm.deal("d6", "2", Yearly=Decimal(6000), Currency="EUR", Start=TODAY)
    sync(connection)
    edited = Agreement.objects.get(ref_id="d6")
    assert door().edit("agreements", {edited.pk: {"amount": Decimal(4800)}}, by="Inès") == []

    bridge = bridge_of(connection)

    found = steps(bridge)
    assert found["In the hub, as Paper says"] == (6, Decimal("750.00"))
    assert found["Without an amount"] == (1, None)
    assert found["Without an exchange rate"] == (1, None)
    assert found["Another amount here"] == (1, Decimal("-100.00"))
    assert found["Counted in the hub"] == (3, Decimal("600.00"))
    uncounted = [mrr for label, (_, mrr) in found.items() if label.startswith("Not counted") and mrr]
    assert uncounted == [Decimal("-50.00")]
    assert bridge.read - 100 - 50 == bridge.counted == Decimal(600)
    assert "100.00 CHF" in next(step.remark for step in bridge.steps if step.label == "Without an exchange rate")


def test_format_set_by_hand_is_a_step_of_its_own(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(12000), Currency="EUR", Start=TODAY)
    crm.deal("d2", "2", Yearly=Decimal(1200), Currency="EUR", Start=TODAY)
    sync(connection)
    edit("d1", amount_format="MRR")

    bridge = bridge_of(connection)

    assert steps(bridge)["Another format here"] == (1, Decimal("11000.00"))
    assert not {"Another amount here", "Another currency here"} & set(steps(bridge))
    assert (bridge.read, bridge.counted) == (Decimal("1100.00"), Decimal("12100.00"))


def test_currency_set_by_hand_is_a_step_of_its_own(connection: Connection, crm: PaperCrm) -> None:
    rate("0.5")
    crm.deal("d1", "1", Yearly=Decimal(12000), Currency="USD", Start=TODAY)
    sync(connection)
    edit("d1", currency="EUR")

    bridge = bridge_of(connection)

    assert steps(bridge)["Another currency here"] == (1, Decimal("500.00"))
    assert not {"Another amount here", "Another format here"} & set(steps(bridge))
    assert (bridge.read, bridge.counted) == (Decimal("500.00"), Decimal("1000.00"))


def test_steps_add_up_where_everything_was_changed_by_hand(connection: Connection, crm: PaperCrm) -> None:
    rate("0.5")
    crm.deal("d1", "1", Yearly=Decimal(1200), Currency="USD", Start=TODAY)
    crm.deal("d2", "2", Yearly=Decimal(1200), Currency="CHF", Start=TODAY)
    sync(connection)
    edit("d1", amount_format="MRR", currency="EUR", amount=Decimal(50))
    edit("d2", currency="EUR")

    bridge = bridge_of(connection)

    found = steps(bridge)
    assert found["Another format here"] == (1, Decimal("550.00"))
    # No rate says what 100 CHF were worth: they come in with their new currency.
    assert found["Another currency here"] == (2, Decimal("700.00"))
    assert found["Another amount here"] == (1, Decimal("-1150.00"))
    assert (bridge.read, bridge.counted) == (Decimal("50.00"), Decimal("150.00"))


def test_field_that_no_line_asks_is_taken_from_the_row(connection: Connection, crm: PaperCrm) -> None:
    rate("0.5")
    crm.deal("d1", "1", Yearly=Decimal(1200), Currency="USD", Start=TODAY)
    crm.deal("d2", "2", Yearly=Decimal(1200), Start=TODAY)
    sync(connection)
    edit("d2", currency="USD")
    assert "Another currency here" not in steps(bridge_of(connection))
    connection.blocks.get(object="agreements").lines.filter(hub_field__in=["currency", "amount_format"]).delete()
    edit("d1", currency="EUR", amount_format="MRR")

    bridge = bridge_of(connection)

    assert bridge.read == bridge.counted == Decimal("1250.00")
    assert not {"Another currency here", "Another format here"} & set(steps(bridge))


def test_page_names_the_format_that_was_set_here(connection: Connection, crm: PaperCrm, admin_client: Client) -> None:
    crm.deal("d1", "1", Yearly=Decimal(12000), Currency="EUR", Start=TODAY)
    sync(connection)
    edit("d1", amount_format="MRR")

    page = admin_client.get(reverse("sync:revenue", args=[connection.slug])).content.decode()

    assert "Another format here" in page
    assert "per month where the CRM says per year" in page


def test_gone_ones_are_named_as_long_as_they_count(connection: Connection, crm: PaperCrm) -> None:
    crm.deal("d1", "1", Yearly=Decimal(1000), Currency="EUR", Start=TODAY)
    sync(connection)
    assert "Another amount here" not in steps(bridge_of(connection))
    crm.delete("agreements", "d1")
    sync(connection)

    found = steps(bridge_of(connection))

    assert found["Of these, gone from the CRM"] == (1, Decimal("83.33"))
    assert "Rounded to cents" not in found


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_one_and_three(
    connection: Connection, crm: PaperCrm, admin_client: Client, number: int, django_assert_num_queries: Any
) -> None:
    for n in range(number):
        crm.deal(f"d{n}", "1", Yearly=Decimal(1000), Currency=("EUR", "CHF")[n % 2], Start=TODAY)
    crm.deal("x", "1", Yearly=Decimal(1000), Currency="CHF", Start=TODAY)
    sync(connection)
    address = reverse("sync:revenue", args=[connection.slug])
    admin_client.get(address)

    with django_assert_num_queries(14):
        page = admin_client.get(address).content.decode()

    assert "does revenue add up?" in page
    assert f"/agreements/?source={connection.slug}" in page
