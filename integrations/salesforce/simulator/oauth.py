"""OAuth as Salesforce speaks it: codes with PKCE, refresh tokens that may rotate, client credentials, passwords, revocation."""

# ruff: noqa: ARG001  all handlers have one signature

import base64
import secrets
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from integrations.simulation.app import LastingRefusal
from integrations.simulation.consent import Consent, back, client_of, is_safe
from integrations.simulation.grants import Grant, Wrong
from integrations.simulation.messages import HTML, Request, Response

from .errors import ApiError, OAuthError
from .org import LOGIN_HOSTS, Org
from .organization import ORG_ID
from .soap import refusal_of

CODE_LIFE = timedelta(minutes=10)
DEFAULT_SCOPE = "refresh_token api"
_CONSENT = Consent("Salesforce", "org", "/services/oauth2/authorize")


# --- Authorize ---------------------------------------------------------------------------------------------------------
def authorize(org: Org, request: Request) -> Response:
    if refused := _refuse_authorize(org, request.query):
        return refused
    user = org.store.get("User", org.user_id()) or {}
    return _CONSENT.page(request.query, str(user.get("Name")))


def consent(org: Org, request: Request) -> Response:
    form = request.form
    if request.headers.get("sec-fetch-site") == "cross-site":
        return Response("Forbidden", 403, content_type=HTML)
    if refused := _refuse_authorize(org, form):
        return refused
    if form.get("answer") != "allow":
        return back(form, error="access_denied", error_description="end-user denied authorization")
    if form.get("code_challenge") and form.get("code_challenge_method", "S256") != "S256":
        return back(form, error="invalid_request", error_description="invalid code challenge method")
    code = "aPrx" + secrets.token_urlsafe(40) + "=="
    org.grants.keep_code(
        code, client_id=form["client_id"], redirect_uri=form["redirect_uri"], challenge=form.get("code_challenge", ""),
        user_id=org.user_id(), scope=form.get("scope") or DEFAULT_SCOPE, life=CODE_LIFE,
    )  # fmt: skip
    return back(form, code=code)


def _refuse_authorize(org: Org, query: Mapping[str, str]) -> Response | None:
    """Without a known app and a sane callback there is nowhere to send the browser back to."""
    if query.get("client_id") != org.credentials.client_id:
        return _plain("error=invalid_client_id&error_description=client%20identifier%20invalid")
    if not is_safe(query.get("redirect_uri", "")):
        return _plain("error=redirect_uri_mismatch&error_description=redirect_uri%20must%20match%20configuration")
    if query.get("response_type", "code") != "code":
        return back(query, error="unsupported_response_type", error_description="response type must be code")
    return None


def _plain(text: str) -> Response:
    return Response(text, 400, content_type="text/plain;charset=UTF-8")


# --- Token -------------------------------------------------------------------------------------------------------------
def token(org: Org, request: Request) -> Response:
    form = request.form
    grants = {
        "authorization_code": _by_code, "refresh_token": _by_refresh, "client_credentials": _by_client, "password": _by_password,
    }  # fmt: skip
    grant = grants.get(form.get("grant_type", ""))
    if grant is None:
        raise OAuthError("unsupported_grant_type", "grant type not supported")
    client = client_of(request)
    if client is None:
        raise OAuthError("invalid_client", "invalid client credentials")
    client_id, client_secret = client
    if client_id != org.credentials.client_id:
        raise OAuthError("invalid_client_id", "client identifier invalid")
    if client_secret != org.credentials.client_secret and (client_secret or grant is not _by_code):
        # A public client may leave the secret out where PKCE proves who asks.
        raise OAuthError("invalid_client", "invalid client credentials")
    return Response(grant(org, request, form), headers={"Cache-Control": "no-store"})


def _by_code(org: Org, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    grant = org.grants.spend_code(
        form.get("code", ""), form.get("redirect_uri", ""), form.get("code_verifier", ""), secrets.token_hex(8)
    )
    if isinstance(grant, Wrong):
        raise OAuthError(*_WRONG_CODE[grant])
    return _answer(org, request, grant.scope, grant.family) | {"refresh_token": _new_refresh(org, grant)}


_WRONG_CODE = {
    Wrong.UNKNOWN: ("invalid_grant", "invalid authorization code"),
    Wrong.ENDED: ("invalid_grant", "expired authorization code"),
    Wrong.REDIRECT: ("redirect_uri_mismatch", "redirect_uri must match configuration"),
    Wrong.VERIFIER: ("invalid_grant", "invalid code verifier"),
}


def _by_refresh(org: Org, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    rotates = org.faults.rotate_refresh_tokens
    grant = org.grants.refresh(form.get("refresh_token", ""), rotates=rotates)
    if isinstance(grant, Wrong):
        refused = RevokedError if grant is Wrong.REUSED else OAuthError
        raise refused("invalid_grant", "expired access/refresh token")
    answer = _answer(org, request, grant.scope, grant.family)
    return answer | {"refresh_token": _new_refresh(org, grant)} if rotates else answer


class RevokedError(OAuthError, LastingRefusal):
    """The grant ended with it."""


def _by_client(org: Org, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    if request.host.partition(":")[0] in LOGIN_HOSTS:
        raise OAuthError("invalid_grant", "request not supported on this domain")
    return _answer(org, request, "api", "")


def _by_password(org: Org, request: Request, form: Mapping[str, str]) -> dict[str, Any]:
    if refusal_of(org, form.get("username", ""), form.get("password", "")):
        raise OAuthError("invalid_grant", "authentication failure")
    return _answer(org, request, "api", "")


def _answer(org: Org, request: Request, scope: str, family: str) -> dict[str, Any]:
    return {
        "access_token": org.open_session(scope, family),
        "signature": base64.b64encode(secrets.token_bytes(32)).decode(),
        "scope": scope,
        "instance_url": org.instance(request),
        "id": f"{request.origin}/id/{ORG_ID}/{org.user_id()}",
        "token_type": "Bearer",
        "issued_at": str(int(org.now().timestamp() * 1000)),
    }


def _new_refresh(org: Org, grant: Grant) -> str:
    value = "5Aep" + secrets.token_urlsafe(48)
    org.grants.keep_refresh(value, grant)
    return value


# --- Revoke, userinfo, identity ----------------------------------------------------------------------------------------
def revoke(org: Org, request: Request) -> Response:
    value = request.form.get("token") or request.query.get("token", "")
    if not org.grants.revoke_token(value):
        raise OAuthError("unsupported_token_type", "this token type is not supported")
    return Response(b"")


def userinfo(org: Org, request: Request) -> Response:
    user = org.store.get("User", org.authenticate(request)) or {}
    identity = f"{request.origin}/id/{ORG_ID}/{user['Id']}"
    return Response({
        "sub": identity, "user_id": user["Id"], "organization_id": ORG_ID, "preferred_username": user["Username"],
        "nickname": user["Alias"], "name": user["Name"], "email": user["Email"], "email_verified": True,
        "given_name": user["FirstName"], "family_name": user["LastName"], "zoneinfo": user["TimeZoneSidKey"],
        "active": bool(user["IsActive"]), "user_type": "STANDARD", "language": user["LanguageLocaleKey"],
        "locale": user["LocaleSidKey"], "utcOffset": 0, "updated_at": user["SystemModstamp"],
        "urls": {"rest": org.instance(request) + "/services/data/v{version}/"},
    })  # fmt: skip


def identity(org: Org, request: Request, org_id: str, user_id: str) -> Response:
    user = org.store.get("User", org.authenticate(request)) or {}
    if user_id not in {user["Id"], user["Id"][:15]}:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", 404)
    return Response({
        "id": f"{request.origin}/id/{ORG_ID}/{user['Id']}", "asserted_user": True, "user_id": user["Id"],
        "organization_id": ORG_ID, "username": user["Username"], "nick_name": user["Alias"], "display_name": user["Name"],
        "email": user["Email"], "first_name": user["FirstName"], "last_name": user["LastName"], "active": bool(user["IsActive"]),
        "user_type": "STANDARD", "last_modified_date": user["LastModifiedDate"],
        "urls": {"rest": org.instance(request) + "/services/data/v{version}/"},
    })  # fmt: skip
