from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from pytest_django import Settings

from integrations.pipedrive import signin
from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.models import SYSTEM, PipedriveConnection
from integrations.pipedrive.opening import app_of, by_token, open_session
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.rehearsal.world import BEGINNING
from integrations.sync import credentials

from .consent import answer

SignIn = PipedriveConnection.SignIn


@pytest.fixture
def practice(tmp_path: Path, settings: Settings) -> Iterator[PracticePipedrive]:
    with PracticePipedrive(tmp_path) as crm:
        allow(settings, crm)
        yield crm


@pytest.fixture
def small_practice(tmp_path: Path, settings: Settings) -> Iterator[Callable[..., PracticePipedrive]]:
    """`small_practice(3, contacts_per=1)`: as many organizations with a won deal as a test wants to count."""
    opened: list[PracticePipedrive] = []

    def make(accounts: int, **more: Any) -> PracticePipedrive:
        crm = PracticePipedrive(tmp_path, accounts, **more)
        opened.append(crm)
        win_everybody(crm)
        allow(settings, crm)
        return crm

    yield make
    for crm in opened:
        crm.__exit__(None, None, None)


def win_everybody(crm: PracticePipedrive) -> None:
    """Who has won no deal gets one: in the plain world some are prospects."""
    with crm.book.transaction():
        won = {one.body["org_id"] for one in crm.book.find("deal") if one.body["status"] == "won"}
        missing = [int(one.id) for one in crm.book.find("organization") if int(one.id) not in won]
        crm.book.load("deal", ((500_000 + number, deal_of(number), BEGINNING, BEGINNING) for number in missing))


def deal_of(organization: int, **more: Any) -> dict[str, Any]:
    return {
        "title": "Won", "org_id": organization, "person_id": None, "status": "won", "value": 0.0, "currency": "EUR",
        "pipeline_id": 1, "stage_id": 5, "owner_id": 25455001, "creator_user_id": 25455001, "visible_to": 3,
        "label_ids": [], "is_archived": False, "won_time": "2024-01-10T08:00:00Z", "close_time": "2024-01-10T08:00:00Z",
        **more,
    }  # fmt: skip


def allow(settings: Settings, crm: PracticePipedrive) -> None:
    # The window of calls has a test of its own: here it would only make everything wait.
    crm.control(plan="ultimate")
    settings.CRM_EXTRA_HOSTS = [crm.base_url.removeprefix("http://")]
    settings.PIPEDRIVE_CLIENT_ID = crm.credentials.client_id
    settings.PIPEDRIVE_CLIENT_SECRET = crm.credentials.client_secret
    settings.REHEARSAL_PIPEDRIVE_URL = crm.base_url


def signed_in(crm: PracticePipedrive, **columns: Any) -> PipedriveConnection:
    connection = PipedriveConnection.objects.create(
        system=SYSTEM, name="Pipedrive", slug="pipedrive", sign_in=SignIn.TOKEN, base_url=crm.base_url,
        web_url=crm.base_url, account="Inès Moreau", organization_id="13480211", **columns,
    )  # fmt: skip
    secrets = {"api_token": crm.credentials.api_token}
    credentials.save(connection, secrets)
    assert credentials.store_for(connection).save(by_token(connection, secrets), 1)
    crm.forget_calls()
    return connection


def signed_in_by_app(crm: PracticePipedrive, **columns: Any) -> PipedriveConnection:
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
def connection(db: None, practice: PracticePipedrive) -> PipedriveConnection:
    return signed_in(practice)


@pytest.fixture
def connector(connection: PipedriveConnection) -> PipedriveConnector:
    return PipedriveConnector(connection)
