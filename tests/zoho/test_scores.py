"""Health score and CSM Pulse on their way to fields of the account: made through the API, else matched by hand."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import runs
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.zoho.models import ZohoConnection

from .conftest import signed_in

HEALTH, PULSE = "Skalin_Healthscore", "Skalin_CSM_Pulse"


@pytest.fixture
def practice(small_practice: Callable[..., PracticeZoho]) -> PracticeZoho:
    return small_practice(3, contacts_per=0)


@pytest.fixture
def connection(db: None, practice: PracticeZoho) -> ZohoConnection:
    connection = signed_in(practice, state="on", wizard_step="review")
    block = Block.objects.create(connection=connection, object="customers", mode="input", merge_keys=["ref_id"])
    for hub, crm in {"ref_id": "id", "name": "Account_Name"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    return connection


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def page(connection: ZohoConnection) -> str:
    return reverse("zoho:wizard", args=[connection.slug, "scores"])


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


def lines() -> dict[str, str]:
    return dict(FieldMapping.objects.filter(block__object="scores").values_list("hub_field", "crm_field"))


def sync(connection: ZohoConnection) -> None:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params


@pytest.mark.requirement("R58", "R118")
def test_upload_is_off_and_makes_nothing_until_it_is_switched_on(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    shown = texts(admin.get(page))
    admin.post(page, {"make": "on"})

    assert "They are called Skalin Healthscore, Skalin CSM Pulse." in shown
    assert practice.calls()["fields_create"] == 0
    assert not Block.objects.filter(object="scores").exists()


@pytest.mark.requirement("R59", "R60", "X19")
def test_switching_on_makes_both_fields_once(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    response = admin.post(page, {"is_on": "on", "make": "on"})
    made = practice.calls()["fields_create"]
    FieldMapping.objects.filter(block__object="scores").delete()
    admin.post(page, {"is_on": "on", "make": "on"})

    assert response.status_code == 302
    assert (made, practice.calls()["fields_create"]) == (2, 2)
    assert lines() == {"health_score": HEALTH, "pulse": PULSE}


@pytest.mark.requirement("R56", "R57")
def test_scores_stand_on_the_account_after_the_next_sync(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    admin.post(page, {"is_on": "on", "make": "on"})
    sync(connection)
    link = RecordLink.objects.filter(object="customers").order_by("pk")[0]
    customer = Customer.objects.get(pk=link.hub_id or 0)
    door().edit("customers", {customer.pk: {"health_score": 8, "pulse": 4}}, by="Inès")
    practice.forget_calls()

    sync(connection)

    with practice.store.transaction():
        record = practice.store.get("Accounts", link.source_id)
    assert record is not None
    assert (record.body[HEALTH], record.body[PULSE]) == (8, 4)
    assert practice.calls()["update"] == 1


@pytest.mark.requirement("X19", "R75")
def test_where_zoho_lets_nobody_make_fields_they_are_matched_by_hand(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    practice.control(denied=["Crm_Implied_Customize_Zoho_CRM"])

    refused = admin.post(page, {"is_on": "on", "make": "on"})
    by_hand = admin.post(page, {"is_on": "on", "health_score": "Seats"})

    assert "Zoho did not let the connecting user add a field." in str(refused.context["form"].errors["make"])
    assert by_hand.status_code == 302
    assert lines() == {"health_score": "Seats"}


def test_score_that_has_a_field_keeps_it(
    admin: Client, page: str, connection: ZohoConnection, practice: PracticeZoho
) -> None:
    admin.post(page, {"is_on": "on", "make": "on", "health_score": "Seats"})

    assert lines() == {"health_score": "Seats", "pulse": PULSE}
    assert practice.calls()["fields_create"] == 1
