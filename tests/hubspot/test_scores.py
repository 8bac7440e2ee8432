"""Health score and CSM Pulse on their way to properties of the company that this console makes once."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.hubspot.guide import GUIDE
from integrations.hubspot.models import HubSpotConnection
from integrations.hubspot.scores import NAMES
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.setup.trouble import trouble_of
from integrations.sync import runs
from integrations.sync.models import Block, FieldMapping, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.wire.errors import NotFound, Rejected

from .conftest import signed_in

HEALTH, PULSE = NAMES["health_score"], NAMES["pulse"]


@pytest.fixture
def practice(small_practice: Callable[..., PracticeHubSpot]) -> PracticeHubSpot:
    crm = small_practice(0)
    for name in ("One", "Two"):
        crm.create("companies", name=name, lifecyclestage="customer")
    return crm


@pytest.fixture
def connection(db: None, practice: PracticeHubSpot) -> HubSpotConnection:
    connection = signed_in(practice, state="on", wizard_step="review")
    block = Block.objects.create(connection=connection, object="customers", mode="input", merge_keys=["ref_id"])
    for hub, crm in {"ref_id": "hs_object_id", "name": "name"}.items():
        FieldMapping.objects.create(block=block, hub_field=hub, crm_field=crm, crm_label=crm)
    return connection


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def page(connection: HubSpotConnection) -> str:
    return reverse("hubspot:wizard", args=[connection.slug, "scores"])


def lines() -> dict[str, str]:
    return dict(FieldMapping.objects.filter(block__object="scores").values_list("hub_field", "crm_field"))


def sync(connection: HubSpotConnection) -> None:
    run = runs.request_run(connection, Run.Kind.DELTA, by="Inès")
    drive(run, 60.0)
    run.refresh_from_db()
    assert run.state == Run.State.DONE, run.reason_params


@pytest.mark.requirement("R58")
def test_upload_is_off_and_makes_nothing_until_it_is_switched_on(
    admin: Client, page: str, practice: PracticeHubSpot
) -> None:
    admin.post(page, {"make": "on"})

    assert practice.calls()["create_property"] == 0
    assert not Block.objects.filter(object="scores").exists()


@pytest.mark.requirement("R59", "R60", "R95")
def test_switching_on_makes_both_properties_once_and_hubspot_shows_them_at_once(
    admin: Client, page: str, practice: PracticeHubSpot
) -> None:
    response = admin.post(page, {"is_on": "on", "make": "on"})
    made = practice.calls()["create_property"]
    FieldMapping.objects.filter(block__object="scores").delete()
    admin.post(page, {"is_on": "on", "make": "on"})

    with practice.store.transaction():
        labels = {one.name: one.label for one in practice.app.portal.schema.of("companies").values()}
    assert response.status_code == 302
    assert (made, practice.calls()["create_property"]) == (2, 2)
    assert lines() == {"health_score": HEALTH, "pulse": PULSE}
    assert (labels[HEALTH], labels[PULSE]) == ("Skalin Healthscore", "Skalin CSM Pulse")


@pytest.mark.requirement("R56", "R57", "R95")
def test_scores_stand_on_the_company_after_the_next_sync(
    admin: Client, page: str, connection: HubSpotConnection, practice: PracticeHubSpot
) -> None:
    admin.post(page, {"is_on": "on", "make": "on"})
    sync(connection)
    link = RecordLink.objects.filter(object="customers").order_by("pk")[0]
    customer = Customer.objects.get(pk=link.hub_id or 0)
    door().edit("customers", {customer.pk: {"health_score": 8, "pulse": 4}}, by="Inès")
    practice.forget_calls()

    sync(connection)

    held = practice.record("companies", link.source_id)
    assert held is not None
    assert (held[HEALTH], held[PULSE]) == ("8", "4")
    assert practice.calls()["batch_update"] == 1


@pytest.mark.requirement("R59")
def test_property_that_serves_something_else_is_not_taken_for_a_score(
    admin: Client, page: str, connection: HubSpotConnection
) -> None:
    """The chosen fields are checked anew once the others are made, or found."""
    admin.post(page, {"is_on": "on", "make": "on"})
    FieldMapping.objects.filter(block__object="scores").delete()

    shared = admin.post(page, {"is_on": "on", "make": "on", "health_score": PULSE})
    FieldMapping.objects.create(
        block=connection.blocks.get(object="customers"), hub_field="pulse", crm_field=PULSE, crm_label="Pulse"
    )
    is_read = admin.post(page, {"is_on": "on", "make": "on"})

    assert "“Skalin CSM Pulse” is there already, and takes the other" in str(shared.context["form"].errors["make"])
    assert "“Skalin CSM Pulse” is there already, and is mapped" in str(is_read.context["form"].errors["make"])
    assert lines() == {}


@pytest.mark.requirement("R59")
def test_without_the_scope_for_properties_it_says_what_is_missing(
    admin: Client, page: str, practice: PracticeHubSpot
) -> None:
    practice.control(withheld_scopes=["crm.schemas.companies.write"])

    refused = admin.post(page, {"is_on": "on", "make": "on"})

    said = str(refused.context["form"].errors["make"])
    assert "This sign-in may not add properties in HubSpot." in said
    assert "HubSpot said: " in said
    assert lines() == {}


def test_refusal_in_a_form_is_told_with_hubspots_own_words() -> None:
    """No page has room beside a field: what the sentences promise stands in them."""
    texts = [trouble_of(GUIDE, kind("CODE", "The name is too long.")).in_one for kind in (Rejected, NotFound)]

    assert all(text.endswith("HubSpot said: CODE: The name is too long.") for text in texts)
    assert texts[0].startswith("HubSpot refused this")
    assert texts[1].startswith("HubSpot does not find")
