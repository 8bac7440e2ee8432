import base64
import hashlib
from datetime import timedelta
from urllib.parse import parse_qs, parse_qsl, urlsplit

import pytest
import requests

from integrations.wire import oauth
from integrations.wire.errors import Misconfigured, NeedsSignIn, RateLimited, Transient
from integrations.wire.tokens import App, Tokens

from .border import NOW, ORG, Answer, Border, salesforce

TOKEN_URL = f"{ORG}/services/oauth2/token"
APP = App("key", "s3cret")
GRANTED = {"access_token": "a2", "refresh_token": "r2", "instance_url": f"{ORG}/", "scope": "api", "id": f"{ORG}/id/1"}


def form_of(border: Border, index: int = 0) -> dict[str, str]:
    return dict(parse_qsl(str(border.sent[index].body)))


def test_pkce_challenge_is_the_hash_of_its_verifier() -> None:
    first, second = oauth.new_pkce(), oauth.new_pkce()

    digest = hashlib.sha256(first.verifier.encode()).digest()
    assert base64.urlsafe_b64decode(first.challenge + "=") == digest
    assert first.verifier != second.verifier
    assert 43 <= len(first.verifier) <= 128


def test_states_are_long_and_never_the_same() -> None:
    states = {oauth.new_state() for _ in range(50)}

    assert len(states) == 50
    # 128 bits need 22 characters of base64.
    assert all(len(state) >= 22 for state in states)


def test_authorize_url_carries_state_and_challenge() -> None:
    url = oauth.authorize_url(
        f"{ORG}/services/oauth2/authorize",
        APP,
        redirect_uri="https://console.example/back?x=1",
        scope="api refresh_token",
        state="st&te",
        challenge="ch",
        prompt="login",
    )

    assert parse_qs(urlsplit(url).query) == {
        "response_type": ["code"],
        "client_id": ["key"],
        "redirect_uri": ["https://console.example/back?x=1"],
        "scope": ["api refresh_token"],
        "state": ["st&te"],
        "code_challenge": ["ch"],
        "code_challenge_method": ["S256"],
        "prompt": ["login"],
    }


def test_exchange_sends_the_verifier_and_reads_the_tokens() -> None:
    border = Border(Answer(200, {**GRANTED, "issued_at": "1767600000000", "expires_in": 3600}))

    tokens = oauth.exchange(
        salesforce(border), TOKEN_URL, APP, code="c%3D", verifier="v", redirect_uri="https://console.example/back"
    )

    assert form_of(border) == {
        "grant_type": "authorization_code",
        "code": "c%3D",
        "code_verifier": "v",
        "redirect_uri": "https://console.example/back",
        "client_id": "key",
        "client_secret": "s3cret",
    }
    assert (tokens.access_token, tokens.refresh_token, tokens.instance_url) == ("a2", "r2", ORG)
    assert (tokens.expires_at, tokens.issued_at.year if tokens.issued_at else None) == (NOW + timedelta(hours=1), 2026)


@pytest.mark.requirement("F9")
@pytest.mark.parametrize(
    ("answered", "kept"), [({"refresh_token": "r2"}, "r2"), ({}, "r1"), ({"refresh_token": ""}, "r1")]
)
def test_refresh_keeps_the_old_refresh_token_unless_a_new_one_comes(answered: dict[str, str], kept: str) -> None:
    border = Border(Answer(200, {"access_token": "a2", **answered}))
    old = Tokens("a1", "r1", ORG, f"{ORG}/id/1", scope="api")

    tokens = oauth.refresh(salesforce(border), TOKEN_URL, APP, old)

    assert form_of(border)["refresh_token"] == "r1"
    assert (tokens.refresh_token, tokens.instance_url, tokens.identity_url, tokens.scope) == (
        kept,
        ORG,
        f"{ORG}/id/1",
        "api",
    )


def test_refresh_without_a_refresh_token_asks_for_a_person() -> None:
    border = Border(Answer(200, GRANTED))

    with pytest.raises(NeedsSignIn):
        oauth.refresh(salesforce(border), TOKEN_URL, APP, Tokens("a1"))

    assert border.sent == []


def test_refresh_whose_answer_was_lost_is_not_sent_again() -> None:
    border = Border(requests.ReadTimeout("slow"))

    with pytest.raises(Transient):
        oauth.refresh(salesforce(border), TOKEN_URL, APP, Tokens("a1", "r1"))

    assert len(border.sent) == 1


def test_client_credentials_are_asked_again_after_a_fault() -> None:
    border = Border(Answer(503), Answer(200, GRANTED))

    tokens = oauth.client_credentials(salesforce(border), TOKEN_URL, App("key", "s3cret"))

    assert (tokens.access_token, form_of(border, 1)["grant_type"]) == ("a2", "client_credentials")


def test_preview_may_renew_its_access() -> None:
    border = Border(Answer(200, GRANTED))

    tokens = oauth.refresh(salesforce(border, read_only=True), TOKEN_URL, APP, Tokens("a1", "r1"))

    assert tokens.access_token == "a2"


@pytest.mark.parametrize(
    ("status", "code", "words", "error"),
    [
        (400, "invalid_grant", "expired access/refresh token", NeedsSignIn),
        (400, "invalid_grant", "authentication failure", NeedsSignIn),
        (400, "invalid_client_id", "client identifier invalid", Misconfigured),
        (401, "invalid_client", "invalid client credentials", Misconfigured),
        (400, "redirect_uri_mismatch", "redirect_uri must match configuration", Misconfigured),
        (400, "unsupported_grant_type", "grant type not supported", Misconfigured),
        (400, "invalid_request", "missing required code challenge", Misconfigured),
        (429, "rate_limited", "slow down", RateLimited),
        (503, "temporarily_unavailable", "later", Transient),
    ],
)
def test_token_errors_keep_the_vendors_words(status: int, code: str, words: str, error: type[Exception]) -> None:
    border = Border(Answer(status, {"error": code, "error_description": words}))

    with pytest.raises(error) as caught:
        oauth.refresh(salesforce(border, max_wait=0), TOKEN_URL, APP, Tokens("a1", "r1"))

    assert str(caught.value) == f"{code}: {words}"


@pytest.mark.parametrize("odd", ["soon", "", None, -1, "9" * 30, [], {}])
def test_odd_times_in_an_answer_are_left_out(odd: object) -> None:
    border = Border(Answer(200, {**GRANTED, "expires_in": odd, "issued_at": odd}))

    tokens = oauth.client_credentials(salesforce(border), TOKEN_URL, APP)

    assert (tokens.expires_at, tokens.issued_at) == (None, NOW)


@pytest.mark.parametrize("answer", [{}, {"access_token": ""}, {"token_type": "Bearer"}, [], "x"])
def test_answer_without_a_token_is_no_sign_in(answer: object) -> None:
    with pytest.raises(Transient) as caught:
        oauth.client_credentials(salesforce(Border(Answer(200, answer)), max_wait=0), TOKEN_URL, APP)

    assert caught.value.code == "BROKEN_ANSWER"


def test_error_that_echoes_a_secret_does_not_show_it() -> None:
    border = Border(Answer(400, {"error": "invalid_request", "error_description": "bad secret s3cret for r1x"}))

    with pytest.raises(Misconfigured) as caught:
        oauth.refresh(salesforce(border), TOKEN_URL, APP, Tokens("a1", "r1x"))

    assert caught.value.message == "bad secret ••• for •••"
