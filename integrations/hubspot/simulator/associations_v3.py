"""Links as the third version of the API has them: one type by its name, no labels; older clients still speak so."""

from typing import Any

from integrations.simulation.messages import Request, Response

from .association_types import TYPES, AssociationType
from .associations import ends_of, id_of, make, no_links
from .batch_shapes import envelope, inputs_of
from .errors import ApiError, unreadable
from .labels import between
from .links import Links
from .portal import Portal

Input = dict[str, Any]
MOST_READ, MOST = 1000, 100


def read_types(portal: Portal, request: Request, start: str, end: str) -> Response:
    ends = ends_of(portal, request, start, end, "read")
    found = between(portal, ends[0].name, ends[1].name)
    return Response({"results": [{"id": str(one.number), "name": one.name} for one in found]})


def read_batch(portal: Portal, request: Request, start: str, end: str) -> Response:
    started = portal.now
    ends = ends_of(portal, request, start, end, "read")
    wanted = [id_of(one) for one in inputs_of(request.record, MOST_READ)]
    held: dict[str, list[Input]] = {}
    for record_id, other, label in portal.store.links(ends[0].name, wanted, ends[1].name):
        if int(label) in TYPES:
            held.setdefault(record_id, []).append({"id": other, "type": TYPES[int(label)].name})
    results = [{"from": {"id": one}, "to": held[one]} for one in wanted if one in held]
    errors = [no_links(ends, one) for one in wanted if one not in held]
    return envelope(portal, started, results, errors)


def create_batch(portal: Portal, request: Request, start: str, end: str) -> Response:
    started = portal.now
    ends = ends_of(portal, request, start, end, "write")
    links, results, errors = Links(portal.store), [], []
    for one in inputs_of(request.record, MOST):
        try:
            make(portal, links, ends, one, _named(portal, one, ends[0].name, ends[1].name).number)
            results.append({"from": one["from"], "to": one["to"], "type": one["type"]})
        except ApiError as error:
            errors.append(error.part())
    links.settle()
    return envelope(portal, started, results, errors, success=201)


def archive_batch(portal: Portal, request: Request, start: str, end: str) -> Response:
    ends = ends_of(portal, request, start, end, "write")
    links = Links(portal.store)
    for one in inputs_of(request.record, MOST):
        kind = _named(portal, one, ends[0].name, ends[1].name)
        links.remove(
            (ends[0].name, id_of(one.get("from"))), (ends[1].name, id_of(one.get("to"))), kind.number, kind.inverse
        )
    links.settle()
    return Response(None, 204)


def _named(portal: Portal, one: Input, start: str, end: str) -> AssociationType:
    name = one.get("type")
    if not name:
        raise unreadable("Cannot build PublicAssociation, some of required attributes are not set [type]")
    for kind in between(portal, start, end):
        # By its name, or by its number as a text.
        if str(name).lower() in {kind.name, str(kind.number)}:
            return kind
    raise ApiError(f"{name} is not a valid association type between {start} and {end}")
