"""The v1 twins of v2 calls: out of support since August 2026, answering for now, until a control lets them vanish."""

from collections.abc import Mapping
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account, Asker
from .custom_values import address, from_flat
from .errors import PLAIN, bad_request, gone, v1_missing
from .lists import Where
from .objects import ACTIVITY, BY_PLURAL, ORGANIZATION, Object, at
from .paging import Slice
from .shapes_v1 import ShaperV1
from .whole import is_whole
from .writes import new_body, remove

Row = dict[str, Any]
_RELATED = {"organization": (), "person": (), "deal": ("person",), "activity": ("person",)}
_RENAMED = {"user_id": "owner_id", "busy_flag": "busy", "email": "emails", "phone": "phones"}
_TAKEN = {
    "organization": ("name", "owner_id", "visible_to", "label_ids", "address", "website", "linkedin"),
    "activity": (
        "subject", "type", "user_id", "deal_id", "org_id", "person_id", "due_date", "due_time", "duration",
        "busy_flag", "done",
        "note", "public_description",
    ),
}  # fmt: skip


def list_records(account: Account, request: Request, plural: str) -> Response:
    obj, asker, part, where = BY_PLURAL[plural], account.asker(request), Slice.of(request), Where()
    where.add(asker.seen_rows)
    for name in ("user_id", "org_id", "person_id", "deal_id"):
        if is_whole(value := request.query.get(name, "")):
            where.add(f"{at(_RENAMED.get(name, name))} = ?", int(value))
    found = account.book.find(obj.kind, where.sql, where.values, limit=part.limit + 1, offset=part.start)
    shaper = ShaperV1(account, asker, obj.kind, found[: part.limit])
    rows = [{**row, "company_id": account.credentials.company_id} for row in shaper.rows()]
    related = {"related_objects": shaper.related(*_RELATED[obj.kind])}
    # A list without rows has no data at all.
    return part.answer(rows or None, more=len(found) > part.limit, **related if rows else {})


def read_record(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, asker = BY_PLURAL[plural], account.asker(request)
    return _answer(account, asker, obj, _record(account, asker, obj, number), 200)


def create_record(account: Account, request: Request, plural: str) -> Response:
    obj, asker, given = BY_PLURAL[plural], account.asker(request), request.record
    if obj is ORGANIZATION and not given.get("name"):
        raise bad_request()
    body = new_body(account, asker, obj, {})
    put(account, obj, body, given)
    return _answer(account, asker, obj, account.book.add(obj.kind, body), 201, created=True)


def update_record(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, asker = BY_PLURAL[plural], account.asker(request)
    record = _record(account, asker, obj, number)
    before = dict(record.body)
    put(account, obj, record.body, request.record)
    account.book.save(record)
    account.book.note_changes(record, before, asker.user_id, "api")
    return _answer(account, asker, obj, record, 200, created=True)


def delete_record(account: Account, request: Request, plural: str, number: str) -> Response:
    obj, asker = BY_PLURAL[plural], account.asker(request)
    if account.book.get(obj.kind, number, with_gone=True) and account.book.get(obj.kind, number) is None:
        raise gone()
    remove(account, _record(account, asker, obj, number))
    return Response({"success": True, "data": {"id": int(number)}}, content_type=PLAIN)


def list_pipelines(account: Account, request: Request) -> Response:
    rows = [
        {
            "id": int(one.id), "name": one.body["name"], "url_title": "-".join(one.body["name"].split()),
            "order_nr": one.body["order_nr"], "active": True,
            "deal_probability": one.body["is_deal_probability_enabled"],
            "add_time": stamps.v1(one.created), "update_time": stamps.v1(one.updated), "selected": False,
        }
        for one in account.book.find("pipeline")
    ]  # fmt: skip
    return Slice.of(request).answer_all(rows)


def put(account: Account, obj: Object, body: Row, given: Mapping[str, Any]) -> None:
    """v1 is lax: what it does not know it forgets."""
    for name in _TAKEN.get(obj.kind, ()):
        if name in given:
            body[_RENAMED.get(name, name)] = _lax(name, given[name])
    if obj.has_custom:
        kept = from_flat(account.book.custom_fields(obj.kind), given)
        body["custom_fields"] = {**(body.get("custom_fields") or {}), **kept}
    if obj is ACTIVITY and body.get("person_id"):
        body["participants"] = [{"person_id": body["person_id"], "primary": True}]


def _lax(name: str, value: Any) -> Any:
    match name:
        case "address":
            return address({"value": str(value)}) if value else None
        case "visible_to" | "owner_id" | "user_id" | "org_id" | "person_id" | "deal_id":
            if value is None:
                return None
            if not is_whole(str(value)):
                raise bad_request()
            return int(value)
        case "done" | "busy_flag":
            return value in (1, True, "1", "true")
        case "name" | "subject" | "type":
            if not isinstance(value, str):
                raise bad_request()
        case "label_ids":
            return [one for one in value if isinstance(one, int)] if isinstance(value, list) else []
    return value


def _record(account: Account, asker: Asker, obj: Object, number: str) -> Record:
    found = account.book.get(obj.kind, number)
    if found is None or not asker.sees(found):
        raise v1_missing(obj.noun)
    return found


def _answer(
    account: Account, asker: Asker, obj: Object, record: Record, status: int, *, created: bool = False
) -> Response:  # fmt: skip
    shaper = ShaperV1(account, asker, obj.kind, [record])
    [row] = shaper.rows()
    beyond: Row = {}
    if obj is ORGANIZATION and not created:
        row |= {"edit_name": True, **_neighbours(account, asker, record)}
        follower = {
            "id": int(record.id),
            "user_id": asker.user_id,
            "add_time": stamps.v1(record.created),
            "org_id": int(record.id),
        }
        beyond = {"followers": {str(asker.user_id): follower}, "dropbox_email": account.cc_email()}
    if obj is ORGANIZATION and status == 200 and created:
        # Recorded so: the answer to a change has everything but this.
        row.pop("owner_name")
    if obj is ACTIVITY and created:
        beyond = {"updates_story_id": None}
    row["company_id"] = account.credentials.company_id
    answer = {"success": True, "data": row, "related_objects": shaper.related(*_RELATED[obj.kind])}
    return Response({**answer, "additional_data": beyond} if beyond else answer, status, content_type=PLAIN)


def _neighbours(account: Account, asker: Asker, record: Record) -> Row:
    order = f"{at('due_date')}, row"
    found = account.book.find("activity", f"{at('org_id')} = ?", [int(record.id)], order=order)
    upcoming = next((one for one in found if not one.body.get("done")), None)
    last = next((one for one in reversed(found) if one.body.get("done")), None)

    def shaped(one: Record | None) -> Row | None:
        return ShaperV1(account, asker, "activity", [one]).rows()[0] if one else None

    return {"last_activity": shaped(last), "next_activity": shaped(upcoming)}
