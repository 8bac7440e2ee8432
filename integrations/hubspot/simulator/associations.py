"""The endpoints of links: reading them for a thousand records, making and undoing them, the kinds there are."""

from collections.abc import Callable
from typing import Any

from integrations.simulation.messages import Request, Response

from .association_types import PRIMARY, AssociationType, default_between
from .batch_shapes import envelope, inputs_of
from .errors import NOT_FOUND, ApiError, PageError, unreadable
from .kinds import Kind, kind_of
from .labels import between, type_of
from .links import Links
from .portal import Portal
from .reads import find

MOST_READ, MOST_MADE, MOST_UNDONE, PAGE = 1000, 2000, 100, 500
Input = dict[str, Any]
Ends = tuple[Kind, Kind]


def ends_of(portal: Portal, request: Request, start: str, end: str, action: str) -> Ends:
    kinds = kind_of(start), kind_of(end)
    for kind in kinds:
        portal.require(kind.may(action))
    # A user's right, not the app's: asked for by the newest version only, and not of static tokens.
    if action == "write" and request.base == "2026-09" and portal.caller.is_oauth and portal.faults.may_not_associate:
        raise ApiError("The user does not have permission to edit associations.", 403, "MISSING_PERMISSIONS")
    return kinds


# --- Reading ----------------------------------------------------------------------------------------------------------
def read_batch(portal: Portal, request: Request, start: str, end: str) -> Response:
    """Records without any link come as errors, with 207: that is not a failure."""
    started = portal.now
    kinds = ends_of(portal, request, start, end, "read")
    inputs = inputs_of(request.record, MOST_READ)
    held = _held(portal, kinds, [id_of(one) for one in inputs])
    results, errors = [], []
    for one in inputs:
        others = held.get(id_of(one))
        if others is None:
            errors.append(no_links(kinds, id_of(one)))
        else:
            results.append({"from": {"id": id_of(one)}, **_page(others, str(one.get("after") or "0"), PAGE, "to")})
    return envelope(portal, started, results, errors)


def read_of_one(portal: Portal, request: Request, start: str, record_id: str, end: str) -> Response:
    kinds = ends_of(portal, request, start, end, "read")
    record = find(portal, request, kinds[0], record_id)
    limit = min(request.number("limit", PAGE), PAGE)
    others = _held(portal, kinds, [record.id]).get(record.id, [])
    return Response(_page(others, request.query.get("after") or "0", limit, "results"))


def _page(others: list[Input], after: str, limit: int, name: str) -> Input:
    fitting = [one for one in others if one["toObjectId"] >= int(after)] if after.isdecimal() else others
    more = {"paging": {"next": {"after": str(fitting[limit]["toObjectId"])}}} if len(fitting) > limit else {}
    return {name: fitting[:limit], **more}


def _held(portal: Portal, kinds: Ends, ids: list[str]) -> dict[str, list[Input]]:
    """By record, what it is linked to. The id of the other end is a number, whatever the specification says."""
    types: dict[tuple[str, int], list[AssociationType]] = {}
    for start, other, label in portal.store.links(kinds[0].name, ids, kinds[1].name):
        found = type_of(portal, int(label))
        if found is not None:
            types.setdefault((start, int(other)), []).append(found)
    held: dict[str, list[Input]] = {}
    for (holder, number), those in sorted(types.items()):
        ordered = sorted(those, key=lambda one: (one.number not in PRIMARY, one.number))
        told = [{"category": one.category, "typeId": one.number, "label": one.label} for one in ordered]
        held.setdefault(holder, []).append({"toObjectId": number, "associationTypes": told})
    return held


def no_links(kinds: Ends, record_id: str) -> Input:
    start, end = kinds[0].singular, kinds[1].singular
    error = ApiError(
        f"No {end} is associated with {start} {record_id}.", 404, NOT_FOUND,
        sub="crm.associations.NO_ASSOCIATIONS_FOUND",
        context={"fromObjectId": [record_id], "fromObjectType": [start], "toObjectType": [end]},
    )  # fmt: skip
    return error.part()


def read_labels(portal: Portal, request: Request, start: str, end: str) -> Response:
    kinds = ends_of(portal, request, start, end, "read")
    found = between(portal, kinds[0].name, kinds[1].name)
    return Response(
        {"results": [{"category": one.category, "typeId": one.number, "label": one.label} for one in found]}
    )


# --- Making -----------------------------------------------------------------------------------------------------------
def create_batch(portal: Portal, request: Request, start: str, end: str) -> Response:
    def made(one: Input, links: Links, ends: Ends) -> Input:
        numbers = _numbers(one.get("types"))
        labels = [make(portal, links, ends, one, number).label for number in numbers]
        return {
            "fromObjectTypeId": ends[0].number, "fromObjectId": int(id_of(one.get("from"))), "toObjectTypeId": ends[1].number,
            "toObjectId": int(id_of(one.get("to"))), "labels": [label for label in labels if label],
        }  # fmt: skip

    return _each(portal, request, start, end, MOST_MADE, made, success=201)


def create_default_batch(portal: Portal, request: Request, start: str, end: str) -> Response:
    def made(one: Input, links: Links, ends: Ends) -> Input:
        kind = _default(ends)
        make(portal, links, ends, one, kind.number)
        return {"from": {"id": id_of(one.get("from"))}, "to": {"id": id_of(one.get("to"))},
                "associationSpec": {"associationCategory": kind.category,
                                    "associationTypeId": kind.number}}  # fmt: skip

    return _each(portal, request, start, end, MOST_MADE, made, success=200)


def put_default(portal: Portal, request: Request, start: str, record_id: str, end: str, other_id: str) -> Response:
    started = portal.now
    ends = ends_of(portal, request, start, end, "write")
    kind = _default(ends)
    links = Links(portal.store)
    make(portal, links, ends, {"from": {"id": record_id}, "to": {"id": other_id}}, kind.number)
    links.settle()
    told = [
        {"from": {"id": one}, "to": {"id": other},
         "associationSpec": {"associationCategory": kind.category, "associationTypeId": number}}
        for one, other, number in ((record_id, other_id, kind.number), (other_id, record_id, kind.inverse))
    ]  # fmt: skip
    return envelope(portal, started, told)


def put_labelled(portal: Portal, request: Request, start: str, record_id: str, end: str, other_id: str) -> Response:
    ends = ends_of(portal, request, start, end, "write")
    links, one = Links(portal.store), {"from": {"id": record_id}, "to": {"id": other_id}}
    labels = [make(portal, links, ends, one, number).label for number in _numbers(request.json)]
    links.settle()
    return Response({
        "fromObjectTypeId": ends[0].number, "fromObjectId": int(record_id), "toObjectTypeId": ends[1].number,
        "toObjectId": int(other_id), "labels": [label for label in labels if label],
    }, 201)  # fmt: skip


def _default(ends: Ends) -> AssociationType:
    kind = default_between(ends[0].name, ends[1].name)
    if kind is None:
        raise ApiError(f"No default association between {ends[0].name} and {ends[1].name}")
    return kind


def make(portal: Portal, links: Links, ends: Ends, one: Input, number: int) -> AssociationType:
    kind = type_of(portal, number)
    if kind is None or (kind.start, kind.end) != (ends[0].name, ends[1].name):
        raise ApiError(f"Association type {number} does not connect {ends[0].number} to {ends[1].number}")
    places = [(end.name, id_of(one.get(side))) for end, side in zip(ends, ("from", "to"), strict=True)]
    if places[0] == places[1]:
        raise ApiError(f"Object {places[0][1]} cannot be associated to itself ({places[1][1]})")
    for place in places:
        if portal.store.get(*place) is None:
            raise ApiError(f"{place[1]} is not a valid ID")
    links.add(number, places[0], places[1], kind.inverse)
    return kind


def _each(
    portal: Portal, request: Request, start: str, end: str, most: int, made: Callable[[Input, Links, Ends], Input], *,
    success: int,
) -> Response:  # fmt: skip
    started = portal.now
    ends = ends_of(portal, request, start, end, "write")
    links, results, errors = Links(portal.store), [], []
    for one in inputs_of(request.record, most):
        try:
            results.append(made(one, links, ends))
        except ApiError as error:
            errors.append(error.part())
        except (KeyError, TypeError, ValueError):
            raise unreadable(
                "Cannot build PublicAssociationMultiPost, some of required attributes are not set"
            ) from None
    links.settle()
    return envelope(portal, started, results, errors, success=success)


# --- Undoing ----------------------------------------------------------------------------------------------------------
def archive_batch(portal: Portal, request: Request, start: str, end: str) -> Response:
    ends = ends_of(portal, request, start, end, "write")
    links = Links(portal.store)
    for one in inputs_of(request.record, MOST_UNDONE):
        for other in one.get("to") or []:
            links.remove((ends[0].name, id_of(one.get("from"))), (ends[1].name, id_of(other)))
    links.settle()
    return Response(None, 204)


def archive_labels(portal: Portal, request: Request, start: str, end: str) -> Response:
    """Takes single labels off; the last one ends the link."""
    ends = ends_of(portal, request, start, end, "write")
    links = Links(portal.store)
    for one in inputs_of(request.record, MOST_MADE):
        for number in _numbers(one.get("types")):
            places = (ends[0].name, id_of(one.get("from"))), (ends[1].name, id_of(one.get("to")))
            kind = type_of(portal, number)
            links.remove(*places, kind.number if kind else None, kind.inverse if kind else None)
    links.settle()
    return Response(None, 204)


def delete_link(portal: Portal, request: Request, start: str, record_id: str, end: str, other_id: str) -> Response:
    ends = ends_of(portal, request, start, end, "write")
    if portal.store.get(ends[0].name, record_id) is None:
        raise PageError(request)
    links = Links(portal.store)
    links.remove((ends[0].name, record_id), (ends[1].name, other_id))
    links.settle()
    return Response(None, 204)


def id_of(one: Any) -> str:
    if not isinstance(one, dict) or one.get("id") is None:
        raise unreadable("Cannot build PublicObjectId, some of required attributes are not set [id]")
    return str(one["id"])


def _numbers(types: Any) -> list[int]:
    """The types that a link is to have; none at all cannot be read."""
    try:
        numbers = [int(each["associationTypeId"]) for each in types]
    except (KeyError, TypeError, ValueError):
        numbers = []
    if not numbers:
        raise unreadable("Cannot build AssociationSpec, some of required attributes are not set [associationTypeId]")
    return numbers
