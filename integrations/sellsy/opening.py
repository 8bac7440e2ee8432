"""Opens a connection's way to Sellsy: which hosts, which sign-in, whose quota."""

from collections.abc import Callable
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import Allowance, allowance_of
from integrations.sync.models import ConnectionState
from integrations.wire.auth import TokenAuth
from integrations.wire.errors import NeedsSignIn
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Call, Reply
from integrations.wire.quota import Budget, Quota
from integrations.wire.session import Auth, Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .client import Hosts, SellsyClient, host_policy
from .models import SellsyConnection

OnCall = Callable[[Call], None]
PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0


class Meter:
    """Notes what every answer says beside its body: the calls left of `limit` a day, and Sellsy's own clock."""

    def __init__(self, limit: int = 0) -> None:
        self.limit = limit
        self.clock: datetime | None = None

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.clock = moment_of(reply.headers.get("Date", "")) or now
        return replies.read_quota(reply, self.limit, now)


def moment_of(told: str) -> datetime | None:
    """None where no clock was sent, or something that is none: a proxy's odd header must not end a run."""
    try:
        return parsedate_to_datetime(told).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def hosts_of(connection: SellsyConnection) -> Hosts:
    if connection.base_url:
        return Hosts.at(connection.base_url)
    return Hosts(settings.SELLSY_API_URL, settings.SELLSY_LOGIN_URL, settings.SELLSY_RPC_URL)


def app_of(connection: SellsyConnection, secrets: dict[str, Any]) -> App:
    """The connection's own app, else the one that this console was set up with."""
    if connection.client_id:
        return App(connection.client_id, str(secrets.get("client_secret") or ""))
    return App(settings.SELLSY_CLIENT_ID, settings.SELLSY_CLIENT_SECRET)


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
