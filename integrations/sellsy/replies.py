"""Sellsy's ways to refuse, each turned into the one error that says what to do. Its texts are in the account's language.

Three hosts speak three ways: the API in an envelope of its own, the sign-in plain OAuth, the old RPC always with status 200.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from integrations.wire.errors import (
    AuthExpired,
    Conflict,
    Misconfigured,
    NotFound,
    RateLimited,
    Rejected,
    Transient,
    WireError,
)
from integrations.wire.messages import Reply
from integrations.wire.oauth import oauth_error
from integrations.wire.quota import Quota
from integrations.wire.statuses import error_of_status

A_SECOND, A_MINUTE = 1.0, 20.0
"""What a spent second or minute takes to return, as a rule sooner; `Retry-After` is not promised."""
LEFT = "X-Quota-Remaining-By-%s"
VIEW_GONE, NO_ROUTE, FORBIDDEN, PLAN_LIMIT = "view-gone", "NO_ROUTE", "FORBIDDEN", "PLAN_LIMIT"
INVALID = "INVALID"


def classify(reply: Reply) -> WireError | None:
    if reply.status < 400:
        return rpc_error(reply)
    if isinstance(body_of(reply).get("error"), str):
        return oauth_error(reply)
    if reply.status == 429:
        return too_many(reply)
    return error_of(reply.status, body_of(reply))


def error_of(status: int, body: Mapping[str, Any]) -> WireError:
    """Of a whole answer, or of one line of a batch. Decided by status and by the fields that `details` names."""
    told = body.get("error")
    envelope: Mapping[str, Any] = told if isinstance(told, Mapping) else {}
    message, details = str(envelope.get("message") or ""), envelope.get("details")
    # PHP writes an empty map as a list.
    fields = tuple(details) if isinstance(details, Mapping) else ()
    match status:
        case 400:
            if any(name.endswith("favourite_filter") for name in fields):
                # Read as an empty view, it would churn everybody.
                return Misconfigured(VIEW_GONE, message, fields=fields, status=status)
            return Rejected(INVALID, message, fields=fields, status=status)
        case 401:
            return AuthExpired("UNAUTHORIZED", message, status=status)
        case 402:
            return Misconfigured(PLAN_LIMIT, message, status=status)
        case 403:
            return Misconfigured(FORBIDDEN, message, status=status)
        case 404 if message.startswith("No route"):
            return Misconfigured(NO_ROUTE, message, status=status)
        case 404:
            return NotFound("NOT_FOUND", message, status=status)
        case 409:
            return Conflict("CONFLICT", message, status=status)
        case 429:
            return RateLimited("TOO_MANY_REQUESTS", message, after=A_SECOND, status=status)
    return error_of_status(Reply(status, {}, b"")) or Transient(f"HTTP_{status}", message, sent=True, status=status)


def too_many(reply: Reply) -> RateLimited:
    """Which of the windows is empty says how long to wait; a refused call is counted as well."""
    message = str((body_of(reply).get("error") or {}).get("message") or "")
    if any(left(reply, window) == 0 for window in ("Day", "Month")):
        return RateLimited("QUOTA_SPENT", message, daily=True, status=reply.status)
    after = A_MINUTE if left(reply, "Minute") == 0 else A_SECOND
    return RateLimited("TOO_MANY_REQUESTS", message, after=after, status=reply.status)


def rpc_error(reply: Reply) -> WireError | None:
    """The old RPC answers 200 whatever happened."""
    if b'"status"' not in reply.content[-400:]:
        return None
    body = body_of(reply)
    error = body.get("error")
    if body.get("status") != "error" or not isinstance(error, Mapping):
        return None
    return Misconfigured(str(error.get("code") or "E_UNKNOWN"), str(error.get("message") or ""), status=reply.status)


def left(reply: Reply, window: str) -> int | None:
    told = (reply.headers.get(LEFT % window) or "").strip()
    return int(told) if told.isdecimal() else None


def read_quota(reply: Reply, limit: int, now: datetime) -> Quota | None:
    """The headers say what is left of the day; of how much, only `/quotas` says."""
    remaining = left(reply, "Day")
    if remaining is None or not limit:
        return None
    return Quota(max(0, limit - remaining), limit, now)


def body_of(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json()
    except Transient:
        return {}
    return body if isinstance(body, Mapping) else {}
