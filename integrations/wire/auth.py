"""Keeps one access alive for many workers: refreshed ahead of time, once, and stored before it is used."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Protocol

from .errors import NeedsSignIn, Transient
from .session import utc_now
from .tokens import Tokens

LEASE_SECONDS = 60.0
POLL_SECONDS = 0.25


class TokenStore(Protocol):
    def load(self) -> tuple[Tokens, int]:
        """The stored tokens and their version."""

    def save(self, tokens: Tokens, version: int) -> bool:
        """Stores them if the version is still this one; durable when it returns."""

    def lease(self, seconds: float) -> AbstractContextManager[bool]:
        """Held across processes; False when another holds it."""


class StaticAuth:
    """A credential that nobody can renew: a key of a service, or an access that has just been given."""

    def __init__(self, secret: str, *, header: str = "Authorization", scheme: str = "Bearer ") -> None:
        self._secret, self._header, self._scheme = secret, header, scheme

    def headers(self) -> Mapping[str, str]:
        return {self._header: f"{self._scheme}{self._secret}"}

    def renew(self, refused: Mapping[str, str]) -> None:
        raise NeedsSignIn("CREDENTIAL_REFUSED", "The CRM does not accept this credential.")

    def secrets(self) -> tuple[str, ...]:
        return (self._secret,)


class TokenAuth:
    def __init__(
        self,
        store: TokenStore,
        refresher: Callable[[Tokens], Tokens],
        *,
        ahead: timedelta = timedelta(minutes=5),
        assume_life: timedelta | None = None,
        deadline: float = 2 * LEASE_SECONDS,
        clock: Callable[[], datetime] = utc_now,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`assume_life` is for systems that do not say how long an access lasts."""
        self._store = store
        self._refresher = refresher
        self._ahead = ahead
        self._assume_life = assume_life
        self._deadline = deadline
        self._clock = clock
        self._sleep = sleep
        self._lock = threading.Lock()
        self._tokens: Tokens | None = None

    def headers(self) -> Mapping[str, str]:
        tokens = self._current()
        return {"Authorization": f"Bearer {tokens.access_token}"}

    def renew(self, refused: Mapping[str, str]) -> None:
        self._replace(refused["Authorization"].removeprefix("Bearer "))

    def secrets(self) -> tuple[str, ...]:
        return self._tokens.secrets if self._tokens else ()

    def _current(self) -> Tokens:
        tokens = self._tokens or self._load()
        return self._replace(tokens.access_token) if self._is_ending(tokens) else tokens

    def _load(self) -> Tokens:
        self._tokens, _ = self._store.load()
        return self._tokens

    def _is_ending(self, tokens: Tokens) -> bool:
        ends = tokens.expires_at
        if ends is None and tokens.issued_at and self._assume_life:
            ends = tokens.issued_at + self._assume_life
        if ends is None:
            return False
        # An access that lasts minutes only would otherwise end soon from the moment it was given.
        ahead = min(self._ahead, (ends - tokens.issued_at) / 4) if tokens.issued_at else self._ahead
        return self._clock() >= ends - ahead

    def _replace(self, old: str) -> Tokens:
        """Another token than `old`: somebody else's, if one is there by now, else a fresh one."""
        with self._lock:
            waited = 0.0
            while (tokens := self._load()).access_token == old:
                with self._store.lease(LEASE_SECONDS) as mine:
                    if mine:
                        return self._refresh(old)
                if waited >= self._deadline:
                    raise Transient("SIGN_IN_BUSY", "Another worker is renewing the access and does not finish.")
                self._sleep(POLL_SECONDS)
                waited += POLL_SECONDS
            return tokens

    def _refresh(self, old: str) -> Tokens:
        # Whoever held the lease a moment ago may have refreshed: the old refresh token would kill the grant.
        tokens, version = self._store.load()
        if tokens.access_token != old:
            self._tokens = tokens
            return tokens
        try:
            fresh = self._refresher(tokens)
        except NeedsSignIn:
            # A refused refresh token is no dead grant where another worker outran our lease and rotated it.
            if self._load().access_token == old:
                raise
            return self._load()
        # Stored first: a fresh token that is used and then lost with its process cannot be had again.
        if not self._store.save(fresh, version):
            return self._load()
        self._tokens = fresh
        return fresh
