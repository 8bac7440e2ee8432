"""Saved filters, which people call views: whose they are, what they ask for, who may use them (v1)."""

from collections.abc import Mapping
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account, Asker
from .errors import PLAIN, bad_request, v1_missing, v2_missing
from .filter_helpers import HELPERS
from .filter_sql import FilterSql
from .objects import FILTERED
from .whole import is_whole

TYPES = ("deals", "leads", "org", "people", "products", "activity", "projects")
Row = dict[str, Any]


def usable_filter(account: Account, asker: Asker, number: int, filter_type: str) -> Record:
    """For a list of records. Another's private filter, or one of another type, is as good as none."""
    found = account.book.get("filter", number)
    if found is None or not _sees(asker, found) or found.body["type"] != filter_type:
        raise v2_missing("Filter")
    return found


def _sees(asker: Asker, record: Record) -> bool:
    # 7 is everybody, 1 its owner alone; not even an administrator sees another's private filter.
    return record.body.get("visible_to", "7") != "1" or record.body["user_id"] == asker.user_id


def list_filters(account: Account, request: Request) -> Response:
    asker, wanted = account.asker(request), request.query.get("type")
    rows = [_row(f) for f in account.book.find("filter") if _sees(asker, f) and wanted in (None, f.body["type"])]
    return Response({"success": True, "data": rows}, content_type=PLAIN)


def read_filter(account: Account, request: Request, number: str) -> Response:
    found = _filter(account, request, number)
    return _answer(account, request, found)


def create_filter(account: Account, request: Request) -> Response:
    given = request.record
    if not given.get("name") or given.get("type") not in TYPES:
        raise bad_request()
    asker = account.asker(request)
    conditions = _conditions(account, asker, given)
    body = {
        "name": given["name"], "type": given["type"], "user_id": asker.user_id,
        "visible_to": str(given.get("visible_to", "7")),
        "conditions": conditions,
    }  # fmt: skip
    return _answer(account, request, account.book.add("filter", body), status=201)


def update_filter(account: Account, request: Request, number: str) -> Response:
    found, given = _filter(account, request, number), request.record
    if "conditions" in given:
        merged = {"type": found.body["type"], **given}
        found.body["conditions"] = _conditions(account, account.asker(request), merged)
    found.body["name"] = given.get("name", found.body["name"])
    account.book.save(found)
    return _answer(account, request, found)


def delete_filter(account: Account, request: Request, number: str) -> Response:
    account.book.remove(_filter(account, request, number))
    return Response({"success": True, "data": {"id": int(number)}}, content_type=PLAIN)


def delete_filters(account: Account, request: Request) -> Response:
    numbers = [one for one in request.query.get("ids", "").split(",") if is_whole(one)]
    found = account.book.many("filter", numbers)
    for record in found.values():
        account.book.remove(record)
    return Response({"success": True, "data": {"id": [int(n) for n in numbers if n in found]}}, content_type=PLAIN)


def helpers(_account: Account, _request: Request) -> Response:
    return Response({"success": True, "data": HELPERS}, content_type=PLAIN)


def _filter(account: Account, request: Request, number: str) -> Record:
    found = account.book.get("filter", number)
    if found is None or not _sees(account.asker(request), found):
        raise v1_missing("Filter")
    return found


def _conditions(account: Account, asker: Asker, given: Mapping[str, Any]) -> Row:
    """One group of all-of, holding one of all-of and one of any-of: the one depth there is."""
    outer = given.get("conditions")
    if not isinstance(outer, dict) or outer.get("glue") != "and" or not isinstance(outer.get("conditions"), list):
        raise bad_request()
    groups = {"and": _group(outer["conditions"], "and"), "or": _group(outer["conditions"], "or")}
    if len(outer["conditions"]) > 2 or {g.get("glue") for g in outer["conditions"]} - {"and", "or"}:
        raise bad_request()
    kept = {"glue": "and", "conditions": [{"glue": glue, "conditions": those} for glue, those in groups.items()]}
    if given["type"] in FILTERED:
        FilterSql(account, asker, given["type"]).read(kept)
    return kept


def _group(groups: list[Row], glue: str) -> list[Row]:
    return [
        {
            "object": one.get("object"), "field_id": str(one.get("field_id")), "operator": one.get("operator"),
            "value": one.get("value"), "extra_value": one.get("extra_value"),
        }
        for group in groups if group.get("glue") == glue for one in group.get("conditions", [])
    ]  # fmt: skip


def _row(record: Record) -> Row:
    body = record.body
    return {
        "id": int(record.id), "name": body["name"], "filter_code": None, "is_editable": True, "active_flag": True,
        "type": body["type"], "temporary_flag": None,
        "user_id": body["user_id"], "add_time": stamps.v1(record.created),
        "update_time": stamps.v1(record.updated), "visible_to": body.get("visible_to", "7"),
        "last_used_time": None, "custom_view_id": None,
    }  # fmt: skip


def _answer(account: Account, request: Request, record: Record, status: int = 200) -> Response:
    conditions = record.body["conditions"]
    if request.query.get("include_field_code") in ("true", "1"):
        conditions = {**conditions, "conditions": [_with_codes(account, g) for g in conditions["conditions"]]}
    return Response({"success": True, "data": {**_row(record), "conditions": conditions}}, status, content_type=PLAIN)


def _with_codes(account: Account, group: Row) -> Row:
    def code(one: Row) -> str | None:
        known = (
            account.book.fields(one["object"])
            if one["object"] in ("organization", "person", "deal", "activity")
            else ()
        )
        return next((f.key for f in known if str(f.number) == one["field_id"]), None)

    return {**group, "conditions": [{**one, "field_code": code(one)} for one in group["conditions"]]}
