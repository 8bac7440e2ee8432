"""Salesforce's ways to refuse, each turned into the one error that says what to do."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any
from xml.etree import ElementTree as ET

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
from integrations.wire.oauth import oauth_error
from integrations.wire.quota import Quota
from integrations.wire.statuses import error_of_status, summary

from .soql import to_18

TRANSIENT = frozenset(
    {
        "QUERY_TIMEOUT",
        "REQUEST_RUNNING_TOO_LONG",
        "SERVER_UNAVAILABLE",
        "UNABLE_TO_LOCK_ROW",
        "UNKNOWN_EXCEPTION",
    }
)
EXPIRED = frozenset({"INVALID_SESSION_ID", "INVALID_AUTH_HEADER", "Bad_OAuth_Token"})
MISSING = frozenset({"NOT_FOUND", "ENTITY_IS_DELETED"})
SET_UP = frozenset(
    {
        "API_CURRENTLY_DISABLED",
        "API_DISABLED_FOR_ORG",
        "FUNCTIONALITY_NOT_ENABLED",
        "INVALID_FIELD",
        "INVALID_QUERY_FILTER_OPERATOR",
        "INVALID_TYPE",
        "MALFORMED_QUERY",
        "METHOD_NOT_ALLOWED",
        "OPERATION_TOO_LARGE",
        "UNSUPPORTED_API_VERSION",
        "UNSUPPORTED_MEDIA_TYPE",
    }
)
SOON = 5.0
"""Too many long calls at the same time: room comes within seconds."""
LATER = 900.0
"""The day's allowance is used up: it rolls, and nobody says when there is room."""
SEVERAL_MATCHES = 300
NOT_LISTED_FIELD = re.compile(r"No such column '([^']+)'|relationship '([^']+)' in field path|accessible: (\S+)")
DENIED_FIELDS = re.compile(r"fields: (\w+(?:, ?\w+)*)")
DUPLICATE_OF = re.compile(r"record with id: ?([A-Za-z0-9]{15,18})")
# The header may go on with "per-app-api-usage=…", which is another allowance.
USAGE = re.compile(r"(?<![\w-])api-usage=(\d+)/(\d+)")


class LocatorExpired(Transient):
    """The place in a paged query is lost: sending the same call again cannot help, starting the query again does."""

    def __init__(self, code: str, message: str, *, status: int = 0) -> None:
        super().__init__(code, message, repeatable=False, status=status)


def classify(reply: Reply) -> WireError | None:
    if reply.status == SEVERAL_MATCHES:
        return Conflict("SEVERAL_MATCHES", f"Several records carry this key: {summary(reply)}", status=reply.status)
    if reply.status < 400:
        return None
    if fault := soap_fault(reply):
        return error_of_sign_in(*fault, status=reply.status)
    errors = listed_errors(reply)
    if errors:
        return error_of(errors[0], reply.status)
    if summary(reply) in EXPIRED:
        # userinfo answers an unknown token with this one word and status 403.
        return AuthExpired(summary(reply), "", status=reply.status)
    return oauth_error(reply) or error_of_status(reply)


def classify_result(result: Mapping[str, Any]) -> WireError | None:
    """One result of a collection: the call worked, this record may not have. The code's key differs from the others."""
    if result.get("success"):
        return None
    errors = result.get("errors") or [{}]
    return error_of({**errors[0], "errorCode": errors[0].get("statusCode", "")}, 0)


def read_quota(reply: Reply, now: datetime) -> Quota | None:
    found = USAGE.search(reply.headers.get("Sforce-Limit-Info") or "")
    return Quota(int(found[1]), int(found[2]), now) if found else None


def listed_errors(reply: Reply) -> list[dict[str, Any]]:
    try:
        body = reply.json()
    except Transient:
        return []
    listed = body if isinstance(body, list) else []
    return [error for error in listed if isinstance(error, dict) and error.get("errorCode")]


def error_of(error: Mapping[str, Any], status: int) -> WireError:
    code, message = str(error.get("errorCode") or ""), str(error.get("message") or "")
    if code == "REQUEST_LIMIT_EXCEEDED":
        return limit_error(code, message, status)
    if code == "INVALID_QUERY_LOCATOR":
        return LocatorExpired(code, message, status=status)
    if code in EXPIRED or status == 401:
        return AuthExpired(code, message, status=status)
    if code in TRANSIENT:
        return Transient(code, message, sent=status >= 500, status=status)
    if code in {"DUPLICATE_VALUE", "DUPLICATES_DETECTED"}:
        return duplicate_error(error, status)
    if code == "PRECONDITION_FAILED" or status in {409, 412}:
        return Conflict(code, message, status=status)
    fields = tuple(error.get("fields") or ()) or fields_in(message)
    if is_set_up(code, message, status):
        return Misconfigured(code, message, fields=fields, status=status)
    if code in MISSING or status == 404:
        return NotFound(code, message, status=status)
    if status >= 500:
        return Transient(code, message, sent=True, status=status)
    return Rejected(code, message, fields=fields, status=status)


def is_set_up(code: str, message: str, status: int) -> bool:
    # 403 of a whole call is a permission that the integration's user lacks; within a collection it is one record's.
    if code in SET_UP or status in {403, 405, 410, 415}:
        return True
    return code == "NOT_FOUND" and "external ID field" in message


def limit_error(code: str, message: str, status: int) -> RateLimited:
    # The same code and a 403, without Retry-After, for two things: "ConcurrentPerOrgLongTxn" and "TotalRequests".
    if message.startswith("Concurrent"):
        return RateLimited(code, message, after=SOON, status=status)
    return RateLimited(code, message, after=LATER, daily=True, status=status)


def duplicate_error(error: Mapping[str, Any], status: int) -> WireError:
    code, message = str(error.get("errorCode")), str(error.get("message") or "")
    named = DUPLICATE_OF.search(message)
    ids = {named[1]} if named else matched_ids(error)
    if len(ids) == 1:
        return AlreadyExists(to_18(ids.pop()), code, message, status=status)
    if ids:
        return Conflict(code, message, status=status)
    return Rejected(code, message, fields=error.get("fields") or (), status=status)


def matched_ids(error: Mapping[str, Any]) -> set[str]:
    # The key is misspelt by Salesforce; the other spelling stands ready for the day when they mend it.
    found = error.get("duplicateResut") or error.get("duplicateResult") or {}
    records = (
        match.get("record", {})
        for result in found.get("matchResults") or ()
        for match in result.get("matchRecords") or ()
    )
    return {str(record["Id"]) for record in records if record.get("Id")}


def fields_in(message: str) -> tuple[str, ...]:
    if found := NOT_LISTED_FIELD.search(message):
        return tuple(name for name in found.groups() if name)
    denied = DENIED_FIELDS.search(message)
    return tuple(re.split(r", ?", denied[1])) if denied else ()


def soap_fault(reply: Reply) -> tuple[str, str] | None:
    """Code and message of a SOAP fault; None where the answer is none."""
    if b"Envelope" not in reply.content[:2000]:
        return None
    code, message = xml_text(reply, "exceptionCode"), xml_text(reply, "exceptionMessage")
    return (code, message) if code else None


def xml_text(reply: Reply, tag: str) -> str:
    """The first element of that name, in whatever name space; attributes and entities do not matter."""
    if b"<!" in reply.content:
        # No answer of Salesforce declares entities; one that does is meant to hurt.
        raise Transient("BROKEN_ANSWER", "The answer holds declarations.", repeatable=False, status=reply.status)
    try:
        root = ET.fromstring(reply.content)  # noqa: S314 (declarations are refused above)
    except ET.ParseError as error:
        raise Transient("BROKEN_ANSWER", f"The answer is not XML: {error}", sent=True, status=reply.status) from None
    found = next((element for element in root.iter() if element.tag.rpartition("}")[2] == tag), None)
    return (found.text or "").strip() if found is not None else ""


def error_of_sign_in(code: str, message: str, *, status: int) -> WireError:
    """A refused password is never tried again by itself: a few more tries lock the user out."""
    if code == "REQUEST_LIMIT_EXCEEDED":
        return limit_error(code, message, status)
    if code in {"LOGIN_RATE_EXCEEDED", "LOGIN_CHALLENGE_ISSUED"}:
        return RateLimited(code, message, after=LATER, status=status)
    if code in TRANSIENT:
        return Transient(code, message, sent=True, status=status)
    if code in SET_UP:
        return Misconfigured(code, message, status=status)
    return NeedsSignIn(code, message, status=status)
