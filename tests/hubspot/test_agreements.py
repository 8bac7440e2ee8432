"""Agreements out of won deals in the chosen pipelines, or out of the company itself."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
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


@pytest.mark.requirement("R9", "R35", "R36", "R41", "R92", "R93", "R94")
def test_won_deals_are_proposed_with_their_amount_and_every_pipeline_can_be_ticked(
    admin: Client, page: str, portal: PracticeHubSpot
) -> None:
    form = admin.get(page).context["form"]

    assert [name for name, _label in form.fields["source"].choices] == ["deals", "companies"]
    assert (form["mode"].value(), form["amount"].value()) == ("disabled", "amount")
    assert [value for value, _label in form.fields["view"].choices] == ["default", RENEWALS]
    assert form.number == len(deals(portal))


@pytest.mark.requirement("R93")
def test_stages_and_pipelines_of_deals_are_stored_by_value_and_shown_by_label(connection: HubSpotConnection) -> None:
    schema = HubSpotConnector(connection).schema("agreements")

    known = {path: {one.value: one.label for one in schema.get(path).choices} for path in ("pipeline", "dealstage")}  # type: ignore[union-attr]
    assert known["pipeline"][RENEWALS] == "Renewals"
    assert known["dealstage"]["closedwon"].startswith("Closed Won (")
    assert all(any(name in label for name in known["pipeline"].values()) for label in known["dealstage"].values())


@pytest.mark.requirement("R93")
def test_several_pipelines_are_saved_and_shown_again(admin: Client, page: str, connection: HubSpotConnection) -> None:
    response = admin.post(page, {**COMPLETE, "view": ["default", RENEWALS]})

    assert response.status_code == 302, response.context["form"].errors
    block = Block.objects.get(connection=connection, object="agreements")
    assert block.settings["view"] == f"default;{RENEWALS}"
    assert block.settings["view_label"] == "Sales Pipeline, Renewals"
    assert admin.get(page).context["form"]["view"].value() == ["default", RENEWALS]


@pytest.mark.requirement("R37", "R39", "R40", "R49")
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


def lines() -> dict[str, str]:
    """hub field → its property, or `=` and what is fixed; with its transform."""
    block = Block.objects.get(object="agreements")
    said = ((one, one.crm_field or f"={one.constant}") for one in block.lines.all())
    return {one.hub_field: " ".join(filter(None, (source, one.transform, one.argument))) for one, source in said}


@pytest.mark.requirement("R38", "R39", "R40", "R41", "R42", "R43", "R46", "R47", "R50")
def test_all_that_is_answered_becomes_lines(admin: Client, page: str) -> None:
    response = admin.post(page, {**COMPLETE, "plan": "plan", "fee": "setup_fee"})

    assert response.status_code == 302, response.context["form"].errors
    assert lines() == {
        "ref_id": "hs_object_id", "plan": "plan", "amount_format": "=ARR", "amount": "amount",
        "currency": "deal_currency_code", "fee": "setup_fee", "start_date": "contract_start",
        "engagement": "term_months", "engagement_period": "=MONTH", "notice_date": "notice_date",
        "auto_renew": "notice_date is-filled",
    }  # fmt: skip


@pytest.mark.requirement("R45", "R47", "R48", "R49", "R51", "R52")
def test_ends_notice_and_renewal_are_answered_each_in_three_ways(admin: Client, page: str) -> None:
    by_date = {"end_way": "date", "end_date": "contract_end"}
    manual = {"end_way": "manual", "end_number": "2", "end_period": "YEAR"}
    notice = {"notice_way": "manual", "notice_number": "3", "notice_period": "MONTH"}
    by_value = {"renewal_way": "value", "renewal_field": "renewal_terms", "renewal_value": "renews"}

    form = admin.get(page).context["form"]
    admin.post(page, {**COMPLETE, **by_date, **by_value})
    first = lines()
    admin.post(page, {**COMPLETE, **manual, **notice, "renewal_way": "always", "renewal_answer": "no"})
    second = lines()

    for name, ways in (("end_way", {"duration", "date", "manual"}), ("notice_way", {"duration", "date", "manual"}),
                       ("renewal_way", {"notice", "value", "always"})):  # fmt: skip
        assert ways <= {value for value, _label in form.fields[name].choices}
    assert (first["end_date"], first["auto_renew"]) == ("contract_end", "renewal_terms equals renews")
    fixed = ("engagement", "engagement_period", "notice", "notice_period", "auto_renew")
    assert [second[name] for name in fixed] == ["=2", "=YEAR", "=3", "=MONTH", "=no"]


@pytest.mark.requirement("R44")
def test_the_close_date_as_start_is_warned_of(admin: Client, page: str) -> None:
    closing, starting = (
        texts(admin.post(page, {**COMPLETE, "start_date": path, "do": "look"}))
        for path in ("closedate", "contract_start")
    )

    assert "says when the deal was closed" in closing
    assert "says when the deal was closed" not in starting


@pytest.mark.requirement("R39", "R40", "R46", "R49", "R50")
def test_amounts_of_a_year_and_terms_become_months_and_days(
    admin: Client, page: str, connection: HubSpotConnection, portal: PracticeHubSpot
) -> None:
    admin.post(page, {**COMPLETE, "fee": "setup_fee", "plan": "plan"})
    with portal.store.transaction():
        company = portal.store.find("companies", limit=1)[0].id
    portal.edit("companies", company, lifecyclestage="customer")
    deal = portal.create(
        "deals", dealname="D", pipeline=RENEWALS, dealstage=won_stage(portal), amount="12000", setup_fee="500", plan="team",
        contract_start="2026-02-01", term_months="12", notice_date="2026-10-31", deal_currency_code="EUR",
    )  # fmt: skip
    portal.control(associate=[{"from": ["deals", deal], "to": ["companies", company], "type": 341}])

    sync(connection)

    row = Agreement.objects.get(ref_id=deal)
    assert (row.amount, row.mrr, row.fee, row.currency) == (12_000, Decimal(1_000), 500, "EUR")
    assert (row.start_date, row.end_date, row.renewal_date) == (date(2026, 2, 1), date(2027, 1, 31), date(2026, 10, 31))
    assert row.auto_renew is True


def won_stage(portal: PracticeHubSpot) -> str:
    with portal.store.transaction():
        found = next(one for one in portal.app.portal.pipelines("deals") if one["id"] == RENEWALS)
    return next(
        str(stage["id"])
        for stage in found["stages"]
        if stage["metadata"].get("isClosed") == "true" and stage["metadata"]["probability"] == "1.0"
    )


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
