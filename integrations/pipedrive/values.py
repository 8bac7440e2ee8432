"""Pipedrive's values as the engine knows them, by the type that the metadata names."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integrations.engine.values import Value

from .schema import CURRENCY, EMAILS, FIRST, LAST, NAME, PHONES, UNTIL, USER, Field

Row = Mapping[str, Any]
NUMBERS = frozenset({"double", "monetary"})
WHOLE = frozenset({"int"})
LINES = frozenset({EMAILS, PHONES})
ZERO_DATE = "0000-00-00"


def raw_at(row: Row, field: Field) -> Any:
    """`custom_fields` itself is null where a company has none."""
    return (row.get("custom_fields") or {}).get(field.key) if field.is_custom else row.get(field.key)


def value_of(row: Row, path: str, field: Field | None, people: Mapping[str, str]) -> Value:
    """A value that does not fit its type stays the text it is: the engine refuses it on its own record, by name."""
    if field is None:
        return None
    if path in {FIRST, LAST}:
        return name_part(row, path)
    raw = raw_at(row, field)
    if path in LINES and not field.is_custom:
        return primary(raw)
    if path.endswith(CURRENCY):
        return held(raw, "currency")
    if path.endswith(UNTIL):
        return convert(held(raw, "until"), "date", field, people)
    return convert(raw, field.type, field, people)


def name_part(row: Row, path: str) -> Value:
    """Pipedrive takes a single word for a first name. Here everybody has a last name, so it is that one."""
    first, last = row.get(FIRST), row.get(LAST)
    if last:
        return str(last) if path == LAST else str(first) if first else None
    return str(first or row.get(NAME) or "") or None if path == LAST else None


def primary(lines: Any) -> Value:
    """Of several addresses the one that is marked, else the first."""
    known = [one for one in lines or () if isinstance(one, Mapping) and one.get("value")]
    chosen = next((one for one in known if one.get("primary")), known[0] if known else None)
    return str(chosen["value"]) if chosen else None


def held(raw: Any, part: str) -> Any:
    return (raw.get(part) or None) if isinstance(raw, Mapping) else None


def convert(raw: Any, kind: str, field: Field, people: Mapping[str, str]) -> Value:
    if isinstance(raw, Mapping):
        # Amounts, periods, times and addresses: the value itself stands under its own name.
        raw = raw.get("value")
    if raw is None or raw == "" or raw == []:
        return None
    try:
        return typed(raw, kind, field, people)
    except (ValueError, ArithmeticError):
        return str(raw)


def typed(raw: Any, kind: str, field: Field, people: Mapping[str, str]) -> Value:
    if kind == "boolean":
        return raw if isinstance(raw, bool) else str(raw).lower() in {"true", "1"}
    if kind in WHOLE:
        return int(Decimal(str(raw)))
    if kind in NUMBERS:
        return number(raw)
    if kind == "date":
        return None if str(raw).startswith(ZERO_DATE) else date.fromisoformat(str(raw))
    if kind == "daterange":
        return date.fromisoformat(str(raw))
    if kind == "moment":
        return moment(str(raw))
    if kind == "set":
        return tuple(option(one, field) for one in raw) if isinstance(raw, Sequence) else str(raw)
    if kind == "enum":
        return option(raw, field)
    # A user whom the list of users does not show (any more) stays a number: nobody is taken for somebody else.
    return people.get(str(raw), str(raw)) if kind == USER else str(raw)


def option(raw: Any, field: Field) -> str:
    """An option may have been deleted since it was chosen."""
    return field.options.get(str(raw), f"#{raw}")


def number(raw: Any) -> Decimal:
    plain = Decimal(str(raw)).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def moment(text: str) -> datetime:
    """`2026-04-01T22:03:26Z`; version 1 leaves the zone out and means the same."""
    parsed = datetime.fromisoformat(text)
    return parsed.replace(tzinfo=UTC) if parsed.tzinfo is None else parsed.astimezone(UTC)
