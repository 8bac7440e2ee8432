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
