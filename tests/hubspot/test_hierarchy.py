"""Parents and children: two levels in the hub, whatever a portal holds."""

from collections.abc import Callable

import pytest

from integrations.hub.models import Customer
from integrations.hubspot.models import HubSpotConnection
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.models import Change

from .test_contract import HubSpot


@pytest.mark.requirement("R19", "R20", "R21")
@pytest.mark.parametrize("is_on", [True, False])
def test_third_level_hangs_from_the_topmost_and_says_so(
    small_practice: Callable[..., PracticeHubSpot], db: None, is_on: bool
) -> None:
    crm = HubSpot(small_practice(0))
    HubSpotConnection.objects.filter(pk=crm.connection.pk).update(keep_hierarchy=is_on)
    crm.connection.refresh_from_db()
    head, branch, shop = (crm.company(name) for name in ("Head", "Branch", "Shop"))
    crm.under(branch, head)
    crm.under(shop, branch)
    crm.block("customers", "input")

    crm.sync()

    parents = dict(Customer.objects.values_list("name", "parent__name"))
    expected = "Head" if is_on else None
    assert parents == {"Head": None, "Branch": expected, "Shop": expected}
    notes = [note["code"] for note in Change.objects.get(object="customers", source_id=shop).notes]
    assert notes == (["flattened"] if is_on else [])
