"""Stripe's ways to refuse, each turned into the one error that says what to do.

Every answer has a `Request-Id`: Stripe's support asks for it, so it stands beside the text of each refusal.
"""

import re
from collections.abc import Mapping
from typing import Any

from integrations.wire.errors import (
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
from integrations.wire.statuses import error_of_status

A_MOMENT = 1.0
INVALID_KEY, FORBIDDEN, MISSING = "INVALID_KEY", "FORBIDDEN", "resource_missing"
MAY_NOT_READ = "may-not-read-"
_PERMISSION = re.compile(r"rak_([a-z_]+?)_(?:read|write)\b")
_LIST_OF = {"plan": "prices"}
"""What a permission is called, where that is not the name of its list."""


def classify(reply: Reply) -> WireError | None:
    if reply.status < 400:
        return None
    error = envelope(reply)
    if not error:
        # Not from Stripe itself: a gateway, a proxy.
        return error_of_status(reply)
    code = str(error.get("code") or error.get("type") or f"HTTP_{reply.status}")
    return _decided(reply, code, _said(reply, error), str(error.get("param") or ""))


def _decided(reply: Reply, code: str, message: str, param: str) -> WireError:
    status, fields = reply.status, (param,) if param else ()
    match status:
        case 401:
            # A key is renewed by nobody but its account.
            return NeedsSignIn(code if code == "api_key_expired" else INVALID_KEY, message, status=status)
        case 403:
            return Misconfigured(code_of_permission(message), message, status=status)
        case 404:
            return NotFound(code, message, status=status)
        case 409 | 429:
            return _crowded(reply, code, message)
        case 400 if code in {"parameter_unknown", "parameter_missing"}:
            return Misconfigured(code, message, fields=fields, status=status)
    if status >= 500:
        return Transient(code, message, sent=True, repeatable=may_retry(reply, usual=True), status=status)
    return Rejected(code, message, fields=fields, status=status)


def _crowded(reply: Reply, code: str, message: str) -> WireError:
    """Too many calls, or another call holds the record. Stripe itself says whether the same call may come again."""
    if not may_retry(reply, usual=reply.status == 429 or code == "lock_timeout"):
        return Conflict(code, message, status=reply.status) if reply.status == 409 else _not_again(code, message, reply)
    if reply.status == 429 and code != "lock_timeout":
        return RateLimited(code, message, after=A_MOMENT, status=reply.status)
    return Transient(code, message, after=A_MOMENT, status=reply.status)


def _not_again(code: str, message: str, reply: Reply) -> Transient:
    return Transient(code, message, repeatable=False, status=reply.status)


def may_retry(reply: Reply, *, usual: bool) -> bool:
    told = (reply.headers.get("Stripe-Should-Retry") or "").lower()
    return told == "true" if told in {"true", "false"} else usual


def code_of_permission(message: str) -> str:
    """A restricted key is told what it lacks in the middle of a sentence."""
    found = _PERMISSION.search(message)
    if found is None:
        return FORBIDDEN
    return MAY_NOT_READ + _LIST_OF.get(found[1], f"{found[1]}s")


def envelope(reply: Reply) -> Mapping[str, Any]:
    try:
        body = reply.json()
    except Transient:
        return {}
    error = body.get("error") if isinstance(body, Mapping) else None
    return error if isinstance(error, Mapping) else {}


def _said(reply: Reply, error: Mapping[str, Any]) -> str:
    why = reply.headers.get("Stripe-Rate-Limited-Reason") or ""
    number = reply.headers.get("Request-Id") or ""
    parts = (str(error.get("message") or ""), f"({why})" if why else "", f"[{number}]" if number else "")
    return " ".join(part for part in parts if part)
