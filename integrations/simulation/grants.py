"""OAuth as most vendors do it: codes with PKCE, access tokens that end, refresh tokens that may rotate, families that are revoked.

What a token looks like, what an answer holds and how a refusal is worded stays with each system.
"""

import base64
import hashlib
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum

from .book import Book

TABLES = """
CREATE TABLE IF NOT EXISTS _code (code TEXT PRIMARY KEY, client_id TEXT, redirect_uri TEXT, challenge TEXT, user_id TEXT,
    scope TEXT, expires TEXT, used INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS _access (token TEXT PRIMARY KEY, user_id TEXT NOT NULL, expires TEXT NOT NULL, family TEXT,
    scope TEXT);
CREATE TABLE IF NOT EXISTS _renewal (token TEXT PRIMARY KEY, family TEXT, user_id TEXT, scope TEXT, live INTEGER);
"""


class Wrong(StrEnum):
    """Why a code or a refresh token is refused."""

    UNKNOWN = "unknown"
    ENDED = "ended"
    REDIRECT = "redirect"
    VERIFIER = "verifier"
    REUSED = "reused"
    """Exchanged twice: it is in two hands, and the whole grant has just ended."""


@dataclass(frozen=True, slots=True)
class Grant:
    user_id: str
    scope: str
    family: str


@dataclass(frozen=True, slots=True)
class Session:
    user_id: str
    scope: str
    family: str
    expires: str


class Grants:
    def __init__(self, book: Book) -> None:
        self._book = book

    def keep_code(
        self, code: str, *, client_id: str, redirect_uri: str, challenge: str, user_id: str, scope: str, life: timedelta
    ) -> None:
        ends = _text(self._book.clock() + life)
        values = (code, client_id, redirect_uri, challenge, user_id, scope, ends)
        self._book.execute("INSERT INTO _code VALUES (?, ?, ?, ?, ?, ?, ?, 0)", values)

    def spend_code(self, code: str, redirect_uri: str, verifier: str, family: str) -> Grant | Wrong:
        sql = "SELECT redirect_uri, challenge, user_id, scope, expires, used FROM _code WHERE code = ?"
        found = self._book.one(sql, code)
        if found is None:
            return Wrong.UNKNOWN
        kept_uri, challenge, user_id, scope, expires, used = found
        if used or expires < _text(self._book.clock()):
            return Wrong.ENDED
        if redirect_uri != kept_uri:
            return Wrong.REDIRECT
        if challenge and challenge_of(verifier) != challenge:
            return Wrong.VERIFIER
        self._book.execute("UPDATE _code SET used = 1 WHERE code = ?", (code,))
        return Grant(user_id, scope, family)

    def open_session(self, token: str, grant: Grant, seconds: float) -> None:
        ends = _text(self._book.clock() + timedelta(seconds=seconds))
        values = (token, grant.user_id, ends, grant.family, grant.scope)
        self._book.execute("INSERT INTO _access VALUES (?, ?, ?, ?, ?)", values)

    def session(self, token: str) -> Session | None:
        """Only while it lives."""
        sql = "SELECT user_id, scope, family, expires FROM _access WHERE token = ? AND expires > ?"
        found = self._book.one(sql, token, _text(self._book.clock()))
        return Session(*found) if found else None

    def keep_refresh(self, token: str, grant: Grant) -> None:
        values = (token, grant.family, grant.user_id, grant.scope)
        self._book.execute("INSERT INTO _renewal VALUES (?, ?, ?, ?, 1)", values)

    def refresh(self, token: str, *, rotates: bool) -> Grant | Wrong:
        found = self._book.one("SELECT user_id, scope, family, live FROM _renewal WHERE token = ?", token)
        if found is None:
            return Wrong.UNKNOWN
        user_id, scope, family, live = found
        if not live:
            self.revoke(family)
            return Wrong.REUSED
        if rotates:
            self._book.execute("UPDATE _renewal SET live = 0 WHERE token = ?", (token,))
        return Grant(user_id, scope, family)

    def revoke_token(self, token: str) -> bool:
        """A refresh token takes its whole family along; a session ends alone. False: neither is known."""
        refresh = self._book.one("SELECT family FROM _renewal WHERE token = ?", token)
        if refresh:
            self.revoke(str(refresh[0]))
        ended = self._book.execute("DELETE FROM _access WHERE token = ?", (token,)).rowcount
        return bool(refresh or ended)

    def revoke(self, family: str) -> None:
        self._book.execute("DELETE FROM _renewal WHERE family = ?", (family,))
        self.end_sessions(family)

    def revoke_all(self) -> None:
        self._book.execute("DELETE FROM _renewal")
        self._book.execute("DELETE FROM _code")
        self.end_sessions()

    def end_sessions(self, family: str | None = None) -> None:
        if family is None:
            self._book.execute("DELETE FROM _access")
        else:
            self._book.execute("DELETE FROM _access WHERE family = ?", (family,))


def challenge_of(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _text(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
