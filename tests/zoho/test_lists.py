"""Lists of Zoho hold one value and show another: people read what is shown, and what is stored is kept and sent."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import Customer, Stage
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync.models import Change, FieldMapping, PlannedChange, Run
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.models import ZohoConnection

from .test_contract import Zoho

pytestmark = pytest.mark.django_db
STORED, SHOWN = "Onboarding", "Getting started"


@pytest.fixture
def crm(small_practice: Callable[..., PracticeZoho]) -> Zoho:
    made = Zoho(small_practice(0, contacts_per=0))
    made.connection.wizard_step = "review"
    made.connection.save()
    made.block("customers", "input")
    made.block("contacts", "input")
    made.company("One", Lifecycle_Stage=STORED)
    return made


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


def text(client: Client, name: str, *args: object) -> str:
    return " ".join(client.get(reverse(name, args=args)).content.decode().split())


def test_list_is_shown_by_its_labels_and_kept_by_its_values_from_the_wizard_to_the_log(
    admin: Client, crm: Zoho
) -> None:
    slug = crm.connection.slug
    page = reverse("zoho:wizard", args=[slug, "customers"])
    form = admin.get(page).context["form"]
    chosen = {name: form[name].value() for name in form.fields if form[name].value() not in ("", None, False)}
    chosen["stage"] = "Lifecycle_Stage"
    rows = {
        row.value: row for row in admin.post(page, {**chosen, "do": "look"}).context["form"].value_maps["stage"].rows
    }
    stage = Stage.objects.exclude(is_churn=True).order_by("-position").first()
    assert stage is not None
    admin.post(page, {**chosen, "stage_seen": "Lifecycle_Stage", rows[STORED].name: stage.name})
    line = FieldMapping.objects.get(hub_field="stage")
    mapping = text(admin, "sync:mapping", slug, "customers")

    preview = crm.sync(Run.Kind.PREVIEW)
    run = crm.sync()
    shown = {
        "preview": text(admin, "sync:preview", preview.pk),
        "log": text(admin, "sync:run", run.pk),
        "record": text(admin, "hub:customer", Customer.objects.get().pk),
    }

    assert (rows[STORED].label, line.value_map[STORED]) == (SHOWN, stage.name)
    assert SHOWN in mapping
    assert PlannedChange.objects.filter(run_id=preview.pk).get().after["stage"] == stage.name
    assert Change.objects.get(run_id=run.pk).after["stage"] == stage.name
    assert Customer.objects.get().stage == stage
    for where, told in shown.items():
        assert str(stage.label) in told, where
        assert STORED not in told, where


def test_scope_says_its_values_by_their_labels(admin: Client, crm: Zoho) -> None:
    page = reverse("zoho:wizard", args=[crm.connection.slug, "scope"])
    crm.company("Two", Markets=["APAC"])

    saved = admin.post(page, {"merge_keys": ["ref_id"], "filter_field": "Markets", "filter_values": ["APAC"]})

    scope = ZohoConnection.objects.get()
    assert saved.status_code == 302
    assert (scope.filter_values, scope.filter_values_label) == ("APAC", "Asia-Pacific")
    assert "Asia-Pacific" in text(admin, "sync:connection", crm.connection.slug)
    assert ZohoConnector(scope).count("customers").total == 1
