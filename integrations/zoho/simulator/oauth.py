"""OAuth as Zoho speaks it: consent, codes of three minutes, refresh tokens that stay, short answers to refuse."""

# Source: the "Token Validity" page of v8; for the errors under status 200 what users of the vendor's clients report.

import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from integrations.simulation.consent import Consent, back, is_safe
from integrations.simulation.grants import Grant, Wrong
from integrations.simulation.messages import HTML, Request, Response

from .account import Account
from .centres import HOME, accounts_server, api_domain, is_elsewhere
from .errors import Throttled, TokenError
from .ids import ZGID
from .limits import ALIVE_REFRESH_TOKENS, ALIVE_TOKENS
from .scopes import KNOWN

CODE_LIFE = timedelta(minutes=3)
_KEPT = ("client_id", "redirect_uri", "scope", "state", "response_type", "access_type", "prompt")
_CONSENT = Consent("Zoho CRM", "organisation", "/oauth/v2/auth", kept=_KEPT)


# --- Consent ---------------------------------------------------------------------------------------------------------
def authorize(account: Account, request: Request) -> Response:
    if refused := _refuse(account, request.query):
        return refused
    user = account.user(account.user_id()) or {}
    return _CONSENT.page(request.query, str(user.get("name")))


def consent(account: Account, request: Request) -> Response:
    form = request.form
    if request.headers.get("sec-fetch-site") == "cross-site":
        return Response("Forbidden", 403, content_type=HTML)
    if refused := _refuse(account, form):
        return refused
    if form.get("answer") != "allow":
        return back(form, error="access_denied")
    # Who asks again without `prompt=consent` gets an access token only: the first refresh token is still there.
    renews = form.get("access_type") == "offline" and (form.get("prompt") == "consent" or not _has_consented(account))
    code = keep_code(account, form["scope"], form["redirect_uri"], renews=renews)
    return back(form, code=code, location=HOME.location, **{"accounts-server": accounts_server(request)})


def keep_code(account: Account, scope: str, redirect_uri: str = "", *, renews: bool = True) -> str:
    """Without a redirect: one that a person made for a self client in the API console."""
    code = _token()
    account.grants.keep_code(
        code, client_id=account.credentials.client_id, redirect_uri=redirect_uri, challenge="",
        user_id=account.user_id(), scope=scope, life=CODE_LIFE,
    )  # fmt: skip
    if renews:
        account.store.execute("INSERT INTO _offer VALUES (?)", (code,))
    return code


def _has_consented(account: Account) -> bool:
    return account.store.one("SELECT 1 FROM _renewal LIMIT 1") is not None


def _refuse(account: Account, query: Mapping[str, str]) -> Response | None:
    """Zoho shows its own page about each of these: the browser is never sent back."""
    scopes = [one.strip() for one in query.get("scope", "").split(",")]
    if query.get("client_id") != account.credentials.client_id:
        return _page("Invalid Client ID")
    if not is_safe(query.get("redirect_uri", "")):
        return _page("Invalid Redirect Uri")
    if query.get("response_type", "code") != "code":
        return _page("Invalid Response Type")
    if not all(KNOWN.fullmatch(one) for one in scopes):
        return _page("Invalid OAuth Scope: scope does not exist")
    return None


def _page(text: str) -> Response:
    return Response(
        f"<!doctype html><title>Error</title><h1>An error occurred</h1><p>{text}</p>", 400, content_type=HTML
    )


# --- Tokens ----------------------------------------------------------------------------------------------------------
def token(account: Account, request: Request) -> Response:
    form = {**request.query, **request.form}
    grant = {
        "authorization_code": _by_code, "refresh_token": _by_refresh, "client_credentials": _by_client,
    }.get(form.get("grant_type", ""))  # fmt: skip
    if grant is None:
        raise TokenError("unsupported_grant_type")
    if form.get("client_id") != account.credentials.client_id:
        raise TokenError("invalid_client")
    if form.get("client_secret") != account.credentials.client_secret:
        raise TokenError("invalid_client_secret")
    if is_elsewhere(request):
        # A code or a token of another data centre is just one that nobody knows here.
        raise TokenError("invalid_code")
    return Response(grant(account, request, form), headers={"Cache-Control": "no-store"})


def _by_code(account: Account, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    code = form.get("code", "")
    kept = account.store.one("SELECT redirect_uri FROM _code WHERE code = ?", code)
    by_hand = kept is not None and kept[0] == ""
    redirect = "" if by_hand else form.get("redirect_uri", "")
    grant = account.grants.spend_code(code, redirect, "", secrets.token_hex(8))
    if isinstance(grant, Wrong):
        raise TokenError("invalid_redirect_uri" if grant is Wrong.REDIRECT else "invalid_code")
    answer = _answer(account, request, grant)
    if account.store.execute("DELETE FROM _offer WHERE code = ?", (code,)).rowcount:
        answer = {"access_token": answer.pop("access_token"), "refresh_token": _refresh_token(account, grant), **answer}
    return answer


def _by_refresh(account: Account, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    value = form.get("refresh_token", "")
    grant = account.grants.refresh(value, rotates=False)
    if isinstance(grant, Wrong):
        raise TokenError("invalid_code")
    if not account.faults.unlimited and not account.limits.may_refresh(value):
        raise Throttled
    return _answer(account, request, grant)


def _by_client(account: Account, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    if form.get("soid") != f"ZohoCRM.{ZGID}":
        raise TokenError("invalid_soid")
    return _answer(account, request, Grant(account.user_id(), form.get("scope", ""), "client"))


def _answer(account: Account, request: Request, grant: Grant) -> dict[str, Any]:
    return {
        "access_token": open_session(account, grant), "scope": grant.scope.replace(",", " "),
        "api_domain": api_domain(request), "token_type": "Bearer", "expires_in": int(account.faults.session_seconds),
    }  # fmt: skip


def open_session(account: Account, grant: Grant) -> str:
    value = _token()
    account.grants.open_session(value, grant, account.faults.session_seconds)
    # The sixteenth living token of one grant ends the oldest.
    sql = """DELETE FROM _access WHERE family = ? AND rowid NOT IN
        (SELECT rowid FROM _access WHERE family = ? ORDER BY rowid DESC LIMIT ?)"""
    account.store.execute(sql, (grant.family, grant.family, ALIVE_TOKENS))
    return value


def _refresh_token(account: Account, grant: Grant) -> str:
    value = _token()
    account.grants.keep_refresh(value, grant)
    # The twenty-first of one user and client ends the first.
    sql = """SELECT family FROM _renewal WHERE user_id = ? AND rowid NOT IN
        (SELECT rowid FROM _renewal WHERE user_id = ? ORDER BY rowid DESC LIMIT ?)"""
    for (family,) in account.store.execute(sql, (grant.user_id, grant.user_id, ALIVE_REFRESH_TOKENS)).fetchall():
        account.grants.revoke(family)
    return value


def _token() -> str:
    return f"1000.{secrets.token_hex(16)}.{secrets.token_hex(16)}"


def revoke(account: Account, request: Request) -> Response:
    value = request.query.get("token") or request.form.get("token", "")
    if not account.grants.revoke_token(value):
        raise TokenError("invalid_code")
    return Response({"status": "success"})
