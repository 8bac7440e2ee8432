"""Writing up to a hundred records: everything is looked at first, and one bad value refuses them all."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import writes
from .batch_shapes import envelope, inputs_of, missing, refuse_doubles
from .errors import ApiError, invalid_values, unreadable
from .inline_links import Tie, planned, tie
from .kinds import Kind
from .objects import opened
from .portal import Portal
from .reads import find_many
from .records import Told, tell_set
from .uniqueness import TakenError, require_unique
from .values import Flaw

Input = dict[str, Any]
TRACE = "objectWriteTraceId"


def create_batch(portal: Portal, request: Request, object_type: str) -> Response:
    """With a trace id on every input each stands for itself; without, the first double refuses them all."""
    started, kind = portal.now, opened(portal, object_type)
    inputs = inputs_of(request.record)
    kept = _all_checked(portal, kind, inputs, [{}] * len(inputs))
    ties = [planned(portal, kind, one.get("associations") or []) for one in inputs]
    traced = all(one.get(TRACE) for one in inputs)
    results, errors = [], []
    for one, values, tied in zip(inputs, kept, ties, strict=True):
        try:
            with portal.store.savepoint("input"):
                results.append(_created(portal, request, kind, one, values, tied))
        except ApiError as error:
            if not traced:
                raise
            errors.append(_traced(error, one))
    return envelope(portal, started, results[::-1], errors, success=201)


def update_batch(portal: Portal, request: Request, object_type: str) -> Response:
    started, kind = portal.now, opened(portal, object_type)
    inputs = inputs_of(request.record)
    ids = [_id(one) for one in inputs]
    refuse_doubles(ids)
    found, lost = find_many(portal, kind, ids, _id_property(inputs))
    there = [one for one in inputs if _id(one) in found]
    kept = _all_checked(portal, kind, inputs, [_body(found, _id(one)) for one in inputs])
    results: list[Told] = []
    errors = [missing(kind, lost)] if lost else []
    for one, values in zip(inputs, kept, strict=True):
        if one in there:
            _update_into(portal, request, kind, one, found[_id(one)], values, results, errors)
    return envelope(portal, started, results[::-1], errors)


def upsert_batch(portal: Portal, request: Request, object_type: str) -> Response:
    started, kind = portal.now, opened(portal, object_type)
    inputs = inputs_of(request.record)
    name = _id_property(inputs)
    require_unique(portal, kind, [name or "hs_object_id"])
    assert name
    ids = [_id(one) for one in inputs]
    refuse_doubles(ids)
    found, _ = find_many(portal, kind, ids, name)
    given = [{**one, "properties": {name: _id(one), **(one.get("properties") or {})}} for one in inputs]
    kept = _all_checked(portal, kind, given, [_body(found, _id(one)) for one in given])
    results: list[Told] = []
    errors: list[dict[str, Any]] = []
    for one, values in zip(given, kept, strict=True):
        record = found.get(_id(one))
        if record is not None:
            _update_into(portal, request, kind, one, record, values, results, errors, new=False)
            continue
        try:
            with portal.store.savepoint("input"):
                results.append(_created(portal, request, kind, one, values, []) | {"new": True})
        except ApiError as error:
            errors.append(_traced(error, one))
    return envelope(portal, started, results[::-1], errors)


def archive_batch(portal: Portal, request: Request, object_type: str) -> Response:
    kind = opened(portal, object_type)
    for record in portal.store.many(kind.name, [_id(one) for one in inputs_of(request.record)]).values():
        writes.archive(portal, record)
    return Response(None, 204)


# --- Parts ------------------------------------------------------------------------------------------------------------
def _all_checked(
    portal: Portal, kind: Kind, inputs: Sequence[Input], before: Sequence[dict[str, Any]]
) -> list[writes.Values]:  # fmt: skip
    """The flaws of all inputs in one refusal, which does not say whose they are."""
    kept: list[writes.Values] = []
    flaws: list[Flaw] = []
    for one, held in zip(inputs, before, strict=True):
        values, wrong = writes.clean(portal, kind, one.get("properties") or {}, held)
        kept.append(values)
        flaws += wrong
    if flaws:
        raise invalid_values(flaws)
    return kept


def _created(
    portal: Portal, request: Request, kind: Kind, one: Input, values: writes.Values, tied: Sequence[Tie]
) -> Told:
    record = writes.create(portal, kind, values, version=request.base, linked=[t.kind for t in tied])
    if tied:
        tie(portal, record, tied)
        record = portal.store.get(kind.name, record.id) or record
    return tell_set(portal, kind, record) | _trace(one)


def _update_into(
    portal: Portal, request: Request, kind: Kind, one: Input, record: Record, values: writes.Values,
    results: list[Told], errors: list[dict[str, Any]], *, new: bool | None = None,
) -> None:  # fmt: skip
    try:
        with portal.store.savepoint("input"):
            writes.update(portal, kind, record, values, version=request.base)
    except ApiError as error:
        errors.append(_traced(error, one))
        return
    told = tell_set(portal, kind, record, values) | _trace(one)
    results.append(told if new is None else told | {"new": new})


def _traced(error: ApiError, one: Input) -> dict[str, Any]:
    part = error.part()
    part["context"] = {TRACE: [one[TRACE]]} if one.get(TRACE) else {"ids": [_id(one)]} if one.get("id") else {}
    if isinstance(error, TakenError):
        part["context"]["existingId"] = [error.existing]
    return part


def _trace(one: Input) -> dict[str, str]:
    return {TRACE: one[TRACE]} if one.get(TRACE) else {}


def _id(one: Input) -> str:
    if one.get("id") is None:
        raise unreadable("Cannot build SimplePublicObjectBatchInput, some of required attributes are not set [id]")
    return str(one["id"])


def _id_property(inputs: Sequence[Input]) -> str | None:
    names = {one.get("idProperty") for one in inputs}
    if len(names) > 1:
        raise ApiError("All inputs of a batch must name the same idProperty")
    return next(iter(names), None)


def _body(found: dict[str, Record], key: str) -> dict[str, Any]:
    return dict(found[key].body) if key in found else {}
