"""Writing one record at a time: create, change, archive, merge."""

from integrations.simulation.messages import Request, Response

from . import writes
from .errors import ApiError, not_numeric, unreadable
from .inline_links import planned, tie
from .kinds import Kind, kind_of
from .merging import merge
from .portal import Portal
from .reads import find
from .records import tell_set


def opened(portal: Portal, object_type: str) -> Kind:
    kind = kind_of(object_type)
    portal.require(kind.may("write"))
    return kind


def create(portal: Portal, request: Request, object_type: str) -> Response:
    kind = opened(portal, object_type)
    body = request.record
    kept = writes.checked(portal, kind, body.get("properties") or {})
    ties = planned(portal, kind, body.get("associations") or [])
    record = writes.create(portal, kind, kept, version=request.base, linked=[one.kind for one in ties])
    tie(portal, record, ties)
    record = portal.store.get(kind.name, record.id) or record
    return Response(tell_set(portal, kind, record), 201)


def update(portal: Portal, request: Request, object_type: str, record_id: str) -> Response:
    kind = opened(portal, object_type)
    record = find(portal, request, kind, record_id)
    given = request.record.get("properties")
    if not isinstance(given, dict):
        raise unreadable("Cannot build SimplePublicObjectInput, some of required attributes are not set [properties]")
    kept = writes.checked(portal, kind, given, record.body)
    writes.update(portal, kind, record, kept, version=request.base)
    return Response(tell_set(portal, kind, record, kept))


def archive(portal: Portal, _request: Request, object_type: str, record_id: str) -> Response:
    kind = opened(portal, object_type)
    if not record_id.isdecimal():
        raise not_numeric(record_id)
    # What is gone already is answered like what goes now.
    if record := portal.store.get(kind.name, record_id):
        writes.archive(portal, record)
    return Response(None, 204)


def merge_two(portal: Portal, request: Request, object_type: str) -> Response:
    kind = opened(portal, object_type)
    body = request.record
    primary, other = str(body.get("primaryObjectId", "")), str(body.get("objectIdToMerge", ""))
    records = portal.store.many(kind.name, [primary, other])
    if primary == other or len(records) < 2:
        raise ApiError(f"Cannot merge {kind.singular} {other} into {primary}: both must exist and differ.")
    merged = merge(portal, kind.name, records[primary], [records[other]])
    return Response(tell_set(portal, kind, merged))
