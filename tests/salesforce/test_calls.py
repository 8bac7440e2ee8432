"""As few calls as the protocol allows, on whole runs."""

from collections.abc import Callable

import pytest

from integrations.hub.models import Customer
from integrations.rehearsal.practice import PracticeSalesforce
from integrations.sync.models import Run

from .conftest import signed_in
from .test_agreements import sync
from .test_interactions_synced import add_block

ROWS, CHANGED = 10_000, 100
ONCE = {"describe", "userinfo", "token", "views", "view"}
"""What a run asks whatever changed: signing in, the schema, the view."""


@pytest.mark.slow
@pytest.mark.requirement("I7")
def test_delta_of_a_hundred_in_ten_thousand_takes_four_calls(
    db: None, small_practice: Callable[..., PracticeSalesforce]
) -> None:
    crm = small_practice(ROWS, contacts_per=0)
    connection = signed_in(crm, state="on")
    add_block(connection, "customers", "input")
    assert sync(connection).state == Run.State.DONE
    changed = [row["Id"] for row in crm.query(f"SELECT Id FROM Account ORDER BY Id LIMIT {CHANGED}")]
    for account in changed:
        crm.edit("Account", account, Name="Changed")
    crm.control(clock_offset=120)
    crm.forget_calls()

    run = sync(connection)

    sweep = -(-ROWS // 2000)
    calls = {kind: number for kind, number in crm.calls().items() if kind not in ONCE}
    assert Customer.objects.filter(name="Changed").count() == CHANGED
    assert run.counts["customers.update"] == CHANGED
    assert sum(calls.values()) - sweep <= 4, calls
