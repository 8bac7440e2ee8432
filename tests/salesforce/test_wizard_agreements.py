from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.models import Block, FieldMapping, Version

from .consent import answer

DEALS = {"source": "Opportunity", "shown": "Opportunity", "customer_field": "AccountId", "view": ""}
COMPLETE = {
    **DEALS, "mode": "input", "amount_format": "ARR", "amount": "Amount", "start_date": "Contract_Start__c",
    "end_way": "duration", "end_field": "Term_Months__c", "end_period": "MONTH", "notice_way": "date",
    "notice_date": "Notice_Date__c", "renewal_way": "notice", "currency": "=EUR",
}  # fmt: skip


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, practice: PracticeSalesforce) -> Client:
    """Signed in here and at Salesforce."""
    client = client_as(admin_user)
    location = client.post(reverse("salesforce:start"), {"practice": "1"}).headers["Location"]
    client.get(reverse("salesforce:callback"), answer(location))
    practice.forget_calls()
    return client


@pytest.fixture
def connection(admin: Client) -> SalesforceConnection:
    return SalesforceConnection.objects.get()


@pytest.fixture
def page(admin: Client, connection: SalesforceConnection) -> str:
    connection.wizard_step = "review"
    connection.save()
    return reverse("salesforce:wizard", args=[connection.slug, "agreements"])


@pytest.mark.requirement("R35", "R36", "R73")
def test_they_start_disabled_and_the_usual_objects_stand_first(admin: Client, page: str) -> None:
    form = admin.get(page).context["form"]

    assert form["mode"].value() == "disabled"
    assert [mode for mode, _label in form.fields["mode"].choices] == ["input", "disabled"]
    assert [name for name, _label in form.fields["source"].choices] == [
        "Opportunity", "Account", "Contract", "Subscription__c",
    ]  # fmt: skip
    assert not Block.objects.filter(object="agreements").exists()


@pytest.mark.requirement("R41", "R74")
def test_opportunities_are_proposed_with_their_amount_and_counted(
    admin: Client, page: str, practice: PracticeSalesforce
) -> None:
    won = len(practice.query("SELECT Id FROM Opportunity WHERE IsWon = true AND AccountId != null"))

    form = admin.get(page).context["form"]

    assert (form["source"].value(), form["amount"].value(), form["start_date"].value()) == ("Opportunity", "Amount", "")
    assert form.number == won > 20
    assert "Won, with a start" in str(form.fields["view"].choices)


@pytest.mark.requirement("R37", "R39", "R40", "R49")
def test_what_is_needed_is_refused_by_name_and_nothing_is_saved(admin: Client, page: str) -> None:
    response = admin.post(page, {**DEALS, "mode": "input", "amount": ""})

    assert set(response.context["form"].errors) == {"amount_format", "amount", "start_date", "renewal_way"}
    said = texts(response)
    for label in ("Recurring revenue format", "Revenue field", "Start date", "Tacit renewal"):
        assert f"“{label}” is needed before agreements can be read." in said
    assert not Block.objects.filter(object="agreements").exists()


@pytest.mark.requirement("R36", "R38", "R40", "R42", "R43", "R46", "R47", "R50")
def test_all_that_is_answered_becomes_lines(admin: Client, page: str, connection: SalesforceConnection) -> None:
    response = admin.post(page, {**COMPLETE, "plan": "Plan__c", "fee": "Setup_Fee__c"})

    assert response.status_code == 302, response.context["form"].errors
    block = Block.objects.get(connection=connection, object="agreements")
    assert (block.mode, block.merge_keys) == ("input", ["ref_id"])
    assert block.settings == {
        "source": "Opportunity", "source_label": "Opportunities", "customer_field": "AccountId",
        "customer_field_label": "Account ID", "view": "", "view_label": "",
    }  # fmt: skip
    assert lines(block) == {
        "ref_id": "Id",
        "plan": "Plan__c",
        "amount_format": "=ARR",
        "amount": "Amount",
        "currency": "=EUR",
        "fee": "Setup_Fee__c",
        "start_date": "Contract_Start__c",
        "engagement": "Term_Months__c",
        "engagement_period": "=MONTH",
        "notice_date": "Notice_Date__c",
        "auto_renew": "Notice_Date__c is-filled",
    }
    assert "object that holds the agreements: empty → Opportunities" in str(Version.objects.latest("number").diff)


def test_what_was_saved_is_shown_again(admin: Client, page: str) -> None:
    admin.post(page, COMPLETE)

    form = admin.get(page).context["form"]

    assert {name: form[name].value() for name in COMPLETE} == COMPLETE
    before = Version.objects.count()
    admin.post(page, COMPLETE)
    assert Version.objects.count() == before, "the same once more is no change"


@pytest.mark.requirement("R45", "R48", "R52")
def test_manual_values_and_a_forced_answer_are_fixed(admin: Client, page: str) -> None:
    manual = {"end_way": "manual", "end_number": "2", "end_period": "YEAR"}
    notice = {"notice_way": "manual", "notice_number": "3", "notice_period": "MONTH"}

    admin.post(page, {**COMPLETE, **manual, **notice, "renewal_way": "always", "renewal_answer": "no"})

    found = lines(Block.objects.get(object="agreements"))
    fixed = ("engagement", "engagement_period", "notice", "notice_period", "auto_renew")
    assert [found[name] for name in fixed] == ["=2", "=YEAR", "=3", "=MONTH", "=no"]
    assert not {"end_date", "notice_date"} & set(found)


@pytest.mark.requirement("R49", "R51")
def test_renewal_by_a_value_needs_the_field_and_the_value(admin: Client, page: str) -> None:
    by_value = {**COMPLETE, "renewal_way": "value", "renewal_field": "Renewal_Terms__c"}

    refused = admin.post(page, by_value)
    saved = admin.post(page, {**by_value, "renewal_value": "Renews by itself"})

    assert set(refused.context["form"].errors) == {"renewal_value"}
    assert saved.status_code == 302
    assert lines(Block.objects.get(object="agreements"))["auto_renew"] == "Renewal_Terms__c equals Renews by itself"


@pytest.mark.requirement("R50")
def test_renewal_by_notice_needs_a_notice_in_salesforce(admin: Client, page: str) -> None:
    manual = {"notice_way": "manual", "notice_number": "3"}

    refused = admin.post(page, {**COMPLETE, **manual})

    assert set(refused.context["form"].errors) == {"renewal_way"}


@pytest.mark.requirement("R44")
def test_the_close_date_as_start_is_warned_of_and_taken(admin: Client, page: str) -> None:
    closing = {**COMPLETE, "start_date": "CloseDate"}

    looked = admin.post(page, {**closing, "do": "look"})
    saved = admin.post(page, closing)

    assert "says when the deal was closed" in texts(looked)
    assert "It is usually another one than the close date" in texts(looked)
    assert saved.status_code == 302
    assert "says when the deal was closed" in texts(admin.get(page))


@pytest.mark.requirement("R73")
def test_another_object_shows_its_own_fields_before_it_is_saved(admin: Client, page: str) -> None:
    admin.post(page, COMPLETE)

    asked = admin.post(page, {**COMPLETE, "source": "Subscription__c"})
    form = asked.context["form"]

    assert "another object has other fields" in texts(asked)
    assert [path for path, _label in form.fields["customer_field"].choices] == ["Customer__c", "Billed_To__c"]
    assert "MRR__c" in str(form.fields["amount"].choices)
    assert Block.objects.get(object="agreements").settings["source"] == "Opportunity"

    chosen = {
        "mode": "input", "source": "Subscription__c", "shown": "Subscription__c", "customer_field": "Billed_To__c",
        "amount_format": "MRR", "amount": "MRR__c", "currency": "Currency__c", "start_date": "Starts__c",
        "end_way": "date", "end_date": "Ends__c", "renewal_way": "value", "renewal_field": "Renews_Itself__c",
    }  # fmt: skip
    assert admin.post(page, chosen).status_code == 302
    block = Block.objects.get(object="agreements")
    assert (block.settings["source"], block.settings["customer_field"]) == ("Subscription__c", "Billed_To__c")
    assert lines(block) == {
        "ref_id": "Id", "amount_format": "=MRR", "amount": "MRR__c", "currency": "Currency__c",
        "start_date": "Starts__c", "end_date": "Ends__c", "auto_renew": "Renews_Itself__c",
    }  # fmt: skip


def test_contracts_begin_with_their_own_term_and_notice(admin: Client, page: str) -> None:
    asked = admin.post(page, {**DEALS, "mode": "input", "source": "Contract", "do": "look"})

    form = asked.context["form"]
    names = ("start_date", "end_way", "end_field", "end_period", "notice_way", "notice_field", "notice_period")
    assert [form[name].value() for name in names] == [
        "StartDate", "duration", "ContractTerm", "MONTH", "duration", "OwnerExpirationNotice", "DAY",
    ]  # fmt: skip


def test_switching_off_asks_for_nothing_and_keeps_the_lines(admin: Client, page: str) -> None:
    never = admin.post(page, {**DEALS, "mode": "disabled"})
    assert never.status_code == 302
    assert not Block.objects.filter(object="agreements").exists()
    admin.post(page, COMPLETE)

    admin.post(page, {**DEALS, "mode": "disabled", "amount": ""})

    block = Block.objects.get(object="agreements")
    assert (block.mode, block.lines.count()) == ("disabled", 9)


@pytest.mark.requirement("R74")
def test_a_view_is_saved_by_its_name_and_said_when_it_is_gone(
    admin: Client, page: str, practice: PracticeSalesforce
) -> None:
    form = admin.get(page).context["form"]
    view = next(value for value, label in form.fields["view"].choices if label.startswith("Won, with a start"))
    admin.post(page, {**COMPLETE, "view": view})
    assert Block.objects.get(object="agreements").settings["view_label"] == "Won, with a start"
    assert "view: empty → Won, with a start" in str(Version.objects.latest("number").diff)

    practice.control(delete_view="Won, with a start")
    admin.get(f"{page}?again=1")

    assert "Won, with a start (gone from Salesforce)" in texts(admin.get(page))
    assert set(admin.post(page, {**COMPLETE, "view": view}).context["form"].errors) == {"view"}


def test_a_rule_of_the_mapping_editor_survives_the_step(admin: Client, page: str) -> None:
    admin.post(page, COMPLETE)
    FieldMapping.objects.filter(hub_field="amount").update(transform="number-from-text", argument=",")
    FieldMapping.objects.create(
        block=Block.objects.get(object="agreements"), hub_field="type", crm_field="Type", position=20
    )

    admin.post(page, {**COMPLETE, "fee": "Setup_Fee__c"})

    found = lines(Block.objects.get(object="agreements"))
    assert (found["amount"], found["type"], found["fee"]) == ("Amount number-from-text ,", "Type", "Setup_Fee__c")


@pytest.mark.requirement("R37")
def test_the_mapping_editor_saves_the_lines_and_refuses_what_agreements_need(
    admin: Client, page: str, connection: SalesforceConnection
) -> None:
    admin.post(page, COMPLETE)
    editor = reverse("sync:mapping", args=[connection.slug, "agreements"])
    rows = admin.get(editor).context["rows"]
    shown = {
        row.form.add_prefix(name): row.form[name].value()
        for row in rows
        for name in ("crm", "constant", "transform", "argument", "blanks")
        if row.form[name].value()
    } | {"rank-ref_id": "1", "line-TOTAL_FORMS": str(len(rows)), "line-INITIAL_FORMS": str(len(rows))}
    shown["version"] = str(Version.objects.latest("number").number)

    refused = admin.post(editor, {**shown, "line-amount-crm": "", "do": "save"})
    fee = admin.post(editor, {**shown, "line-fee-crm": "Setup_Fee__c", "do": "save"})

    assert "Nothing was saved. Still needed: Revenue field." in texts(refused)
    assert fee.status_code == 302
    found = lines(Block.objects.get(object="agreements"))
    assert (found["amount"], found["fee"], found["auto_renew"]) == (
        "Amount", "Setup_Fee__c", "Notice_Date__c is-filled",
    )  # fmt: skip


def test_an_unfinished_block_is_said_at_the_review(admin: Client, page: str, connection: SalesforceConnection) -> None:
    admin.post(page, COMPLETE)
    FieldMapping.objects.filter(hub_field="amount").delete()
    SalesforceConnection.objects.update(account_view="00BPr0000000001IAA", account_view_label="All accounts")
    Block.objects.filter(object="customers").update(mode="input")

    review = admin.get(reverse("salesforce:wizard", args=[connection.slug, "review"]))

    assert "Agreements still need: Revenue field." in texts(review)


def test_looking_twice_costs_no_second_call(admin: Client, page: str, practice: PracticeSalesforce) -> None:
    admin.get(page)
    calls = practice.calls()
    practice.forget_calls()

    admin.get(page)

    assert sum(calls.values()) < 14
    assert practice.calls() == {}


@pytest.mark.requirement("R73")
def test_several_things_are_offered_where_they_make_sense(admin: Client, page: str) -> None:
    form = admin.get(page).context["form"]

    offered = {name: str(form.fields[name].choices) for name in ("amount", "start_date", "end_field", "renewal_field")}
    assert "Probability" not in offered["amount"]
    assert "Contract start" in offered["start_date"]
    assert "Amount" not in offered["start_date"]
    assert "Term (months)" in offered["end_field"]
    assert "Renewal terms" in offered["renewal_field"]


def lines(block: Block) -> dict[str, str]:
    """hub field → its CRM field, or `=` and what is fixed; with its transform."""

    def said(line: FieldMapping) -> str:
        source = line.crm_field or f"={line.constant}"
        return " ".join(part for part in (source, line.transform, line.argument) if part)

    return {line.hub_field: said(line) for line in block.lines.all()}


def texts(response: Any) -> str:
    return str(response.content.decode())
