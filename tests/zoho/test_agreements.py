"""The whole way of agreements: the practice Zoho, the wire, the runner, the set-up and the hub."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import Agreement
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import runs
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import How, Read
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.models import ZohoConnection

from .conftest import signed_in
from .reading_all import ids_of, records_of

WON, OPEN = "Closed Won", "Qualification"
DEALS = {"source": "Deals", "shown": "Deals", "customer_field": "Account_Name", "view": ""}
COMPLETE = {
    **DEALS, "mode": "input", "ref_id": "Contract_Ref", "amount_format": "ARR", "amount": "Amount",
    "start_date": "Contract_Start", "end_way": "duration", "end_field": "Term_Months", "end_period": "MONTH",
    "notice_way": "date", "notice_date": "Notice_Date", "renewal_way": "notice", "currency": "=EUR", "fee": "Setup_Fee",
    "plan": "Plan",
}  # fmt: skip
SUBSCRIPTIONS = {
    "source": "Subscriptions", "shown": "Subscriptions", "customer_field": "Customer", "view": "", "mode": "input",
    "ref_id": "", "amount_format": "MRR", "amount": "MRR", "currency": "Currency", "start_date": "Starts",
    "end_way": "date", "end_date": "Ends", "notice_way": "duration", "notice_field": "Notice_Months",
    "notice_period": "MONTH", "renewal_way": "value", "renewal_field": "Renews_Itself",
}  # fmt: skip


@pytest.fixture
def practice(small_practice: Callable[..., PracticeZoho]) -> PracticeZoho:
    return small_practice(3, contacts_per=0)


@pytest.fixture
def connection(db: None, practice: PracticeZoho) -> ZohoConnection:
    for one in accounts(practice):
        practice.edit("Accounts", one, Account_Type="Customer")
    with practice.store.transaction():
        practice.store.execute("DELETE FROM _record WHERE kind IN ('Deals', 'Subscriptions')")
    connection = signed_in(practice, state="on", wizard_step="review", account_types="Customer")
    block = Block.objects.create(connection=connection, object="customers", mode="input", merge_keys=["ref_id"])
    for hub, crm in {"ref_id": "id", "name": "Account_Name"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    return connection


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def page(connection: ZohoConnection) -> str:
    return reverse("zoho:wizard", args=[connection.slug, "agreements"])


def accounts(practice: PracticeZoho) -> list[str]:
    with practice.store.transaction():
        return [one.id for one in practice.store.find("Accounts")]


def deal(practice: PracticeZoho, **values: Any) -> str:
    usual = {
        "Deal_Name": "Plan", "Account_Name": accounts(practice)[0], "Stage": WON, "Pipeline": "Standard (Standard)",
        "Amount": 12_000, "Contract_Start": "2026-02-01", "Term_Months": 12, "Notice_Date": "2026-10-31",
    }  # fmt: skip
    return practice.create("Deals", **{**usual, **values})


def sync(connection: ZohoConnection, kind: str = Run.Kind.DELTA) -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params
    return run


@pytest.mark.requirement("R35", "R36", "R117", "X18")
def test_they_start_disabled_and_ask_for_the_module_and_the_field_of_the_id(
    admin: Client, page: str, connection: ZohoConnection
) -> None:
    form = admin.get(page).context["form"]

    assert form["mode"].value() == "disabled"
    assert [mode for mode, _label in form.fields["mode"].choices] == ["input", "disabled"]
    assert [name for name, _label in form.fields["source"].choices] == ["Deals", "Accounts", "Subscriptions"]
    offered = {path for group in form.fields["ref_id"].choices if group[0] for path, _label in group[1]}
    assert "Contract_Ref" in offered
    assert form["ref_id"].value() == ""
    assert form.fields["ref_id"].choices[0] == ("", "The ID that Zoho CRM gives each record")
    assert not Block.objects.filter(object="agreements").exists()


@pytest.mark.requirement("R118")
def test_no_revenue_field_is_proposed(admin: Client, page: str, connection: ZohoConnection) -> None:
    form = admin.get(page).context["form"]

    assert form["amount"].value() in ("", None)
    assert "Amount" in str(form.fields["amount"].choices)


@pytest.mark.requirement("R37", "R39", "R40", "R49")
def test_what_is_needed_is_refused_by_name(admin: Client, page: str, connection: ZohoConnection) -> None:
    response = admin.post(page, {**DEALS, "mode": "input"})

    assert set(response.context["form"].errors) == {"amount_format", "amount", "start_date", "renewal_way"}
    assert not Block.objects.filter(object="agreements").exists()


@pytest.mark.requirement("R1", "R38", "R40", "R42", "R43", "R46", "R50", "R117", "X16", "X18")
def test_won_deal_becomes_an_agreement_known_by_its_own_contract_id(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    response = admin.post(page, COMPLETE)
    won = deal(practice, Contract_Ref="C-7", Setup_Fee=500, Plan="Team")
    deal(practice, Stage=OPEN, Amount=99_000)
    deal(practice, Account_Name=None)

    sync(connection)

    assert response.status_code == 302, response.context["form"].errors
    row = Agreement.objects.get()
    assert (row.ref_id, row.plan, row.amount, row.currency, row.fee) == ("C-7", "Team", 12_000, "EUR", 500)
    assert (row.mrr, row.start_date, row.end_date) == (Decimal(1_000), date(2026, 2, 1), date(2027, 1, 31))
    assert (row.renewal_date, row.auto_renew) == (date(2026, 10, 31), True)
    assert RecordLink.objects.get(object="agreements", state="linked").source_id == won


@pytest.mark.requirement("R45", "R48", "R49", "R52")
def test_frozen_values_need_nothing_in_zoho_and_hold_for_every_agreement(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    manual = {"end_way": "manual", "end_number": "2", "end_period": "YEAR"}
    notice = {"notice_way": "manual", "notice_number": "3", "notice_period": "MONTH"}
    response = admin.post(page, {**COMPLETE, **manual, **notice, "renewal_way": "always", "renewal_answer": "no"})
    deal(practice, Term_Months=None, Notice_Date=None)
    deal(practice, Term_Months=48)

    sync(connection)

    assert response.status_code == 302, response.context["form"].errors
    assert Agreement.objects.count() == 2
    for row in Agreement.objects.all():
        assert (row.end_date, row.renewal_date, row.auto_renew) == (date(2028, 1, 31), date(2027, 10, 31), False)
        assert (row.notice, row.notice_period) == (3, "MONTH")


@pytest.mark.requirement("R43", "R44")
def test_closing_date_as_start_is_warned_of_and_taken(admin: Client, page: str, connection: ZohoConnection) -> None:
    closing = {**COMPLETE, "start_date": "Closing_Date"}

    looked = " ".join(admin.post(page, {**closing, "do": "look"}).content.decode().split())
    saved = admin.post(page, closing)

    assert "says when the deal was closed" in looked
    assert "It is usually another one than the close date" in looked
    assert saved.status_code == 302


@pytest.mark.requirement("R117", "X18", "R45", "R47", "R51")
def test_every_record_of_a_module_of_the_team_counts_and_its_id_serves_by_default(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    response = admin.post(page, SUBSCRIPTIONS)
    one = practice.create(
        "Subscriptions", Name="S", Customer=accounts(practice)[1], MRR=250, Currency="GBP", Starts="2026-01-01",
        Ends="2026-12-31", Notice_Months=2, Renews_Itself=True,
    )  # fmt: skip

    sync(connection)

    assert response.status_code == 302, response.context["form"].errors
    row = Agreement.objects.get()
    assert (row.ref_id, row.mrr, row.currency, row.auto_renew) == (one, Decimal(250), "GBP", True)
    assert (row.end_date, row.notice, row.notice_period) == (date(2026, 12, 31), 2, "MONTH")


@pytest.mark.requirement("R117", "R116")
def test_agreements_of_accounts_outside_the_types_do_not_come_in(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    admin.post(page, COMPLETE)
    inside, outside = deal(practice), deal(practice, Account_Name=accounts(practice)[2])
    practice.edit("Accounts", accounts(practice)[2], Account_Type="Prospect")
    connector = ZohoConnector(connection)

    assert ids_of(connector, "agreements") == {inside}
    assert outside not in ids_of(connector, "agreements")
    assert connector.count_agreements(AgreementSource("Deals", "Account_Name")).total == 1


def test_deal_that_is_reopened_says_so_itself(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    admin.post(page, COMPLETE)
    won, reopened = deal(practice), deal(practice)
    sync(connection)
    practice.control(clock_offset=900)
    practice.edit("Deals", reopened, Stage=OPEN)
    connector = ZohoConnector(connection)

    found = records_of(connector, Read("agreements", How.BY_ID, ("Amount",), ids=(won, reopened)))
    practice.control(clock_offset=1100)
    sync(connection)

    assert {one: record.is_inside for one, record in found.items()} == {won: True, reopened: False}
    assert Agreement.objects.count() == 2


def test_what_wins_is_the_forecast_and_not_the_name(connection: ZohoConnection, practice: PracticeZoho) -> None:
    connector = ZohoConnector(connection)
    connector.described_module("Deals").raw["Stage"] = {
        **connector.described_module("Deals").raw["Stage"],
        "pick_list_values": [],
    }

    by_pipelines = connector.won_stages

    assert by_pipelines == ZohoConnector(connection).won_stages == (WON,)
    assert practice.calls()["pipelines"] == 1


@pytest.mark.requirement("R74")
def test_view_of_deals_alone_decides(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    form = admin.get(page).context["form"]
    view = next(value for value, label in form.fields["view"].choices if label.startswith("Won, with a start"))
    response = admin.post(page, {**COMPLETE, "view": view})
    inside = deal(practice)
    deal(practice, Contract_Start=None)

    sync(connection)

    assert response.status_code == 302
    assert [link.source_id for link in RecordLink.objects.filter(object="agreements", state="linked")] == [inside]


def test_what_was_saved_is_shown_again_and_the_same_once_more_changes_nothing(
    admin: Client, page: str, connection: ZohoConnection
) -> None:
    admin.post(page, COMPLETE)
    connection.refresh_from_db()
    version = connection.version

    form = admin.get(page).context["form"]
    admin.post(page, COMPLETE)

    connection.refresh_from_db()
    assert {name: form[name].value() for name in COMPLETE} == COMPLETE
    assert connection.version == version


def test_quiet_sync_of_agreements_costs_a_query_and_the_deletions(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    sync(connection)
    practice.control(clock_offset=900)
    admin.post(page, COMPLETE)
    deal(practice)
    practice.control(clock_offset=1800)
    sync(connection)
    practice.control(clock_offset=2700)
    practice.forget_calls()

    sync(connection)

    assert practice.calls() == {"users": 1, "fields": 2, "coql": 2, "deleted": 2}
