"""OAuth of the practice org: what a console must cope with, and what it must not get away with."""

import base64
import hashlib
import secrets
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
import requests

from integrations.rehearsal.practice import PracticeSalesforce

HOST = "https://aldervale.my.salesforce.com"
CALLBACK = "https://console.example/back"
AUTHORIZE = f"{HOST}/services/oauth2/authorize"
TOKEN = f"{HOST}/services/oauth2/token"


class App:
    """A console as the vendor's documentation wants it."""

    def __init__(self, org: PracticeSalesforce) -> None:
        self.who, self.http = org.credentials, org.session()
        self.verifier = secrets.token_urlsafe(48)
        digest = hashlib.sha256(self.verifier.encode()).digest()
        self.challenge = base64.urlsafe_b64encode(digest).decode().rstrip("=")

    def asked(self, **change: str) -> dict[str, str]:
        return {
            "response_type": "code", "client_id": self.who.client_id, "redirect_uri": CALLBACK, "scope": "api refresh_token",
            "state": "s-1", "code_challenge": self.challenge, "code_challenge_method": "S256", **change,
        }  # fmt: skip

    def answered(self, answer: str, **change: str) -> dict[str, list[str]]:
        form = {**self.asked(**change), "answer": answer}
        reply = self.http.post(AUTHORIZE, data=form, allow_redirects=False)
        assert reply.status_code == 302, reply.text
        return parse_qs(urlsplit(reply.headers["Location"]).query)

    def exchange(self, code: str, **change: str) -> requests.Response:
        form = {
            "grant_type": "authorization_code", "code": code, "redirect_uri": CALLBACK, "code_verifier": self.verifier,
            "client_id": self.who.client_id, "client_secret": self.who.client_secret, **change,
        }  # fmt: skip
        return self.http.post(TOKEN, data=form)

    def tokens(self) -> dict[str, Any]:
        return self.exchange(self.answered("allow")["code"][0]).json()

    def refresh(self, token: str) -> requests.Response:
        form = {
            "grant_type": "refresh_token",
            "refresh_token": token,
            "client_id": self.who.client_id,
            "client_secret": self.who.client_secret,
        }
        return self.http.post(TOKEN, data=form)

    def limits(self, token: str) -> int:
        return self.http.get(
            f"{HOST}/services/data/v66.0/limits", headers={"Authorization": f"Bearer {token}"}
        ).status_code


@pytest.fixture
def app(practice: PracticeSalesforce) -> App:
    return App(practice)


def error_of(reply: requests.Response) -> tuple[int, str, str]:
    return reply.status_code, reply.json()["error"], reply.json()["error_description"]


def test_consent_page_offers_both_answers_and_no_script(app: App) -> None:
    page = app.http.get(AUTHORIZE, params=app.asked(state='"><script>alert(1)</script>'))

    assert "Allow as Inès Moreau" in page.text
    assert 'value="deny"' in page.text
    assert "<script" not in page.text
    assert "script-src" not in page.headers["Content-Security-Policy"]


def test_allowing_leads_back_with_a_code_and_the_state(app: App) -> None:
    back = app.answered("allow")
    reply = app.exchange(back["code"][0])

    assert back["state"] == ["s-1"]
    assert set(reply.json()) == {
        "access_token", "refresh_token", "signature", "scope", "instance_url", "id", "token_type", "issued_at"
    }  # fmt: skip
    assert app.limits(reply.json()["access_token"]) == 200


def test_denying_leads_back_with_the_reason(app: App) -> None:
    assert app.answered("deny")["error"] == ["access_denied"]


def test_code_works_once_for_ten_minutes_and_with_its_verifier(tmp_path: Path) -> None:
    moment = [datetime.now(UTC)]
    with PracticeSalesforce(tmp_path, accounts=0, clock=lambda: moment[0]) as org:
        app = App(org)
        codes = [app.answered("allow")["code"][0] for _ in range(3)]

        assert error_of(app.exchange(codes[0], code_verifier="x" * 43)) == (
            400,
            "invalid_grant",
            "invalid code verifier",
        )
        assert app.exchange(codes[1]).status_code == 200
        assert error_of(app.exchange(codes[1])) == (400, "invalid_grant", "expired authorization code")
        moment[0] += timedelta(minutes=11)
        assert error_of(app.exchange(codes[2])) == (400, "invalid_grant", "expired authorization code")


def test_unknown_app_and_plain_callback_never_get_a_redirect(app: App) -> None:
    replies = [
        app.http.get(AUTHORIZE, params=app.asked(**change), allow_redirects=False)
        for change in (
            {"client_id": "somebody"},
            {"redirect_uri": "http://evil.example/x"},
            {"redirect_uri": "javascript:alert(1)"},
        )
    ]

    assert [r.status_code for r in replies] == [400, 400, 400]


def test_refresh_keeps_its_token_unless_rotation_is_on(practice: PracticeSalesforce, app: App) -> None:
    first = app.tokens()["refresh_token"]

    assert "refresh_token" not in app.refresh(first).json()
    practice.control(rotate_refresh_tokens=True)
    second = app.refresh(first).json()

    assert second["refresh_token"] != first
    assert app.refresh(second["refresh_token"]).status_code == 200


@pytest.mark.requirement("F9")
def test_rotated_token_used_again_ends_the_whole_grant(practice: PracticeSalesforce, app: App) -> None:
    practice.control(rotate_refresh_tokens=True)
    first = app.tokens()["refresh_token"]
    second = app.refresh(first).json()

    assert error_of(app.refresh(first)) == (400, "invalid_grant", "expired access/refresh token")
    assert error_of(app.refresh(second["refresh_token"])) == (400, "invalid_grant", "expired access/refresh token")
    assert app.limits(second["access_token"]) == 401


def test_revoking_ends_the_grant(app: App) -> None:
    tokens = app.tokens()

    app.http.post(f"{HOST}/services/oauth2/revoke", data={"token": tokens["refresh_token"]})

    assert app.limits(tokens["access_token"]) == 401
    assert app.refresh(tokens["refresh_token"]).status_code == 400


def test_client_credentials_go_in_the_body_or_as_basic(app: App) -> None:
    form = {"grant_type": "client_credentials"}
    secret = {"client_id": app.who.client_id, "client_secret": app.who.client_secret}

    replies = [
        app.http.post(TOKEN, data={**form, **secret}),
        app.http.post(TOKEN, data=form, auth=(app.who.client_id, app.who.client_secret)),
        app.http.post(TOKEN, data={**form, **secret, "client_secret": "wrong"}),
        app.http.post("https://login.salesforce.com/services/oauth2/token", data={**form, **secret}),
    ]

    assert [r.status_code for r in replies] == [200, 200, 400, 400]
    assert error_of(replies[2])[1:] == ("invalid_client", "invalid client credentials")
    assert error_of(replies[3])[1:] == ("invalid_grant", "request not supported on this domain")


def test_session_ends_with_the_orgs_timeout(tmp_path: Path) -> None:
    moment = [datetime.now(UTC)]
    with PracticeSalesforce(tmp_path, accounts=0, clock=lambda: moment[0]) as org:
        app = App(org)
        token = app.tokens()["access_token"]

        assert app.limits(token) == 200
        moment[0] += timedelta(hours=2, seconds=1)
        assert app.limits(token) == 401


def test_userinfo_and_identity_say_who_is_signed_in(app: App) -> None:
    tokens = app.tokens()
    headers = {"Authorization": f"Bearer {tokens['access_token']}"}

    info = app.http.get(f"{HOST}/services/oauth2/userinfo", headers=headers).json()
    identity = app.http.get(tokens["id"], headers=headers).json()

    assert info["preferred_username"] == identity["username"] == app.who.username
    assert info["organization_id"] == identity["organization_id"]
