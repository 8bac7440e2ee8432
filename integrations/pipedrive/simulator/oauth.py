"""OAuth as Pipedrive speaks it: codes without PKCE, scopes of the app, one refresh token that stays, uninstalling."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from urllib.parse import unquote, urlsplit

from integrations.simulation.consent import Consent, back, client_of
from integrations.simulation.grants import Grant, Wrong
from integrations.simulation.messages import HTML, Request, Response

from .account import OWN_HOSTS, Account
from .errors import PLAIN, oauth_error

CODE_LIFE = timedelta(minutes=5)
IDLE = timedelta(days=60)
_CONSENT = Consent("Pipedrive", "company account", "/oauth/authorize", ("client_id", "redirect_uri", "state"))
_FORM = "application/x-www-form-urlencoded"


# --- Authorize --------------------------------------------------------------------------------------------------------
def authorize(account: Account, request: Request) -> Response:
    if refused := _refuse(account, request.query):
        return refused
    return _CONSENT.page(request.query, account.user().body["name"])


def consent(account: Account, request: Request) -> Response:
    form = request.form
    if request.headers.get("sec-fetch-site") == "cross-site":
        return Response("Forbidden", 403, content_type=HTML)
    if refused := _refuse(account, form):
        return refused
    if form.get("answer") != "allow":
        return back(form, error="user_denied")
    code = secrets.token_hex(20)
    account.grants.keep_code(
        code, client_id=form["client_id"], redirect_uri=form["redirect_uri"], challenge="", user_id=account.user().id,
        scope=account.setting("scopes"), life=CODE_LIFE,
    )  # fmt: skip
    return back(form, code=code)


def _refuse(account: Account, query: Mapping[str, str]) -> Response | None:
    """Without a known app and its callback there is nowhere to send the browser back to."""
    if query.get("client_id") != account.credentials.client_id:
        return _plain("Invalid client: client is invalid")
    given, kept = query.get("redirect_uri", ""), account.setting("callback_url")
    target = urlsplit(given)
    sane = target.scheme == "https" or (target.scheme == "http" and target.hostname in OWN_HOSTS)
    # An app has exactly one callback. The practice app takes any sane one until a control pins it.
    if given != kept if kept else not sane:
        return _plain("Invalid request: redirect_uri is invalid")
    return None


def _plain(text: str) -> Response:
    return Response(text, 400, content_type="text/plain;charset=UTF-8")


# --- Token ------------------------------------------------------------------------------------------------------------
def token(account: Account, request: Request) -> Response:
    form = _form(request)
    kind = form.get("grant_type", "")
    if not kind:
        raise oauth_error("invalid_request", "Missing parameter: grant_type")
    grants = {"authorization_code": _by_code, "refresh_token": _by_refresh}
    if kind not in grants:
        raise oauth_error("unsupported_grant_type", "Unsupported grant type: grant_type is invalid")
    _check_client(account, request)
    return Response(grants[kind](account, request, form), headers={"Cache-Control": "no-store"}, content_type=PLAIN)


def _form(request: Request) -> dict[str, str]:
    if not request.headers["content-type"].lower().startswith(_FORM):
        message = "Invalid request: content must be application/x-www-form-urlencoded"
        raise oauth_error("invalid_request", message)
    return request.form


def _check_client(account: Account, request: Request) -> None:
    name, secret = client_of(request) or ("", "")
    if not name or not secret:
        raise oauth_error("invalid_client", "Invalid client: cannot retrieve client credentials")
    if (name, secret) != (account.credentials.client_id, account.credentials.client_secret):
        raise oauth_error("invalid_client", "Invalid client: client is invalid")


def _by_code(account: Account, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    grant = account.grants.spend_code(form.get("code", ""), form.get("redirect_uri", ""), "", secrets.token_hex(8))
    if isinstance(grant, Wrong):
        raise oauth_error(*_WRONG_CODE[grant])
    refresh = f"{account.credentials.company_id}:{grant.user_id}:{secrets.token_hex(20)}"
    account.grants.keep_refresh(refresh, grant)
    return _answer(account, request, grant, refresh)


_WRONG_CODE = {
    Wrong.UNKNOWN: ("invalid_grant", "Invalid grant: authorization_code is invalid"),
    Wrong.ENDED: ("invalid_grant", "Invalid grant: authorization_code has expired"),
    Wrong.REDIRECT: ("invalid_request", "Invalid request: redirect_uri is invalid"),
}


def _by_refresh(account: Account, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    refresh = form.get("refresh_token", "")
    if account.faults.spend("refresh_exchanged"):
        raise oauth_error("invalid_grant", "Invalid grant: refresh_token has already been exchanged")
    grant = account.grants.refresh(refresh, rotates=False)
    if isinstance(grant, Wrong) or _slept(account, refresh):
        raise oauth_error("invalid_grant", "Invalid grant: refresh_token is invalid")
    return _answer(account, request, grant, refresh)


def _slept(account: Account, refresh: str) -> bool:
    """After sixty idle days the user has to install the app again; each use starts them anew."""
    found = account.book.one("SELECT used FROM _idle WHERE token = ?", refresh)
    return found is None or str(found[0]) < (account.now() - IDLE).isoformat()


def _answer(account: Account, request: Request, grant: Grant, refresh: str) -> dict[str, Any]:
    account.book.execute("INSERT OR REPLACE INTO _idle VALUES (?, ?)", (refresh, account.now().isoformat()))
    return {
        "access_token": account.open_session(grant), "token_type": "Bearer",
        "expires_in": account.faults.session_seconds,
        "refresh_token": refresh, "scope": grant.scope, "api_domain": account.api_domain(request),
    }  # fmt: skip


def revoke(account: Account, request: Request) -> Response:
    """A refresh token that is revoked uninstalls the app: its sessions end too."""
    form = _form(request)
    _check_client(account, request)
    # The official client encodes an access token twice.
    account.grants.revoke_token(unquote(form.get("token", "")))
    return Response({"success": True}, content_type=PLAIN)
