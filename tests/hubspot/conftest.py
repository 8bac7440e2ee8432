from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.hubspot import signin
from integrations.hubspot.connector import HubSpotConnector
from integrations.hubspot.models import SYSTEM, HubSpotConnection
from integrations.hubspot.opening import app_of, open_session
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync import credentials

from .consent import answer

PLAIN = {"unlimited": True, "index_lag": 0, "property_lag": 0}
"""For tests that are about something else."""
SignIn = HubSpotConnection.SignIn


@pytest.fixture
def small_practice(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticeHubSpot]]:
    """`small_practice(3, contacts_per=1)`: as many companies as a test wants to count."""
    opened: list[PracticeHubSpot] = []

    def make(accounts: int | None = None, **more: Any) -> PracticeHubSpot:
        crm = PracticeHubSpot(tmp_path, accounts, **more)
        opened.append(crm)
        crm.control(**PLAIN)
        allow(settings, crm)
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


@pytest.fixture
def portal(small_practice: Callable[..., PracticeHubSpot]) -> PracticeHubSpot:
    """The whole made-up world."""
    return small_practice()


def allow(settings: Settings, crm: PracticeHubSpot) -> None:
    settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
    settings.HUBSPOT_CLIENT_ID = crm.credentials.client_id
    settings.HUBSPOT_CLIENT_SECRET = crm.credentials.client_secret
    settings.REHEARSAL_HUBSPOT_URL = crm.base_url


def signed_in(crm: PracticeHubSpot, **columns: Any) -> HubSpotConnection:
    connection = HubSpotConnection.objects.create(
        system=SYSTEM, name="HubSpot", slug="hubspot", sign_in=SignIn.KEY, base_url=crm.base_url,
        web_url=crm.base_url, account="a service key", **columns,
    )  # fmt: skip
    key = crm.credentials.access_token
    credentials.save(connection, {"access_key": key})
    assert credentials.store_for(connection).save(signin.with_key(crm.base_url, key), 1)
    crm.forget_calls()
    return connection


def signed_in_by_app(crm: PracticeHubSpot, **columns: Any) -> HubSpotConnection:
    """With an access that ends and is renewed."""
    connection = signed_in(crm, **columns)
    connection.sign_in = SignIn.WEB
    connection.save(update_fields=["sign_in"])
    app, back = app_of(connection, {}), "http://localhost/callback"
    code = answer(signin.authorize_url(crm.base_url, app, redirect_uri=back, state="s"))["code"]
    tokens = signin.exchange_code(open_session(), crm.base_url, app, code=code, redirect_uri=back)
    assert credentials.store_for(connection).save(tokens, 2)
    crm.forget_calls()
    return connection


@pytest.fixture
def connection(db: None, portal: PracticeHubSpot) -> HubSpotConnection:
    return signed_in(portal)


@pytest.fixture
def connector(connection: HubSpotConnection) -> HubSpotConnector:
    return HubSpotConnector(connection)
