"""Agreements out of won deals in the chosen pipelines, or out of the company itself."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import Agreement
from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import HubSpotConnection
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync import runs
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive

from .conftest import signed_in

RENEWALS = "75834610"
DEALS = {"source": "deals", "shown": "deals", "customer_field": "company"}
COMPLETE = {
    **DEALS, "mode": "input", "amount_format": "ARR", "amount": "amount", "start_date": "contract_start",
    "end_way": "duration", "end_field": "term_months", "end_period": "MONTH", "notice_way": "date",
    "notice_date": "notice_date", "renewal_way": "notice", "currency": "deal_currency_code",
}  # fmt: skip


@pytest.fixture
def connection(db: None, portal: PracticeHubSpot) -> HubSpotConnection:
    connection = signed_in(portal, state="on", wizard_step="review")
    block = Block.objects.create(connection=connection, object="customers", mode="input", merge_keys=["ref_id"])
    for hub, crm in {"ref_id": "hs_object_id", "name": "name"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    return connection


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def page(connection: HubSpotConnection) -> str:
    return reverse("hubspot:wizard", args=[connection.slug, "agreements"])


def deals(portal: PracticeHubSpot, *pipelines: str) -> set[str]:
    with portal.store.transaction():
        found = portal.store.find("deals")
    won = [one for one in found if one.body.get("hs_is_closed_won") == "true"]
    return {one.id for one in won if not pipelines or one.body["pipeline"] in pipelines}


def sync(connection: HubSpotConnection) -> Run:
    run = runs.request_run(connection, Run.Kind.FULL, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params
    return run


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.requirement("R35", "R36", "R92", "R93", "R94")
def test_won_deals_are_proposed_with_their_amount_and_every_pipeline_can_be_ticked(
    admin: Client, page: str, portal: PracticeHubSpot
) -> None:
    form = admin.get(page).context["form"]

    assert [name for name, _label in form.fields["source"].choices] == ["deals", "companies"]
    assert (form["mode"].value(), form["amount"].value()) == ("disabled", "amount")
    assert [value for value, _label in form.fields["view"].choices] == ["default", RENEWALS]
    assert form.number == len(deals(portal))


@pytest.mark.requirement("R93")
def test_several_pipelines_are_saved_and_shown_again(admin: Client, page: str, connection: HubSpotConnection) -> None:
    response = admin.post(page, {**COMPLETE, "view": ["default", RENEWALS]})

    assert response.status_code == 302, response.context["form"].errors
    block = Block.objects.get(connection=connection, object="agreements")
    assert block.settings["view"] == f"default;{RENEWALS}"
    assert block.settings["view_label"] == "Sales Pipeline, Renewals"
    assert admin.get(page).context["form"]["view"].value() == ["default", RENEWALS]


@pytest.mark.requirement("R37")
def test_what_is_needed_is_refused_by_name(admin: Client, page: str) -> None:
    response = admin.post(page, {**DEALS, "mode": "input", "amount": ""})

    assert set(response.context["form"].errors) == {"amount_format", "amount", "start_date", "renewal_way"}


@pytest.mark.requirement("R40", "R93")
def test_won_deals_of_the_chosen_pipeline_become_agreements_of_their_customers(
    admin: Client, page: str, connection: HubSpotConnection, portal: PracticeHubSpot
) -> None:
    admin.post(page, {**COMPLETE, "view": [RENEWALS]})

    run = sync(connection)

    links = RecordLink.objects.filter(object="agreements")
    assert set(links.values_list("source_id", flat=True)) == deals(portal, RENEWALS)
    assert run.totals["agreements"] == links.count()
    linked = links.filter(state="linked")
    assert linked.count() == Agreement.objects.count() > 10
    one = Agreement.objects.get(pk=linked.order_by("pk")[0].hub_id or 0)
    held = portal.record("deals", linked.order_by("pk")[0].source_id)
    assert held is not None
    assert (str(one.amount), one.start_date.isoformat() if one.start_date else "") == (
        f"{float(held['amount']):.2f}", held["contract_start"],
    )  # fmt: skip


@pytest.mark.requirement("R92")
def test_companies_may_hold_the_agreement_themselves(connection: HubSpotConnection, portal: PracticeHubSpot) -> None:
    settings = {"source": "companies", "customer_field": "company"}
    block = Block.objects.create(connection=connection, object="agreements", mode="input", settings=settings)
    for hub, crm in {"ref_id": "hs_object_id", "amount": "annual_spend", "start_date": "renewal_date"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    FieldMapping.objects.create(block=block, hub_field="amount_format", constant="ARR")

    sync(connection)

    linked = RecordLink.objects.filter(object="agreements", state="linked")
    first = linked.order_by("pk")[0]
    assert linked.count() == RecordLink.objects.filter(object="customers", state="linked").count()
    assert first.source_id.startswith("0-2/")
    assert (
        HubSpotConnector.web_link("https://x", "agreements", first.source_id) == f"https://x/record/{first.source_id}"
    )
