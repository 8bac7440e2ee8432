"""A JSON value as the column holds it, or the record's refusal: type, length, range, form."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

from .errors import ApiError
from .fields import NUMBERS, Field
from .ids import to_18
from .store import stamp

_EMAIL = re.compile(r"[^@\s<>()]+@[^@\s<>()]+\.[^@\s<>().]+")


def convert(field: Field, value: Any) -> Any:
    if value is None or value == "":
        return 0 if field.type == "boolean" else None
    if field.type in NUMBERS:
        return _number(field, value)
    return _BY_TYPE.get(field.type, _text)(field, value)


def _unreadable(field: Field, kind: str, value: Any) -> ApiError:
    token = "NUMBER" if isinstance(value, int | float) else "STRING"
    message = (
        f"Cannot deserialize instance of {kind} from VALUE_{token} value {value} or request may be missing a required "
        f"field at [line:1, column:1]"
    )
    return ApiError("JSON_PARSER_ERROR", message, fields=[field.name])


def _text(field: Field, value: Any) -> str | None:
    if not isinstance(value, str):
        raise _unreadable(field, "string", value)
    # Spaces at either end do not survive, except in text areas.
    kept = value if field.type == "textarea" else value.strip()
    if field.length and len(kept) > field.length:
        message = f"{field.label}: data value too large: {kept[:80]} (max length={field.length})"
        raise ApiError("STRING_TOO_LONG", message, fields=[field.name])
    return kept or None


def _email(field: Field, value: Any) -> str | None:
    kept = _text(field, value)
    if kept and not _EMAIL.fullmatch(kept):
        raise ApiError("INVALID_EMAIL_ADDRESS", f"{field.label}: invalid email address: {kept}", fields=[field.name])
    return kept


def _picklist(field: Field, value: Any) -> str | None:
    kept = _text(field, value)
    if kept and field.restricted and kept not in field.values:
        message = f"{field.label}: bad value for restricted picklist field: {kept}"
        raise ApiError("INVALID_OR_NULL_FOR_RESTRICTED_PICKLIST", message, fields=[field.name])
    return kept


def _number(field: Field, value: Any) -> float | int:
    """A number, or its digits in a string; beyond the precision it is refused, beyond the scale rounded."""
    number = _decimal(value)
    if number is None:
        raise _unreadable(field, "double" if field.type != "int" else "int", value)
    if abs(number) >= Decimal(10) ** ((field.precision or 18) - field.scale):
        message = f"{field.label}: value outside of valid range on numeric field: {value}"
        raise ApiError("NUMBER_OUTSIDE_VALID_RANGE", message, fields=[field.name])
    rounded = round(number, field.scale)
    return int(rounded) if field.type == "int" else float(rounded)


def _decimal(value: Any) -> Decimal | None:
    if isinstance(value, bool):
        return None
    try:
        number = Decimal(str(value))
    except InvalidOperation:
        return None
    return number if number.is_finite() else None


def _boolean(field: Field, value: Any) -> int:
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, str) and value.lower() in {"true", "false"}:
        return int(value.lower() == "true")
    raise _unreadable(field, "boolean", value)


def _date(field: Field, value: Any) -> str:
    try:
        return date.fromisoformat(value).isoformat()
    except (TypeError, ValueError):
        raise _unreadable(field, "date", value) from None


def _datetime(field: Field, value: Any) -> str:
    try:
        moment = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        raise _unreadable(field, "datetime", value) from None
    return stamp(moment if moment.tzinfo else moment.replace(tzinfo=UTC))


def _reference(field: Field, value: Any) -> str:
    known = to_18(value) if isinstance(value, str) else None
    if known is None:
        raise ApiError("MALFORMED_ID", f"{field.label}: id value of incorrect type: {value}", fields=[field.name])
    return known


_BY_TYPE: dict[str, Callable[[Field, Any], Any]] = {
    "email": _email,
    "picklist": _picklist,
    "boolean": _boolean,
    "date": _date,
    "datetime": _datetime,
    "reference": _reference,
    "id": _reference,
}
