"""OAuth as HubSpot speaks it: consent, codes that work once, half-hour tokens, refresh tokens that never change."""

import secrets
import uuid
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from integrations.simulation.app import Refusal
from integrations.simulation.consent import Consent, back, is_safe
from integrations.simulation.grants import Grant, Session, Wrong
from integrations.simulation.messages import HTML, Request, Response

from .errors import CORRELATION, PageError
from .owners import KIND as OWNERS
from .portal import APP_ID, Portal
from .scopes import KNOWN

CODE_LIFE = timedelta(minutes=10)
DOMAIN = "aldervale.example"
_CONSENT = Consent(
    "HubSpot", "portal", "/oauth/authorize", ("client_id", "redirect_uri", "scope", "optional_scope", "state")
)  # fmt: skip
_OLDEST = "v1"


class OAuthError(Refusal):
    """Its kind stands in `status`; the dated versions tell it in the words of the standard too."""

    def __init__(
        self, version: str, status: str, message: str, error: str = "invalid_request", code: int = 400
    ) -> None:
        super().__init__(message)
        self.body = {"status": status, "message": message}
        if version != _OLDEST:
            self.body |= {"error": error, "error_description": message}
        self.code = code

    def answer(self) -> Response:
        number = str(uuid.uuid4())
        return Response({**self.body, "correlationId": number}, self.code, {CORRELATION: number})


# --- Authorize --------------------------------------------------------------------------------------------------------
def authorize(portal: Portal, request: Request, **_portal_id: str) -> Response:
    return _refused(portal, request.query) or _CONSENT.page(request.query, _person(portal)["email"])


def consent(portal: Portal, request: Request) -> Response:
    form = request.form
    if request.headers.get("sec-fetch-site") == "cross-site":
        return Response("Forbidden", 403, content_type=HTML)
    if refused := _refused(portal, form):
        return refused
    if form.get("answer") != "allow":
        return back(form, error="access_denied", error_description="The user denied access")
    code = f"eu1-{secrets.token_hex(2)}-{uuid.uuid4()}"
    portal.grants.keep_code(
        code, client_id=form["client_id"], redirect_uri=form["redirect_uri"], challenge="",
        user_id=str(_person(portal)["userId"]),
        scope=" ".join(_granted(form)), life=CODE_LIFE,
    )  # fmt: skip
    return back(form, code=code)


def _granted(query: Mapping[str, str]) -> list[str]:
    """What is asked for; of the optional ones those that the account has."""
    asked = query.get("scope", "").split()
    return list(
        dict.fromkeys(["oauth", *asked, *(one for one in query.get("optional_scope", "").split() if one in KNOWN)])
    )


def _refused(portal: Portal, query: Mapping[str, str]) -> Response | None:
    """A page, never a way back: the vendor sends nobody on who came with something wrong."""
    if query.get("client_id") != portal.credentials.client_id:
        return _page("The client_id of this app is not valid. Please contact the developer of the app.")
    if not is_safe(query.get("redirect_uri", "")):
        return _page("The redirect URL does not match the app's registered redirect URL.")
    unknown = [one for one in query.get("scope", "").split() if one not in KNOWN]
    if unknown or not query.get("scope"):
        return _page(f"The scopes of this app are missing or invalid: {' '.join(unknown)}")
    if portal.faults.not_super_admin:
        return _page("You do not have permission to install this app. Ask a super admin of your account.")
    return None


def _page(text: str) -> Response:
    return Response(f"<!doctype html><title>Authorization failed</title><p>{text}</p>", 400, content_type=HTML)


def _person(portal: Portal) -> dict[str, Any]:
    """Who installs: the first owner there is."""
    found = portal.store.find(OWNERS, limit=1)
    return found[0].body if found else {"email": f"admin@{DOMAIN}", "userId": 60000001}


# --- Token ------------------------------------------------------------------------------------------------------------
def token(portal: Portal, request: Request) -> Response:
    """The body only: what stands in the query is not looked at."""
    form, version = request.form, request.base
    kind = form.get("grant_type", "")
    if kind not in {"authorization_code", "refresh_token"}:
        raise OAuthError(version, "BAD_GRANT_TYPE", "missing or unknown grant type", "unsupported_grant_type")
    _check_client(portal, version, form)
    grant = _by_code(portal, version, form) if kind == "authorization_code" else _by_refresh(portal, version, form)
    refresh = form.get("refresh_token", "") if kind == "refresh_token" else _new_refresh(portal, grant)
    access = "C" + secrets.token_urlsafe(180)
    portal.grants.open_session(access, grant, portal.faults.session_seconds)
    told: dict[str, Any] = {
        "token_type": "bearer", "refresh_token": refresh, "access_token": access,
        "expires_in": portal.faults.session_seconds,
    }  # fmt: skip
    if version != _OLDEST:
        told |= {
            "hub_id": portal.portal_id, "user_id": int(grant.user_id), "scopes": grant.scope.split(),
            "token_use": "access_token",
        }  # fmt: skip
    return Response(told, headers={"Cache-Control": "no-store"})


def _check_client(portal: Portal, version: str, form: Mapping[str, str]) -> None:
    if form.get("client_id") != portal.credentials.client_id:
        raise OAuthError(version, "BAD_CLIENT_ID", "missing or unknown client id", "invalid_client")
    if form.get("client_secret") != portal.credentials.client_secret:
        raise OAuthError(version, "BAD_CLIENT_SECRET", "missing or invalid client secret", "invalid_client")


def _by_code(portal: Portal, version: str, form: Mapping[str, str]) -> Grant:
    if not form.get("redirect_uri"):
        raise OAuthError(version, "BAD_REDIRECT_URI", "missing or invalid redirect uri")
    grant = portal.grants.spend_code(form.get("code", ""), form["redirect_uri"], "", secrets.token_hex(8))
    if grant is Wrong.REDIRECT:
        raise OAuthError(version, "BAD_REDIRECT_URI", "missing or invalid redirect uri", "invalid_grant")
    if isinstance(grant, Wrong):
        raise OAuthError(version, "BAD_AUTH_CODE", "missing or unknown auth code", "invalid_grant")
    return grant


def _by_refresh(portal: Portal, version: str, form: Mapping[str, str]) -> Grant:
    grant = portal.grants.refresh(form.get("refresh_token", ""), rotates=False)
    if isinstance(grant, Wrong):
        raise OAuthError(version, "BAD_REFRESH_TOKEN", "missing or invalid refresh token", "invalid_grant")
    return grant


def _new_refresh(portal: Portal, grant: Grant) -> str:
    value = f"eu1-{secrets.token_hex(2)}-{uuid.uuid4()}"
    portal.grants.keep_refresh(value, grant)
    return value


# --- What a token is, and its end -------------------------------------------------------------------------------------
def introspect(portal: Portal, request: Request) -> Response:
    form = request.form
    _check_client(portal, request.base, form)
    session = portal.grants.session(form.get("token", ""))
    if session is not None:
        return Response(
            {
                "active": True,
                "token_use": "access_token",
                **_about(portal, session),
                "expires_in": _left(portal, session),
            }
        )
    kept = portal.store.one("SELECT user_id, scope, family, '' FROM _renewal WHERE token = ?", form.get("token", ""))
    if kept is None:
        return Response({"active": False})
    return Response({"active": True, "token_use": "refresh_token", **_about(portal, Session(*kept))})


def revoke(portal: Portal, request: Request) -> Response:
    form = request.form
    _check_client(portal, request.base, form)
    portal.grants.revoke_token(form.get("token", ""))
    return Response(b"")


def access_token_v1(portal: Portal, request: Request, token: str) -> Response:
    session = portal.grants.session(token)
    if session is None:
        raise PageError(request)
    told = _about(portal, session)
    return Response({
        "token": token, **told, "hub_domain": DOMAIN, "app_id": int(APP_ID), "expires_in": _left(portal, session),
        "token_type": "access",
    })  # fmt: skip


def refresh_token_v1(portal: Portal, request: Request, token: str) -> Response:
    kept = portal.store.one("SELECT user_id, scope, family, '' FROM _renewal WHERE token = ?", token)
    if kept is None:
        raise PageError(request)
    told = _about(portal, Session(*kept))
    return Response({
        "token": token, **told, "hub_domain": DOMAIN, "client_id": portal.credentials.client_id,
        "token_type": "refresh",
    })  # fmt: skip


def delete_refresh_token_v1(portal: Portal, request: Request, token: str) -> Response:
    if not portal.grants.revoke_token(token):
        raise PageError(request)
    return Response(None, 204)


def _about(portal: Portal, session: Session) -> dict[str, Any]:
    return {
        "hub_id": portal.portal_id, "user_id": int(session.user_id), "user": _person(portal)["email"],
        "scopes": session.scope.split(), "app_id": int(APP_ID), "client_id": portal.credentials.client_id,
    }  # fmt: skip


def _left(portal: Portal, session: Session) -> int:
    found = portal.store.one("SELECT (julianday(?) - julianday(?)) * 86400", session.expires, portal.store.now)
    return max(0, round(found[0])) if found else 0
