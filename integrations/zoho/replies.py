"""Zoho's ways to refuse, each turned into the one error that says what to do. The code decides; texts differ by version."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations.wire.errors import (
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

Item = Mapping[str, Any]
ITEMS = ("data", "fields", "Emails")
EXPIRED = frozenset({"INVALID_TOKEN", "AUTHENTICATION_FAILURE"})
CONSENT = frozenset({"OAUTH_SCOPE_MISMATCH"})
SET_UP = frozenset(
    {
        "AMBIGUITY_DURING_PROCESSING",
        "EXPECTED_PARAM_MISSING",
        "INVALID_MODULE",
        "INVALID_QUERY",
        "INVALID_REQUEST_METHOD",
        "INVALID_URL_PATTERN",
        "LIMIT_EXCEEDED",
        "NOT_SUPPORTED",
        "NO_PERMISSION",
        "PATTERN_NOT_MATCHED",
        "REQUIRED_PARAM_MISSING",
        "SYNTAX_ERROR",
    }
)
LOST_PAGES = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"})
NO_FURTHER = frozenset({"DISCRETE_PAGINATION_LIMIT_EXCEEDED", "LIMIT_REACHED", "PAGINATION_LIMIT_EXCEEDED"})
TRANSIENT = frozenset({"INTERNAL_ERROR", "INTERNAL_SERVER_ERROR"})
DEAD_GRANTS = frozenset({"invalid_code", "access_denied", "invalid_grant", "invalid_token"})
TOO_OFTEN = "Access Denied"
"""Ten access tokens in ten minutes, then this: the grant is alive, and asking a person would not help."""
A_WHILE = 120.0
LATER = 900.0
"""The day's credits are used up: they roll, and nobody says when there is room."""
CREDITS_LEFT = "X-API-CREDITS-REMAINING"


class TokenLost(Transient):
    """A page token died: sending the same call again cannot help, beginning the reading anew does."""

    def __init__(self, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(code, message, repeatable=False, status=status)


class NoFurther(Misconfigured):
    """Paging by number ends at 2,000 rows."""


class ItemsRefused(Rejected):
    """Every item of a call was refused, each for its own reason: the status of the call says no more than that."""

    def __init__(self, items: Sequence[Item], status: int) -> None:
        first = items[0]
        super().__init__(str(first.get("code")), str(first.get("message") or ""), fields=named(first), status=status)
        self.items = items


def classify(reply: Reply) -> WireError | None:
    if reply.status < 400 and b'"error"' not in reply.content[:200]:
        return None
    body = body_of(reply)
    if isinstance(body.get("error"), str) and not body.get("access_token"):
        return token_error(body, reply.status)
    if reply.status < 400:
        return None
    if items := items_of(body):
        return ItemsRefused(items, reply.status)
    if body.get("code"):
        return error_of(body, reply.status, left=reply.headers.get(CREDITS_LEFT))
    return error_of_status(reply)


def body_of(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json()
    except Transient:
        return {}
    return body if isinstance(body, dict) else {}


def items_of(body: Mapping[str, Any]) -> list[Item]:
    found: list[Item] = next((body[key] for key in ITEMS if isinstance(body.get(key), list)), [])
    return found if found and all(isinstance(one, dict) and one.get("code") for one in found) else []


def token_error(body: Mapping[str, Any], status: int) -> WireError:
    """Most of them come with status 200, so that whoever looks at the status alone takes them for tokens."""
    code, message = str(body["error"]), str(body.get("error_description") or "")
    if code == TOO_OFTEN:
        return RateLimited(code, message, after=A_WHILE, status=status)
    if code in DEAD_GRANTS:
        return NeedsSignIn(code, message, status=status)
    if status >= 500:
        return Transient(code, message, sent=True, status=status)
    return Misconfigured(code, message, status=status)


def error_of(body: Item, status: int, *, left: str | None = None) -> WireError:
    code, message = str(body.get("code") or ""), str(body.get("message") or "")
    if code == "TOO_MANY_REQUESTS" or status == 429:
        # One code for the day's credits and for too many calls at one time, and never a Retry-After.
        is_spent = left is not None and left.strip() == "0"
        return RateLimited(code, message, after=LATER if is_spent else None, daily=is_spent, status=status)
    if code in CONSENT:
        return NeedsSignIn(code, message, status=status)
    if code in EXPIRED or status == 401:
        return AuthExpired(code, message, status=status)
    if code in LOST_PAGES:
        return TokenLost(code, message, status=status)
    if code in NO_FURTHER:
        return NoFurther(code, message, status=status)
    if code in TRANSIENT or status >= 500:
        return Transient(code, message, sent=True, status=status)
    if code == "ALREADY_MODIFIED" or status in {409, 412}:
        return Conflict(code, message, status=status)
    if code in SET_UP or status in {403, 405, 410, 415}:
        return Misconfigured(code, message, fields=named(body), status=status)
    if code == "RESOURCE_NOT_FOUND" or status == 404:
        return NotFound(code, message, status=status)
    return Rejected(code, message, fields=named(body), status=status)


def details_of(item: Item) -> Mapping[str, Any]:
    found = item.get("details")
    return found if isinstance(found, dict) else {}


def named(item: Item) -> tuple[str, ...]:
    """The fields that an error names, those of an error that holds several as well."""
    details = details_of(item)
    own = [
        details[key] for key in ("api_name", "column_name", "param_name", "clause") if isinstance(details.get(key), str)
    ]
    inner = [name for one in inner_errors(item) for name in named(one)]
    permissions = [str(one) for one in details.get("permissions") or ()]
    return tuple(dict.fromkeys([*own, *inner, *permissions]))


def inner_errors(item: Item) -> list[Item]:
    found = details_of(item).get("errors")
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def read_quota(reply: Reply, now: datetime, limit: int) -> Quota | None:
    """Only what is left is told, and only from half of the day's credits on; how many there are says the licence."""
    left = (reply.headers.get(CREDITS_LEFT) or "").strip()
    if not left.isdecimal() or not limit:
        return None
    return Quota(max(0, limit - int(left)), max(limit, int(left)), now)
