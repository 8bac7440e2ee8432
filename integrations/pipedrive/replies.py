"""Pipedrive's ways to refuse, each turned into the one error that says what to do."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.wire.errors import (
    AuthExpired,
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

LATER = 900.0
"""The day's tokens are used up: they come back at midnight of a time zone that nobody names."""
BLOCKED = 900.0
SCOPE = "SCOPE_MISSING"
BUDGET = "DAILY_BUDGET_SPENT"
FIELD_GONE = "FIELD_GONE"
FORBIDDEN = "ERR_FORBIDDEN"
INVALID = "ERR_SCHEMA_VALIDATION_FAILED"
DEAD_GRANTS = frozenset({"invalid_grant", "access_denied"})
UNKNOWN_KEY = re.compile(r"Unknown key '([^']+)'")
NAMED = re.compile(r"'([0-9a-f]{40})'|Parameter '([^']+)'|^(?:Validation failed: )?(\w+): ")
DAY_LIMIT, DAY_LEFT = "x-daily-ratelimit-token-limit", "x-daily-ratelimit-token-remaining"
LEFT, RESET = "x-ratelimit-remaining", "x-ratelimit-reset"


class CursorLost(Transient):
    """The place in a list is lost: sending the same call again cannot help, beginning the reading anew does."""

    def __init__(self, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(code, message, repeatable=False, status=status)


def classify(reply: Reply) -> WireError | None:
    status = reply.status
    if status < 400:
        return None
    if status == 429:
        return limit_error(reply)
    if status == 403 and is_page(reply):
        # Whoever goes on after a 429 gets a page of the guard before the API, and is shut out for a while.
        return RateLimited("BLOCKED", "Pipedrive shut this caller out for a while.", after=BLOCKED, status=status)
    body = body_of(reply)
    if body is None:
        return error_of_status(reply)
    return error_of(body, status)


def error_of(body: Mapping[str, Any], status: int) -> WireError:
    if isinstance(body.get("error"), str) and "message" in body:
        return token_error(body, status)
    message = str(body.get("error") or "")
    code = str(body.get("code") or f"HTTP_{status}")
    match status:
        case 401:
            return AuthExpired("UNAUTHORIZED", message, status=status)
        case 402:
            return Misconfigured("ACCOUNT_CLOSED", message, status=status)
        case 403:
            return Misconfigured(SCOPE if message.startswith("Scope") else code, message, status=status)
        case 404 | 410:
            # Deleted twice, it says 410, and success besides.
            return NotFound(code, message, status=status)
        case 405 | 415:
            return Misconfigured(code, message, status=status)
    if status >= 500:
        return Transient(code, message, sent=True, status=status)
    return invalid(code, message, status)


def invalid(code: str, message: str, status: int) -> WireError:
    if "cursor:" in message:
        return CursorLost("CURSOR_LOST", message, status=status)
    gone = tuple(UNKNOWN_KEY.findall(message))
    if gone:
        return Misconfigured(FIELD_GONE, message, fields=gone, status=status)
    return Rejected(code, message, fields=named(message), status=status)


def named(message: str) -> tuple[str, ...]:
    """The fields that a complaint names; since May 2026 each one ends with the field's key."""
    found = (next((name for name in match if name), "") for match in NAMED.findall(message))
    return tuple(dict.fromkeys(name for name in found if name and name != "custom_fields"))


def token_error(body: Mapping[str, Any], status: int) -> WireError:
    code, message = str(body["error"]), str(body["message"])
    if status >= 500:
        return Transient(code, message, sent=True, status=status)
    if code in DEAD_GRANTS:
        return NeedsSignIn(code, message, status=status)
    return Misconfigured(code, message, status=status)


def limit_error(reply: Reply) -> RateLimited:
    """One status for the day's tokens and for too many calls within two seconds; only the headers tell them apart."""
    said = str((body_of(reply) or {}).get("error") or "")
    if reply.headers.get(DAY_LEFT, "").strip() == "0":
        return RateLimited(BUDGET, said, after=LATER, daily=True, status=429)
    reset = reply.headers.get(RESET, "").strip()
    return RateLimited("REQUEST_OVER_LIMIT", said, after=float(reset) if reset.isdecimal() else None, status=429)


def is_page(reply: Reply) -> bool:
    return reply.content.lstrip()[:1] == b"<"


def body_of(reply: Reply) -> Mapping[str, Any] | None:
    try:
        body = reply.json()
    except Transient:
        return None
    return body if isinstance(body, dict) else None


def read_quota(reply: Reply, now: datetime) -> Quota | None:
    """The company's tokens of today, which everybody shares; the pair of headers is not documented and may be missing."""
    most, left = (reply.headers.get(name, "").strip() for name in (DAY_LIMIT, DAY_LEFT))
    if not (most.isdecimal() and left.isdecimal()) or not int(most):
        return None
    return Quota(max(0, int(most) - int(left)), int(most), now)


def room(reply: Reply) -> tuple[int, float] | None:
    """How many calls still fit into the running window, and how many seconds it lasts."""
    left, reset = (reply.headers.get(name, "").strip() for name in (LEFT, RESET))
    return (int(left), float(reset)) if left.isdecimal() and reset.isdecimal() else None
