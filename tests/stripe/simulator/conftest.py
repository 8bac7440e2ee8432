from collections.abc import Iterator
from pathlib import Path

import pytest
import stripe

from integrations.rehearsal.practice_stripe import PracticeStripe


@pytest.fixture
def crm(tmp_path: Path) -> Iterator[PracticeStripe]:
    with PracticeStripe(tmp_path, 3) as crm:
        yield crm


@pytest.fixture
def client(crm: PracticeStripe) -> stripe.StripeClient:
    """The vendor's own client, unchanged but for where it calls."""
    return stripe.StripeClient(crm.credentials.secret_key, base_addresses={"api": crm.base_url}, max_network_retries=0)
