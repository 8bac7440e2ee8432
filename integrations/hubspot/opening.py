"""Opens a connection's way to HubSpot: which hosts, which sign-in, whose quota."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import Allowance, allowance_of
from integrations.wire.auth import TokenAuth
from integrations.wire.errors import NeedsSignIn, RateLimited, WireError
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Call, Reply
from integrations.wire.quota import Budget, Quota
from integrations.wire.session import Auth, Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .client import API, HubSpotClient, host_policy
from .models import HubSpotConnection

OnCall = Callable[[Call], None]
SignIn = HubSpotConnection.SignIn
PATIENCE_OF_A_RUN = 25.0
"""Seconds of waiting within one page: two windows of ten seconds. Longer waits are the runner's."""
PATIENCE_OF_A_PERSON = 12.0


class Meter:
    """Notes what every answer says beside its body: the calls used, HubSpot's own clock, the portal's time zone."""

    def __init__(self) -> None:
        self.clock: datetime | None = None
        self.zone = ""

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.clock = moment_of(reply.headers.get("Date", "")) or now
        return replies.read_quota(reply, now)

    def classify(self, reply: Reply) -> WireError | None:
        """A day's allowance comes back at midnight where the portal is."""
        error = replies.classify(reply)
        if isinstance(error, RateLimited) and error.daily and self.zone:
            error.until = replies.midnight(self.zone, self.clock or datetime.now(UTC))
        return error


def moment_of(told: str) -> datetime | None:
    """None where no clock was sent, or something that is none: a proxy's odd header must not end a run."""
    try:
        return parsedate_to_datetime(told).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def api_of(connection: HubSpotConnection) -> str:
    return connection.base_url.rstrip("/") or API


def pages_of(connection: HubSpotConnection) -> str:
    """A practice portal has one host for everything."""
    return connection.base_url.rstrip("/") or signin.PAGES


def app_of(connection: HubSpotConnection, secrets: dict[str, Any]) -> App:
    """The connection's own app, else the one that this console was set up with."""
    if connection.client_id:
        return App(connection.client_id, str(secrets.get("client_secret") or ""))
    return App(settings.HUBSPOT_CLIENT_ID, settings.HUBSPOT_CLIENT_SECRET)


def open_session(
    meter: Meter | None = None,
    *,
    auth: Auth | None = None,
    read_only: bool = False,
    interactive: bool = True,
    allowance: Allowance | None = None,
    on_call: OnCall | None = None,
) -> Session:
    noted = meter or Meter()
    return Session(
        policy(),
        auth=auth,
        read_only=read_only,
        ca_file=settings.CRM_EXTRA_CA_FILE,
        classify=noted.classify,
        read_quota=noted.read,
        budget=allowance.budget if allowance else Budget(),
        quota=allowance.quota if allowance else None,
        interactive=interactive,
        max_wait=PATIENCE_OF_A_PERSON if interactive else PATIENCE_OF_A_RUN,
        on_call=on_call,
    )


def open_client(
    connection: HubSpotConnection, meter: Meter, *, read_only: bool, interactive: bool, on_call: OnCall | None = None
) -> HubSpotClient:
    store = credentials.store_for(connection)
    signed_in(connection, store)
    session = open_session(
        meter,
        auth=TokenAuth(store, renewer(connection, on_call)),
        read_only=read_only,
        interactive=interactive,
        # A person who waits may use the reserve: nothing is asked about it.
        allowance=None if interactive else allowance_of(connection),
        on_call=on_call,
    )
    return HubSpotClient(session, api_of(connection))


def signed_in(connection: HubSpotConnection, store: credentials.StoredTokens) -> None:
    """A connection that came from a file has a key but no access yet: the key is one."""
    tokens, version = store.load()
    if tokens.access_token:
        return
    key = str(credentials.load(connection).get("access_key") or "")
    if connection.sign_in != SignIn.KEY or not key:
        raise NeedsSignIn("NOT_SIGNED_IN", "Nobody has signed in for this connection yet.")
    store.save(signin.with_key(connection.base_url, key), version)


def renewer(connection: HubSpotConnection, on_call: OnCall | None = None) -> Callable[[Tokens], Tokens]:
    if connection.sign_in == SignIn.KEY:
        return signin.refuse_renewal
    return partial(_renewed, connection, on_call)


def _renewed(connection: HubSpotConnection, on_call: OnCall | None, tokens: Tokens) -> Tokens:
    app = app_of(connection, credentials.load(connection))
    return signin.refresh(open_session(on_call=on_call), connection.base_url, app, tokens)
