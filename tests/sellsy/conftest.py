from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SYSTEM, SellsyConnection
from integrations.sellsy.opening import open_session, sign_in_alone
from integrations.sync import credentials

SignIn = SellsyConnection.SignIn


@pytest.fixture
def crm(tmp_path: Path, settings: Settings) -> Iterator[PracticeSellsy]:
    """The lifelike account."""
    with PracticeSellsy(tmp_path) as crm:
        allow(settings, crm)
        yield crm


@pytest.fixture
def small_crm(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticeSellsy]]:
    """`small_crm(3, contacts_per=1)`: as many companies as a test wants to count."""
    opened: list[PracticeSellsy] = []

    def make(companies: int, **more: Any) -> PracticeSellsy:
        crm = PracticeSellsy(tmp_path / str(len(opened)), companies, **more)
        opened.append(crm)
        allow(settings, crm)
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


def allow(settings: Settings, crm: PracticeSellsy) -> None:
    settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
    settings.SELLSY_CLIENT_ID = crm.credentials.client_id
    settings.SELLSY_CLIENT_SECRET = crm.credentials.client_secret
    settings.REHEARSAL_SELLSY_URL = crm.base_url
    crm.control(unlimited=True)


def signed_in(crm: PracticeSellsy, **columns: Any) -> SellsyConnection:
    connection = SellsyConnection.objects.create(
        system=SYSTEM, name="Sellsy", slug="sellsy", sign_in=SignIn.APP, client_id=crm.credentials.personal_id,
        base_url=crm.base_url, web_url=crm.base_url, account="Inès Moreau", **columns,
    )  # fmt: skip
    secrets = {"client_secret": crm.credentials.personal_secret}
    credentials.save(connection, secrets)
    tokens = sign_in_alone(open_session(), connection, secrets)
    assert credentials.store_for(connection).save(tokens, 1)
    crm.forget_calls()
    return connection


@pytest.fixture
def connection(db: None, crm: PracticeSellsy) -> SellsyConnection:
    return signed_in(crm)


@pytest.fixture
def connector(connection: SellsyConnection) -> SellsyConnector:
    return SellsyConnector(connection)
