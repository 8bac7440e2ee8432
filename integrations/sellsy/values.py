"""Sellsy's values as the engine knows them, by the type of the field; and the way back to what Sellsy takes.

Numbers and amounts come as text, choices as the number of the item, references as lists. Unset is null.
"""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Context, Decimal
from typing import Any

from integrations.engine.mapping import Kind
from integrations.engine.values import Value

EVERY_DIGIT = Context(prec=128)
EmailOf = Callable[[Any], str]


def convert(raw: Any, kind: Kind) -> Value:
    """A value that does not fit its type stays the text it is: the engine refuses it on its own record, by name."""
    if raw is None or raw == "" or raw == [] or isinstance(raw, Mapping):
        return None
    try:
        return typed(raw, kind)
    except (ValueError, ArithmeticError):
        return str(raw)


def typed(raw: Any, kind: Kind) -> Value:
    match kind:
        case Kind.BOOL:
            return raw if isinstance(raw, bool) else str(raw).lower() in {"true", "1", "y"}
        case Kind.NUMBER | Kind.MONEY | Kind.INTEGER:
            return number(raw)
        case Kind.DATE:
            # A day, also where the vendor adds midnight to it.
            return date.fromisoformat(str(raw)[:10])
        case Kind.DATETIME:
            return moment(str(raw))
        case Kind.LIST:
            listed = raw if isinstance(raw, list) else [raw]
            return tuple(str(one) for one in listed)
    return str(raw[0]) if isinstance(raw, list) else str(raw)


def number(raw: Any) -> Decimal:
    """One form per number: "18.00" and "18" must not look like two."""
    plain = Decimal(str(raw)).normalize(EVERY_DIGIT)
    return plain.quantize(Decimal(1), context=EVERY_DIGIT) if plain == plain.to_integral_value() else plain


def moment(text: str) -> datetime:
    """`2024-06-26T12:16:34+02:00`: whole seconds with the account's own offset."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"A time without a zone: {text!r}")
    return parsed.astimezone(UTC)


def said(at: datetime) -> str:
    """As filters want it: whole seconds and a zone."""
    return at.astimezone(UTC).isoformat(timespec="seconds")


def written(value: Value, type_: str) -> Any:
    """Into a custom field: numbers as text, choices by the number of the item, a list for what takes several."""
    if value is None:
        return None
    if isinstance(value, bool):
        return value
    if isinstance(value, Decimal):
        value = format(value, "f")
    if type_ in {"radio", "select"}:
        return int(str(value))
    if type_ == "checkbox":
        return [int(one) for one in value] if isinstance(value, tuple) else [int(str(value))]
    if isinstance(value, date):
        return value.isoformat()
    return list(value) if isinstance(value, tuple) else str(value)
