"""Opens a connection's way to Intercom: which region's host, whose token, which window of calls."""

from datetime import datetime
from typing import Any, Unpack

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import allowance_of
from integrations.sync.opening import Clocked, How, OnCall, app_for, session_with
from integrations.wire.auth import TokenAuth
from integrations.wire.errors import NeedsSignIn
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Reply
from integrations.wire.quota import Quota
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .client import API, IntercomClient, host_policy
from .models import IntercomConnection

PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0


class Meter(Clocked):
    """Notes what every answer says beside its body: what is left of the window, and Intercom's own clock."""

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.note(reply, now)
        return replies.read_quota(reply, now)


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def api_of(connection: IntercomConnection) -> str:
    return connection.base_url.rstrip("/") or API[connection.region]


def pages_of(connection: IntercomConnection) -> str:
    """Where its people sign in and look at records."""
    return connection.base_url.rstrip("/") or signin.PAGES[connection.region]


def app_of(connection: IntercomConnection, secrets: dict[str, Any]) -> App:
    return app_for(connection, secrets, App(settings.INTERCOM_CLIENT_ID, settings.INTERCOM_CLIENT_SECRET))


def open_session(meter: Meter | None = None, **how: Unpack[How]) -> Session:
    patience = PATIENCE_OF_A_RUN, PATIENCE_OF_A_PERSON
    return session_with(
        policy(), classify=replies.classify, read_quota=meter.read if meter else None, patience=patience, **how
    )


def open_client(
    connection: IntercomConnection,
    meter: Meter,
    *,
    read_only: bool,
    interactive: bool,
    on_call: OnCall | None = None,
) -> IntercomClient:
    store = credentials.store_for(connection)
    _signed_in(connection, store)
    session = open_session(
        meter,
        auth=TokenAuth(store, signin.renew),
        read_only=read_only,
        interactive=interactive,
        # A person who waits may use the reserve: nothing is asked about it.
        allowance=None if interactive else allowance_of(connection),
        on_call=on_call,
    )
    return IntercomClient(session, api_of(connection))


def _signed_in(connection: IntercomConnection, store: credentials.StoredTokens) -> None:
    """A connection that came from a file has its token but no access: it then needs nobody at a browser."""
    tokens, version = store.load()
    if tokens.access_token:
        return
    secrets = credentials.load(connection)
    if connection.sign_in == IntercomConnection.SignIn.WEB or not secrets.get("access_token"):
        raise NeedsSignIn("NOT_SIGNED_IN", "Nobody has signed in for this connection yet.")
    store.save(by_token(secrets), version)


def by_token(secrets: dict[str, Any]) -> Tokens:
    """Whether it is a good one, the first call shows."""
    return Tokens(str(secrets.get("access_token") or ""))
