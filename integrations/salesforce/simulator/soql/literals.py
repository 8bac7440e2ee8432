"""Literals of a condition as bound values, or the refusal that tells which kind the field wants."""

from datetime import UTC, date, datetime

from ..errors import ApiError
from ..fields import NUMBERS, Field
from ..ids import to_18
from ..store import stamp
from .scope import Scope
from .tree import Literal

EXACT = frozenset({"id", "reference"})
KINDS = {"date": "date", "datetime": "dateTime", "boolean": "boolean", **dict.fromkeys(NUMBERS, "double")}


def first_moment(field: Field, day: date) -> str:
    return day.isoformat() if field.type == "date" else f"{day.isoformat()}T00:00:00.000+0000"


def value_of(scope: Scope, field: Field, literal: Literal) -> object:
    wanted = field.type
    if wanted in EXACT and literal.kind == "string":
        return _id(literal.value)
    if wanted in NUMBERS and literal.kind == "number":
        return float(literal.value)
    if wanted == "boolean" and literal.kind == "boolean":
        return int(literal.value == "TRUE")
    if wanted == "date" and literal.kind == "date":
        return _valid_date(scope, literal)
    if wanted == "datetime" and literal.kind == "datetime":
        return stamp(_moment(scope, literal))
    if wanted in KINDS or literal.kind != "string":
        raise wrong_kind(scope, field, literal)
    return literal.value or None


def wrong_kind(scope: Scope, field: Field, literal: Literal) -> ApiError:
    if field.type in KINDS:
        kind = KINDS[field.type]
        message = f"value of filter criterion for field '{field.name}' must be of type {kind} and should not be enclosed in quotes"
    else:
        kind = "ID" if field.type in EXACT else "string"
        message = f"value of filter criterion for field '{field.name}' must be of type {kind} and should be enclosed in quotes"
    return scope.error("INVALID_FIELD", literal.at, message)


def _id(text: str) -> str | None:
    if not text:
        return None
    known = to_18(text)
    if known is None:
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid ID field: {text}")
    return known


def _valid_date(scope: Scope, literal: Literal) -> str:
    try:
        return date.fromisoformat(literal.value).isoformat()
    except ValueError:
        raise scope.error("MALFORMED_QUERY", literal.at, f"Invalid date: {literal.value}") from None


def _moment(scope: Scope, literal: Literal) -> datetime:
    try:
        return datetime.fromisoformat(literal.value).astimezone(UTC)
    except (ValueError, OverflowError):
        raise scope.error("MALFORMED_QUERY", literal.at, f"Invalid datetime: {literal.value}") from None
