"""Agreements out of deals: what the step asks, what it refuses by name, and which lines the answers become."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.pipedrive.models import PipedriveConnection
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.sync.models import Block, FieldMapping

from .conftest import signed_in
from .test_interactions import add_block

DEALS = {"source": "deal", "shown": "deal", "customer_field": "org_id", "mode": "input"}


@pytest.fixture
def practice(small_practice: Callable[..., PracticePipedrive]) -> PracticePipedrive:
    practice = small_practice(2, contacts_per=0)
    practice.control(unlimited=True)
    return practice


@pytest.fixture
def page(db: None, practice: PracticePipedrive) -> str:
    connection: PipedriveConnection = signed_in(practice, state="on", wizard_step="review")
    add_block(connection, "customers")
    return reverse("pipedrive:wizard", args=[connection.slug, "agreements"])


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def key(practice: PracticePipedrive) -> Callable[[str], str]:
    return lambda name: practice.key("deal", name)


@pytest.fixture
def complete(key: Callable[[str], str]) -> dict[str, Any]:
    return {
        **DEALS, "amount_format": "ARR", "amount": "value", "start_date": key("Contract start"),
        "end_way": "duration", "end_field": key("Term in months"), "end_period": "MONTH", "notice_way": "date",
        "notice_date": key("Notice date"), "renewal_way": "notice", "currency": "=EUR",
    }  # fmt: skip


def lines(block: Block) -> dict[str, str]:
    """hub field → its CRM field, or `=` and what is fixed; with its transform."""

    def said(line: FieldMapping) -> str:
        source = line.crm_field or f"={line.constant}"
        return " ".join(part for part in (source, line.transform, line.argument) if part)

    return {line.hub_field: said(line) for line in block.lines.all()}


@pytest.mark.requirement("R37", "R39", "R40", "R49")
def test_what_is_needed_is_refused_by_name_and_nothing_is_saved(admin: Client, page: str) -> None:
    response = admin.post(page, {**DEALS, "amount": ""})

    assert set(response.context["form"].errors) == {"amount_format", "amount", "start_date", "renewal_way"}
    said = response.content.decode()
    for label in ("Recurring revenue format", "Revenue field", "Start date", "Tacit renewal"):
        assert f"“{label}” is needed before agreements can be read." in said
    assert not Block.objects.filter(object="agreements").exists()


@pytest.mark.requirement("R36", "R38", "R40", "R42", "R43", "R45", "R46", "R47", "R50")
def test_all_that_is_answered_becomes_lines(
    admin: Client, page: str, complete: dict[str, Any], key: Callable[[str], str]
) -> None:
    response = admin.post(page, {**complete, "plan": key("Plan"), "fee": key("Setup fee")})

    assert response.status_code == 302, response.context["form"].errors
    assert lines(Block.objects.get(object="agreements")) == {
        "ref_id": "id", "plan": key("Plan"), "amount_format": "=ARR", "amount": "value", "currency": "=EUR",
        "fee": key("Setup fee"), "start_date": key("Contract start"), "engagement": key("Term in months"),
        "engagement_period": "=MONTH", "notice_date": key("Notice date"),
        "auto_renew": f"{key('Notice date')} is-filled",
    }  # fmt: skip


@pytest.mark.requirement("R45", "R48", "R52")
def test_manual_values_and_a_forced_answer_are_fixed(admin: Client, page: str, complete: dict[str, Any]) -> None:
    manual = {"end_way": "manual", "end_number": "2", "end_period": "YEAR"}
    notice = {"notice_way": "manual", "notice_number": "3", "notice_period": "MONTH"}

    admin.post(page, {**complete, **manual, **notice, "renewal_way": "always", "renewal_answer": "no"})

    found = lines(Block.objects.get(object="agreements"))
    fixed = ("engagement", "engagement_period", "notice", "notice_period", "auto_renew")
    assert [found[name] for name in fixed] == ["=2", "=YEAR", "=3", "=MONTH", "=no"]
    assert not {"end_date", "notice_date"} & set(found)


@pytest.mark.requirement("R49", "R51")
def test_renewal_by_a_value_needs_the_field_and_the_value(
    admin: Client, page: str, complete: dict[str, Any], key: Callable[[str], str]
) -> None:
    by_value = {**complete, "renewal_way": "value", "renewal_field": key("Renewal terms")}

    refused = admin.post(page, by_value)
    saved = admin.post(page, {**by_value, "renewal_value": "Renews by itself"})

    assert set(refused.context["form"].errors) == {"renewal_value"}
    assert saved.status_code == 302
    found = lines(Block.objects.get(object="agreements"))
    assert found["auto_renew"] == f"{key('Renewal terms')} equals Renews by itself"


@pytest.mark.requirement("R44")
def test_close_date_of_the_deal_is_warned_of_as_a_start(admin: Client, page: str, complete: dict[str, Any]) -> None:
    closing = {**complete, "start_date": "expected_close_date"}

    looked = admin.post(page, {**closing, "do": "look"})

    assert "says when the deal was closed" in looked.content.decode()
    assert "It is usually another one than the close date" in looked.content.decode()
    assert admin.post(page, closing).status_code == 302
