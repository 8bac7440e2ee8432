"""The whole way of agreements: the practice Salesforce, the wire, the runner and the hub."""

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from integrations.hub.models import Agreement, Customer
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SalesforceConnection
from integrations.sync import runs
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import How, Read
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import Misconfigured

from .conftest import signed_in
from .reading_all import ids_of, records_of
from .test_interactions import ACCOUNT, OTHER, scope_of
from .test_interactions_synced import add_block

OF_DEALS = {
    "plan": "Plan__c", "amount_format": "=ARR", "amount": "Amount", "currency": "=EUR", "fee": "Setup_Fee__c",
    "start_date": "Contract_Start__c", "engagement": "Term_Months__c", "engagement_period": "=MONTH",
    "notice_date": "Notice_Date__c", "auto_renew": "Notice_Date__c is-filled",
}  # fmt: skip
OF_CONTRACTS = {
    "plan": "Plan__c", "amount_format": "=MRR", "amount": "Monthly_Fee__c", "start_date": "StartDate",
    "engagement": "ContractTerm", "engagement_period": "=MONTH", "notice": "=3", "notice_period": "=MONTH",
    "auto_renew": "=yes",
}  # fmt: skip
OF_SUBSCRIPTIONS = {
    "plan": "Plan__c", "amount_format": "=MRR", "amount": "MRR__c", "currency": "Currency__c",
    "start_date": "Starts__c", "end_date": "Ends__c", "notice": "Notice_Months__c", "notice_period": "=MONTH",
    "auto_renew": "Renews_Itself__c",
}  # fmt: skip
OF_ACCOUNTS = {
    "amount_format": "=ARR", "amount": "Annual_Spend__c", "start_date": "CreatedDate date-of-datetime",
    "auto_renew": "=no",
}  # fmt: skip
DEALS = AgreementSource("Opportunity", "AccountId")
CONTRACTS = AgreementSource("Contract", "AccountId")
SUBSCRIPTIONS = AgreementSource("Subscription__c", "Customer__c")
ACCOUNTS = AgreementSource("Account", "Id")


@pytest.fixture
def practice(small_practice: Callable[..., PracticeSalesforce]) -> PracticeSalesforce:
    return small_practice(3, contacts_per=0)


@pytest.fixture
def connection(db: None, practice: PracticeSalesforce) -> SalesforceConnection:
    connection = signed_in(practice, state="on")
    add_block(connection, "customers", "input")
    return connection


@pytest.mark.requirement("R1", "R40", "R42", "R43", "R46", "R50", "R74")
def test_won_opportunity_becomes_an_agreement_with_mrr_dates_and_renewal(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    read_from(connection, DEALS, OF_DEALS)
    won = deal(practice, Amount=12_000, Setup_Fee__c=500, Plan__c="Team", Notice_Date__c="2026-10-31")
    deal(practice, StageName="Prospecting", Amount=99_000)
    deal(practice, StageName="Closed Lost", Amount=99_000)
    deal(practice, AccountId=None, Amount=99_000)

    run = sync(connection)

    assert run.state == Run.State.DONE
    row = Agreement.objects.get()
    assert (row.customer_id, row.ref_id) == (customer_id(ACCOUNT), won)
    assert (row.plan, row.amount, row.amount_format, row.currency, row.fee) == ("Team", 12_000, "ARR", "EUR", 500)
    assert row.mrr == Decimal(1_000)
    assert (row.start_date, row.end_date) == (date(2026, 2, 1), date(2027, 1, 31))
    assert (row.renewal_date, row.auto_renew) == (date(2026, 10, 31), True)
    assert Block.objects.get(connection=connection, object="agreements").unexplained == 0


def test_a_missing_amount_is_not_nothing(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    read_from(connection, DEALS, OF_DEALS)
    deal(practice, Amount=None)
    deal(practice, Amount=0)

    sync(connection)

    assert sorted(Agreement.objects.values_list("mrr", flat=True), key=str) == [Decimal("0.00"), None]


@pytest.mark.requirement("I7")
def test_second_sync_changes_nothing_and_costs_two_calls(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    sync(connection)
    practice.forget_calls()
    sync(connection)
    without = practice.calls()
    read_from(connection, DEALS, OF_DEALS)
    deal(practice)
    sync(connection)
    before = list(Agreement.objects.values())
    practice.control(clock_offset=3600)
    sync(connection)
    practice.forget_calls()

    sync(connection)

    assert list(Agreement.objects.values()) == before
    # One query by stamp, one look at deletions; the describe is what every run asks of each data type.
    assert practice.calls() - without == {"query": 1, "deleted": 1, "describe": 1}


@pytest.mark.requirement("R74")
def test_open_opportunities_are_never_listed(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    connector = SalesforceConnector(connection)
    connector.agreements = DEALS
    won, still_open = deal(practice), deal(practice, StageName="Prospecting")
    practice.forget_calls()

    everything = records_of(connector, Read("agreements", How.ALL, ("Amount",)))

    # The view of the accounts is asked once for what it says.
    assert practice.calls() == {"view": 1, "describe": 1, "query": 1}
    assert set(everything) == {won} == ids_of(connector, Read("agreements", How.IDS))
    assert set(records_of(connector, Read("agreements", How.DEPENDENTS, ("Amount",), ids=(ACCOUNT,)))) == {won}
    assert everything[won].customer_ids == (ACCOUNT,)
    by_id = records_of(
        connector, Read("agreements", How.BY_ID, connector.fields_needed("agreements"), ids=(won, still_open))
    )
    assert {one: record.is_inside for one, record in by_id.items()} == {won: True, still_open: False}


def test_reopened_opportunity_is_kept_and_flagged_and_comes_back(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    read_from(connection, DEALS, OF_DEALS)
    won = deal(practice, Amount=12_000)
    sync(connection)
    move(practice, won, "Negotiation/Review", Amount=1)
    pass_a_minute(practice)

    sync(connection)
    opened = Agreement.objects.get()
    link = RecordLink.objects.get(object="agreements")
    move(practice, won, "Closed Won", Amount=12_600)
    pass_a_minute(practice)
    sync(connection)

    assert opened.gone_at is not None
    assert opened.amount == 12_000
    assert link.state == RecordLink.State.EXCLUDED
    again = Agreement.objects.get()
    assert (again.pk, again.gone_at, again.mrr) == (opened.pk, None, Decimal(1_050))


@pytest.mark.requirement("R74")
def test_with_a_view_the_view_decides_alone(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    view = view_of(connection, practice, "Opportunity", "Name LIKE 'Plan%'")
    read_from(connection, AgreementSource("Opportunity", "AccountId", view, "Some"), OF_DEALS)
    inside = deal(practice, StageName="Prospecting", Name="Plan A")
    deal(practice, Name="Other")

    sync(connection)
    listed = set(Agreement.objects.values_list("ref_id", flat=True))
    practice.edit("Opportunity", inside, Name="Left the view")
    pass_a_minute(practice)
    sync(connection)

    assert listed == {inside}
    assert Agreement.objects.get().gone_at is not None


def test_a_view_that_is_gone_stops_the_run_and_flags_nobody(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    view = view_of(connection, practice, "Opportunity", "Name != null")
    read_from(connection, AgreementSource("Opportunity", "AccountId", view, "Some"), OF_DEALS)
    deal(practice)
    sync(connection)
    practice.control(delete_view="Some")

    run = sync(connection)

    assert run.state == Run.State.FAILED
    assert Agreement.objects.get().gone_at is None
    assert [lost.step for lost in SalesforceConnector(connection).lost_views()] == ["agreements"]


@pytest.mark.requirement("R73", "R74")
def test_contracts_come_with_everything_that_hangs_on_the_accounts(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    read_from(connection, CONTRACTS, OF_CONTRACTS)
    contract = practice.create(
        "Contract",
        AccountId=ACCOUNT,
        StartDate="2026-01-31",
        ContractTerm=1,
        Monthly_Fee__c=250,
        ContractNumber="00000101",
    )

    sync(connection)

    row = Agreement.objects.get()
    assert (row.ref_id, row.mrr, row.end_date) == (contract, 250, date(2026, 2, 28))
    assert (row.notice, row.notice_period, row.auto_renew) == (3, "MONTH", True)
    assert RecordLink.objects.get(object="agreements").name == "00000101"
    link = SalesforceConnector.web_link("https://x.example", "agreements", contract)
    assert link == f"https://x.example/lightning/r/Contract/{contract}/view"


@pytest.mark.requirement("R73")
def test_an_object_of_the_organisations_own_by_the_lookup_that_was_chosen(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    billed = AgreementSource("Subscription__c", "Billed_To__c")
    read_from(connection, billed, OF_SUBSCRIPTIONS)
    one = practice.create(
        "Subscription__c", Name="Team for One", Customer__c=ACCOUNT, Billed_To__c=OTHER, MRR__c=99.5, Currency__c="GBP",
        Starts__c="2026-01-01", Ends__c="2026-12-31", Notice_Months__c=3, Renews_Itself__c=True,
    )  # fmt: skip
    practice.create("Subscription__c", Name="Nobody pays", Customer__c=ACCOUNT, MRR__c=1, Starts__c="2026-01-01")

    sync(connection)

    row = Agreement.objects.get()
    assert (row.ref_id, row.customer_id) == (one, customer_id(OTHER))
    assert (row.mrr, row.currency, row.auto_renew) == (Decimal("99.50"), "GBP", True)
    assert (row.end_date, row.renewal_date) == (date(2026, 12, 31), date(2026, 9, 30))
    assert SalesforceConnector.web_link("https://x.example", "agreements", one) == f"https://x.example/{one}"


@pytest.mark.requirement("R73")
def test_accounts_are_each_their_own_agreement(connection: SalesforceConnection, practice: PracticeSalesforce) -> None:
    read_from(connection, ACCOUNTS, OF_ACCOUNTS)
    practice.edit("Account", ACCOUNT, Annual_Spend__c=6_000)

    sync(connection)

    assert Agreement.objects.count() == Customer.objects.count() == 3
    assert Agreement.objects.get(customer=customer_id(ACCOUNT)).mrr == 500
    assert set(Agreement.objects.values_list("ref_id", flat=True)) == set(
        Customer.objects.values_list("ref_id", flat=True)
    )


def test_customer_that_enters_brings_its_agreements(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    read_from(connection, DEALS, OF_DEALS)
    connector = SalesforceConnector(connection)
    scope_of(connector, practice, f"Id != '{OTHER}'")
    SalesforceConnection.objects.update(account_view=connector.salesforce.account_view)
    theirs, still_open = deal(practice, AccountId=OTHER), deal(practice, AccountId=OTHER, StageName="Prospecting")
    sync(connection)
    was = Agreement.objects.count()

    practice.control(set_view_where={"Some": "Name != 'x'"})
    sync(connection)

    assert was == 0
    assert list(Agreement.objects.values_list("ref_id", flat=True)) == [theirs]
    assert not RecordLink.objects.filter(source_id=still_open).exists()


def test_an_account_view_with_a_sub_select_is_asked_account_by_account(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    connector = SalesforceConnector(connection)
    connector.agreements = DEALS
    practice.create("Contact", LastName="One", AccountId=ACCOUNT)
    scope_of(connector, practice, "Id IN (SELECT AccountId FROM Contact)")
    inside, outside = deal(practice), deal(practice, AccountId=OTHER)

    found = records_of(connector, Read("agreements", How.ALL, ("Amount",)))

    assert set(found) == {inside}
    assert outside not in found
    assert connector.count("agreements").total == 1


def test_deleted_opportunity_is_kept_and_flagged(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    read_from(connection, DEALS, OF_DEALS)
    won = deal(practice)
    sync(connection)
    practice.delete("Opportunity", won)
    pass_a_minute(practice, 3)

    sync(connection)

    assert Agreement.objects.get().gone_at is not None
    connector = SalesforceConnector(connection)
    assert [gone.source_id for gone in connector.read(Read("agreements", How.DELETED, ids=(won,))).gone] == [won]


def test_another_object_is_read_as_a_whole_and_the_former_records_stay(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    read_from(connection, DEALS, OF_DEALS)
    won = deal(practice)
    contract = practice.create("Contract", AccountId=ACCOUNT, StartDate="2026-01-01", ContractTerm=12, Status="Draft")
    sync(connection)

    Block.objects.filter(object="agreements").delete()
    read_from(connection, CONTRACTS, OF_CONTRACTS, cursor=timezone.now(), full_read_at=timezone.now())
    run = sync(connection)

    assert run.kind == Run.Kind.FULL
    assert set(Agreement.objects.values_list("ref_id", flat=True)) == {won, contract}


@pytest.mark.requirement("R73")
def test_objects_are_found_by_what_points_to_an_account(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    practice.forget_calls()

    found = {one.object: one for one in SalesforceConnector(connection).candidates()}

    assert list(found) == ["Opportunity", "Account", "Contract", "Subscription__c"]
    assert found["Subscription__c"].lookups == ("Customer__c", "Billed_To__c")
    assert (found["Subscription__c"].label, found["Subscription__c"].usual_lookup) == ("Subscriptions", "Customer__c")
    assert sum(practice.calls().values()) == 2


def test_an_object_that_is_hidden_is_the_runs_to_say(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    connector = SalesforceConnector(connection)
    connector.agreements = AgreementSource("Nowhere__c", "Account__c")

    with pytest.raises(Misconfigured):
        connector.count("agreements")


@pytest.mark.requirement("R35", "R36")
def test_every_page_of_the_connection_knows_agreements(
    connection: SalesforceConnection, practice: PracticeSalesforce, client_as: Callable[..., Client], admin_user: User
) -> None:
    read_from(connection, DEALS, OF_DEALS)
    deal(practice, Plan__c="Team")
    run = sync(connection)
    client = client_as(admin_user)

    pages = [
        "/",
        reverse("sync:run", args=[run.pk]),
        reverse("sync:connection", args=[connection.slug]),
        reverse("sync:mapping", args=[connection.slug, "agreements"]),
        reverse("sync:records", args=[connection.slug, "agreements"]),
        reverse("sync:log") + "?object=agreements",
        *(reverse("salesforce:wizard", args=[connection.slug, step]) for step in ("agreements", "review")),
    ]

    found = [client.get(page) for page in pages]
    assert [response.status_code for response in found] == [200] * len(pages)
    assert all("Agreements" in response.content.decode() for response in found)
    listed = found[4].content.decode()
    assert reverse("hub:agreement", args=[Agreement.objects.get().pk]) in listed
    assert 'data-l="Agreements"' in found[0].content.decode()


def test_views_are_found_by_name_in_another_organisation(
    connection: SalesforceConnection, practice: PracticeSalesforce
) -> None:
    view = view_of(connection, practice, "Opportunity", "Name != null")
    theirs = AgreementSource("Opportunity", "AccountId", "00B000000000001AAA", "Some").settings
    lost = AgreementSource("Opportunity", "AccountId", "00B000000000001AAA", "Nowhere").settings
    connector = SalesforceConnector(connection)

    assert connector.fitted_block("agreements", theirs) == ({**theirs, "view": view}, [])
    assert connector.fitted_block("agreements", lost) == ({**lost, "view": "", "view_label": ""}, ["Nowhere"])
    assert connector.fitted_block("calls", {"since_months": 3}) == ({"since_months": 3}, [])


def deal(practice: PracticeSalesforce, **more: Any) -> str:
    values = {
        "Name": "Deal", "StageName": "Closed Won", "CloseDate": "2026-01-15", "AccountId": ACCOUNT,
        "Contract_Start__c": "2026-02-01", "Term_Months__c": 12, "Amount": 1_200,
    }  # fmt: skip
    return practice.create("Opportunity", **(values | more | outcome(str((values | more)["StageName"]))))


def move(practice: PracticeSalesforce, opportunity: str, stage: str, **more: Any) -> None:
    practice.edit("Opportunity", opportunity, StageName=stage, **outcome(stage), **more)


def pass_a_minute(practice: PracticeSalesforce, minutes: int = 1) -> None:
    """A delta ends before the second in which it asks, and deletions are listed by the whole minute."""
    with practice.store.transaction():
        passed = practice.store.state("clock_offset", 0)
    practice.control(clock_offset=passed + 60 * minutes)


def outcome(stage: str) -> dict[str, bool]:
    """What Salesforce itself works out of a stage."""
    return {"IsWon": stage == "Closed Won", "IsClosed": stage.startswith("Closed")}


def read_from(connection: SalesforceConnection, source: AgreementSource, lines: dict[str, str], **columns: Any) -> None:
    """`hub field: "CRM field transform"`, or `"=fixed"`."""
    block = Block.objects.create(
        connection=connection,
        object="agreements",
        mode="input",
        merge_keys=["ref_id"],
        settings=source.settings,
        **columns,
    )
    for position, (hub_field, said) in enumerate({"ref_id": "Id", **lines}.items()):
        path, _space, transform = said.partition(" ")
        fixed = said.removeprefix("=") if said.startswith("=") else None
        FieldMapping.objects.create(
            block=block, position=position, hub_field=hub_field, crm_field="" if fixed else path,
            constant=fixed, transform=transform,
        )  # fmt: skip


def view_of(connection: SalesforceConnection, practice: PracticeSalesforce, obj: str, condition: str) -> str:
    from integrations.salesforce.simulator import View, add_view

    with practice.store.transaction():
        return add_view(practice.store, View(obj, "Some", "Some", condition=condition))


def sync(connection: SalesforceConnection) -> Run:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    return run


def customer_id(account: str) -> int:
    found = RecordLink.objects.get(object="customers", source_id=account).hub_id
    assert found is not None
    return found
