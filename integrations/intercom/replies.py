"""Intercom's ways to refuse, each turned into the one error that says what to do.

Its own envelope is a list of errors with codes; broken JSON is answered by a gateway in another shape.
"""

import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any

from integrations.wire.errors import (
    AlreadyExists,
    AuthExpired,
    Conflict,
    Misconfigured,
    NeedsSignIn,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)
from integrations.wire.messages import Reply
from integrations.wire.quota import Quota
from integrations.wire.statuses import error_of_status

A_WINDOW = 10.0
"""The minute's allowance is cut into windows of ten seconds."""
A_SCROLL = 61.0
"""A scroll that nobody goes on with dies after a minute of rest; only then another one opens."""
LIMIT, LEFT, RESET = "X-RateLimit-Limit", "X-RateLimit-Remaining", "X-RateLimit-Reset"
TAKEN = "ATTRIBUTE_TAKEN"
SCROLL_BUSY, SCROLL_LOST = "scroll_exists", "SCROLL_LOST"
DEAD = frozenset({"token_revoked", "token_not_found", "token_blocked", "token_expired", "token_unauthorized"})
NOT_THERE = frozenset({"not_found", "company_not_found", "conversation_not_found", "admin_not_found", "user_not_found"})
ALREADY = re.compile(r"already exists with id=(\w+)")
NO_SCROLL = re.compile(r"scroll parameter|restart the scroll", re.IGNORECASE)
DUPLICATE = re.compile(r"^You already have '")


class ScrollLost(Transient):
    """The place in the listing is lost: sending the same call again cannot help, beginning the reading anew does."""

    def __init__(self, message: str, *, status: int = 0) -> None:
        super().__init__(SCROLL_LOST, message, repeatable=False, status=status)


def classify(reply: Reply) -> WireError | None:
    if reply.status < 400:
        return None
    body = body_of(reply)
    if reply.status == 429:
        return too_many(reply, body)
    told = first_of(body)
    return error_of(reply.status, told) if told else error_without_list(reply, body)


def first_of(body: Mapping[str, Any]) -> Mapping[str, Any]:
    told = body.get("errors")
    return told[0] if isinstance(told, list) and told and isinstance(told[0], Mapping) else {}


def error_of(status: int, told: Mapping[str, Any]) -> WireError:
    code, message = str(told.get("code") or f"HTTP_{status}"), str(told.get("message") or "")
    fields = (str(told["field"]),) if told.get("field") else ()
    return by_its_words(status, code, message) or by_its_status(status, code, message, fields)


def by_its_words(status: int, code: str, message: str) -> WireError | None:
    """Where the code or the sentence says more than the status."""
    if code in DEAD:
        return NeedsSignIn(code, message, status=status)
    if code == SCROLL_BUSY:
        return RateLimited(code, message, after=A_SCROLL, status=status)
    if NO_SCROLL.search(message):
        return ScrollLost(message, status=status)
    if code in NOT_THERE:
        return NotFound(code, message, status=status)
    return Rejected(TAKEN, message, status=status) if DUPLICATE.match(message) else None


def by_its_status(status: int, code: str, message: str, fields: tuple[str, ...]) -> WireError:
    match status:
        case 401:
            return AuthExpired(code, message, status=status)
        case 402 | 403 | 405 | 406:
            return Misconfigured(code, message, fields=fields, status=status)
        case 404:
            return NotFound(code, message, status=status)
        case 409:
            known = ALREADY.search(message)
            return (
                AlreadyExists(known[1], code, message, status=status)
                if known
                else Conflict(code, message, status=status)
            )
    if status >= 500:
        return Transient(code, message, sent=True, status=status)
    return Rejected(code, message, fields=fields, status=status)


def error_without_list(reply: Reply, body: Mapping[str, Any]) -> WireError | None:
    """A gateway's own shape, `{"status": 400, "error": "…"}`; what is no JSON at all is judged by its status."""
    message = body.get("error")
    if not isinstance(message, str) or reply.status >= 500:
        return error_of_status(reply)
    if reply.status == 401:
        return AuthExpired("unauthorized", message, status=reply.status)
    return Rejected("bad_request", message, status=reply.status) if reply.status == 400 else error_of_status(reply)


def too_many(reply: Reply, body: Mapping[str, Any]) -> RateLimited:
    message = str(first_of(body).get("message") or "")
    return RateLimited("rate_limit_exceeded", message, after=seconds_left(reply), status=429)


def seconds_left(reply: Reply) -> float:
    """Until the window ends, by Intercom's own clock; both are whole seconds, so one more is needed."""
    reset, now = number(reply, RESET), reply.headers.get("Date", "")
    told = clock_of(now)
    if reset is None or told is None:
        return A_WINDOW
    return min(A_WINDOW, max(1.0, reset - told.timestamp() + 1))


def read_quota(reply: Reply, now: datetime) -> Quota | None:
    """What is left of the window of ten seconds: there is no allowance of a day."""
    limit, left, reset = (number(reply, name) for name in (LIMIT, LEFT, RESET))
    if not limit or left is None:
        return None
    return Quota(max(0, limit - left), limit, now, datetime.fromtimestamp(reset, UTC) if reset else None)


def number(reply: Reply, name: str) -> int | None:
    told = (reply.headers.get(name) or "").strip()
    return int(told) if told.isdecimal() and len(told) < 12 else None


def clock_of(told: str) -> datetime | None:
    try:
        return parsedate_to_datetime(told)
    except ValueError:
        return None


def body_of(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json()
    except Transient:
        return {}
    return body if isinstance(body, Mapping) else {}
