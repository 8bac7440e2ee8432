"""The ways into an organisation. Zoho names the hosts that answer for it; each is checked before anything goes there."""

from collections.abc import Mapping
from dataclasses import replace
from urllib.parse import urlencode

from integrations.wire.errors import Misconfigured, NeedsSignIn, Transient, WireError
from integrations.wire.messages import Request
from integrations.wire.oauth import tokens_of
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

from .centres import centre_of_accounts, centre_of_api

SCOPES = (
    "ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ", "ZohoCRM.coql.READ",
    "ZohoCRM.modules.emails.ALL",
)  # fmt: skip
SCOPE = ",".join(SCOPES)
"""By commas, not by spaces."""
HIDDEN = frozenset({"code", "refresh_token", "client_secret"})


def authorize_url(accounts_url: str, app: App, *, redirect_uri: str, state: str) -> str:
    """Without a challenge: Zoho documents none, and the code is worth nothing without the client's secret."""
    query = {
        "response_type": "code",
        "client_id": app.client_id,
        "scope": SCOPE,
        "redirect_uri": redirect_uri,
        # Only offline access can be renewed, and on a second consent only where it is asked for again.
        "access_type": "offline",
        "prompt": "consent",
        "state": state,
    }
    return f"{accounts_url.rstrip('/')}/oauth/v2/auth?{urlencode(query)}"


def exchange_code(session: Session, accounts_url: str, app: App, *, code: str, redirect_uri: str) -> Tokens:
    grant = {"grant_type": "authorization_code", "code": code, "redirect_uri": redirect_uri}
    tokens = ask(session, accounts_url, app, grant)
    if not tokens.refresh_token:
        raise NeedsSignIn("NO_REFRESH_TOKEN", "Zoho gave no lasting access.")
    return tokens


def refresh(session: Session, app: App, tokens: Tokens) -> Tokens:
    if not tokens.refresh_token:
        raise NeedsSignIn("NO_REFRESH_TOKEN", "There is nothing to renew the access with.")
    grant = {"grant_type": "refresh_token", "refresh_token": tokens.refresh_token}
    # A refresh token is not used up by being used: an unanswered call may be repeated.
    fresh = ask(session, tokens.identity_url, app, grant, replayable=True)
    return replace(fresh, refresh_token=fresh.refresh_token or tokens.refresh_token, scope=fresh.scope or tokens.scope)


def client_credentials(session: Session, accounts_url: str, app: App, organisation: str) -> Tokens:
    grant = {"grant_type": "client_credentials", "soid": f"ZohoCRM.{organisation}", "scope": SCOPE}
    return ask(session, accounts_url, app, grant, replayable=True)


def ask(session: Session, accounts_url: str, app: App, grant: Mapping[str, str], *, replayable: bool = False) -> Tokens:
    form = {**grant, "client_id": app.client_id, "client_secret": app.client_secret}
    url = f"{accounts_url.rstrip('/')}/oauth/v2/token"
    # It changes nothing in the CRM: a preview has to be able to renew its access.
    request = Request("POST", url, data=form, safe=True, replayable=replayable, kind="sign-in", needs=("api_domain",))
    try:
        answer = session.send(request).json()
    except WireError as error:
        error.hide(secret for key, secret in form.items() if key in HIDDEN)
        raise
    tokens = replace(
        tokens_of(answer, session.clock()),
        instance_url=str(answer["api_domain"]).rstrip("/"),
        # The server that gave the access is the only one that renews it.
        identity_url=accounts_url.rstrip("/"),
    )
    return checked(session, tokens)


def checked(session: Session, tokens: Tokens) -> Tokens:
    """The API's host is a known one, and of the data centre whose server gave the access."""
    if not tokens.instance_url:
        raise Transient("BROKEN_ANSWER", "The sign-in did not name the address of the API.", sent=True)
    session.policy.check(tokens.instance_url)
    accounts, api = centre_of_accounts(tokens.identity_url), centre_of_api(tokens.instance_url)
    if accounts != api:
        said = f"{tokens.identity_url} names {tokens.instance_url}, which is not of its data centre."
        raise Misconfigured("HOST_REFUSED", said, fields=("base_url",))
    return tokens


def accounts_server(session: Session, told: str, asked: str) -> str:
    """Where the code is to be exchanged: the server that Zoho names on the way back, if it is one of its own."""
    if not told:
        return asked
    session.policy.check(told)
    if centre_of_accounts(told) is None and told.rstrip("/") != asked.rstrip("/"):
        raise Misconfigured("HOST_REFUSED", f"{told} signs nobody in to Zoho.", fields=("base_url",))
    return told.rstrip("/")


def revoke(session: Session, tokens: Tokens) -> None:
    """Ends the grant at Zoho; one that is dead already is what we wanted."""
    form = {"token": tokens.refresh_token or tokens.access_token}
    url = f"{tokens.identity_url}/oauth/v2/token/revoke"
    request = Request("POST", url, data=form, safe=True, replayable=True, kind="sign-in", needs=None)
    try:
        session.send(request)
    except WireError as error:
        error.hide(form.values())
        if not isinstance(error, NeedsSignIn):
            raise
