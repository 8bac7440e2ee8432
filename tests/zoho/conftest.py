from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import credentials
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.models import SYSTEM, ZohoConnection
from integrations.zoho.opening import open_session, sign_in_alone
from integrations.zoho.simulator.ids import ZGID

Centre, SignIn = ZohoConnection.Centre, ZohoConnection.SignIn


@pytest.fixture
def practice(tmp_path: Path, settings: Settings) -> Iterator[PracticeZoho]:
    with PracticeZoho(tmp_path) as crm:
        allow(settings, crm)
        yield crm


@pytest.fixture
def small_practice(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticeZoho]]:
    """`small_practice(3, contacts_per=1)`: as many accounts as a test wants to count."""
    opened: list[PracticeZoho] = []

    def make(accounts: int, **more: Any) -> PracticeZoho:
        crm = PracticeZoho(tmp_path, accounts, **more)
        opened.append(crm)
        allow(settings, crm)
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


def allow(settings: Settings, crm: PracticeZoho) -> None:
    settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
    settings.ZOHO_CLIENT_ID = crm.credentials.client_id
    settings.ZOHO_CLIENT_SECRET = crm.credentials.client_secret
    settings.REHEARSAL_ZOHO_URL = crm.base_url


def signed_in(crm: PracticeZoho, **columns: Any) -> ZohoConnection:
    connection = ZohoConnection.objects.create(
        system=SYSTEM, name="Zoho CRM", slug="zoho-crm", data_centre=Centre.OWN, sign_in=SignIn.APP,
        base_url=crm.base_url, web_url=f"{crm.base_url}/crm/org{ZGID}", account="Inès Moreau", organisation_number=ZGID,
        **columns,
    )  # fmt: skip
    credentials.save(connection, {})
    tokens = sign_in_alone(open_session(), connection, {})
    assert credentials.store_for(connection).save(tokens, 1)
    crm.forget_calls()
    return connection


@pytest.fixture
def connection(db: None, practice: PracticeZoho) -> ZohoConnection:
    return signed_in(practice)


@pytest.fixture
def connector(connection: ZohoConnection) -> ZohoConnector:
    return ZohoConnector(connection)


@pytest.fixture
def view_named(connector: ZohoConnector) -> Callable[[str, str], str]:
    def find(label: str, object_name: str = "contacts") -> str:
        return next(view.id for view in connector.views(object_name) if view.label == label)

    return find
