"""Zoho's values as the engine knows them, by the type that the metadata names."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integrations.engine.values import Value

NUMBERS = frozenset({"currency", "double", "percent"})
WHOLE = frozenset({"integer", "bigint"})
LOOKUP, USER_LOOKUPS = "lookup", frozenset({"ownerlookup", "userlookup"})
TAGS = "tags"
"""Ours for the field of tags, which the metadata calls a text."""
PERSON = ".email"
"""`Owner.email`: how a mapping line names a user."""
Addresses = Mapping[str, str]
"""User id → e-mail address."""


def value_of(row: Mapping[str, Any], path: str, kind: str, addresses: Addresses) -> Value:
    """The value that a line's path names; a user's address comes from the list of users, whatever the answer shows."""
    if path.endswith(PERSON):
        user = id_of(row.get(path.removesuffix(PERSON)))
        return addresses.get(user) if user else None
    return convert(row.get(path), kind)


def convert(raw: Any, kind: str) -> Value:
    """A value that does not fit its type stays the text it is: the engine refuses it on its own record, by name."""
    if raw is None or raw == "" or raw == []:
        return None
    try:
        return typed(raw, kind)
    except (ValueError, ArithmeticError, TypeError):
        return str(raw)


def typed(raw: Any, kind: str) -> Value:
    if kind == "boolean":
        return raw if isinstance(raw, bool) else str(raw).lower() == "true"
    if kind in WHOLE:
        return int(Decimal(str(raw)))
    if kind in NUMBERS:
        return number(raw)
    if kind == "date":
        return date.fromisoformat(str(raw))
    if kind == "datetime":
        return moment(str(raw))
    if kind == "multiselectpicklist":
        return tuple(str(one) for one in raw) if isinstance(raw, list) else (str(raw),)
    if kind == TAGS:
        return tuple(str(one["name"]) for one in raw)
    if isinstance(raw, dict):
        return id_of(raw) or None
    return str(raw)


def number(raw: Any) -> Decimal:
    """One form per number: 1200, 1200.0 and 1.2E3 must not look like three values."""
    plain = Decimal(str(raw)).normalize()
    return plain.quantize(Decimal(1)) if plain == plain.to_integral_value() else plain


def moment(text: str) -> datetime:
    """`2026-01-05T09:00:00+01:00`, in whatever zone the signed-in user lives."""
    parsed = datetime.fromisoformat(text)
    if parsed.tzinfo is None:
        raise ValueError(f"A time without a zone: {text!r}")
    return parsed.astimezone(UTC)


def id_of(raw: Any) -> str:
    """Of a lookup, which a list shows as name and id; ids are text of up to nineteen digits."""
    return str(raw.get("id") or "") if isinstance(raw, Mapping) else ""


def name_of(raw: Any) -> str:
    return str(raw.get("name") or "") if isinstance(raw, Mapping) else ""
