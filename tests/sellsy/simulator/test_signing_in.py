import base64
import hashlib
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator.api import API, TOKENS, Api
from tests.sellsy.simulator.conftest import Clock

AUTHORIZE = "https://login.sellsy.com/oauth2/authorization"
BACK = "https://console.example/back"
VERIFIER = "v" * 64
CHALLENGE = base64.urlsafe_b64encode(hashlib.sha256(VERIFIER.encode()).digest()).decode().rstrip("=")
ASKED = {
    "response_type": "code", "client_id": "practice-console", "redirect_uri": BACK, "state": "s1",
    "code_challenge": CHALLENGE, "code_challenge_method": "S256",
}  # fmt: skip


@pytest.fixture
def web(practice: PracticeSellsy) -> requests.Session:
    return practice.session()


def answer_of(web: requests.Session, **changed: str) -> dict[str, list[str]]:
    """What the browser brings back after somebody allowed it, or was sent back at once."""
    answered = web.post(AUTHORIZE, data={**ASKED, "answer": "allow", **changed}, allow_redirects=False)
    assert answered.status_code == 302
    return parse_qs(urlsplit(answered.headers["Location"]).query)


def exchanged(web: requests.Session, **form: Any) -> requests.Response:
    return web.post(TOKENS, json={"client_id": "practice-console", **form})


def by_code(web: requests.Session, **changed: Any) -> requests.Response:
    [code] = answer_of(web)["code"]
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code": code, "code_verifier": VERIFIER}
    return exchanged(web, **{**form, **changed})


def refreshed(web: requests.Session, token: str) -> requests.Response:
    secret = "practice-secret-not-a-real-one"
    return exchanged(web, grant_type="refresh_token", client_secret=secret, refresh_token=token)


def status_with(web: requests.Session, token: str) -> int:
    return web.get(f"{API}/quotas", headers={"Authorization": f"Bearer {token}"}).status_code


def test_people_are_asked_and_a_code_opens_a_session(web: requests.Session) -> None:
    page = web.get(AUTHORIZE, params=ASKED)
    answered = by_code(web)

    assert "Inès Moreau" in page.text
    assert answered.status_code == 200
    assert list(answered.json()) == ["token_type", "expires_in", "access_token", "refresh_token"]
    assert (answered.json()["token_type"], answered.json()["expires_in"]) == ("Bearer", 86400)
    assert status_with(web, answered.json()["access_token"]) == 200


def test_the_state_comes_back_and_a_denial_says_so(web: requests.Session) -> None:
    assert answer_of(web)["state"] == ["s1"]
    denied = answer_of(web, answer="deny")
    assert (denied["error"], "code" in denied) == (["access_denied"], False)


@pytest.mark.parametrize("changed", [{"code_challenge": ""}, {"code_challenge_method": "plain"}])
def test_without_pkce_nobody_is_let_in(web: requests.Session, changed: dict[str, str]) -> None:
    assert answer_of(web, **changed)["error"] == ["invalid_request"]


@pytest.mark.parametrize(
    "changed",
    [{"client_id": "stranger"}, {"client_id": "practice-robot"}, {"redirect_uri": "http://elsewhere.example/"}],
)
def test_an_unknown_client_or_address_is_not_sent_back(web: requests.Session, changed: dict[str, str]) -> None:
    answered = web.get(AUTHORIZE, params={**ASKED, **changed}, allow_redirects=False)

    assert answered.status_code == 401
    assert answered.json()["error"] == "invalid_client"


@pytest.mark.parametrize(
    ("changed", "status", "error"),
    [
        ({"code": "nonsense"}, 400, "invalid_request"),
        ({"code_verifier": "w" * 64}, 400, "invalid_grant"),
        ({"redirect_uri": "https://elsewhere.example/"}, 401, "invalid_client"),
        ({"client_secret": "wrong"}, 401, "invalid_client"),
        ({"client_id": "stranger"}, 401, "invalid_client"),
        ({"grant_type": "password"}, 400, "unsupported_grant_type"),
    ],
)
def test_a_bad_exchange_is_refused_in_plain_oauth(
    web: requests.Session, changed: dict[str, str], status: int, error: str
) -> None:
    answered = by_code(web, **changed)

    assert (answered.status_code, answered.json()["error"]) == (status, error)
    assert list(answered.json()) == ["error", "error_description"]


def test_a_code_is_good_once_and_for_ten_minutes(web: requests.Session, clock: Clock) -> None:
    [code] = answer_of(web)["code"]
    form = {"grant_type": "authorization_code", "redirect_uri": BACK, "code_verifier": VERIFIER}

    assert [exchanged(web, code=code, **form).status_code for _ in range(2)] == [200, 400]
    [late] = answer_of(web)["code"]
    clock.move(601)
    assert exchanged(web, code=late, **form).status_code == 400


def test_each_refresh_gives_a_new_token_and_kills_the_old(web: requests.Session) -> None:
    first = by_code(web).json()["refresh_token"]
    second = refreshed(web, first).json()["refresh_token"]
    reused = refreshed(web, first)

    assert second != first
    assert (reused.status_code, reused.json()["error"]) == (401, "invalid_request")
    # Nobody published that a reuse ends the others: the newer one still works.
    assert refreshed(web, second).status_code == 200


def test_a_dead_refresh_token_may_be_called_an_invalid_grant(web: requests.Session, practice: PracticeSellsy) -> None:
    practice.control(refresh_invalid_grant=True)
    answered = refreshed(web, "never-given")
    assert (answered.status_code, answered.json()["error"]) == (400, "invalid_grant")


def test_a_refresh_token_ends_after_sixty_days(web: requests.Session, clock: Clock) -> None:
    token = by_code(web).json()["refresh_token"]
    clock.move(59 * 86_400)
    token = refreshed(web, token).json()["refresh_token"]
    clock.move(61 * 86_400)
    assert refreshed(web, token).status_code == 401


def test_a_refresh_may_end_the_sessions_before_it(web: requests.Session, practice: PracticeSellsy) -> None:
    answered = by_code(web).json()
    refreshed(web, answered["refresh_token"])
    assert status_with(web, answered["access_token"]) == 200

    practice.control(refresh_ends_sessions=True)
    answered = by_code(web).json()
    refreshed(web, answered["refresh_token"])
    assert status_with(web, answered["access_token"]) == 401


def test_credentials_alone_open_a_session_of_a_personal_client_only(web: requests.Session) -> None:
    robot = {"client_id": "practice-robot", "client_secret": "practice-robot-secret-not-a-real-one"}
    console = {"client_id": "practice-console", "client_secret": "practice-secret-not-a-real-one"}
    answers = [
        web.post(TOKENS, json={"grant_type": "client_credentials", **robot}),
        web.post(TOKENS, data={"grant_type": "client_credentials", **robot}),
        web.post(TOKENS, json={"grant_type": "client_credentials", **console}),
    ]

    assert [one.status_code for one in answers] == [200, 200, 401]
    assert ["refresh_token" in one.json() for one in answers[:2]] == [False, False]
    refusal = {"error": "invalid_client", "error_description": "Client authentication failed"}
    assert answers[2].json() == refusal


def test_sessions_end_by_time_and_on_demand(api: Api, practice: PracticeSellsy, clock: Clock) -> None:
    api.get("/quotas")
    practice.control(expire_sessions=True)
    refused = api.refused("GET", "/quotas", status=401)
    api.sign_in()
    clock.move(86_401)

    assert refused["details"] == []
    api.refused("GET", "/quotas", status=401)
    api.sign_in()
    practice.control(expire_after=2)
    assert [api.session.get(f"{API}/quotas").status_code for _ in range(3)] == [200, 401, 401]


def test_a_revoked_grant_leaves_nothing(web: requests.Session, practice: PracticeSellsy) -> None:
    answered = by_code(web).json()
    practice.control(revoke_grants=True)

    assert status_with(web, answered["access_token"]) == 401
    assert refreshed(web, answered["refresh_token"]).status_code == 401


@pytest.mark.parametrize("header", ["", "Basic abc", "Bearer nonsense"])
def test_without_a_known_token_nothing_is_told_of_quotas(web: requests.Session, header: str) -> None:
    answered = web.get(f"{API}/companies", headers={"Authorization": header} if header else {})

    assert answered.status_code == 401
    assert not [name for name in answered.headers if name.startswith("X-Quota")]


def test_a_missing_scope_is_a_refusal_and_a_silent_null_in_embeds(api: Api, practice: PracticeSellsy) -> None:
    practice.control(withdraw_scopes=["contacts.read", "accounts.read"])

    api.refused("GET", "/quotas", status=403)
    api.refused("GET", "/companies/1/contacts", status=403)
    company = api.get("/companies/1?embed[]=main_contact&embed[]=owner")
    assert company["_embed"]["main_contact"] is None
    assert company["_embed"]["owner"]["id"] == company["owner"]["id"]
    practice.control(scopes=None)
    assert api.get("/companies/1?embed[]=main_contact")["_embed"]["main_contact"]["id"] == company["main_contact_id"]
