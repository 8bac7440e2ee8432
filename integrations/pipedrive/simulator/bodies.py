"""What a v2 write may hold: every key and its type. v2 is strict: what it does not know it refuses by name."""

import re
from collections.abc import Callable, Mapping
from typing import Any

from .errors import invalid
from .fields import ADDRESS_PARTS

Check = Callable[[Any], bool]
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_MOMENT = re.compile(r"\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?")


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _flag(value: Any) -> bool:
    return isinstance(value, bool)


def _wholes(value: Any) -> bool:
    return isinstance(value, list) and all(_whole(one) for one in value)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _address(value: Any) -> bool:
    return isinstance(value, dict) and set(value) <= {"value", *ADDRESS_PARTS}


def _lines(value: Any) -> bool:
    """E-mails and phones: a list of objects with a value."""
    sound = isinstance(value, list) and all(isinstance(one, dict) and _text(one.get("value")) for one in value)
    return sound and all(set(one) <= {"value", "label", "primary"} for one in value)


def _participants(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(one, dict) and _whole(one.get("person_id")) for one in value)


def _list(value: Any) -> bool:
    return isinstance(value, list)


def _day(value: Any) -> bool:
    # An empty text is taken, and is kept as the zero date.
    return isinstance(value, str) and (value == "" or bool(_DAY.match(value)))


def _moment(value: Any) -> bool:
    return isinstance(value, str) and bool(_MOMENT.fullmatch(value))


_SAID: dict[Check, str] = {
    _text: "'string'", _number: "'number'", _whole: "'number'", _flag: "'boolean'", _wholes: "'array'", _object: "'object'",
    _address: "'object'", _lines: "'array'", _participants: "'array'", _list: "'array'", _day: "'string'", _moment: "datetime",
}  # fmt: skip
_CLEARABLE = {
    "lost_reason", "probability", "website", "linkedin", "industry", "annual_revenue", "employee_count", "org_id",
    "person_id",
    "deal_id", "lead_id", "project_id", "public_description", "priority", "location",
    "close_time", "address", "postal_address", "birthday", "job_title", "notes",
}  # fmt: skip
"""null takes these away. An expected_close_date cannot be cleared so: it is "not a valid 'string'"; nor, by the types that the
specification names, can the texts of an activity."""
_OWNED: dict[str, Check] = {"owner_id": _whole, "visible_to": _whole, "label_ids": _wholes, "custom_fields": _object}
ENRICHED: dict[str, Check] = {
    "website": _text, "linkedin": _text, "industry": _whole, "annual_revenue": _number, "employee_count": _whole,
}  # fmt: skip
SYNCED: dict[str, Check] = {
    "notes": _text, "im": _lines, "birthday": _day, "job_title": _text, "postal_address": _address,
}  # fmt: skip
BODIES: dict[str, dict[str, Check]] = {
    "organization": {"name": _text, **_OWNED, "address": _address, **ENRICHED},
    "person": {
        "name": _text, **_OWNED, "org_id": _whole, "emails": _lines, "phones": _lines, "marketing_status": _text,
        **SYNCED,
    },
    "deal": {
        "title": _text, **_OWNED, "person_id": _whole, "org_id": _whole, "pipeline_id": _whole, "stage_id": _whole,
        "value": _number, "currency": _text, "is_archived": _flag, "archive_time": _moment, "status": _text,
        "probability": _number, "lost_reason": _text, "close_time": _moment, "won_time": _moment, "lost_time": _moment,
        "expected_close_date": _day,
    },
    "activity": {
        "subject": _text, "type": _text, "owner_id": _whole, "deal_id": _whole, "lead_id": _text, "org_id": _whole,
        "project_id": _whole, "due_date": _day, "due_time": _text, "duration": _text, "busy": _flag, "done": _flag,
        "location": _address, "participants": _participants, "attendees": _list, "public_description": _text,
        "priority": _whole, "note": _text,
    },
    "pipeline": {"name": _text, "is_deal_probability_enabled": _flag},
    "stage": {
        "name": _text, "pipeline_id": _whole, "deal_probability": _whole, "is_deal_rot_enabled": _flag,
        "days_to_rotten": _whole,
    },
}  # fmt: skip
ON_CREATION: dict[str, Check] = {"add_time": _moment}
DATED = ("organization", "person")
"""Objects whose creation may lie in the past."""


def check(kind: str, given: Mapping[str, Any], *, creating: bool, without: Mapping[str, Check], required: str) -> None:
    """All complaints at once, in the order of the body."""
    known = {k: v for k, v in BODIES[kind].items() if k not in without}
    if creating and kind in DATED:
        known |= ON_CREATION
    complaints = [wrong for key, value in given.items() if (wrong := _complaint(known, key, value))]
    for name in required.split():
        if creating and name not in given:
            complaints.append(f"{name}: Parameter '{name}' is required")
        elif given.get(name) == "":
            complaints.append(f"{name}: Parameter '{name}' is not allowed to be empty")
    if complaints:
        raise invalid(*complaints)


def _complaint(known: Mapping[str, Check], key: str, value: Any) -> str | None:
    if key not in known:
        return f"{key}: Parameter '{key}' is not allowed for this request"
    if value is None and key in _CLEARABLE:
        return None
    return None if known[key](value) else f"{key}: Parameter '{key}' is not a valid {_SAID[known[key]]}"
