"""Reading records: by list, by id and by a hundred ids."""

from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, urlencode

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .batch_shapes import envelope, inputs_of, missing
from .errors import ApiError, PageError, not_numeric
from .kinds import Kind, kind_of
from .portal import Portal
from .records import tell, with_history, with_links
from .store import NUMBER
from .uniqueness import find_by, require_unique

PAGE, MOST, MOST_WITH_HISTORY = 10, 100, 50


def read_page(portal: Portal, request: Request, object_type: str) -> Response:
    """In the order of ids, which is not the order of creation; nothing can be filtered here but archived ones."""
    kind = _opened(portal, object_type)
    history = listed(request, "propertiesWithHistory")
    limit = _limit(request, MOST_WITH_HISTORY if history else MOST)
    after = request.query.get("after") or "0"
    if not after.isdecimal():
        raise ApiError(f"after is not a valid offset: {after}")
    found = portal.store.find(
        kind.name, f"{NUMBER} >= ?", (int(after),), order=NUMBER, limit=limit + 1, gone=_wants_archived(request)
    )
    page = found[:limit]
    body: dict[str, Any] = {"results": _told(portal, request, kind, page)}
    if len(found) > limit:
        body["paging"] = {"next": _next(request, str(int(page[-1].id) + 1))}
    return Response(body)


def read_one(portal: Portal, request: Request, object_type: str, record_id: str) -> Response:
    kind = _opened(portal, object_type)
    record = find(portal, request, kind, record_id, archived=_wants_archived(request))
    return Response(_told(portal, request, kind, [record])[0])


def read_batch(portal: Portal, request: Request, object_type: str) -> Response:
    started = portal.now
    kind = _opened(portal, object_type)
    body = request.record
    history = body.get("propertiesWithHistory") or []
    inputs = inputs_of(body, MOST_WITH_HISTORY if history else MOST)
    wanted = [str(one.get("id", "")) for one in inputs]
    records, lost = find_many(portal, kind, wanted, body.get("idProperty"), archived=_wants_archived(request))
    values = with_history(portal, kind, list(records.values()), history) if history else None
    names = [*(body.get("properties") or kind.defaults), *history]
    told = tell(portal, kind, list(records.values()), names, values)
    return envelope(portal, started, told, [missing(kind, lost)] if lost else [])


# --- Finding ----------------------------------------------------------------------------------------------------------
def find(portal: Portal, request: Request, kind: Kind, record_id: str, *, archived: bool = False) -> Record:
    """By id, by a unique property, or by the id of a record that was merged into another."""
    name = request.query.get("idProperty")
    if name and name != "hs_object_id":
        require_unique(portal, kind, [name])
    elif not record_id.isdecimal():
        raise not_numeric(record_id)
    found, _ = find_many(portal, kind, [record_id], name, archived=archived)
    if not found:
        raise PageError(request)
    return next(iter(found.values()))


def find_many(
    portal: Portal, kind: Kind, wanted: list[str], id_property: str | None = None, *, archived: bool = False
) -> tuple[dict[str, Record], list[str]]:
    """By what was asked for, and what was not found. A merged record comes under its new id."""
    ids = {one: one for one in wanted}
    if id_property and id_property != "hs_object_id":
        require_unique(portal, kind, [id_property])
        by_value = find_by(portal, kind, id_property, wanted)
        ids = {one: by_value.get(one.casefold(), "") for one in wanted}
    merged = portal.store.current(kind.name, ids.values())
    ids = {one: merged.get(number, number) for one, number in ids.items()}
    records = _archived(portal, kind, ids) if archived else portal.store.many(kind.name, ids.values())
    found = {one: records[number] for one, number in ids.items() if number in records}
    return dict(sorted(found.items(), key=lambda item: int(item[1].id))), [one for one in wanted if one not in found]


def _archived(portal: Portal, kind: Kind, ids: Mapping[str, str]) -> dict[str, Record]:
    marks = ", ".join("?" * len(ids))
    return {one.id: one for one in portal.store.find(kind.name, f"id IN ({marks})", [*ids.values()], gone=True)}


# --- What a read asks for ---------------------------------------------------------------------------------------------
def listed(request: Request, name: str) -> list[str]:
    """Joined by commas or repeated, as the caller likes."""
    return [part.strip() for value in request.values(name) for part in value.split(",") if part.strip()]


def _opened(portal: Portal, object_type: str) -> Kind:
    kind = kind_of(object_type)
    portal.require(kind.may("read"))
    return kind


def _wants_archived(request: Request) -> bool:
    return request.query.get("archived", "").lower() == "true"


def _limit(request: Request, most: int) -> int:
    limit = request.number("limit", PAGE)
    if not 1 <= limit <= most:
        # The vendor's own words are not known; status and category are.
        raise ApiError(f"limit must be between 1 and {most}, got {limit}")
    return limit


def _told(portal: Portal, request: Request, kind: Kind, records: list[Record]) -> list[dict[str, Any]]:
    asked, history = listed(request, "properties"), listed(request, "propertiesWithHistory")
    ends = [kind_of(name) for name in listed(request, "associations")]
    values = with_history(portal, kind, records, history) if history else None
    names = [*(asked or kind.defaults), *history]
    told = tell(portal, kind, records, names, values)
    with_links(portal, kind, told, ends)
    return told


def _next(request: Request, after: str) -> dict[str, str]:
    kept = [(name, value) for name, value in parse_qsl(request.query_string, keep_blank_values=True) if name != "after"]
    return {"after": after, "link": f"{request.origin}{request.path}?{urlencode([*kept, ('after', after)])}"}
