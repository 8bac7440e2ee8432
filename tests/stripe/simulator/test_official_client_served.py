"""The vendor's own client, unchanged, against the practice account as `manage.py rehearsal` serves it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from integrations.rehearsal.demo_environment import settings_of
from tests.served import rehearsal


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    with rehearsal(tmp_path, "stripe") as address:
        yield address


def test_client_reads_what_the_process_serves_with_the_key_of_the_demo(served: str) -> None:
    key = settings_of(8000, Path("somewhere"))["REHEARSAL_STRIPE_KEY"]
    client = stripe.StripeClient(key, base_addresses={"api": served})

    customers = list(client.v1.customers.list().auto_paging_iter())
    subscriptions = list(client.v1.subscriptions.list({"status": "all"}).auto_paging_iter())

    assert (len(customers), len(subscriptions)) == (3, 3)
    assert {one.customer for one in subscriptions} == {one.id for one in customers}
