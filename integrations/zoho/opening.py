"""Opens a connection's way to Zoho: which hosts, which sign-in, whose credits."""

from collections.abc import Callable
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
from .centres import centre_named
from .client import WritingClient, host_policy
from .models import ZohoConnection

PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0


class Meter(Clocked):
    """Notes what every answer says beside its body: the credits left, and Zoho's own clock."""

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit
        super().__init__()

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.note(reply, now)
        return replies.read_quota(reply, now, self.limit)


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def accounts_url(connection: ZohoConnection) -> str:
    """Where a sign-in begins; where it ends, Zoho says."""
    centre = centre_named(connection.data_centre)
    return centre.accounts_url if centre else connection.base_url.rstrip("/")


def app_of(connection: ZohoConnection, secrets: dict[str, Any]) -> App:
    return app_for(connection, secrets, App(settings.ZOHO_CLIENT_ID, settings.ZOHO_CLIENT_SECRET))


def open_session(meter: Meter | None = None, **how: Unpack[How]) -> Session:
    patience = PATIENCE_OF_A_RUN, PATIENCE_OF_A_PERSON
    return session_with(
        policy(), classify=replies.classify, read_quota=meter.read if meter else None, patience=patience, **how
    )


def open_client(
    connection: ZohoConnection,
    meter: Meter,
    *,
    read_only: bool,
    interactive: bool,
    on_call: OnCall | None = None,
) -> WritingClient:
    store = credentials.store_for(connection)
    tokens = _signed_in(connection, store, on_call)
    session = open_session(
        meter,
        auth=TokenAuth(store, renewer(connection, on_call)),
        read_only=read_only,
        interactive=interactive,
        # A person who waits may use the reserve: nothing is asked about it.
        allowance=None if interactive else allowance_of(connection),
        on_call=on_call,
    )
    return WritingClient(session, tokens.instance_url)


def _signed_in(connection: ZohoConnection, store: credentials.StoredTokens, on_call: OnCall | None = None) -> Tokens:
    """A connection that came from a file has credentials but no access: an app then needs nobody at a browser."""
    tokens, version = store.load()
    if tokens.instance_url:
        return tokens
    secrets = credentials.load(connection)
    if connection.sign_in == ZohoConnection.SignIn.WEB or not secrets:
        raise NeedsSignIn("NOT_SIGNED_IN", "Nobody has signed in for this connection yet.")
    fresh = sign_in_alone(open_session(on_call=on_call), connection, secrets)
    store.save(fresh, version)
    return fresh


def renewer(connection: ZohoConnection, on_call: OnCall | None = None) -> Callable[[Tokens], Tokens]:
    """How this connection comes by another access when the present one ends."""

    def renew(tokens: Tokens) -> Tokens:
        session, secrets = open_session(on_call=on_call), credentials.load(connection)
        if connection.sign_in == ZohoConnection.SignIn.WEB:
            return signin.refresh(session, app_of(connection, secrets), tokens)
        return sign_in_alone(session, connection, secrets)

    return renew


def sign_in_alone(session: Session, connection: ZohoConnection, secrets: dict[str, Any]) -> Tokens:
    """The way that needs nobody at a browser."""
    app, number = app_of(connection, secrets), connection.organisation_number
    return signin.client_credentials(session, accounts_url(connection), app, number)
