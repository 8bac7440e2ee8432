"""Lists of HubSpot hold one value and show another: what nothing is mapped to is told by the word that people see there."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from integrations.hub.models import CustomField
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.models import Change, FieldMapping, Run

from .test_contract import HubSpot

pytestmark = pytest.mark.django_db
STORED, SHOWN = "COMPUTER_SOFTWARE", "Computer Software"


def test_value_that_nothing_is_mapped_to_is_told_by_its_label(
    small_practice: Callable[..., PracticeHubSpot], admin_client: Client
) -> None:
    crm = HubSpot(small_practice(0, contacts_per=0))
    block = crm.block("customers", "input")
    FieldMapping.objects.create(block=block, hub_field="stage", crm_field="industry", crm_label="Industry")
    crm.company("One", industry=STORED)

    preview = crm.sync(Run.Kind.PREVIEW)
    planned = admin_client.get(reverse("sync:preview", args=[preview.pk])).content.decode()
    run = crm.sync()
    log = admin_client.get(reverse("sync:log") + f"?run={run.pk}").content.decode()

    [note] = Change.objects.get(run_id=run.pk).notes
    assert (note["code"], note["params"]["value"]) == ("unmapped-value", STORED), "what is stored is what can be mapped"
    for page in (planned, log):
        assert f"“{SHOWN}”" in page
        assert f"“{STORED}”" not in page


def test_run_keeps_the_labels_of_those_values_alone_that_it_may_have_to_tell_of(
    small_practice: Callable[..., PracticeHubSpot],
) -> None:
    """A list may hold a thousand, and what a run keeps is written with every page of it."""
    crm = HubSpot(small_practice(0, contacts_per=0))
    block = crm.block("customers", "input")
    own = CustomField.objects.create(entity="customers", name="Industry", type="STRING")
    for hub_field, values in (("stage", {"HOSPITALITY": "onboarding"}), (f"custom.{own.key}", {})):
        FieldMapping.objects.create(block=block, hub_field=hub_field, crm_field="industry", value_map=values)

    run = crm.sync()

    lines = {line["hub_field"]: line for line in run.cursor["config"]["blocks"]["customers"]["lines"]}
    assert lines["stage"]["labels"][STORED] == SHOWN
    assert "HOSPITALITY" not in lines["stage"]["labels"]
    assert "labels" not in lines[f"custom.{own.key}"], "a text takes every value as it is"
