"""Opens a connection's way to HubSpot: which hosts, which sign-in, whose quota."""

from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Unpack

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import allowance_of
from integrations.sync.opening import Clocked, How, OnCall, app_for, session_with
from integrations.wire.auth import TokenAuth
from integrations.wire.errors import NeedsSignIn, RateLimited, WireError
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Reply
from integrations.wire.quota import Quota
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .client import API, HubSpotClient, host_policy
from .models import HubSpotConnection

SignIn = HubSpotConnection.SignIn
PATIENCE_OF_A_RUN = 25.0
"""Seconds of waiting within one page: two windows of ten seconds. Longer waits are the runner's."""
PATIENCE_OF_A_PERSON = 12.0


class Meter(Clocked):
    """Notes what every answer says beside its body: the calls used, HubSpot's own clock, the portal's time zone."""

    def __init__(self) -> None:
        super().__init__()
        self.zone = ""

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.note(reply, now)
        return replies.read_quota(reply, now)

    def classify(self, reply: Reply) -> WireError | None:
        """A day's allowance comes back at midnight where the portal is."""
        error = replies.classify(reply)
        if isinstance(error, RateLimited) and error.daily and self.zone:
            error.until = replies.midnight(self.zone, self.clock or datetime.now(UTC))
        return error


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def api_of(connection: HubSpotConnection) -> str:
    return connection.base_url.rstrip("/") or API


def pages_of(connection: HubSpotConnection) -> str:
    """A practice portal has one host for everything."""
    return connection.base_url.rstrip("/") or signin.PAGES


def app_of(connection: HubSpotConnection, secrets: dict[str, Any]) -> App:
    return app_for(connection, secrets, App(settings.HUBSPOT_CLIENT_ID, settings.HUBSPOT_CLIENT_SECRET))


def open_session(meter: Meter | None = None, **how: Unpack[How]) -> Session:
    noted = meter or Meter()
    patience = PATIENCE_OF_A_RUN, PATIENCE_OF_A_PERSON
    return session_with(policy(), classify=noted.classify, read_quota=noted.read, patience=patience, **how)


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
