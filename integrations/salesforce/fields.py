"""Salesforce's values as the engine knows them, by the type that the describe names; and the way back to a raw row."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integrations.engine.values import Value

from .soql import ID, to_18

NUMBERS = frozenset({"currency", "double", "percent"})
REFERENCES = frozenset({"id", "reference"})


def value_at(row: Mapping[str, Any], path: str) -> Any:
    """The raw value of `Website` or `Owner.Email`; nothing where a parent on the way is missing."""
    if path in row:
        # Bulk results are flat: the path itself is the column.
        return row[path]
    value: Any = row
    for part in path.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return value


def convert(raw: Any, kind: str) -> Value:
    """A value that does not fit its type stays the text it is: the engine refuses it on its own record, by name."""
    if raw is None or raw == "" or isinstance(raw, (dict, list)):
        # Salesforce stores an empty text as null; compound values are never mapped.
        return None
    try:
        return typed(raw, kind)
    except (ValueError, ArithmeticError):
        return str(raw)


def typed(raw: Any, kind: str) -> Value:
    if kind == "boolean":
        return raw if isinstance(raw, bool) else str(raw).lower() == "true"
    if kind == "int":
        return int(Decimal(str(raw)))
    if kind in NUMBERS:
        return number(raw)
    if kind == "date":
        return date.fromisoformat(str(raw))
    if kind == "datetime":
        return moment(str(raw))
    if kind == "multipicklist":
        return tuple(part for part in str(raw).split(";") if part)
    return long_id(str(raw)) if kind in REFERENCES else str(raw)


def number(raw: Any) -> Decimal:
    """One form per number: 139000000, 1.39E8 (JSON) and 139000000.0 (Bulk) must not look like three values."""
    plain = Decimal(str(raw)).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def moment(text: str) -> datetime:
    """`2026-05-06T11:34:49.000+0000`."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"A time without a zone: {text!r}")
    return parsed.astimezone(UTC)


def long_id(text: str) -> str:
    return to_18(text) if ID.fullmatch(text) else text
