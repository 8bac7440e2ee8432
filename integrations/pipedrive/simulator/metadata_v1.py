"""Field metadata in v1: the one place that tells a field's number, which filters need, its times and its deleted options."""

# ruff: noqa: ARG001  all handlers have one signature

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account
from .errors import PLAIN, bad_request, v1_error, v1_missing
from .fields import CHOICES, MAKEABLE, Field, custom_body, subfields
from .metadata import drop, next_option
from .paging import Slice
from .whole import is_whole

Row = dict[str, Any]
_KIND = "organizationField"


def list_fields(account: Account, request: Request) -> Response:
    rows = [one for f in account.book.fields("organization") if f.shown for one in rows_of(f)]
    return Slice.of(request).answer_all(rows)


def list_lead_fields(account: Account, request: Request) -> Response:
    """A lead has the fields of deals."""
    rows = [one for f in account.book.fields("deal") if f.shown for one in rows_of(f)]
    return Slice.of(request).answer_all(rows)


def read_field(account: Account, request: Request, number: str) -> Response:
    return _answer(_record(account, number))


def create_field(account: Account, request: Request) -> Response:
    given = request.record
    _may_customize(account, request)
    if not given.get("name") or given.get("field_type") not in MAKEABLE:
        raise bad_request()
    options = None
    if given["field_type"] in CHOICES:
        first = next_option(account)
        options = [{"id": first + n, "label": o["label"]} for n, o in enumerate(given.get("options") or [])]
        account.book.set_state("next_option", first + len(options))
    record = account.book.add(_KIND, custom_body(given["name"], given["field_type"], options))
    account.book.forget_fields()
    return _answer(record, 201)


def update_field(account: Account, request: Request, number: str) -> Response:
    _may_customize(account, request)
    record, given = _record(account, number), request.record
    record.body["name"] = given.get("name", record.body["name"])
    account.book.save(record)
    account.book.forget_fields()
    return _answer(record)


def delete_field(account: Account, request: Request, number: str) -> Response:
    _may_customize(account, request)
    drop(account, "organization", _record(account, number))
    return Response({"success": True, "data": {"id": int(number)}}, content_type=PLAIN)


def delete_fields(account: Account, request: Request) -> Response:
    _may_customize(account, request)
    numbers = [one for one in request.query.get("ids", "").split(",") if is_whole(one)]
    found = account.book.many(_KIND, numbers)
    for record in found.values():
        drop(account, "organization", record)
    return Response({"success": True, "data": {"id": [int(n) for n in numbers if n in found]}}, content_type=PLAIN)


def note_fields(_account: Account, request: Request) -> Response:
    yes_no = [{"id": 1, "label": "Yes"}, {"id": 0, "label": "No"}]
    flags = [
        (f"pinned_to_{one}_flag", f"Note is pinned to {one}") for one in ("deal", "person", "organization", "lead")
    ]
    plain = {"active_flag": True, "bulk_edit_allowed": True}
    rows: list[Row] = [
        {
            "id": 1,
            "key": "content",
            "name": "Content",
            "field_type": "text",
            **plain,
            "edit_flag": False,
            "mandatory_flag": True,
        }
    ]
    rows += [
        {"id": n, "key": key, "name": name, "field_type": "enum", **plain, "edit_flag": True, "options": yes_no,
         "mandatory_flag": False}
        for n, (key, name) in enumerate(flags, 2)
    ]  # fmt: skip
    return Slice.of(request).answer_all(rows)


def rows_of(field: Field) -> list[Row]:
    """The field, and a row without a number for each part of its value."""
    parts = [] if field.type == "monetary" and not field.custom else subfields(field) or []
    return [row(field)] + [
        {
            "id": None, "key": f"{field.key}_{code}", "name": name, "field_type": kind, "json_column_flag": True,
            "active_flag": True, "edit_flag": field.custom, "is_subfield": True, "mandatory_flag": not field.custom,
        }
        for code, name, kind in parts if code != "value"
    ]  # fmt: skip


def row(field: Field) -> Row:
    found: Row = {
        "id": field.number, "key": field.key, "name": field.name, "order_nr": field.order, "field_type": field.type,
        "json_column_flag": field.custom, "add_time": stamps.v1(field.made), "update_time": stamps.v1(field.changed),
        "last_updated_by_user_id": None, "created_by_user_id": None, "active_flag": True, "edit_flag": field.custom,
        "index_visible_flag": True,
        "details_visible_flag": True, "add_visible_flag": field.custom, "important_flag": False,
        "bulk_edit_allowed": field.editable, "searchable_flag": field.custom, "filtering_allowed": True,
        "sortable_flag": True,
        "mandatory_flag": field.mandatory,
    }  # fmt: skip
    if field.options or field.type in CHOICES:
        found["options"] = [dict(o) for o in field.options]
        if field.deleted_options:
            found["options_deleted"] = [dict(o) for o in field.deleted_options]
    else:
        found["picklist_data"] = None
    return found


def _may_customize(account: Account, request: Request) -> None:
    if account.faults.may_not_customize or not account.asker(request).is_admin:
        raise v1_error(403, "Forbidden")


def _record(account: Account, number: str) -> Record:
    found = account.book.get(_KIND, number)
    if found is None or found.body.get("hidden"):
        raise v1_missing("Organization field")
    return found


def _answer(record: Record, status: int = 200) -> Response:
    return Response({"success": True, "data": row(Field.of(record))}, status, content_type=PLAIN)
