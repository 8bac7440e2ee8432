"""HubSpot's ways to refuse, each turned into the one error that says what to do."""

import re
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from integrations.wire.errors import (
    AlreadyExists,
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

DEAD = frozenset({"BAD_REFRESH_TOKEN", "BAD_AUTH_CODE", "BAD_GRANT_TYPE", "invalid_grant"})
BAD_APP = frozenset({"BAD_CLIENT_ID", "BAD_CLIENT_SECRET", "BAD_REDIRECT_URI"})
MISSING_SCOPES = "MISSING_SCOPES"
TEN_SECONDS = 10.0
A_SECOND = 1.0
"""The search has a limit of its own, by the second, and its answers carry no header about it."""
AFTER_A_LOCK = 2.0
EXISTING = re.compile(r"Existing ID: (\d+)")
HELD_BY = re.compile(r"on [^.]*\. (\d+) already has that value")
DAY = timedelta(hours=24)


def classify(reply: Reply) -> WireError | None:
    """Of a whole answer; the records of a batch have their own (`errors_of`)."""
    if reply.status < 400:
        return None
    body = body_of(reply)
    code, message = code_of(body, reply.status), str(body.get("message") or body.get("error_description") or "")
    if code in DEAD | BAD_APP:
        return (NeedsSignIn if code in DEAD else Misconfigured)(code, message, status=reply.status)
    match reply.status:
        case 400:
            return refusal(body, code, message)
        case 401:
            return AuthExpired(code, message, status=401)
        case 403:
            return Misconfigured(code, message, fields=scopes_of(body), status=403)
        case 404:
            # Without `Accept: application/json` it is a page of HTML; with it, a body that names no category.
            return NotFound(code, message, status=404)
        case 409:
            return double(code, message)
        case 429:
            return too_many(body, code, message, reply.headers)
        case 423 | 477:
            wait = seconds(reply.headers.get("Retry-After")) or AFTER_A_LOCK
            return Transient(code, message, after=wait, status=reply.status)
    return error_of_status(reply)


def refusal(body: Mapping[str, Any], code: str, message: str) -> WireError:
    """A value that another record holds names its holder; everything else is the record's own fault."""
    if holder := HELD_BY.search(message):
        return AlreadyExists(holder[1], code, message, status=400)
    return Rejected(code, message, fields=fields_of(body), status=400)


def double(code: str, message: str) -> WireError:
    found = EXISTING.search(message)
    return AlreadyExists(found[1], code, message, status=409) if found else Rejected(code, message, status=409)


def too_many(body: Mapping[str, Any], code: str, message: str, headers: Mapping[str, str]) -> RateLimited:
    """As a rule without Retry-After: how long to wait hangs on which of the limits it was."""
    policy = str(body.get("policyName") or "")
    if policy == "DAILY":
        return RateLimited(code, message, daily=True, status=429)
    told = seconds(headers.get("Retry-After"))
    return RateLimited(code, message, after=told or (TEN_SECONDS if policy else A_SECOND), status=429)


def errors_of(answer: Mapping[str, Any]) -> list[tuple[WireError, tuple[str, ...]]]:
    """The refused records of a batch that was otherwise done (207), each with the ids or traces that it names."""
    found = []
    for error in answer.get("errors") or ():
        context = error.get("context") or {}
        code, message = code_of(error, 0), str(error.get("message") or "")
        named = tuple(str(one) for key in ("ids", "id", "objectWriteTraceId") for one in context.get(key) or ())
        existing = [str(one) for one in context.get("existingId") or ()] or EXISTING.findall(message)
        failure: WireError
        if error.get("category") == "OBJECT_NOT_FOUND":
            failure = NotFound(code, message)
        elif existing:
            failure = AlreadyExists(existing[0], code, message)
        else:
            failure = refusal(error, code, message)
        found.append((failure, named))
    return found


def code_of(body: Mapping[str, Any], status: int) -> str:
    """The narrowest name that the answer gives: of the first error, else its category."""
    first: Mapping[str, Any] = next(iter(body.get("errors") or ()), {})
    known = (
        first.get("code")
        or body.get("subCategory")
        or body.get("category")
        or body.get("errorType")
        or body.get("status")
    )
    if known and known != "error":
        return str(known)
    return str(body.get("error") or f"HTTP_{status}")


def fields_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    names = [
        str(name)
        for error in body.get("errors") or ()
        for name in (error.get("context") or {}).get("propertyName") or ()
    ]
    names += [str(name) for name in (body.get("context") or {}).get("properties") or ()]
    return tuple(dict.fromkeys(names))


def scopes_of(body: Mapping[str, Any]) -> tuple[str, ...]:
    """Any one of them would do."""
    first: Mapping[str, Any] = next(iter(body.get("errors") or ()), {})
    return tuple(str(scope) for scope in (first.get("context") or {}).get("requiredGranularScopes") or ())


def body_of(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json()
    except Transient:
        return {}
    return body if isinstance(body, Mapping) else {}


def read_quota(reply: Reply, now: datetime) -> Quota | None:
    """Only with a static token: an app's calls have no daily limit, and the search says nothing at all."""
    limit, left = (reply.headers.get(f"X-HubSpot-RateLimit-Daily{more}") or "" for more in ("", "-Remaining"))
    if not (limit.isdecimal() and left.isdecimal()):
        return None
    return Quota(max(0, int(limit) - int(left)), int(limit), now)


def midnight(zone: str, now: datetime) -> datetime:
    """When the day's allowance begins anew: at the portal's own midnight."""
    try:
        there = now.astimezone(ZoneInfo(zone))
    except (ZoneInfoNotFoundError, ValueError):
        return now + DAY
    day = there.date() + timedelta(days=1)
    return datetime(day.year, day.month, day.day, tzinfo=there.tzinfo).astimezone(UTC)


def seconds(text: str | None) -> float | None:
    return float(text) if text and text.strip().isdecimal() else None
