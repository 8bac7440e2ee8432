"""Opens a connection's way to Pipedrive: which hosts, which sign-in, whose tokens of the day."""

import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any, Unpack
from urllib.parse import urlsplit

from django.conf import settings

from integrations.sync import credentials
from integrations.sync.allowance import allowance_of
from integrations.sync.opening import Clocked, How, OnCall, app_for, session_with
from integrations.wire.auth import StaticAuth, TokenAuth
from integrations.wire.errors import AuthExpired, NeedsSignIn
from integrations.wire.hosts import HostPolicy
from integrations.wire.messages import Reply
from integrations.wire.quota import Quota
from integrations.wire.session import Auth, Session
from integrations.wire.tokens import App, Tokens

from . import replies, signin
from .client import VENDOR_HOSTS, PipedriveClient, host_policy
from .models import PipedriveConnection

PATIENCE_OF_A_RUN = 15.0
"""Seconds of waiting within one page: longer ones are the runner's, which gives its lease back meanwhile."""
PATIENCE_OF_A_PERSON = 6.0
TOKEN_HEADER = "x-api-token"  # noqa: S105 (the name of the header)


class Meter(Clocked):
    """Notes what every answer says beside its body: tokens of the day, room in the window, and Pipedrive's own clock."""

    def __init__(self) -> None:
        super().__init__()
        self.room: tuple[int, float] | None = None

    def read(self, reply: Reply, now: datetime) -> Quota | None:
        self.note(reply, now)
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


def policy() -> HostPolicy:
    return host_policy(settings.CRM_EXTRA_HOSTS)


def server_of(connection: PipedriveConnection) -> str:
    """Where people sign in: one server for all companies; a practice account signs in by itself."""
    address = connection.base_url.rstrip("/")
    is_company = (urlsplit(address).hostname or "").endswith(VENDOR_HOSTS)
    return address if address and not is_company else signin.SERVER


def app_of(connection: PipedriveConnection, secrets: Mapping[str, Any]) -> App:
    return app_for(connection, secrets, App(settings.PIPEDRIVE_CLIENT_ID, settings.PIPEDRIVE_CLIENT_SECRET))


def open_session(meter: Meter | None = None, **how: Unpack[How]) -> Session:
    patience = PATIENCE_OF_A_RUN, PATIENCE_OF_A_PERSON
    return session_with(
        policy(),
        classify=replies.classify,
        read_quota=meter.read if meter else replies.read_quota,
        patience=patience,
        **how,
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
