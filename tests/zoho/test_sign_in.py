from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import Settings

from accounts.models import User
from integrations.rehearsal.practice_zoho import PracticeZoho
from integrations.sync import credentials
from integrations.wire.errors import Misconfigured, NeedsSignIn, RateLimited, Transient
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens
from integrations.zoho import replies, signin
from integrations.zoho.centres import CENTRES, VENDOR_HOSTS, web_url_of
from integrations.zoho.client import host_policy
from integrations.zoho.connector import ZohoConnector
from integrations.zoho.credits import credits_of
from integrations.zoho.models import ZohoConnection
from integrations.zoho.ways import ZohoWays
from tests.wire.border import Answer, Border, Clock

from .consent import answer

APP = App("1000.CLIENT", "a-secret-not-a-real-one")
EU, US = "https://accounts.zoho.eu", "https://accounts.zoho.com"
TOKEN = {
    "access_token": "1000.access",
    "api_domain": "https://www.zohoapis.eu",
    "token_type": "Bearer",
    "expires_in": 3600,
}


def session_at(*answers: Answer) -> tuple[Session, Border]:
    border, clock = Border(*answers), Clock()
    session = Session(
        host_policy(), classify=replies.classify, clock=clock, sleep=clock.sleep, adapter=border, max_wait=10
    )
    return session, border


def asked(border: Border, number: int = 0) -> dict[str, str]:
    text = border.sent[number].body
    assert isinstance(text, str)
    return {name: values[0] for name, values in parse_qs(text).items()}


# --- Which data centre


def test_browser_is_sent_to_the_chosen_centre_and_asks_for_lasting_access() -> None:
    url = signin.authorize_url(EU, APP, redirect_uri="https://console.example/back/", state="s")

    query = parse_qs(urlsplit(url).query)
    assert url.startswith(f"{EU}/oauth/v2/auth?")
    assert (query["access_type"], query["prompt"]) == (["offline"], ["consent"])
    assert query["scope"][0].split(",") == list(signin.SCOPES)
    assert "secret" not in url


def test_code_is_exchanged_where_zoho_says_and_not_where_it_was_begun() -> None:
    session, border = session_at(Answer(200, {**TOKEN, "refresh_token": "1000.refresh"}))
    server = signin.accounts_server(session, EU, US)

    tokens = signin.exchange_code(session, server, APP, code="1000.code", redirect_uri="https://console.example/back/")

    assert border.sent[0].url == f"{EU}/oauth/v2/token"
    assert (tokens.instance_url, tokens.identity_url) == ("https://www.zohoapis.eu", EU)
    assert tokens.refresh_token == "1000.refresh"


@pytest.mark.parametrize(
    "told",
    [
        "https://accounts.zoho.eu.evil.example",
        "http://accounts.zoho.eu",
        "https://www.zohoapis.eu",
        "https://127.0.0.1",
    ],
)
def test_server_that_signs_nobody_in_is_refused_before_anything_is_sent(told: str) -> None:
    session, border = session_at(Answer())

    with pytest.raises(Misconfigured) as refused:
        signin.accounts_server(session, told, EU)

    assert (refused.value.code, border.sent) == ("HOST_REFUSED", [])


@pytest.mark.parametrize(
    "domain", ["https://www.zohoapis.com", "https://zohoapis.eu.evil.example", "https://accounts.zoho.eu"]
)
def test_api_of_another_centre_or_of_a_stranger_gets_no_token(domain: str) -> None:
    session, border = session_at(Answer(200, {**TOKEN, "api_domain": domain, "refresh_token": "r"}))

    with pytest.raises(Misconfigured) as refused:
        signin.exchange_code(session, EU, APP, code="c", redirect_uri="https://console.example/back/")

    assert refused.value.code == "HOST_REFUSED"
    assert len(border.sent) == 1


@pytest.mark.parametrize("kind", ["www", "sandbox", "developer"])
def test_sandbox_and_developer_organisations_belong_to_their_centre(kind: str) -> None:
    session, _border = session_at(
        Answer(200, {**TOKEN, "api_domain": f"https://{kind}.zohoapis.eu", "refresh_token": "r"})
    )

    tokens = signin.exchange_code(session, EU, APP, code="c", redirect_uri="https://console.example/back/")

    assert tokens.instance_url == f"https://{kind}.zohoapis.eu"


def test_every_centre_has_its_hosts_and_its_pages() -> None:
    assert len(VENDOR_HOSTS) == len(set(VENDOR_HOSTS)) == 16
    pages = {one.name: web_url_of(f"https://www.{one.api}", "7") for one in CENTRES}
    assert (pages["eu"], pages["ca"]) == ("https://crm.zoho.eu/crm/org7", "https://crm.zohocloud.ca/crm/org7")
    assert web_url_of("https://sandbox.zohoapis.in", "7") == "https://crm.zoho.in/sandbox/crm/org7"
    assert web_url_of("http://127.0.0.1:9/", "7") == "http://127.0.0.1:9/crm/org7"


# --- Tokens


def test_refresh_keeps_the_refresh_token_and_the_server_that_gave_it() -> None:
    session, border = session_at(Answer(200, TOKEN))
    old = Tokens("1000.old", "1000.refresh", "https://www.zohoapis.eu", EU)

    fresh = signin.refresh(session, APP, old)

    assert (fresh.access_token, fresh.refresh_token, fresh.identity_url) == ("1000.access", "1000.refresh", EU)
    assert fresh.expires_at is not None
    assert asked(border)["grant_type"] == "refresh_token"


@pytest.mark.parametrize(("error", "kind"), [
    ("invalid_code", NeedsSignIn), ("invalid_client", Misconfigured), ("invalid_client_secret", Misconfigured),
    ("invalid_redirect_uri", Misconfigured),
])  # fmt: skip
def test_errors_of_tokens_come_under_status_200_and_are_none_the_less_errors(error: str, kind: type[Exception]) -> None:
    session, _border = session_at(Answer(200, {"error": error}))

    with pytest.raises(kind) as refused:
        signin.refresh(session, APP, Tokens("a", "1000.refresh", "https://www.zohoapis.eu", EU))

    assert getattr(refused.value, "code", "") == error
    assert APP.client_secret not in str(refused.value)


@pytest.mark.parametrize("status", [200, 400])
def test_too_many_tokens_is_a_wait_and_no_new_consent(status: int) -> None:
    said = "You have made too many requests continuously. Please try again after some time."
    session, border = session_at(
        Answer(status, {"error": "Access Denied", "error_description": said, "status": "failure"})
    )

    with pytest.raises(RateLimited) as limited:
        signin.refresh(session, APP, Tokens("a", "1000.refresh", "https://www.zohoapis.eu", EU))

    assert limited.value.after == replies.A_WHILE
    assert len(border.sent) == 1


def test_consent_without_lasting_access_is_refused() -> None:
    session, _border = session_at(Answer(200, TOKEN))

    with pytest.raises(NeedsSignIn) as refused:
        signin.exchange_code(session, EU, APP, code="c", redirect_uri="https://console.example/back/")

    assert refused.value.code == "NO_REFRESH_TOKEN"


def test_answer_without_a_host_is_broken() -> None:
    session, _border = session_at(Answer(200, {"access_token": "1000.access"}))

    with pytest.raises(Transient):
        signin.exchange_code(session, EU, APP, code="c", redirect_uri="https://console.example/back/")


def test_grant_that_is_dead_already_is_left_without_a_word() -> None:
    session, border = session_at(Answer(200, {"error": "invalid_code"}))

    signin.revoke(session, Tokens("a", "1000.refresh", "https://www.zohoapis.eu", EU))

    assert border.sent[0].url == f"{EU}/oauth/v2/token/revoke"
    assert asked(border) == {"token": "1000.refresh"}


@pytest.mark.parametrize(("licence", "most"), [
    ({"paid": True, "paid_type": "enterprise", "users_license_purchased": 20}, 70_000),
    ({"paid": True, "paid_type": "standard", "users_license_purchased": 1000}, 100_000),
    ({"paid": True, "paid_type": "zoho_one", "users_license_purchased": 10}, 60_000),
    ({"paid": False, "paid_type": "free", "users_license_purchased": 3}, 5_000),
    ({"paid": True, "paid_type": "something new"}, 0),
    (None, 0),
])  # fmt: skip
def test_credits_follow_from_the_licence(licence: Any, most: int) -> None:
    assert credits_of({"license_details": licence}) == most


# --- In the browser


@pytest.fixture
def connected(
    client_as: Callable[..., Client], admin_user: User, practice: PracticeZoho
) -> tuple[Client, ZohoConnection]:
    client = client_as(admin_user)
    location = client.post(reverse("zoho:start"), {"practice": "1"}).headers["Location"]
    client.get(reverse("zoho:callback"), answer(location))
    return client, ZohoConnection.objects.get()


def test_access_that_ends_is_renewed_without_anybody(
    connected: tuple[Client, ZohoConnection], practice: PracticeZoho
) -> None:
    _client, connection = connected
    practice.control(expire_sessions=True)
    practice.forget_calls()

    assert ZohoConnector(connection).whoami().user == "Inès Moreau"
    assert practice.calls() == {"users": 2, "token": 1}


def test_revoked_grant_needs_a_person(connected: tuple[Client, ZohoConnection], practice: PracticeZoho) -> None:
    _client, connection = connected
    practice.control(revoke_grants=True)

    with pytest.raises(NeedsSignIn) as ended:
        ZohoConnector(connection).whoami()

    assert ended.value.code == "invalid_code"


def test_disconnecting_ends_the_grant_at_zoho(connected: tuple[Client, ZohoConnection], practice: PracticeZoho) -> None:
    client, connection = connected
    practice.forget_calls()

    client.post(reverse("zoho:disconnect", args=[connection.slug]))

    connection.refresh_from_db()
    assert connection.account == ""
    assert credentials.load(connection) == {}
    assert practice.calls()["revoke"] == 1


def test_second_sign_in_is_renewable_too(connected: tuple[Client, ZohoConnection], practice: PracticeZoho) -> None:
    """Zoho gives no second refresh token to whoever does not ask for the consent again."""
    client, connection = connected
    location = client.post(reverse("zoho:connect", args=[connection.slug])).headers["Location"]

    client.get(reverse("zoho:callback"), answer(location))

    tokens, _version = credentials.store_for(connection).load()
    assert tokens.refresh_token


def test_address_of_a_stranger_is_refused_in_the_form(
    client_as: Callable[..., Client], admin_user: User, settings: Settings
) -> None:
    settings.ZOHO_CLIENT_ID = settings.ZOHO_CLIENT_SECRET = "configured"
    asked_for = {"data_centre": "own", "base_url": "https://zoho.evil.example", "name": "Z", "sign_in": "web"}

    response = client_as(admin_user).post(reverse("zoho:start"), asked_for)

    assert "does not belong to Zoho" in str(response.context["form"].errors["base_url"])
    assert not ZohoConnection.objects.exists()


def test_app_needs_the_number_of_the_organisation(client_as: Callable[..., Client], admin_user: User) -> None:
    asked_for = {"data_centre": "eu", "name": "Z", "sign_in": "app", "client_id": "1000.X"}

    errors = client_as(admin_user).post(reverse("zoho:start"), asked_for).context["form"].errors

    assert set(errors) == {"client_secret", "organisation_number"}


def test_kept_secret_is_never_shown_again_and_stays_when_its_field_is_left_empty(
    client_as: Callable[..., Client], admin_user: User, practice: PracticeZoho, settings: Settings
) -> None:
    settings.ZOHO_CLIENT_ID = settings.ZOHO_CLIENT_SECRET = ""
    client, secret = client_as(admin_user), practice.credentials.client_secret
    own = {
        "data_centre": "own", "base_url": practice.base_url, "name": "Z", "sign_in": "web",
        "client_id": practice.credentials.client_id,
    }  # fmt: skip
    location = client.post(reverse("zoho:start"), {**own, "client_secret": secret}).headers["Location"]
    client.get(reverse("zoho:callback"), answer(location))
    connection = ZohoConnection.objects.get()
    page = reverse("zoho:wizard", args=[connection.slug, "connect"])

    shown = client.get(page).content.decode()
    again = client.post(page, own).headers["Location"]

    assert secret not in shown
    assert f"ends in {secret[-4:]}" in shown
    assert secret not in again
    assert credentials.load(connection)["client_secret"] == secret


def test_chosen_centre_leads_to_its_own_server(settings: Settings, db: None) -> None:
    settings.ZOHO_CLIENT_ID = settings.ZOHO_CLIENT_SECRET = "configured"
    for one in CENTRES:
        connection = ZohoConnection(data_centre=one.name)
        url = ZohoWays().authorize_url(
            connection, _attempt(), redirect_uri="https://x.example/", state="s", challenge=""
        )
        assert url.startswith(f"https://{one.accounts}/oauth/v2/auth?")


def _attempt() -> Any:
    from integrations.setup.handshake import Attempt

    return Attempt({}, {})
