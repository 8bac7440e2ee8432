"""Raw rows of hub and syncs: looked at by Admin and Support; only the hub's own words are changed, and only by Admin."""

from collections.abc import Callable

import pytest
from django.contrib import admin
from django.test import Client
from django.urls import reverse

from accounts.permissions import Role
from integrations.hub.fields import fields_here, own_labels
from integrations.hub.models import CustomField, Stage, Tag
from tests.hub.factories import CustomerFactory

pytestmark = pytest.mark.django_db

OWN_WORDS = {"hub.stage", "hub.healthprofile", "hub.tag", "hub.customfield"}
MODELS = [model for model in admin.site._registry if model._meta.app_label in {"hub", "sync"}]


@pytest.mark.parametrize("role", [Role.ADMIN, Role.SUPPORT])
@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_raw_list_opens(model: type, role: Role, client_as: Callable[..., Client]) -> None:
    meta = model._meta  # type: ignore[attr-defined]

    page = client_as(role).get(reverse(f"admin:{meta.app_label}_{meta.model_name}_changelist"))

    assert page.status_code == 200


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model._meta.label)
def test_raw_rows_are_added_by_hand_only_where_they_are_the_hubs_own_words(
    model: type, client_as: Callable[..., Client]
) -> None:
    meta = model._meta  # type: ignore[attr-defined]
    address = reverse(f"admin:{meta.app_label}_{meta.model_name}_add")

    assert client_as(Role.ADMIN).get(address).status_code == (200 if meta.label_lower in OWN_WORDS else 403)
    assert client_as(Role.SUPPORT).get(address).status_code == 403


def test_raw_customer_cannot_be_changed(client_as: Callable[..., Client]) -> None:
    row = CustomerFactory.create(name="Marlowe")

    answer = client_as(Role.ADMIN).post(reverse("admin:hub_customer_change", args=[row.pk]), {"name": "Other"})

    row.refresh_from_db()
    assert (answer.status_code, row.name) == (403, "Marlowe")


def test_stage_keeps_its_name_while_its_label_changes(client_as: Callable[..., Client]) -> None:
    stage = Stage.objects.get(name="run")

    client_as(Role.ADMIN).post(
        reverse("admin:hub_stage_change", args=[stage.pk]), {"name": "other", "label": "Live", "position": 3}
    )

    stage.refresh_from_db()
    assert (stage.name, stage.label) == ("run", "Live")


def test_custom_field_type_never_changes(client_as: Callable[..., Client]) -> None:
    field = CustomField.objects.create(entity="customers", name="Code", type="STRING")

    client_as(Role.ADMIN).post(
        reverse("admin:hub_customfield_change", args=[field.pk]),
        {"name": "Number", "type": "NUMBER", "entity": "contacts"},
    )

    field.refresh_from_db()
    assert (field.name, field.type, field.entity) == ("Number", "STRING", "customers")


def test_stages_begin_with_four_one_default_one_churn() -> None:
    stages = list(Stage.objects.values_list("name", "label", "is_default", "is_churn"))

    assert stages == [
        ("trial", "Trial", False, False),
        ("onboarding", "Onboarding", True, False),
        ("run", "Run", False, False),
        ("churn", "Churn", False, True),
    ]


def test_tag_is_made_and_offered_only_where_rows_carry_tags(client_as: Callable[..., Client]) -> None:
    admin_client, address = client_as(Role.ADMIN), reverse("admin:hub_tag_add")

    for entity in ("customers", "agreements"):
        admin_client.post(address, {"name": "vip", "entity": entity})

    made = Tag.objects.get()
    Tag.objects.create(name="made before", entity="agreements")
    assert made.entity == "customers"
    assert f"custom.tag-{made.pk}" in fields_here("customers")
    assert not any("tag-" in name for name in fields_here("agreements"))
    assert list(own_labels()) == [("customers", f"tag-{made.pk}", "Tag “vip”")]


def test_own_fields_and_tags_stand_by_name_and_have_one_name_everywhere(db: None) -> None:
    for name in ("Zeta", "alpha", "Élan"):
        CustomField.objects.create(entity="customers", name=name, type="STRING")
    Tag.objects.create(name="beta", entity="customers")

    shown = {name: str(field.label) for name, field in fields_here("customers").items() if "custom." in name}

    assert list(shown.values()) == ["alpha", "Tag “beta”", "Élan", "Zeta"]
    assert shown == {f"custom.{key}": label for _entity, key, label in own_labels()}
