"""The two ways in: a sign-in in the browser that is renewed, and the API token of one user."""

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.pipedrive.connector import PipedriveConnector
from integrations.pipedrive.models import PipedriveConnection
from integrations.pipedrive.opening import server_of
from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from integrations.sync import credentials
from integrations.wire.errors import Misconfigured, NeedsSignIn

from .consent import answer

START, CALLBACK = "pipedrive:start", "pipedrive:callback"
SignIn = PipedriveConnection.SignIn


@pytest.fixture
def admin(client_as: Callable[..., Client], admin_user: User, practice: PracticePipedrive) -> Client:
    return client_as(admin_user)


@pytest.fixture
def connection(admin: Client) -> PipedriveConnection:
    location = admin.post(reverse(START), {"practice": "1"}).headers["Location"]
    admin.get(reverse(CALLBACK), answer(location))
    return PipedriveConnection.objects.get()


def texts(response: Any) -> str:
    return " ".join(response.content.decode().split())


@pytest.mark.requirement("R2", "R3")
def test_connect_me_leads_to_pipedrive_and_back_to_the_scope(admin: Client, practice: PracticePipedrive) -> None:
    shown = texts(admin.get("/integrations/pipedrive/"))
    location = admin.post(reverse(START), {"practice": "1"}).headers["Location"]

    back = admin.get(reverse(CALLBACK), answer(location))

    connection = PipedriveConnection.objects.get()
    assert "Connect me" in shown
    assert "scope=" not in location
    assert back.headers["Location"] == reverse("pipedrive:wizard", args=[connection.slug, "scope"])
    assert (connection.account, connection.organisation) == ("Inès Moreau", "Aldervale")
    assert connection.organization_id == str(practice.credentials.company_id)


def test_access_is_renewed_with_the_refresh_token_that_stays(
    connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    before, _version = credentials.store_for(connection).load()
    practice.control(expire_sessions=True)

    PipedriveConnector(connection).whoami()

    after, _version = credentials.store_for(connection).load()
    assert after.access_token != before.access_token
    assert after.refresh_token == before.refresh_token


def test_app_that_was_removed_needs_a_person(connection: PipedriveConnection, practice: PracticePipedrive) -> None:
    practice.control(revoke_grants=True)

    with pytest.raises(NeedsSignIn):
        PipedriveConnector(connection).whoami()


@pytest.mark.requirement("R96")
def test_app_without_the_permissions_is_told_which_are_missing(admin: Client, practice: PracticePipedrive) -> None:
    practice.control(scopes="base,users:read")
    location = admin.post(reverse(START), {"practice": "1"}).headers["Location"]

    back = admin.get(reverse(CALLBACK), answer(location), follow=True)

    assert "a permission is not ticked in it" in texts(back)
    assert PipedriveConnection.objects.get().account == ""


def test_whoever_says_no_comes_back_to_a_page_that_says_so(admin: Client, practice: PracticePipedrive) -> None:
    location = admin.post(reverse(START), {"practice": "1"}).headers["Location"]

    back = admin.get(reverse(CALLBACK), answer(location, "deny"), follow=True)

    assert "The connection was refused on Pipedrive&#x27;s page." in texts(back)


def test_api_token_signs_in_without_a_browser_and_is_never_shown_again(
    admin: Client, practice: PracticePipedrive
) -> None:
    token = practice.credentials.api_token
    asked = {"name": "By token", "sign_in": "token", "base_url": practice.base_url, "api_token": token}

    response = admin.post(reverse(START), asked)

    connection = PipedriveConnection.objects.get()
    assert response.headers["Location"] == reverse("pipedrive:wizard", args=[connection.slug, "scope"])
    assert (connection.account, connection.sign_in) == ("Inès Moreau", SignIn.TOKEN)
    page = admin.get(reverse("pipedrive:wizard", args=[connection.slug, "connect"]))
    assert token not in texts(page)
    practice.control(regenerate_api_token=True)
    with pytest.raises(NeedsSignIn):
        PipedriveConnector(connection).whoami()


@pytest.mark.parametrize("missing", ["api_token", "base_url"])
def test_token_needs_an_address_and_itself(admin: Client, practice: PracticePipedrive, missing: str) -> None:
    asked = {"name": "By token", "sign_in": "token", "base_url": practice.base_url, "api_token": "x" * 40}

    refused = admin.post(reverse(START), {**asked, missing: ""})

    assert set(refused.context["form"].errors) == {missing}
    assert not PipedriveConnection.objects.exists()


def test_address_of_somebody_else_is_refused_before_the_token_goes_there(
    admin: Client, practice: PracticePipedrive
) -> None:
    asked = {"name": "By token", "sign_in": "token", "base_url": "pipedrive.com.evil.example", "api_token": "x" * 40}

    refused = admin.post(reverse(START), asked)

    assert "does not belong to Pipedrive" in str(refused.context["form"].errors["base_url"])
    assert practice.calls().total() == 0


def test_companies_sign_in_at_the_one_server_of_all() -> None:
    assert server_of(PipedriveConnection(base_url="https://acme.pipedrive.com")) == "https://oauth.pipedrive.com"
    assert server_of(PipedriveConnection()) == "https://oauth.pipedrive.com"


def test_disconnecting_ends_the_grant(
    admin: Client, connection: PipedriveConnection, practice: PracticePipedrive
) -> None:
    admin.post(reverse("pipedrive:disconnect", args=[connection.slug]))

    assert practice.calls()["revoke"] == 1
    with pytest.raises((NeedsSignIn, Misconfigured)):
        PipedriveConnector(PipedriveConnection.objects.get()).whoami()
