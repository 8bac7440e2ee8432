"""The two ways into a portal: a key that does not end, or the browser, where HubSpot itself asks for a super admin."""

from dataclasses import replace
from typing import Any
from urllib.parse import urlencode

from integrations.wire import oauth
from integrations.wire.errors import Misconfigured, NeedsSignIn, WireError
from integrations.wire.messages import Request
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

from .client import API, VERSION

PAGES = "https://app.hubspot.com"
"""Where people sign in; every account begins here, wherever its data is kept."""
NEEDED = ("oauth", "crm.objects.companies.read", "crm.objects.contacts.read", "crm.objects.owners.read")
OPTIONAL = (
    "crm.objects.deals.read", "crm.objects.companies.write", "crm.objects.contacts.write",
    "crm.schemas.companies.write", "crm.schemas.contacts.write", "sales-email-read",
)  # fmt: skip
"""Given where the account has them and the person may give them; what needs one says so if it is missing."""


def authorize_url(pages: str, app: App, *, redirect_uri: str, state: str) -> str:
    asked = {
        "client_id": app.client_id, "redirect_uri": redirect_uri, "scope": " ".join(NEEDED),
        "optional_scope": " ".join(OPTIONAL), "state": state,
    }  # fmt: skip
    return f"{pages.rstrip('/')}/oauth/authorize?{urlencode(asked)}"


def exchange_code(session: Session, base_url: str, app: App, *, code: str, redirect_uri: str) -> Tokens:
    """HubSpot takes no proof key: what ties the answer to the question is the state alone."""
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    return at(base_url, oauth.ask(session, token_url(base_url), app, grant))


def refresh(session: Session, base_url: str, app: App, tokens: Tokens) -> Tokens:
    """The refresh token never changes; whatever comes back is kept."""
    return at(base_url, oauth.refresh(session, token_url(base_url), app, tokens))


def with_key(base_url: str, key: str) -> Tokens:
    return at(base_url, Tokens(access_token=key))


def refuse_renewal(_tokens: Tokens) -> Tokens:
    """A key has no end, and nothing to renew it with: one that is refused was rotated or deleted."""
    raise NeedsSignIn("KEY_REFUSED", "HubSpot does not accept this key any more.")


def who(session: Session, base_url: str, app: App, tokens: Tokens) -> str:
    """The address of whoever gave the access."""
    told = introspect(session, base_url, app, tokens)
    return str(told.get("user") or told.get("user_id") or "")


def introspect(session: Session, base_url: str, app: App, tokens: Tokens) -> dict[str, Any]:
    """Whose access it is, and what it may."""
    form = {
        "client_id": app.client_id, "client_secret": app.client_secret, "token": tokens.access_token,
        "token_type_hint": "access_token",
    }  # fmt: skip
    url = f"{token_url(base_url)}/introspect"
    request = Request("POST", url, data=form, safe=True, replayable=True, kind="sign-in", needs=("active",))
    try:
        told: dict[str, Any] = session.send(request).json()
    except WireError as error:
        error.hide((*tokens.secrets, app.client_secret))
        raise
    return told


def revoke(session: Session, base_url: str, app: App, tokens: Tokens) -> None:
    """Ends the grant; one that is dead already is what we wanted."""
    form = {"client_id": app.client_id, "client_secret": app.client_secret, "token": tokens.refresh_token}
    url = f"{token_url(base_url)}/revoke"
    request = Request("POST", url, data=form, safe=True, replayable=True, kind="sign-in", needs=None)
    try:
        session.send(request)
    except (NeedsSignIn, Misconfigured) as error:
        error.hide((*tokens.secrets, app.client_secret))
        if error.code not in {"BAD_REFRESH_TOKEN", "invalid_grant"}:
            raise


def at(base_url: str, tokens: Tokens) -> Tokens:
    """No answer names the host: it is the same for every account."""
    return replace(tokens, instance_url=(base_url or API).rstrip("/"))


def token_url(base_url: str) -> str:
    return f"{(base_url or API).rstrip('/')}/oauth/{VERSION}/token"
