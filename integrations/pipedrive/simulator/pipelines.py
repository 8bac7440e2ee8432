"""Pipelines and their stages in v2. A deal is never won by a stage."""

# ruff: noqa: ARG001  all handlers have one signature

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import bodies, stamps
from .account import Account
from .errors import PLAIN, invalid, v2_missing
from .lists import Where, page
from .objects import at
from .whole import is_whole

KIND = {"pipelines": "pipeline", "stages": "stage"}
_REQUIRED = {"pipeline": "name", "stage": "name pipeline_id"}
_SORTS = {"pipeline": ("id", "update_time", "add_time"), "stage": ("id", "update_time", "add_time", "order_nr")}
_NOUN = {"pipeline": "Pipeline", "stage": "Stage"}
Row = dict[str, Any]


def list_them(account: Account, request: Request, plural: str) -> Response:
    kind, where = KIND[plural], Where()
    if kind == "stage" and (pipeline := request.query.get("pipeline_id")):
        if not is_whole(pipeline):
            raise invalid("pipeline_id: Parameter 'pipeline_id' is not a valid 'number'")
        where.add(f"{at('pipeline_id')} = ?", int(pipeline))
    found = page(account, kind, request, where, sorts=_SORTS[kind])
    return found.answer([row(record) for record in found.records])


def read_one(account: Account, request: Request, plural: str, number: str) -> Response:
    return _answer(_record(account, KIND[plural], number))


def create(account: Account, request: Request, plural: str) -> Response:
    kind, given = KIND[plural], request.record
    bodies.check(kind, given, creating=True, without={}, required=_REQUIRED[kind])
    if kind == "stage" and account.book.get("pipeline", given["pipeline_id"]) is None:
        raise v2_missing("Pipeline")
    others = account.book.find(kind, f"{at('pipeline_id')} IS ?", [given.get("pipeline_id")])
    order = 1 + max((r.body["order_nr"] for r in others), default=0)
    blank = {"deal_probability": 100, "is_deal_rot_enabled": False, "days_to_rotten": None} if kind == "stage" else {
        "is_deal_probability_enabled": True}  # fmt: skip
    return _answer(account.book.add(kind, {**blank, **given, "order_nr": order}))


def update(account: Account, request: Request, plural: str, number: str) -> Response:
    record, given = _record(account, KIND[plural], number), request.record
    bodies.check(record.kind, given, creating=False, without={}, required=_REQUIRED[record.kind])
    record.body.update(given)
    account.book.save(record)
    return _answer(record)


def delete(account: Account, request: Request, plural: str, number: str) -> Response:
    account.book.remove(_record(account, KIND[plural], number))
    return Response({"success": True, "data": {"id": int(number)}}, content_type=PLAIN)


def _record(account: Account, kind: str, number: str) -> Record:
    found = account.book.get(kind, number)
    if found is None:
        raise v2_missing(_NOUN[kind])
    return found


def row(record: Record) -> Row:
    body = record.body
    times = {"add_time": stamps.v2(record.created), "update_time": stamps.v2(record.updated)}
    if record.kind == "pipeline":
        return {
            "id": int(record.id), "name": body["name"], "order_nr": body["order_nr"],
            "is_deleted": record.gone is not None,
            "is_deal_probability_enabled": body["is_deal_probability_enabled"], **times,
        }  # fmt: skip
    return {
        "id": int(record.id), "name": body["name"], "order_nr": body["order_nr"], "pipeline_id": body["pipeline_id"],
        "deal_probability": body["deal_probability"], "is_deal_rot_enabled": body["is_deal_rot_enabled"],
        "days_to_rotten": body["days_to_rotten"], "is_deleted": record.gone is not None, **times,
    }  # fmt: skip


def _answer(record: Record) -> Response:
    return Response({"success": True, "data": row(record)}, content_type=PLAIN)
