"""The choices of Sellsy's lists are people's words on every page, and numbers in what is stored and compared."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.hub.models import Contact, Customer, HealthProfile
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.models import SellsyConnection
from integrations.sync.models import FieldMapping, Run

from .conftest import signed_in
from .everyday import add_block, client, contact, sync
from .test_wizard import chosen_of, custom, page_of, texts


@pytest.fixture
def crm(small_crm: Callable[..., PracticeSellsy]) -> PracticeSellsy:
    return small_crm(0)


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User) -> Client:
    return client_as(admin_user)


@pytest.fixture
def connection(db: None, crm: PracticeSellsy) -> SellsyConnection:
    return signed_in(crm, state="on", wizard_step="review")


@pytest.mark.requirement("R26", "R27", "R31")
def test_label_is_shown_and_the_number_stored_on_mapping_preview_log_and_wizard(
    admin: Client, connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    path, number = custom(connection, "Segment"), chosen_of(connection, "Segment", "Enterprise")
    role, champion = custom(connection, "Role", "contacts"), chosen_of(connection, "Role", "Ambassador", "contacts")
    profile = HealthProfile.objects.create(name="Enterprise")
    company = client(crm, "Customer", cf={path.removeprefix("cf."): int(number)})
    contact(crm, "Champion", company, cf={role.removeprefix("cf."): int(champion)})
    customers = add_block(connection, "customers")
    FieldMapping.objects.create(
        block=customers, hub_field="profile", crm_field=path, crm_label="Segment", crm_type="select",
        value_map={number: profile.name},
    )  # fmt: skip
    people = add_block(connection, "contacts")
    FieldMapping.objects.create(
        block=people, hub_field="is_champion", crm_field=role, crm_label="Role", crm_type="select",
        transform="equals", argument=champion,
    )  # fmt: skip

    preview = sync(connection, Run.Kind.PREVIEW)
    shown = {
        "preview": texts(admin.get(reverse("sync:preview", args=[preview.pk]))),
        "mapping": texts(admin.get(reverse("sync:mapping", args=[connection.slug, "customers"]))),
        "mapping of contacts": texts(admin.get(reverse("sync:mapping", args=[connection.slug, "contacts"]))),
        "wizard": texts(admin.get(page_of(connection, "customers"))),
    }
    sync(connection)
    shown["log"] = texts(admin.get(reverse("sync:log")))

    for name in ("preview", "log"):
        assert "set to: </span>Enterprise</ins>" in shown[name], name
        assert f"set to: </span>{number}</ins>" not in shown[name], name
    # The number stands small beside the label: it is what the line keeps.
    assert f'<th scope="row">Enterprise<small class="mono">{number}</small>' in shown["mapping"]
    assert f'<th scope="row">Ambassador<small class="mono">{champion}</small>' in shown["mapping of contacts"]
    assert ">Enterprise</label></th>" in shown["wizard"]
    form = admin.get(page_of(connection, "contacts")).context["form"]
    offered = dict(pair for group in form.fields["is_champion"].choices if group[0] for pair in group[1])
    assert form["is_champion"].value() == f"{role}={champion}"
    assert "Ambassador" in offered[f"{role}={champion}"]
    assert Customer.objects.get().profile == profile
    assert Contact.objects.get().is_champion
