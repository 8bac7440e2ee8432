from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.intercom.connector import IntercomConnector
from integrations.intercom.models import SYSTEM, IntercomConnection
from integrations.intercom.opening import by_token
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.sync import credentials


@pytest.fixture
def crm(tmp_path: Path, settings: Settings) -> Iterator[PracticeIntercom]:
    """The lifelike account."""
    with PracticeIntercom(tmp_path) as crm:
        allow(settings, crm)
        yield crm


@pytest.fixture
def small_crm(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticeIntercom]]:
    """`small_crm(3, contacts_per=1)`: as many companies as a test wants to count."""
    opened: list[PracticeIntercom] = []

    def make(companies: int, **more: Any) -> PracticeIntercom:
        crm = PracticeIntercom(tmp_path / str(len(opened)), companies, **more)
        opened.append(crm)
        allow(settings, crm)
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


def allow(settings: Settings, crm: PracticeIntercom) -> None:
    settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
    settings.INTERCOM_CLIENT_ID = crm.credentials.client_id
    settings.INTERCOM_CLIENT_SECRET = crm.credentials.client_secret
    settings.REHEARSAL_INTERCOM_URL = crm.base_url
    crm.control(unlimited=True)


def signed_in(crm: PracticeIntercom, **columns: Any) -> IntercomConnection:
    connection = IntercomConnection.objects.create(
        system=SYSTEM, name="Intercom", slug="intercom", region="eu",
        base_url=crm.base_url, web_url=f"{crm.base_url}/a/apps/{crm.credentials.workspace_id}", account="Inès Moreau",
        workspace_id=crm.credentials.workspace_id, **columns,
    )  # fmt: skip
    secrets = {"access_token": crm.credentials.access_token}
    credentials.save(connection, secrets)
    assert credentials.store_for(connection).save(by_token(secrets), 1)
    crm.forget_calls()
    return connection


@pytest.fixture
def connection(db: None, crm: PracticeIntercom) -> IntercomConnection:
    return signed_in(crm)


@pytest.fixture
def connector(connection: IntercomConnection) -> IntercomConnector:
    return IntercomConnector(connection)
