"""What custom fields may hold, and how their values look: nested in v2, flat beside the other keys in v1."""

import re
from collections.abc import Iterable, Mapping
from typing import Any

from .errors import invalid
from .fields import ADDRESS_PARTS, CHOICES, Field

_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_TIME = re.compile(r"\d\d:\d\d(:\d\d)?")
_TEXT = ("varchar", "varchar_auto", "text", "phone")
_REFERENCES = ("user", "org", "people", "int")
_LONGEST = {"varchar": 255, "varchar_auto": 255, "phone": 255, "text": 65_535}
ZONES = {"Europe/London": 166, "Europe/Paris": 184}


def read(fields: Iterable[Field], given: Any) -> dict[str, Any]:
    """The custom fields of a v2 body as they are kept, or all that is wrong with them."""
    if not isinstance(given, dict):
        raise invalid("custom_fields: Invalid collection")
    known = {f.key: f for f in fields}
    complaints, kept = [], {}
    for key, value in given.items():
        if key not in known:
            complaints.append(f"custom_fields: Unknown key '{key}'")
        elif value is not None and (wrong := _wrong(known[key], value)):
            complaints.append(f"custom_fields: {wrong} '{key}'")
        else:
            kept[key] = None if value is None else _kept(known[key], value)
    if complaints:
        raise invalid(*complaints)
    return kept


def _wrong(field: Field, value: Any) -> str | None:  # noqa: C901  one line for each type
    """Since May 2026 each complaint ends with the field's code."""
    match field.type:
        case "enum":
            if not _is_number(value):
                return "Expected 'number' as value for single option custom field"
            return None if field.option(value) else "Unknown option id for single option custom field"
        case "set":
            if not isinstance(value, list) or not value or not all(_is_number(one) for one in value):
                return "Expected 'array' of 'number' as value for multiple option custom field"
            return (
                None
                if all(field.option(one) for one in value)
                else "Unknown option id for multiple option custom field"
            )
        case "double" | "user" | "org" | "people" | "int":
            return None if _is_number(value) else f"Expected 'number' as value for {field.type} custom field"
        case "date":
            return None if _is(_DATE, value) else "Expected 'date' as value for date custom field"
        case "monetary":
            sound = (
                isinstance(value, dict) and _is_number(value.get("value")) and isinstance(value.get("currency"), str)
            )
            return None if sound else "Expected 'object' with value and currency as value for monetary custom field"
        case "daterange":
            return (
                None
                if _is_range(_DATE, value)
                else "Expected 'object' with value and until as value for daterange custom field"
            )
        case "time" | "timerange":
            sound = isinstance(value, dict) and _is(_TIME, value.get("value"))
            return None if sound else f"Expected 'object' with value as value for {field.type} custom field"
        case "address":
            return None if isinstance(value, dict) else "Expected 'object' as value for address custom field"
    if not isinstance(value, str):
        return "Expected 'string' as value for text custom field"
    return "Value is too long for custom field" if len(value) > _LONGEST.get(field.type, 255) else None


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, str) and bool(pattern.fullmatch(value))


def _is_range(pattern: re.Pattern[str], value: Any) -> bool:
    return isinstance(value, dict) and _is(pattern, value.get("value")) and _is(pattern, value.get("until"))


def _kept(field: Field, value: Any) -> Any:
    match field.type:
        case "address":
            return address(value)
        case "time" | "timerange":
            zone = value.get("timezone_name")
            return {**value, "timezone_id": ZONES.get(zone), "timezone_name": zone}
    return value


def address(given: Mapping[str, Any]) -> dict[str, Any]:
    """Parts that were left out become null."""
    return {"value": given.get("value"), **{part: given.get(part) for part in ADDRESS_PARTS}}


def shown(fields: Iterable[Field], kept: Mapping[str, Any] | None, *, labels: bool = False) -> dict[str, Any]:
    """All custom fields of a record, null where there is no value."""
    found = kept or {}
    if not labels:
        return {f.key: found.get(f.key) for f in fields}
    return {f.key: _labelled(f, found.get(f.key)) if f.type in CHOICES else found.get(f.key) for f in fields}


def _labelled(field: Field, value: Any) -> Any:
    if isinstance(value, list):
        return [_labelled(field, one) for one in value]
    option = field.option(value)
    return {"id": value, "label": option["label"]} if option else value


def flat(fields: Iterable[Field], kept: Mapping[str, Any] | None, *, with_nulls: bool = True) -> dict[str, Any]:
    """As v1 has them: options as text, parts under keys of their own. Leads leave empty ones out."""
    found, row = kept or {}, {}
    for field in fields:
        value = found.get(field.key)
        if value is not None or with_nulls:
            row.update(_flat(field, value))
    return row


def _flat(field: Field, value: Any) -> dict[str, Any]:
    key, parts = field.key, value if isinstance(value, dict) else {}
    match field.type:
        case "enum":
            return {key: None if value is None else str(value)}
        case "set":
            return {key: None if value is None else ",".join(str(one) for one in value)}
        case "monetary":
            return {key: parts.get("value"), f"{key}_currency": parts.get("currency")}
        case "daterange":
            return {key: parts.get("value"), f"{key}_until": parts.get("until")}
        case "time":
            return {key: parts.get("value"), f"{key}_timezone_id": parts.get("timezone_id")}
        case "timerange":
            return {
                key: parts.get("value"), f"{key}_timezone_id": parts.get("timezone_id"),
                f"{key}_until": parts.get("until"),
            }  # fmt: skip
        case "address":
            return {key: parts.get("value"), **{f"{key}_{part}": parts.get(part) for part in ADDRESS_PARTS}}
    return {key: value}


def from_flat(fields: Iterable[Field], given: Mapping[str, Any]) -> dict[str, Any]:
    """What a v1 body sets, kept as v2 keeps it. v1 is lax: it takes texts for numbers and moments for days."""
    kept: dict[str, Any] = {}
    for field in fields:
        if field.key in given:
            value = given[field.key]
            kept[field.key] = None if value in (None, "") else _from_flat(field, value, given)
    return kept


def _from_flat(field: Field, value: Any, given: Mapping[str, Any]) -> Any:
    part = lambda name: given.get(f"{field.key}_{name}")  # noqa: E731  shorter than what it stands for
    match field.type:
        case "enum":
            return field.labelled(value) or (int(value) if str(value).isdecimal() else None)
        case "set":
            return [int(one) for one in str(value).split(",") if one.strip().isdecimal()] or None
        case "double":
            return float(value)
        case "monetary":
            return {"value": float(value), "currency": part("currency") or "USD"}
        case "date":
            return str(value)[:10]
        case "daterange":
            return {"value": str(value)[:10], "until": part("until")}
        case "time" | "timerange":
            return {"value": str(value), "timezone_id": None, "timezone_name": None, "until": part("until")}
        case "address":
            return address({"value": str(value)})
        case "user" | "org" | "people":
            return int(value)
    return str(value)
