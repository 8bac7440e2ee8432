"""Opens a connection's way to Stripe: which host, which key, whose clock."""

from datetime import datetime
from typing import Any, Unpack

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import allowance_of
from integrations.sync.opening import Clocked, How, OnCall, session_with
from integrations.wire.auth import StaticAuth
from integrations.wire.errors import NeedsSignIn
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Reply
from integrations.wire.session import Session
from integrations.wire.tokens import Tokens

from . import replies
from .client import API, StripeClient, host_policy
from .models import StripeConnection

PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0
KEY = "secret_key"


class Meter(Clocked):
    """Notes Stripe's own clock. There is no allowance of a day to be told of."""

    def read(self, reply: Reply, now: datetime) -> None:
        self.note(reply, now)


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def address_of(connection: StripeConnection) -> str:
    return connection.base_url.rstrip("/") or API


def open_session(meter: Meter | None = None, **how: Unpack[How]) -> Session:
    patience = PATIENCE_OF_A_RUN, PATIENCE_OF_A_PERSON
    return session_with(
        policy(), classify=replies.classify, read_quota=meter.read if meter else None, patience=patience, **how
    )


def open_client(
    connection: StripeConnection, meter: Meter, *, read_only: bool, interactive: bool, on_call: OnCall | None = None
) -> StripeClient:
    session = open_session(
        meter,
        auth=StaticAuth(signed_in(connection).access_token),
        read_only=read_only,
        interactive=interactive,
        # A person who waits may use the reserve: nothing is asked about it.
        allowance=None if interactive else allowance_of(connection),
        on_call=on_call,
    )
    return StripeClient(session, address_of(connection))


def signed_in(connection: StripeConnection) -> Tokens:
    """A connection that came from a file has its key, and nobody was asked yet whether it is a good one."""
    store = credentials.store_for(connection)
    tokens, version = store.load()
    if tokens.access_token:
        return tokens
    secrets = credentials.load(connection)
    if not secrets.get(KEY):
        raise NeedsSignIn("NOT_SIGNED_IN", "Nobody has entered a key for this connection yet.")
    fresh = by_key(connection, secrets)
    store.save(fresh, version)
    return fresh


def by_key(connection: StripeConnection, secrets: dict[str, Any]) -> Tokens:
    policy().check(address_of(connection))
    return Tokens(str(secrets.get(KEY) or ""), instance_url=address_of(connection))
