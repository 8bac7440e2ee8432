"""Opens a connection's way to Zoho: which hosts, which sign-in, whose credits."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import Allowance, allowance_of
from integrations.wire.auth import TokenAuth
from integrations.wire.errors import NeedsSignIn
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Call, Reply
from integrations.wire.quota import Budget, Quota
from integrations.wire.session import Auth, Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .centres import centre_named
from .client import WritingClient, host_policy
from .models import ZohoConnection

OnCall = Callable[[Call], None]
PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0


class Meter:
    """Notes what every answer says beside its body: the credits left, and Zoho's own clock."""

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit
        self.clock: datetime | None = None

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.clock = moment_of(reply.headers.get("Date", "")) or now
        return replies.read_quota(reply, now, self.limit)


def moment_of(told: str) -> datetime | None:
    """None where no clock was sent, or something that is none: a proxy's odd header must not end a run."""
    try:
        return parsedate_to_datetime(told).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def accounts_url(connection: ZohoConnection) -> str:
    """Where a sign-in begins; where it ends, Zoho says."""
    centre = centre_named(connection.data_centre)
    return centre.accounts_url if centre else connection.base_url.rstrip("/")


def app_of(connection: ZohoConnection, secrets: dict[str, Any]) -> App:
    """The connection's own client, else the one that this console was set up with."""
    if connection.client_id:
        return App(connection.client_id, str(secrets.get("client_secret") or ""))
    return App(settings.ZOHO_CLIENT_ID, settings.ZOHO_CLIENT_SECRET)


def open_session(
    meter: Meter | None = None,
    *,
    auth: Auth | None = None,
    read_only: bool = False,
    interactive: bool = True,
    allowance: Allowance | None = None,
    on_call: OnCall | None = None,
) -> Session:
    return Session(
        policy(),
        auth=auth,
        read_only=read_only,
        ca_file=settings.CRM_EXTRA_CA_FILE,
        classify=replies.classify,
        read_quota=meter.read if meter else None,
        budget=allowance.budget if allowance else Budget(),
        quota=allowance.quota if allowance else None,
        interactive=interactive,
        max_wait=PATIENCE_OF_A_PERSON if interactive else PATIENCE_OF_A_RUN,
        on_call=on_call,
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
