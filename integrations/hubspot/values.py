"""HubSpot's values as the engine knows them, by the property's type; and the way back to what HubSpot takes.

Everything comes as text: numbers as somebody typed them, dates by the day, moments in UTC. "" empties a property.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any

from integrations.engine.mapping import Kind
from integrations.engine.values import Value
from integrations.sync.connector import CrmField

EVERY_DIGIT = Context(prec=128)
"""Calculated numbers may have 55 digits, and HubSpot keeps those that people type; Python would round to 28."""
WHOLE_DAY = 10
"""Characters of 2026-03-12; longer digits are milliseconds since 1970."""


def convert(raw: Any, field: CrmField | None) -> Value:
    """A value that does not fit its type stays the text it is: the engine refuses it on its own record, by name."""
    if raw is None or raw == "":
        return None
    try:
        return typed(str(raw), field.kind if field else Kind.TEXT)
    except (ValueError, ArithmeticError):
        return str(raw)


def typed(text: str, kind: Kind) -> Value:
    match kind:
        case Kind.BOOL:
            return text.lower() == "true"
        case Kind.NUMBER | Kind.MONEY | Kind.INTEGER:
            return number(text)
        case Kind.DATE:
            return day(text)
        case Kind.DATETIME:
            return moment(text)
        case Kind.LIST:
            return tuple(part for part in text.split(";") if part)
    return text


def number(text: str) -> Decimal:
    """One form per number: "5000.00" and "5000" must not look like two."""
    plain = Decimal(text).normalize(EVERY_DIGIT)
    return plain.quantize(Decimal(1), context=EVERY_DIGIT) if plain == plain.to_integral_value() else plain


def day(text: str) -> date:
    """`2026-03-12`, or milliseconds at midnight UTC."""
    return date.fromisoformat(text) if len(text) == WHOLE_DAY and "-" in text else moment(text).date()


def moment(text: str) -> datetime:
    """`2026-03-12T07:34:23.259Z`, without a fraction where it is zero, or milliseconds since 1970."""
    if text.lstrip("-").isdecimal():
        return datetime.fromtimestamp(int(text) / 1000, UTC)
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"A time without a zone: {text!r}")
    return parsed.astimezone(UTC)


def written(value: Value) -> str:
    """As HubSpot takes it. A day is sent as a day: as a moment it might be refused for not being midnight."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        return format(value, "f")
    return ";".join(value) if isinstance(value, tuple) else str(value)


def values_of(properties: Mapping[str, Any], fields: Mapping[str, CrmField]) -> dict[str, Value]:
    return {name: convert(raw, fields.get(name)) for name, raw in properties.items()}
