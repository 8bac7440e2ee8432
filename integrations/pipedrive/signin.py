"""The ways into a company's Pipedrive. It names the host that answers for it; that is checked before a token goes there."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from integrations.wire.errors import NeedsSignIn, Transient, WireError
from integrations.wire.messages import Request
from integrations.wire.oauth import tokens_of
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

SERVER = "https://oauth.pipedrive.com"
HIDDEN = frozenset({"code", "refresh_token", "client_secret"})


def authorize_url(server: str, app: App, *, redirect_uri: str, state: str) -> str:
    """Neither scopes nor a challenge: what an app may do is ticked where it was made, and Pipedrive knows no challenge."""
    query = {"client_id": app.client_id, "redirect_uri": redirect_uri, "state": state}
    return f"{server.rstrip('/')}/oauth/authorize?{urlencode(query)}"


def exchange_code(session: Session, server: str, app: App, *, code: str, redirect_uri: str) -> Tokens:
    return ask(
        session, server, app, {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    )  # fmt: skip


def refresh(session: Session, server: str, app: App, tokens: Tokens) -> Tokens:
    """The same refresh token comes back, good for another sixty days."""
    if not tokens.refresh_token:
        raise NeedsSignIn("NO_REFRESH_TOKEN", "There is nothing to renew the access with.")
    fresh = ask(session, server, app, {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token})
    return replace(fresh, refresh_token=fresh.refresh_token or tokens.refresh_token, scope=fresh.scope or tokens.scope)


def ask(session: Session, server: str, app: App, grant: Mapping[str, str]) -> Tokens:
    form = {**grant, "client_id": app.client_id, "client_secret": app.client_secret}
    # It changes nothing in the CRM: a preview has to be able to renew its access.
    request = Request(
        "POST", f"{server.rstrip('/')}/oauth/token", data=form, safe=True, replayable=False, kind="sign-in",
        needs=("api_domain",),
    )  # fmt: skip
    try:
        answer = session.send(request).json()
    except WireError as error:
        error.hide(secret for key, secret in form.items() if key in HIDDEN)
        raise
    tokens = replace(tokens_of(answer, session.clock()), instance_url=str(answer["api_domain"]).rstrip("/"))
    if not tokens.instance_url:
        raise Transient("BROKEN_ANSWER", "The sign-in did not name the company's address.", sent=True)
    session.policy.check(tokens.instance_url)
    return tokens


def revoke(session: Session, server: str, app: App, tokens: Tokens) -> None:
    """Ends the grant at Pipedrive; one that is dead already is what we wanted."""
    form = {"token": tokens.refresh_token, "token_type_hint": "refresh_token"}
    form |= {"client_id": app.client_id, "client_secret": app.client_secret}
    request = Request(
        "POST", f"{server.rstrip('/')}/oauth/revoke", data=form, safe=True, replayable=True, kind="sign-in", needs=None
    )
    try:
        session.send(request)
    except WireError as error:
        error.hide(form.values())
        if not isinstance(error, NeedsSignIn):
            raise
