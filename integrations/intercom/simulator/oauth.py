"""OAuth as Intercom speaks it: a code, and for it one token that does not end; no PKCE, no refresh, no scopes asked for."""

import secrets
from collections.abc import Mapping
from datetime import timedelta
from urllib.parse import urlsplit

from integrations.simulation.consent import Consent, back
from integrations.simulation.grants import Wrong
from integrations.simulation.messages import HTML, Request, Response

from .errors import PLAIN, error
from .workspace import Workspace

CODE_LIFE = timedelta(minutes=5)
_CONSENT = Consent("Intercom", "workspace", "/oauth", ("client_id", "redirect_uri", "state"))
_OWN_HOSTS = ("localhost", "127.0.0.1", "::1", "testserver")


def authorize(space: Workspace, request: Request) -> Response:
    if refused := _refuse(space, request.query):
        return refused
    return _CONSENT.page(request.query, space.admin().body["name"])


def consent(space: Workspace, request: Request) -> Response:
    form = request.form
    if request.headers.get("sec-fetch-site") == "cross-site":
        return Response("Forbidden", 403, content_type=HTML)
    if refused := _refuse(space, form):
        return refused
    if form.get("answer") != "allow":
        return back(form, error="access_denied")
    code = secrets.token_hex(20)
    space.grants.keep_code(
        code, client_id=form["client_id"], redirect_uri=form["redirect_uri"], challenge="", user_id=space.admin().id,
        scope="", life=CODE_LIFE,
    )  # fmt: skip
    return back(form, code=code)


def _refuse(space: Workspace, query: Mapping[str, str]) -> Response | None:
    """Without a known app and its address there is nowhere to send the browser back to."""
    target = urlsplit(query.get("redirect_uri", ""))
    sane = target.scheme == "https" or (target.scheme == "http" and target.hostname in _OWN_HOSTS)
    if query.get("client_id") != space.credentials.client_id or not sane:
        return Response("The app or its address is not known.", 400, content_type="text/plain;charset=UTF-8")
    return None


def token(space: Workspace, request: Request) -> Response:
    asked = request.record if request.headers["content-type"].lower().startswith("application/json") else request.form
    own = space.credentials
    if (asked.get("client_id"), asked.get("client_secret")) != (own.client_id, own.client_secret):
        raise error(401, "unauthorized", "Client ID or secret is invalid")
    code = str(asked.get("code") or "")
    kept = space.book.one("SELECT redirect_uri FROM _code WHERE code = ?", code)
    grant = space.grants.spend_code(code, str(kept[0]) if kept else "", "", secrets.token_hex(8))
    if isinstance(grant, Wrong):
        raise error(401, "code_not_found", "Authorization code not found")
    given = space.open_session(grant)
    return Response({"token_type": "Bearer", "token": given, "access_token": given}, content_type=PLAIN)
