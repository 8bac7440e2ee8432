"""Segments, once called lists: the saved filters of a portal that the API knows. Views of the pages are not in it."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .errors import ApiError, PageError
from .index import Condition
from .kinds import Kind, kind_of
from .moments import short
from .portal import Portal
from .scopes import LISTS
from .search_filters import group_condition
from .store import NUMBER

PAGE, MOST, MEMBERS, MOST_MEMBERS = 20, 500, 100, 250
KIND = "lists"
TYPES = ("MANUAL", "DYNAMIC", "SNAPSHOT")


def search(portal: Portal, request: Request) -> Response:
    portal.require(LISTS)
    body = request.record
    count, offset = body.get("count") or PAGE, body.get("offset") or 0
    if not isinstance(count, int) or not 1 <= count <= MOST:
        raise ApiError(f"count must be between 1 and {MOST}")
    found = [one for one in portal.store.find(KIND, order=NUMBER) if _fits(one, body)]
    page = found[offset : offset + count]
    end = offset + len(page)
    told = [tell(portal, one) for one in page]
    return Response({"offset": end, "hasMore": end < len(found), "lists": told, "total": len(found)})


def _fits(one: Record, body: dict[str, Any]) -> bool:
    held = one.body
    return (
        str(body.get("query") or "").casefold() in held["name"].casefold()
        and (not body.get("processingTypes") or held["processingType"] in body["processingTypes"])
        and (not body.get("listIds") or one.id in {str(number) for number in body["listIds"]})
        and (not body.get("objectTypeId") or held["objectTypeId"] == body["objectTypeId"])
    )


def tell(portal: Portal, one: Record) -> dict[str, Any]:
    kind, stamp = kind_of(one.body["objectTypeId"]), short(one.updated)
    size = portal.store.count(kind.name, *_members(portal, kind, one))
    by = str(one.body.get("createdById", "60000001"))
    return {
        "listId": one.id, "listVersion": 1, "createdAt": short(one.created), "updatedAt": stamp,
        "filtersUpdatedAt": stamp,
        "processingStatus": "COMPLETE", "createdById": by, "updatedById": by,
        "processingType": one.body["processingType"],
        "objectTypeId": kind.number, "name": one.body["name"],
        "additionalProperties": {"hs_list_size": str(size), "hs_list_reference_count": "0"},
    }  # fmt: skip


def _members(portal: Portal, kind: Kind, one: Record) -> tuple[str, tuple[Any, ...]]:
    """A dynamic list is a standing search, the others hold what was put in."""
    if one.body["processingType"] == "DYNAMIC":
        groups = [group_condition(portal, kind, group["filters"]) for group in one.body.get("filterGroups", [])]
        found = Condition(" OR ".join(g.sql for g in groups) or "1", tuple(v for g in groups for v in g.values))
        return found.sql, found.values
    ids = [str(number) for number in one.body.get("members", [])]
    return f"id IN ({', '.join('?' * len(ids))})", tuple(ids)


def _find(portal: Portal, request: Request, list_id: str) -> Record:
    portal.require(LISTS)
    found = portal.store.get(KIND, list_id)
    if found is None:
        if "application/json" not in request.headers.get("accept", ""):
            raise PageError(request)
        raise ApiError(
            f"List does not exist with ID {list_id}.", 404, "OBJECT_NOT_FOUND", sub="ListError.LIST_NOT_FOUND"
        )
    return found


def read_one(portal: Portal, request: Request, list_id: str) -> Response:
    return Response({"list": _bare(tell(portal, _find(portal, request, list_id)))})


def read_many(portal: Portal, request: Request) -> Response:
    portal.require(LISTS)
    found = portal.store.many(KIND, request.values("listIds"))
    return Response({"lists": [_bare(tell(portal, one)) for one in found.values()]})


def _bare(told: dict[str, Any]) -> dict[str, Any]:
    # What only a search adds: there the size comes unasked, here it stands for itself.
    extra = told.pop("additionalProperties")
    return told | {"size": int(extra["hs_list_size"])}


def read_members(portal: Portal, request: Request, list_id: str) -> Response:
    one = _find(portal, request, list_id)
    kind = kind_of(one.body["objectTypeId"])
    portal.require(kind.may("read"))
    limit = request.number("limit", MEMBERS)
    if not 1 <= limit <= MOST_MEMBERS:
        raise ApiError(f"limit must be between 1 and {MOST_MEMBERS}, got {limit}")
    after = request.number("after", 0)
    where, values = _members(portal, kind, one)
    found = portal.store.find(
        kind.name, f"({where}) AND {NUMBER} >= ?", (*values, after), order=NUMBER, limit=limit + 1
    )
    body: dict[str, Any] = {
        "results": [{"recordId": record.id, "membershipTimestamp": short(record.updated)} for record in found[:limit]],
        "total": portal.store.count(kind.name, where, values),
    }  # fmt: skip
    if len(found) > limit:
        following = found[limit].id
        link = f"{request.origin}{request.path}?limit={limit}&after={following}"
        body["paging"] = {"next": {"after": following, "link": link}}
    return Response(body)
