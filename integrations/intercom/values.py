"""Intercom's values as the engine knows them, by the type of the attribute; and the way back to what Intercom takes.

Times are whole seconds since 1970, of a day as well; an attribute that is unset is null or is not there.
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integrations.engine.mapping import Kind
from integrations.engine.values import Value


def convert(raw: Any, kind: Kind) -> Value:
    """A value that does not fit its type stays the text it is: the engine refuses it on its own record, by name."""
    if raw is None or raw == "" or isinstance(raw, Mapping | list):
        return None
    try:
        return typed(raw, kind)
    except (ValueError, ArithmeticError, OverflowError):
        return str(raw)


def typed(raw: Any, kind: Kind) -> Value:
    match kind:
        case Kind.BOOL:
            return raw if isinstance(raw, bool) else str(raw)
        case Kind.INTEGER | Kind.NUMBER | Kind.MONEY:
            return number(raw)
        case Kind.DATETIME:
            return moment(raw)
    return str(raw)


def number(raw: Any) -> Decimal:
    """One form per number: "18.00" and "18" must not look like two."""
    plain = Decimal(str(raw)).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def moment(seconds: Any) -> datetime:
    if isinstance(seconds, str):
        found = datetime.fromisoformat(seconds)
        return found.astimezone(UTC) if found.tzinfo else found.replace(tzinfo=UTC)
    return datetime.fromtimestamp(int(seconds), UTC)


def seconds_of(at: datetime) -> int:
    return int(at.timestamp())


def written(value: Value, type_: str) -> Any:
    """None empties an attribute."""
    if isinstance(value, Decimal):
        return int(value) if value == value.to_integral_value() else float(value)
    if isinstance(value, datetime):
        return seconds_of(value)
    if isinstance(value, date):
        return seconds_of(datetime(value.year, value.month, value.day, tzinfo=UTC))
    if isinstance(value, tuple):
        return "; ".join(value)
    return str(value) if type_ == "string" and value is not None and not isinstance(value, bool) else value
