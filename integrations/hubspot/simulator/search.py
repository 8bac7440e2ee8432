"""The search endpoint: what a request may ask for, and a page of what is found in the index as it is now."""

from dataclasses import dataclass
from typing import Any

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .errors import ApiError, unreadable
from .index import Condition, Index
from .kinds import Kind, kind_of
from .portal import Portal
from .records import tell
from .search_filters import group_condition
from .search_sorts import order_of

PAGE, MOST, WINDOW = 10, 200, 10_000
GROUPS, IN_GROUP, IN_ALL, SORTS, CHARACTERS = 5, 6, 18, 1, 3_000


@dataclass(frozen=True, slots=True)
class Asked:
    condition: Condition
    order: str
    limit: int
    offset: int
    properties: list[str] | None


def search(portal: Portal, request: Request, object_type: str) -> Response:
    kind = kind_of(object_type)
    portal.require(kind.may("read"))
    asked = read(portal, kind, request.record)
    index = Index(portal, kind, asked.condition)
    found = index.page(asked.order, asked.limit, asked.offset)
    return Response(_body(portal, kind, asked, index.count(), found))


def _body(portal: Portal, kind: Kind, asked: Asked, total: int, found: list[Record]) -> dict[str, Any]:
    body: dict[str, Any] = {
        "total": total, "results": tell(portal, kind, found, asked.properties),
    }  # fmt: skip
    after = asked.offset + asked.limit
    # Here `after` counts records, where a list's is an id.
    return body | ({"paging": {"next": {"after": str(after)}}} if after < total else {})


def read(portal: Portal, kind: Kind, body: dict[str, Any]) -> Asked:
    limit, offset = _whole(body, "limit", PAGE), _whole(body, "after", 0)
    if not 0 <= limit <= MOST:
        raise ApiError(f"The limit of a search must be between 0 and {MOST}, got {limit}")
    if offset + limit > WINDOW:
        raise ApiError(
            f"A search gives access to its first {WINDOW} results only: after {offset} and limit {limit} go beyond"
        )
    _refuse_long(body)
    condition = _condition(portal, kind, body)
    properties = body.get("properties") or None
    if properties is not None and not isinstance(properties, list):
        raise unreadable("Cannot deserialize instance of `java.util.ArrayList` out of VALUE_STRING token")
    return Asked(condition, order_of(portal, kind, _list(body, "sorts", SORTS)), limit, offset, properties)


def _condition(portal: Portal, kind: Kind, body: dict[str, Any]) -> Condition:
    groups = _list(body, "filterGroups", GROUPS)
    filters = [_list(group, "filters", IN_GROUP) for group in groups]
    if not groups and body.get("filters"):
        # One group may come without its braces.
        filters = [_list(body, "filters", IN_GROUP)]
    if sum(len(group) for group in filters) > IN_ALL:
        raise ApiError(f"A search takes {IN_ALL} filters in all")
    parts = [group_condition(portal, kind, group) for group in filters if group]
    sql = "(" + " OR ".join(part.sql for part in parts) + ")" if parts else "1"
    values = tuple(value for part in parts for value in part.values)
    query = str(body.get("query") or "")
    if query:
        looks = [f"mentions(json_extract(body, '$.{name}'), ?)" for name in kind.searchable]
        sql, values = f"{sql} AND ({' OR '.join(looks)})", (*values, *[query] * len(looks))
    return Condition(sql, values)


def _refuse_long(body: dict[str, Any]) -> None:
    # Long lists of properties pass in the field; the rest of the body is what the limit counts.
    measured = {name: value for name, value in body.items() if name != "properties"}
    if len(str(body.get("query") or "")) > CHARACTERS or len(orjson.dumps(measured)) > CHARACTERS:
        raise ApiError(f"A search may hold {CHARACTERS} characters")


def _list(body: Any, name: str, most: int) -> list[Any]:
    found = body.get(name) or [] if isinstance(body, dict) else None
    if not isinstance(found, list):
        raise unreadable(f"Cannot deserialize value of `{name}`")
    if len(found) > most:
        raise ApiError(f"A search takes at most {most} {name}, got {len(found)}")
    return found


def _whole(body: dict[str, Any], name: str, default: int) -> int:
    value = body.get(name)
    if value is None or value == "":
        return default
    if isinstance(value, bool) or not str(value).isdecimal():
        raise unreadable(f"Cannot deserialize value of type `int` from String {orjson.dumps(str(value)).decode()}")
    return int(value)
