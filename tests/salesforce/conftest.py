from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.models import SYSTEM, SalesforceConnection
from integrations.salesforce.opening import open_session, sign_in_alone
from integrations.sync import credentials

Environment, SignIn = SalesforceConnection.Environment, SalesforceConnection.SignIn


@pytest.fixture
def practice(tmp_path: Path, settings: Settings) -> Iterator[PracticeSalesforce]:
    with PracticeSalesforce(tmp_path) as crm:
        allow(settings, crm)
        yield crm


@pytest.fixture
def small_practice(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticeSalesforce]]:
    """`small_practice(3, contacts_per=1)`: as many accounts as a test wants to count."""
    opened: list[PracticeSalesforce] = []

    def make(accounts: int, **more: Any) -> PracticeSalesforce:
        crm = PracticeSalesforce(tmp_path, accounts, **more)
        opened.append(crm)
        allow(settings, crm)
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


def allow(settings: Settings, crm: PracticeSalesforce) -> None:
    settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
    settings.SALESFORCE_CLIENT_ID = crm.credentials.client_id
    settings.SALESFORCE_CLIENT_SECRET = crm.credentials.client_secret
    settings.REHEARSAL_SALESFORCE_URL = crm.base_url


def every_account(crm: PracticeSalesforce) -> dict[str, str]:
    """The scope that leaves nobody out: without any, no run starts."""
    label = "All Accounts"
    found = crm.store.one("SELECT id FROM _view WHERE label = ?", label)
    assert found
    return {"account_view": str(found[0]), "account_view_label": label}


def signed_in(crm: PracticeSalesforce, **columns: Any) -> SalesforceConnection:
    if columns.get("state") == "on":
        columns = every_account(crm) | columns
    connection = SalesforceConnection.objects.create(
        system=SYSTEM, name="Salesforce", slug="salesforce", environment=Environment.DOMAIN, sign_in=SignIn.APP,
        base_url=crm.base_url, web_url=crm.base_url, account="Inès Moreau", **columns,
    )  # fmt: skip
    credentials.save(connection, {})
    tokens = sign_in_alone(open_session(), connection, {})
    assert credentials.store_for(connection).save(tokens, 1)
    crm.forget_calls()
    return connection


@pytest.fixture
def connection(db: None, practice: PracticeSalesforce) -> SalesforceConnection:
    return signed_in(practice)


@pytest.fixture
def connector(connection: SalesforceConnection) -> SalesforceConnector:
    return SalesforceConnector(connection)


@pytest.fixture
def view_named(connector: SalesforceConnector) -> Callable[[str], str]:
    def find(label: str, object_name: str = "customers") -> str:
        return next(view.id for view in connector.views(object_name) if view.label == label)

    return find
