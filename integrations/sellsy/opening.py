"""Opens a connection's way to Sellsy: which hosts, which sign-in, whose quota."""

from collections.abc import Callable
from datetime import datetime
from typing import Any, Unpack

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import allowance_of
from integrations.sync.models import ConnectionState
from integrations.sync.opening import Clocked, How, OnCall, app_for, session_with
from integrations.wire.auth import TokenAuth
from integrations.wire.errors import NeedsSignIn
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Reply
from integrations.wire.quota import Quota
from integrations.wire.session import Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .client import Hosts, SellsyClient, host_policy
from .models import SellsyConnection

PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0


class Meter(Clocked):
    """Notes what every answer says beside its body: the calls left of `limit` a day, and Sellsy's own clock."""

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit
        super().__init__()

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.note(reply, now)
        return replies.read_quota(reply, self.limit, now)


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def hosts_of(connection: SellsyConnection) -> Hosts:
    if connection.base_url:
        return Hosts.at(connection.base_url)
    return Hosts(settings.SELLSY_API_URL, settings.SELLSY_LOGIN_URL, settings.SELLSY_RPC_URL)


def app_of(connection: SellsyConnection, secrets: dict[str, Any]) -> App:
    return app_for(connection, secrets, App(settings.SELLSY_CLIENT_ID, settings.SELLSY_CLIENT_SECRET))


def open_session(meter: Meter | None = None, **how: Unpack[How]) -> Session:
    patience = PATIENCE_OF_A_RUN, PATIENCE_OF_A_PERSON
    return session_with(
        policy(), classify=replies.classify, read_quota=meter.read if meter else None, patience=patience, **how
    )


def open_client(
    connection: SellsyConnection,
    meter: Meter,
    *,
    read_only: bool,
    interactive: bool,
    on_call: OnCall | None = None,
) -> SellsyClient:
    store = credentials.store_for(connection)
    _signed_in(connection, store, on_call)
    meter.limit = daily_limit(connection)
    session = open_session(
        meter,
        auth=TokenAuth(store, renewer(connection, on_call)),
        read_only=read_only,
        interactive=interactive,
        # A person who waits may use the reserve: nothing is asked about it.
        allowance=None if interactive else allowance_of(connection),
        on_call=on_call,
    )
    return SellsyClient(session, hosts_of(connection))


def daily_limit(connection: SellsyConnection) -> int:
    """As the sign-in learned it: the headers of a call only say what is left."""
    found = ConnectionState.objects.filter(pk=connection.pk).values_list("quota_limit", flat=True).first()
    return found or 0


def _signed_in(connection: SellsyConnection, store: credentials.StoredTokens, on_call: OnCall | None) -> None:
    """A connection that came from a file has credentials but no access: a personal app needs nobody at a browser."""
    tokens, version = store.load()
    if tokens.access_token:
        return
    secrets = credentials.load(connection)
    if connection.sign_in == SellsyConnection.SignIn.WEB or not secrets:
        raise NeedsSignIn("NOT_SIGNED_IN", "Nobody has signed in for this connection yet.")
    store.save(sign_in_alone(open_session(on_call=on_call), connection, secrets), version)


def renewer(connection: SellsyConnection, on_call: OnCall | None = None) -> Callable[[Tokens], Tokens]:
    """How this connection comes by another access when the present one ends."""

    def renew(tokens: Tokens) -> Tokens:
        session, secrets = open_session(on_call=on_call), credentials.load(connection)
        if connection.sign_in == SellsyConnection.SignIn.WEB:
            return signin.refresh(session, hosts_of(connection).login, app_of(connection, secrets), tokens)
        return sign_in_alone(session, connection, secrets)

    return renew


def sign_in_alone(session: Session, connection: SellsyConnection, secrets: dict[str, Any]) -> Tokens:
    return signin.client_credentials(session, hosts_of(connection).login, app_of(connection, secrets))
