"""Leads, their labels and sources (v1): names that are UUIDs, custom fields of deals flat at the root, left out when empty."""

import uuid
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account, Asker
from .custom_values import flat, from_flat
from .errors import PLAIN, bad_request, v1_error
from .filter_sql import FilterSql
from .lists import Where
from .objects import at
from .paging import Slice
from .saved_filters import usable_filter
from .whole import is_whole

Row = dict[str, Any]
_MISSING = "Object was not found."
_SORTS = {
    "id": "id", "title": at("title"), "owner_id": at("owner_id"), "creator_id": at("creator_id"),
    "was_seen": at("was_seen"),
    "expected_close_date": at("expected_close_date"), "add_time": "created", "update_time": "updated",
}  # fmt: skip
_BODY = (
    "title",
    "owner_id",
    "label_ids",
    "value",
    "expected_close_date",
    "was_seen",
    "channel",
    "channel_id",
    "origin_id",
)
_SOURCES = (
    "Manually created", "Deal", "Web forms", "Prospector", "Leadbooster", "Live chat", "Import", "Website visitors",
    "Workflow automation", "API",
)  # fmt: skip


def list_leads(account: Account, request: Request) -> Response:
    return _list(account, request, archived=False)


def list_archived(account: Account, request: Request) -> Response:
    return _list(account, request, archived=True)


def _list(account: Account, request: Request, *, archived: bool) -> Response:
    part, asker, where = Slice.of(request), account.asker(request), Where()
    where.add(asker.seen_rows)
    where.add(f"coalesce({at('is_archived')}, 0) = ?", int(archived))
    if request.query.get("filter_id"):
        kept = usable_filter(account, asker, number_of(request.query["filter_id"]), "leads")
        filtered = FilterSql(account, asker, "leads").read(kept.body["conditions"])
        where.add(filtered.sql, *filtered.values)
    for name, column in (("owner_id", "owner_id"), ("person_id", "person_id"), ("organization_id", "org_id")):
        if value := request.query.get(name):
            where.add(f"{at(column)} = ?", number_of(value))
    if (since := request.query.get("updated_since")) and not archived:
        stamp = stamps.parse(since)
        if stamp is None:
            raise bad_request("updated_since is not a valid datetime")
        where.add("updated >= ?", stamp)
    name, _, way = request.query.get("sort", "").strip().partition(" ")
    order = f"{_SORTS.get(name, 'row')} {'DESC' if way.upper() == 'DESC' else 'ASC'}, row"
    found = account.book.find("lead", where.sql, where.values, order=order, limit=part.limit + 1, offset=part.start)
    return part.answer([row(account, one) for one in found[: part.limit]], more=len(found) > part.limit)


def number_of(value: str) -> int:
    if not is_whole(value):
        raise bad_request()
    return int(value)


def read_lead(account: Account, request: Request, number: str) -> Response:
    return _answer(account, _lead(account, account.asker(request), number))


def create_lead(account: Account, request: Request) -> Response:
    given, asker = request.record, account.asker(request)
    if not given.get("title") or not (given.get("person_id") or given.get("organization_id")):
        raise bad_request("A lead must have a title and be linked to a person or an organization")
    body: Row = {
        "owner_id": asker.user_id, "creator_id": asker.user_id, "label_ids": [], "value": None, "is_archived": False,
        "was_seen": False, "visible_to": 3, "origin": "API", "source_name": "API",
    }  # fmt: skip
    _put(account, body, given)
    # The description says 201; what was recorded is 200.
    return _answer(account, account.book.insert("lead", body, str(uuid.uuid4())))


def update_lead(account: Account, request: Request, number: str) -> Response:
    record = _lead(account, account.asker(request), number)
    _put(account, record.body, request.record)
    account.book.save(record)
    return _answer(account, record)


def delete_lead(account: Account, request: Request, number: str) -> Response:
    account.book.remove(_lead(account, account.asker(request), number))
    return Response({"success": True, "data": {"id": number}}, content_type=PLAIN)


def _put(account: Account, body: Row, given: Row) -> None:
    body.update({name: given[name] for name in (*_BODY, "is_archived") if name in given})
    if "visible_to" in given:
        body["visible_to"] = int(given["visible_to"])
    for name, column, kind in (("person_id", "person_id", "person"), ("organization_id", "org_id", "organization")):
        if name in given:
            if given[name] is not None and account.book.get(kind, given[name]) is None:
                raise v1_error(400, f"{kind} was not found", _MISSING)
            body[column] = given[name]
    kept = from_flat(account.book.custom_fields("deal"), given)
    body["custom_fields"] = {**(body.get("custom_fields") or {}), **kept}


def _lead(account: Account, asker: Asker, number: str) -> Record:
    found = account.book.get("lead", number)
    if found is None or not asker.sees(found):
        raise v1_error(404, "requested lead not found", _MISSING)
    return found


def row(account: Account, record: Record) -> Row:
    body = record.body
    return {
        "id": record.id, "title": body["title"], "owner_id": body["owner_id"], "creator_id": body["creator_id"],
        "label_ids": body["label_ids"], "person_id": body.get("person_id"), "organization_id": body.get("org_id"),
        "source_name": body["source_name"], "origin": body["origin"], "origin_id": body.get("origin_id"),
        "channel": body.get("channel"), "channel_id": body.get("channel_id"), "is_archived": body["is_archived"],
        "was_seen": body["was_seen"], "value": body["value"], "expected_close_date": body.get("expected_close_date"),
        "next_activity_id": None, "add_time": record.created, "update_time": record.updated,
        "visible_to": str(body["visible_to"]), "cc_email": account.cc_email(f"+lead{record.id[:8]}"),
        **flat(account.book.custom_fields("deal"), body.get("custom_fields"), with_nulls=False),
    }  # fmt: skip


def _answer(account: Account, record: Record) -> Response:
    return Response({"success": True, "data": row(account, record)}, content_type=PLAIN)


# --- Labels and sources -----------------------------------------------------------------------------------------------
def list_labels(account: Account, _request: Request) -> Response:
    rows = [_label_row(one) for one in account.book.find("leadLabel")]
    return Response({"success": True, "data": rows}, content_type=PLAIN)


def create_label(account: Account, request: Request) -> Response:
    given = request.record
    if not given.get("name") or not given.get("color"):
        raise bad_request()
    record = account.book.insert("leadLabel", {"name": given["name"], "color": given["color"]}, str(uuid.uuid4()))
    return Response({"success": True, "data": _label_row(record)}, content_type=PLAIN)


def update_label(account: Account, request: Request, number: str) -> Response:
    record = _label(account, number)
    record.body.update({k: v for k, v in request.record.items() if k in ("name", "color")})
    account.book.save(record)
    return Response({"success": True, "data": _label_row(record)}, content_type=PLAIN)


def delete_label(account: Account, _request: Request, number: str) -> Response:
    account.book.remove(_label(account, number))
    return Response({"success": True, "data": {"id": number}}, content_type=PLAIN)


def list_sources(_account: Account, _request: Request) -> Response:
    return Response({"success": True, "data": [{"name": one} for one in _SOURCES]}, content_type=PLAIN)


def _label(account: Account, number: str) -> Record:
    found = account.book.get("leadLabel", number)
    if found is None:
        raise v1_error(404, "requested lead label not found", _MISSING)
    return found


def _label_row(record: Record) -> Row:
    return {"id": record.id, **record.body, "add_time": record.created, "update_time": record.updated}
