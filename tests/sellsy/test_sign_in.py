"""The access of a connection: renewed by itself, kept before it is used, and ended in plain words."""

from collections.abc import Callable

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import User
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SellsyConnection
from integrations.sellsy.signin import authorize_url
from integrations.sync import credentials
from integrations.wire.errors import NeedsSignIn
from integrations.wire.tokens import App

from .conftest import signed_in
from .consent import answer


@pytest.fixture
def crm(small_crm: Callable[..., PracticeSellsy]) -> PracticeSellsy:
    return small_crm(1)


@pytest.fixture
def by_browser(client_as: Callable[..., Client], admin_user: User, crm: PracticeSellsy) -> SellsyConnection:
    admin = client_as(admin_user)
    location = admin.post(reverse("sellsy:start"), {"practice": "1"}).headers["Location"]
    admin.get(reverse("sellsy:callback"), answer(location))
    return SellsyConnection.objects.get()


def test_question_at_the_door_proves_itself_and_asks_for_no_scopes() -> None:
    url = authorize_url(
        "https://login.sellsy.com/oauth2",
        App("id", "secret"),
        redirect_uri="https://here.example/",
        state="s",
        challenge="c",
    )

    assert url.startswith("https://login.sellsy.com/oauth2/authorization?")
    assert "code_challenge_method=S256" in url
    assert "scope=" not in url
    assert "secret" not in url


def test_ended_session_is_renewed_and_the_rotated_token_kept(by_browser: SellsyConnection, crm: PracticeSellsy) -> None:
    before, _ = credentials.store_for(by_browser).load()
    crm.control(expire_sessions=True)

    SellsyConnector(by_browser).whoami()

    after, _ = credentials.store_for(by_browser).load()
    assert after.access_token != before.access_token
    assert after.refresh_token not in {"", before.refresh_token}
    crm.control(expire_sessions=True)
    assert SellsyConnector(by_browser).whoami().user == "Inès Moreau"


@pytest.mark.parametrize("as_grant", [True, False], ids=["invalid_grant", "invalid_request"])
def test_dead_refresh_token_asks_for_a_new_sign_in(
    by_browser: SellsyConnection, crm: PracticeSellsy, *, as_grant: bool
) -> None:
    """Nobody published which of its two words Sellsy uses."""
    crm.control(refresh_invalid_grant=as_grant, revoke_grants=True)

    with pytest.raises(NeedsSignIn) as refused:
        SellsyConnector(by_browser).whoami()

    assert refused.value.code == "invalid_grant"


def test_personal_app_asks_anew_without_any_refresh_token(db: None, crm: PracticeSellsy) -> None:
    connection = signed_in(crm)
    tokens, _ = credentials.store_for(connection).load()
    crm.control(expire_sessions=True)

    assert SellsyConnector(connection).whoami().user == "Inès Moreau"
    assert tokens.refresh_token == ""


def test_connection_out_of_a_file_signs_in_by_itself(db: None, crm: PracticeSellsy) -> None:
    connection = signed_in(crm)
    credentials.save(connection, {"client_secret": crm.credentials.personal_secret})

    assert SellsyConnector(connection).whoami().user == "Inès Moreau"


def test_without_credentials_nobody_is_signed_in(db: None, crm: PracticeSellsy) -> None:
    connection = signed_in(crm)
    credentials.save(connection, {})

    with pytest.raises(NeedsSignIn):
        SellsyConnector(connection).whoami()


def test_account_is_told_from_another_one(by_browser: SellsyConnection, crm: PracticeSellsy) -> None:
    from integrations.sellsy.ways import SellsyWays

    tokens, _ = credentials.store_for(by_browser).load()
    mine = SellsyWays().arrive(by_browser, tokens)
    with crm.store.transaction():
        first = crm.store.get("staff", 1)
        assert first is not None
        first.body["email"] = "founder@elsewhere.example"
        crm.store.write(first)

    assert mine.organisation_id == by_browser.account_key
    assert SellsyWays().arrive(by_browser, tokens).organisation_id != by_browser.account_key
