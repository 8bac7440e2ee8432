"""Signing in to Intercom: by an access token, through the browser, in the right region; and what ends it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.intercom.connector import IntercomConnector
from integrations.intercom.models import IntercomConnection
from integrations.intercom.opening import api_of, pages_of
from integrations.intercom.signin import authorize_url
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.sync import credentials
from integrations.wire.errors import NeedsSignIn
from integrations.wire.tokens import App

from .conftest import signed_in
from .consent import answer


@pytest.fixture
def crm(small_crm: Callable[..., PracticeIntercom]) -> PracticeIntercom:
    return small_crm(1)


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, crm: PracticeIntercom) -> Client:
    return client_as(admin_user)


def typed(crm: PracticeIntercom, **more: str) -> dict[str, Any]:
    return {
        "name": "Intercom", "sign_in": "token", "region": "eu", "base_url": crm.base_url,
        "access_token": crm.credentials.access_token, **more,
    }  # fmt: skip


def test_access_token_signs_in_and_is_shown_to_nobody(admin: Client, crm: PracticeIntercom) -> None:
    response = admin.post(reverse("intercom:start"), typed(crm))

    connection = IntercomConnection.objects.get()
    assert response.headers["Location"] == reverse("intercom:wizard", args=[connection.slug, "customers"])
    assert (connection.account, connection.organisation, connection.workspace_id) == (
        "Inès Moreau",
        "Aldervale",
        "av3llde1",
    )
    assert connection.web_url == f"{crm.base_url}/a/apps/av3llde1"
    page = admin.get(reverse("intercom:wizard", args=[connection.slug, "connect"])).content.decode()
    assert crm.credentials.access_token not in page
    assert "2.15" in page
    blocks = {one.object: one for one in connection.blocks.all()}
    assert {name: (one.mode, one.ref_is_common, one.merge_keys) for name, one in blocks.items()} == {
        "customers": ("input", True, ["ref_id"]), "contacts": ("input", True, ["ref_id", "email"]),
    }  # fmt: skip


def test_wrong_token_is_refused_in_plain_words(admin: Client, crm: PracticeIntercom) -> None:
    response = admin.post(reverse("intercom:start"), typed(crm, access_token="nobody-s-token"), follow=True)

    shown = response.content.decode()
    assert "does not accept" in shown
    assert "Access Token Invalid" in shown or "access token" in shown
    assert not IntercomConnection.objects.exclude(account="").exists()


def test_browser_signs_in_with_a_code_and_no_scopes(admin: Client, crm: PracticeIntercom) -> None:
    location = admin.post(reverse("intercom:start"), {"practice": "1"}).headers["Location"]
    asked = parse_qs(urlsplit(location).query)

    admin.get(reverse("intercom:callback"), answer(location))

    assert set(asked) == {"client_id", "state", "redirect_uri"}
    connection = IntercomConnection.objects.get()
    assert connection.account == "Inès Moreau"
    assert IntercomConnector(connection).whoami().organisation == "Aldervale"


def test_refusal_on_intercoms_page_signs_nobody_in(admin: Client, crm: PracticeIntercom) -> None:
    location = admin.post(reverse("intercom:start"), {"practice": "1"}).headers["Location"]

    response = admin.get(reverse("intercom:callback"), answer(location, "deny"), follow=True)

    assert "refused" in response.content.decode()
    assert not IntercomConnection.objects.exclude(account="").exists()


@pytest.mark.parametrize(
    ("region", "api", "pages"),
    [
        ("us", "https://api.intercom.io", "https://app.intercom.com"),
        ("eu", "https://api.eu.intercom.io", "https://app.eu.intercom.com"),
        ("au", "https://api.au.intercom.io", "https://app.au.intercom.com"),
    ],
)
def test_region_says_which_hosts_are_called(region: str, api: str, pages: str) -> None:
    connection = IntercomConnection(region=region)

    assert (api_of(connection), pages_of(connection)) == (api, pages)
    url = authorize_url(pages, App("id", "secret"), redirect_uri="https://here.example/", state="s")
    assert url.startswith(f"{pages}/oauth?client_id=id&state=s&redirect_uri=")
    assert "secret" not in url


def test_revoked_token_asks_for_a_new_sign_in(db: None, crm: PracticeIntercom) -> None:
    connection = signed_in(crm)
    crm.control(revoke_grants=True)

    with pytest.raises(NeedsSignIn) as refused:
        IntercomConnector(connection).whoami()

    assert refused.value.code == "token_revoked"


def test_connection_out_of_a_file_signs_in_by_itself(db: None, crm: PracticeIntercom) -> None:
    connection = signed_in(crm)
    credentials.save(connection, {"access_token": crm.credentials.access_token})

    assert IntercomConnector(connection).whoami().user == "Inès Moreau"


def test_without_credentials_nobody_is_signed_in(db: None, crm: PracticeIntercom) -> None:
    connection = signed_in(crm)
    credentials.save(connection, {})

    with pytest.raises(NeedsSignIn):
        IntercomConnector(connection).whoami()
