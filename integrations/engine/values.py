"""The values that flow between a CRM and the hub, and the one way they are written down as JSON."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from hashlib import blake2b
from typing import TypeAlias

import orjson

Value: TypeAlias = str | bool | int | Decimal | date | datetime | tuple[str, ...] | None
Json: TypeAlias = str | bool | int | float | list["Json"] | dict[str, "Json"] | None
BLANKS: tuple[Value, ...] = (None, "", ())


def is_blank(value: Value) -> bool:
    """Zero and False are data; an empty text or list is not."""
    return value is None or value == "" or value == ()


def to_json(value: Value) -> Json:
    """A date, a date-time and a decimal each keep their type: a one-key object says which."""
    if isinstance(value, datetime):
        return {"t": value.astimezone(UTC).isoformat()}
    if isinstance(value, date):
        return {"d": value.isoformat()}
    if isinstance(value, Decimal):
        return {"n": format(value, "f")}
    if isinstance(value, tuple):
        return list(value)
    return value


def from_json(value: Json) -> Value:
    if isinstance(value, dict):
        [(kind, text)] = value.items()
        if kind == "t":
            return datetime.fromisoformat(str(text))
        return date.fromisoformat(str(text)) if kind == "d" else Decimal(str(text))
    if isinstance(value, list):
        return tuple(str(item) for item in value)
    if isinstance(value, float):
        return Decimal(str(value))
    return value


def all_to_json(values: Mapping[str, Value]) -> dict[str, Json]:
    return {name: to_json(value) for name, value in values.items()}


def all_from_json(values: Mapping[str, Json]) -> dict[str, Value]:
    return {name: from_json(value) for name, value in values.items()}


def digest(values: object) -> str:
    """Sixteen hex digits of whatever JSON can say; equal values give equal digests in any key order."""
    return blake2b(orjson.dumps(values, option=orjson.OPT_SORT_KEYS), digest_size=8).hexdigest()
