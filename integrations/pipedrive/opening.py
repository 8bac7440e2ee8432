"""Opens a connection's way to Pipedrive: which hosts, which sign-in, whose tokens of the day."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import Allowance, allowance_of
from integrations.wire.auth import StaticAuth, TokenAuth
from integrations.wire.errors import AuthExpired, NeedsSignIn
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Call, Reply
from integrations.wire.quota import Budget, Quota
from integrations.wire.session import Auth, Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .client import VENDOR_HOSTS, PipedriveClient, host_policy
from .models import PipedriveConnection

OnCall = Callable[[Call], None]
PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0
TOKEN_HEADER = "x-api-token"  # noqa: S105 (the name of the header)


class Meter:
    """Notes what every answer says beside its body: tokens of the day, room in the window, and Pipedrive's own clock."""

    def __init__(self) -> None:
        self.clock: datetime | None = None
        self.room: tuple[int, float] | None = None

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.clock = moment_of(reply.headers.get("Date", "")) or now
        self.room = replies.room(reply)
        return replies.read_quota(reply, now)


class Shared:
    """A sign-in for several calls at one time: only the thread that it belongs to renews and asks the database."""

    def __init__(self, auth: Auth) -> None:
        self._auth = auth
        self._away = threading.local()
        self._headers: Mapping[str, str] = {}

    def headers(self) -> Mapping[str, str]:
        if not getattr(self._away, "is_away", False):
            self._headers = self._auth.headers()
        return self._headers

    def renew(self, refused: Mapping[str, str]) -> None:
        if getattr(self._away, "is_away", False):
            raise AuthExpired("UNAUTHORIZED", "The access ended in the middle of several calls.")
        self._auth.renew(refused)

    def secrets(self) -> tuple[str, ...]:
        return self._auth.secrets()

    @contextmanager
    def away(self) -> Iterator[None]:
        """Around the calls of another thread."""
        self._away.is_away = True
        try:
            yield
        finally:
            self._away.is_away = False


def moment_of(told: str) -> datetime | None:
    """None where no clock was sent, or something that is none: a proxy's odd header must not end a run."""
    try:
        return parsedate_to_datetime(told).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def server_of(connection: PipedriveConnection) -> str:
    """Where people sign in: one server for all companies; a practice account signs in by itself."""
    address = connection.base_url.rstrip("/")
    is_company = (urlsplit(address).hostname or "").endswith(VENDOR_HOSTS)
    return address if address and not is_company else signin.SERVER


def app_of(connection: PipedriveConnection, secrets: Mapping[str, Any]) -> App:
    """The connection's own app, else the one that this console was set up with."""
    if connection.client_id:
        return App(connection.client_id, str(secrets.get("client_secret") or ""))
    return App(settings.PIPEDRIVE_CLIENT_ID, settings.PIPEDRIVE_CLIENT_SECRET)


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
        read_quota=meter.read if meter else replies.read_quota,
        budget=allowance.budget if allowance else Budget(),
        quota=allowance.quota if allowance else None,
        interactive=interactive,
        max_wait=PATIENCE_OF_A_PERSON if interactive else PATIENCE_OF_A_RUN,
        on_call=on_call,
    )


def open_client(
    connection: PipedriveConnection,
    meter: Meter,
    *,
    read_only: bool,
    interactive: bool,
    on_call: OnCall | None = None,
) -> tuple[PipedriveClient, Shared]:
    store = credentials.store_for(connection)
    tokens = signed_in(connection, store)
    auth = Shared(auth_of(connection, tokens, TokenAuth(store, renewer(connection, on_call))))
    session = open_session(
        meter,
        auth=auth,
        read_only=read_only,
        interactive=interactive,
        # A person who waits may use the reserve: nothing is asked about it.
        allowance=None if interactive else allowance_of(connection),
        on_call=on_call,
    )
    return PipedriveClient(session, tokens.instance_url), auth


def auth_of(connection: PipedriveConnection, tokens: Tokens, renewed: Auth) -> Auth:
    """An API token has no end of its own, and nobody renews it but its user."""
    if connection.sign_in == PipedriveConnection.SignIn.TOKEN:
        return StaticAuth(tokens.access_token, header=TOKEN_HEADER, scheme="")
    return renewed


def signed_in(connection: PipedriveConnection, store: credentials.StoredTokens) -> Tokens:
    """A connection that came from a file has its token but no access: it then needs nobody at a browser."""
    tokens, version = store.load()
    if tokens.instance_url:
        return tokens
    secrets = credentials.load(connection)
    if connection.sign_in == PipedriveConnection.SignIn.WEB or not secrets.get("api_token"):
        raise NeedsSignIn("NOT_SIGNED_IN", "Nobody has signed in for this connection yet.")
    fresh = by_token(connection, secrets)
    store.save(fresh, version)
    return fresh


def by_token(connection: PipedriveConnection, secrets: Mapping[str, Any]) -> Tokens:
    """The way that needs nobody at a browser; whether the token is a good one, the first call shows."""
    address = connection.base_url.rstrip("/")
    policy().check(address)
    return Tokens(str(secrets.get("api_token") or ""), instance_url=address)


def renewer(connection: PipedriveConnection, on_call: OnCall | None = None) -> Callable[[Tokens], Tokens]:
    """How this connection comes by another access when the present one ends."""

    def renew(tokens: Tokens) -> Tokens:
        session, secrets = open_session(on_call=on_call), credentials.load(connection)
        return signin.refresh(session, server_of(connection), app_of(connection, secrets), tokens)

    return renew
