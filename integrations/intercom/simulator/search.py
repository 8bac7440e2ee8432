"""The question of a search: operators on fields, groups of AND and OR; dates of contacts by the workspace's own calendar day."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from .errors import invalid

MOST_FILTERS, DEEPEST = 15, 2
DATES = frozenset({"created_at", "updated_at", "signed_up_at", "last_seen_at", "last_contacted_at", "last_replied_at"})
Read = Callable[[str], Any]
"""The value of a field of one record."""
_REFUSED_FOR_DAYS = frozenset({"!=", ">=", "<=", "IN", "NIN"})
_POSITIVE = {"!=": "=", "NIN": "IN", "!~": "~"}
_OPERATORS = frozenset({"=", "!=", "IN", "NIN", "<", ">", "~", "!~", "^", "$"})


def check(query: Any, *, by_day: bool, depth: int = 0) -> None:
    if not isinstance(query, Mapping):
        raise invalid("Query is invalid")
    if query.get("operator") in {"AND", "OR"}:
        parts = query.get("value")
        if not isinstance(parts, list) or not parts or len(parts) > MOST_FILTERS:
            raise invalid("Query has too many filters" if parts else "Query is empty")
        if depth >= DEEPEST:
            raise invalid("Query is nested too deep")
        for one in parts:
            check(one, by_day=by_day, depth=depth + 1)
        return
    if query.get("operator") not in _OPERATORS | {">=", "<="} or not query.get("field") or "value" not in query:
        raise invalid("Query is invalid")
    if by_day and query["field"] in DATES and query["operator"] in _REFUSED_FOR_DAYS:
        raise invalid(f"Operator {query['operator']} is not supported for date fields")
    if query["operator"] in {">=", "<="}:
        raise invalid(f"Operator {query['operator']} is not supported")
    if query["field"] in DATES and not isinstance(query["value"], int):
        raise invalid(f"Value of {query['field']} is not a date")


def holds(query: Mapping[str, Any], read: Read, zone: ZoneInfo | None) -> bool:
    """`zone`: dates are compared by its calendar day; None: by the second."""
    if query["operator"] in {"AND", "OR"}:
        found = (holds(one, read, zone) for one in query["value"])
        return all(found) if query["operator"] == "AND" else any(found)
    name, operator, wanted = query["field"], query["operator"], query["value"]
    held = read(name)
    if zone and name in DATES:
        if held is None:
            return False
        held, wanted = day(held, zone), day(wanted, zone)
    return compare(operator, held, wanted)


def day(stamp: int, zone: ZoneInfo) -> int:
    return datetime.fromtimestamp(stamp, UTC).astimezone(zone).date().toordinal()


def compare(operator: str, held: Any, wanted: Any) -> bool:
    if isinstance(held, list):
        found = [compare(_POSITIVE.get(operator, operator), one, wanted) for one in held]
        return not any(found) if operator in {"!=", "NIN", "!~"} else any(found)
    text, sought = str(held or "").lower(), str(wanted or "").lower()
    match operator:
        case "=":
            return held == wanted or (isinstance(held, str) and text == sought) or (held is None and wanted is None)
        case "!=":
            return not compare("=", held, wanted)
        case "IN":
            return any(compare("=", held, one) for one in (wanted if isinstance(wanted, list) else [wanted]))
        case "NIN":
            return not compare("IN", held, wanted)
        case "<" | ">":
            return held is not None and (held < wanted if operator == "<" else held > wanted)
        case "~":
            return sought in text
        case "!~":
            return sought not in text
        case "^":
            return text.startswith(sought)
    return text.endswith(sought)
