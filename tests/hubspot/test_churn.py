"""A company that leaves the chosen lifecycle stages."""

from collections.abc import Callable

import pytest

from integrations.hub.models import Contact, Customer
from integrations.hubspot.models import HubSpotConnection
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.models import RecordLink

from .test_contract import HubSpot


@pytest.mark.requirement("R16", "R17", "R18", "R84")
@pytest.mark.parametrize(("is_on", "stage"), [(True, "churn"), (False, "onboarding")])
def test_stage_that_is_none_of_the_chosen_churns_where_that_is_switched_on(
    small_practice: Callable[..., PracticeHubSpot], db: None, is_on: bool, stage: str
) -> None:
    crm = HubSpot(small_practice(0))
    HubSpotConnection.objects.filter(pk=crm.connection.pk).update(stages="customer;evangelist", churn_missing=is_on)
    crm.connection.refresh_from_db()
    company = crm.company("Leaves")
    crm.company("Stays")
    crm.person(company, "Somebody")
    crm.block("customers", "input")
    crm.block("contacts", "input")
    crm.sync()
    crm.later()
    crm.practice.edit("companies", company, lifecyclestage="other")
    crm.later(120)

    crm.sync()

    link = RecordLink.objects.get(object="customers", source_id=company)
    customer = Customer.objects.get(pk=link.hub_id or 0)
    assert customer.stage.name == stage
    assert Contact.objects.filter(customer=customer).exists()
    assert Customer.objects.get(name="Stays").stage.name == "onboarding"
