"""Signing in at Sellsy: codes with PKCE for people, credentials alone for a personal client, refresh tokens that rotate."""

import secrets
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import Any

from integrations.simulation.consent import Consent, back, is_safe
from integrations.simulation.grants import Grant, Wrong
from integrations.simulation.messages import HTML, Request, Response

from .account import Account
from .errors import OAuthError

CODE_LIFE = timedelta(minutes=10)
_CONSENT = Consent("Sellsy", "account", "/oauth2/authorization")
Form = Mapping[str, Any]
# The one refusal that was recorded here ("Client authentication failed") is the PHP League's; the others are worded as it does.
_GRANT = "The provided authorization grant or refresh token is invalid, expired or revoked."
_MALFORMED = "The request is missing a required parameter or includes an invalid parameter value."


def invalid_client() -> OAuthError:
    return OAuthError(401, "invalid_client", "Client authentication failed")


# --- Authorization -----------------------------------------------------------------------------------------------------
def authorize(account: Account, request: Request) -> Response:
    if refused := _refuse(account, request.query):
        return refused
    staff = account.must_get("staff", account.staff_id())
    return _CONSENT.page(request.query, f"{staff.body['firstname']} {staff.body['lastname']}")


def consent(account: Account, request: Request) -> Response:
    form = request.form
    if request.headers.get("sec-fetch-site") == "cross-site":
        return Response("Forbidden", 403, content_type=HTML)
    if refused := _refuse(account, form):
        return refused
    if form.get("answer") != "allow":
        return back(form, error="access_denied", error_description="The resource owner denied the request.")
    code = "def502" + secrets.token_hex(60)
    account.grants.keep_code(
        code, client_id=form["client_id"], redirect_uri=form["redirect_uri"], challenge=form["code_challenge"],
        user_id=account.staff_id(), scope=form["client_id"], life=CODE_LIFE,
    )  # fmt: skip
    return back(form, code=code)


def _refuse(account: Account, query: Form) -> Response | None:
    """Without a known client and a sane address there is nowhere to send the browser back to."""
    # A personal client belongs to one member of the staff and cannot be let in by others.
    if query.get("client_id") != account.credentials.client_id or not is_safe(query.get("redirect_uri", "")):
        return invalid_client().answer()
    if query.get("response_type") != "code":
        return back(query, error="unsupported_response_type", error_description="response_type must be code")
    if not query.get("code_challenge") or query.get("code_challenge_method") != "S256":
        # Private and public clients must prove themselves by PKCE.
        return back(query, error="invalid_request", error_description=_MALFORMED)
    return None


# --- Tokens ------------------------------------------------------------------------------------------------------------
def token(account: Account, request: Request) -> Response:
    """Takes JSON and forms alike."""
    is_json = request.headers["content-type"].lower().startswith("application/json")
    form: Form = request.record if is_json else request.form
    grant = _GRANTS.get(str(form.get("grant_type")))
    if grant is None:
        raise OAuthError(400, "unsupported_grant_type", "The authorization grant type is not supported.")
    return Response(grant(account, form), 200, {"Cache-Control": "no-store"}, "application/json")


def _by_code(account: Account, form: Form) -> dict[str, Any]:
    _check_client(account, form, may_be_public=True)
    found = account.grants.spend_code(
        str(form.get("code")), str(form.get("redirect_uri")), str(form.get("code_verifier")), secrets.token_hex(8)
    )
    match found:
        case Wrong.UNKNOWN | Wrong.ENDED:
            raise OAuthError(400, "invalid_request", _MALFORMED)
        case Wrong.REDIRECT:
            raise invalid_client()
        case Wrong():
            raise OAuthError(400, "invalid_grant", _GRANT)
    return _answer(account, found, account.keep_refresh(found))


def _by_refresh(account: Account, form: Form) -> dict[str, Any]:
    """Each refresh gives a new refresh token, and the old one is dead."""
    _check_client(account, form, may_be_public=False)
    old = str(form.get("refresh_token"))
    found = account.grants.refresh(old, rotates=True)
    if isinstance(found, Wrong) or account.refresh_has_ended(old):
        # Raised inside the transaction, which undoes whatever the grants did: a reused token does not end the others.
        if account.faults.refresh_invalid_grant:
            raise OAuthError(400, "invalid_grant", _GRANT)
        raise OAuthError(401, "invalid_request", "The refresh token is invalid.")
    if account.faults.refresh_ends_sessions:
        account.grants.end_sessions(found.family)
    return _answer(account, found, account.keep_refresh(found))


def _by_client(account: Account, form: Form) -> dict[str, Any]:
    """Of a personal client only; there is no refresh token in the answer."""
    known = account.credentials
    if (form.get("client_id"), form.get("client_secret")) != (known.personal_id, known.personal_secret):
        raise invalid_client()
    grant = Grant(account.staff_id(), known.personal_id, secrets.token_hex(8))
    return _answer(account, grant, None)


_GRANTS: dict[str, Callable[[Account, Form], dict[str, Any]]] = {
    "authorization_code": _by_code,
    "refresh_token": _by_refresh,
    "client_credentials": _by_client,
}


def _check_client(account: Account, form: Form, *, may_be_public: bool) -> None:
    known, secret = account.credentials, form.get("client_secret")
    if form.get("client_id") != known.client_id:
        raise invalid_client()
    if secret != known.client_secret and (secret or not may_be_public):
        raise invalid_client()


def _answer(account: Account, grant: Grant, refresh: str | None) -> dict[str, Any]:
    found = {
        "token_type": "Bearer",
        "expires_in": account.faults.session_seconds,
        "access_token": account.open_session(grant),
    }
    return {**found, "refresh_token": refresh} if refresh else found
