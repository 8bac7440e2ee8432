from collections.abc import Callable, Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.rehearsal.practice_stripe import PracticeStripe
from integrations.stripe.connector import StripeConnector
from integrations.stripe.models import SYSTEM, StripeConnection
from integrations.stripe.opening import KEY
from integrations.sync import credentials
from integrations.wire.tokens import Tokens


@pytest.fixture
def crm(tmp_path: Path, settings: Settings) -> Iterator[PracticeStripe]:
    """The lifelike account."""
    with PracticeStripe(tmp_path) as crm:
        allow(settings, crm)
        yield crm


@pytest.fixture
def small_crm(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticeStripe]]:
    """`small_crm(3)`: as many customers as a test wants to count, each with a subscription."""
    opened: list[PracticeStripe] = []

    def make(customers: int, **more: Any) -> PracticeStripe:
        crm = PracticeStripe(tmp_path / str(len(opened)), customers, **more)
        opened.append(crm)
        allow(settings, crm)
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


def allow(settings: Settings, crm: PracticeStripe) -> None:
    settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
    settings.REHEARSAL_STRIPE_URL = crm.base_url
    settings.REHEARSAL_STRIPE_KEY = crm.credentials.restricted_key
    crm.control(unlimited=True)


def signed_in(crm: PracticeStripe, **columns: Any) -> StripeConnection:
    columns = {"order": 1, "slug": "stripe", "name": "Stripe"} | columns
    connection = StripeConnection.objects.create(
        system=SYSTEM, base_url=crm.base_url, web_url=crm.base_url, account=crm.credentials.email,
        account_key="acct_1AldervalePract:sandbox", **columns,
    )  # fmt: skip
    key = crm.credentials.restricted_key
    tokens = Tokens(key, instance_url=crm.base_url)
    credentials.save(connection, {KEY: key, credentials.TOKENS: asdict(tokens)})
    crm.forget_calls()
    return connection


@pytest.fixture
def connection(db: None, crm: PracticeStripe) -> StripeConnection:
    return signed_in(crm)


@pytest.fixture
def connector(connection: StripeConnection) -> StripeConnector:
    return StripeConnector(connection)
