"""The order of a search's results: one property, or the age of the records."""

from typing import Any

from .errors import ApiError, unreadable
from .kinds import Kind
from .portal import Portal
from .search_filters import column
from .store import NUMBER

DIRECTIONS = {"ASCENDING": "ASC", "DESCENDING": "DESC"}


def order_of(portal: Portal, kind: Kind, sorts: list[Any]) -> str:
    if not sorts:
        # Recorded: the oldest first.
        return f"created, {NUMBER}"
    one = sorts[0]
    if isinstance(one, str):
        one = {"propertyName": one.lstrip("-"), "direction": "DESCENDING" if one.startswith("-") else "ASCENDING"}
    if not isinstance(one, dict):
        raise unreadable("Cannot build Sort, some of required attributes are not set [propertyName]")
    known = portal.schema.of(kind.name).get(str(one.get("propertyName")))
    direction = DIRECTIONS.get(str(one.get("direction") or "ASCENDING"))
    if known is None or direction is None:
        raise ApiError(f"Cannot sort by {one.get('propertyName')} {one.get('direction')}")
    place = column(kind, known)
    if place.startswith("json_extract"):
        compared = {"number": f"CAST({place} AS REAL)", "date": f"ms({place})", "datetime": f"ms({place})"}
        place = compared.get(known.type, f"fold({place})")
        # Records without a value come last, whichever way.
        return f"{place} IS NULL, {place} {direction}, {NUMBER}"
    return f"{place} {direction}, {NUMBER}"
