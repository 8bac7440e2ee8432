"""OAuth 2.0 as the systems speak it: authorisation code with PKCE, refresh, client credentials.

The state's single use, and its tie to session and connection, are the caller's: they need a store.
"""

import base64
import hashlib
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from .errors import Misconfigured, NeedsSignIn, RateLimited, Transient, WireError
from .messages import Reply, Request
from .session import Session
from .tokens import App, Tokens

DEAD_GRANTS = frozenset({"invalid_grant", "access_denied", "inactive_user", "inactive_org"})
BUSY = frozenset({"temporarily_unavailable", "server_error", "unavailable"})


@dataclass(frozen=True, slots=True)
class Pkce:
    verifier: str = field(repr=False)
    challenge: str


def new_state() -> str:
    return secrets.token_urlsafe(32)


def new_pkce() -> Pkce:
    verifier = secrets.token_urlsafe(64)
    digest = hashlib.sha256(verifier.encode()).digest()
    return Pkce(verifier, base64.urlsafe_b64encode(digest).rstrip(b"=").decode())


def authorize_url(
    endpoint: str, app: App, *, redirect_uri: str, scope: str, state: str, challenge: str, **extra: str
) -> str:
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "redirect_uri": redirect_uri,
        "scope": scope,
        "state": state,
        "code_challenge": challenge,
        "code_challenge_method": "S256",
    }
    return f"{endpoint}?{urlencode({**query, **extra})}"


def exchange(session: Session, token_url: str, app: App, *, code: str, verifier: str, redirect_uri: str) -> Tokens:
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri, "code_verifier": verifier}
    return ask(session, token_url, app, grant)


def refresh(session: Session, token_url: str, app: App, tokens: Tokens) -> Tokens:
    if not tokens.refresh_token:
        raise NeedsSignIn("NO_REFRESH_TOKEN", "There is nothing to renew the access with.")
    fresh = ask(session, token_url, app, {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token})
    # Without rotation the answer has no refresh token: the old one stays good.
    return replace(
        fresh,
        refresh_token=fresh.refresh_token or tokens.refresh_token,
        instance_url=fresh.instance_url or tokens.instance_url,
        identity_url=fresh.identity_url or tokens.identity_url,
        scope=fresh.scope or tokens.scope,
    )


def client_credentials(session: Session, token_url: str, app: App, *, scope: str = "") -> Tokens:
    grant = {"grant_type": "client_credentials"} | ({"scope": scope} if scope else {})
    return ask(session, token_url, app, grant, replayable=True)


def ask(session: Session, token_url: str, app: App, grant: Mapping[str, str], *, replayable: bool = False) -> Tokens:
    """A code works once, and a rotated refresh token used twice kills the whole grant: hence not replayable."""
    form = {**grant, "client_id": app.client_id}
    if app.client_secret:
        form["client_secret"] = app.client_secret
    # It changes nothing in the CRM: a preview has to be able to renew its access.
    request = Request("POST", token_url, data=form, safe=True, replayable=replayable, kind="sign-in")
    try:
        answer = session.send(request).json()
    except WireError as error:
        error.hide(secret for key, secret in form.items() if key in HIDDEN)
        raise
    return tokens_of(answer, session.clock())


HIDDEN = frozenset({"code", "code_verifier", "refresh_token", "client_secret"})


def tokens_of(answer: Any, now: datetime) -> Tokens:
    if not isinstance(answer, dict) or not answer.get("access_token"):
        raise Transient("BROKEN_ANSWER", "The sign-in answered without an access token.", sent=True)
    lasts = answer.get("expires_in")
    return Tokens(
        access_token=str(answer["access_token"]),
        refresh_token=str(answer.get("refresh_token") or ""),
        instance_url=str(answer.get("instance_url") or "").rstrip("/"),
        identity_url=str(answer.get("id") or ""),
        expires_at=now + timedelta(seconds=int(str(lasts))) if is_number(lasts) else None,
        scope=str(answer.get("scope") or ""),
        issued_at=issued_at(answer.get("issued_at"), now),
    )


def issued_at(value: Any, now: datetime) -> datetime:
    """Milliseconds since 1970, as a string, where a system says it."""
    return datetime.fromtimestamp(int(value) / 1000, UTC) if is_number(value) else now


def is_number(value: Any) -> bool:
    """Digits, and so few that every date can be computed from them."""
    return str(value).isdecimal() and 0 < len(str(value)) < 15


def oauth_error(reply: Reply) -> WireError | None:
    """The error object of a token endpoint; None where the body is none."""
    try:
        body = reply.json()
    except Transient:
        return None
    if reply.status < 400 or not isinstance(body, dict) or not isinstance(body.get("error"), str):
        return None
    code, message = body["error"], str(body.get("error_description") or "")
    if reply.status == 429:
        return RateLimited(code, message, status=reply.status)
    if reply.status >= 500 or code in BUSY:
        return Transient(code, message, sent=True, status=reply.status)
    if code in DEAD_GRANTS:
        return NeedsSignIn(code, message, status=reply.status)
    return Misconfigured(code, message, status=reply.status)
