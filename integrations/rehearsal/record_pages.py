"""Records "in Salesforce": find them, change them, delete, take back, merge."""

# ruff: noqa: ARG001  all handlers have one signature

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.salesforce.simulator import recycle, writes
from integrations.salesforce.simulator.errors import ApiError
from integrations.salesforce.simulator.fields import SObject
from integrations.salesforce.simulator.ids import to_18
from integrations.salesforce.simulator.store import Row
from integrations.simulation.messages import Request, Response

from .page_context import Practice
from .record_fields import controls, typed

PAGE = 50
COLUMNS = {
    "Account": ("Name", "Type", "Customer_Number__c", "Website", "Lifecycle_Stage__c", "SystemModstamp"),
    "Contact": ("Name", "Email", "Role__c", "Title", "SystemModstamp"),
    "Opportunity": ("Name", "StageName", "Amount", "Contract_Start__c", "SystemModstamp"),
    "Contract": ("ContractNumber", "Status", "StartDate", "EndDate", "SystemModstamp"),
    "Subscription__c": ("Name", "Plan__c", "MRR__c", "Starts__c", "SystemModstamp"),
    "User": ("Name", "Email", "Title", "IsActive", "SystemModstamp"),
}


def _known(practice: Practice, name: str) -> SObject:
    # Everything, also what field-level security hides from the API: a person edits here, not the integration user.
    sobject = practice.store.schema.everything.get(name)
    if sobject is None or name not in COLUMNS:
        raise ApiError("NOT_FOUND", _("There is no such list of records."), 404)
    return sobject


def listing(practice: Practice, request: Request, name: str) -> Response:
    sobject = _known(practice, name)
    columns = [f for c in COLUMNS[name] if (f := sobject.field(c))]
    words, page = request.query.get("q", "").strip(), max(1, int(request.query.get("page") or 1))
    called = columns[0].name
    sort = request.query.get("sort", called)
    where, values = _found(sobject, columns, words, deleted="deleted" in request.query)
    total = practice.store.one(f'SELECT count(*) FROM "{name}" WHERE {where}', *values)  # noqa: S608  names from the schema
    names = ", ".join(f'"{f.name}"' for f in columns)
    sql = f'SELECT "Id", {names} FROM "{name}" WHERE {where} ORDER BY {_order(columns, sort)} LIMIT {PAGE} OFFSET ?'  # noqa: S608
    rows = practice.store.execute(sql, [*values, (page - 1) * PAGE]).fetchall()
    count = total[0] if total else 0
    return practice.page(
        "records.html", request, sobject=sobject, columns=columns, q=words, sort=sort, count=count, number=page,
        deleted="deleted" in request.query, rows=[(row[0], row[1], row[2:]) for row in rows],
        older=page + 1 if page * PAGE < count else None, newer=page - 1 if page > 1 else None,
        sorts=[(called, _("Name")), ("-SystemModstamp", _("Changed last"))],
    )  # fmt: skip


def _found(sobject: SObject, columns: list[Any], words: str, *, deleted: bool) -> tuple[str, list[Any]]:
    parts, values = ["1"], []
    if sobject.field("IsDeleted"):
        parts.append(f'"IsDeleted" = {int(deleted)}')
    if words:
        texts = [f for f in columns if f.type not in {"datetime", "boolean", "currency"}]
        parts.append("(" + " OR ".join(['"Id" = ?', *(f'"{f.name}" LIKE ?' for f in texts)]) + ")")
        values = [to_18(words) or words, *([f"%{words}%"] * len(texts))]
    return " AND ".join(parts), values


def _order(columns: list[Any], sort: str) -> str:
    wanted = next((f.name for f in columns if f.name == sort.removeprefix("-")), columns[0].name)
    return f'"{wanted}" COLLATE NOCASE {"DESC" if sort.startswith("-") else "ASC"}, "Id"'


def form(practice: Practice, request: Request, name: str, record_id: str) -> Response:
    return _form(practice, request, _known(practice, name), _row(practice, name, record_id))


def blank(practice: Practice, request: Request, name: str) -> Response:
    return _form(practice, request, _known(practice, name), {"OwnerId": practice.org.user_id()})


def _row(practice: Practice, name: str, record_id: str) -> Row:
    row = practice.store.get(name, to_18(record_id) or record_id)
    if row is None:
        raise ApiError("NOT_FOUND", _("There is no record with this id."), 404)
    return row


def _form(practice: Practice, request: Request, sobject: SObject, row: Row, error: ApiError | None = None) -> Response:
    at_fields = dict.fromkeys(error.fields or (), error.message) if error else {}
    first, rest = controls(practice.store, sobject, row, at_fields)
    status = error.status if error else 200
    return practice.page(
        "record.html", request, status, sobject=sobject, row=row, first=first, rest=rest, error=error, related=_related(practice, row),
    )  # fmt: skip


def _related(practice: Practice, row: Row) -> list[tuple[str, str, str]]:
    """Object, id and name of the records that hang from this one."""
    found = []
    owner = practice.store.schema.by_prefix(row.get("Id", ""))
    for child in practice.store.schema.references(owner or ""):
        if child.field.children and child.sobject in COLUMNS:
            sql = f'SELECT "Id", "{COLUMNS[child.sobject][0]}" FROM "{child.sobject}" WHERE "{child.field.name}" = ? AND "IsDeleted" = 0 LIMIT 50'  # noqa: S608
            found += [
                (child.sobject, record_id, label) for record_id, label in practice.store.execute(sql, (row["Id"],))
            ]
    return found


def create(practice: Practice, request: Request, name: str) -> Response:
    sobject = _known(practice, name)
    given = typed(sobject, request.form, {})
    try:
        with practice.store.savepoint("page"):
            saved = writes.create(practice.org, sobject, given, practice.org.user_id())
    except ApiError as error:
        return _form(practice, request, sobject, given, error)
    return practice.go(f"/salesforce/{name}/{saved.id}", _("Created in Salesforce."))


def save(practice: Practice, request: Request, name: str, record_id: str) -> Response:
    sobject, row = _known(practice, name), _row(practice, name, record_id)
    given = typed(sobject, request.form, row)
    try:
        with practice.store.savepoint("page"):
            writes.update(practice.org, sobject, row["Id"], given, practice.org.user_id())
    except ApiError as error:
        return _form(practice, request, sobject, {**row, **given}, error)
    said = ngettext("%(count)s field changed in Salesforce.", "%(count)s fields changed in Salesforce.", len(given))
    return practice.go(f"/salesforce/{name}/{row['Id']}", said % {"count": len(given)})


def act(practice: Practice, request: Request, name: str, record_id: str, verb: str) -> Response:
    sobject, row = _known(practice, name), _row(practice, name, record_id)
    if sobject.is_setup:
        raise ApiError("NOT_ALLOWED", _("Users are switched off, never deleted."), 400)
    return _ACTS[verb](practice, request.form, name, row)


def _delete(practice: Practice, form: Mapping[str, str], name: str, row: Row) -> Response:
    recycle.delete(practice.store, name, row["Id"], practice.org.user_id())
    return practice.go(f"/salesforce/{name}/{row['Id']}", _("In the recycle bin, with everything that hangs from it."))


def _undelete(practice: Practice, form: Mapping[str, str], name: str, row: Row) -> Response:
    recycle.undelete(practice.store, name, row["Id"], practice.org.user_id())
    return practice.go(f"/salesforce/{name}/{row['Id']}", _("Out of the recycle bin."))


def _merge(practice: Practice, form: Mapping[str, str], name: str, row: Row) -> Response:
    loser = _row(practice, name, form.get("loser", "").strip())
    if loser["Id"] == row["Id"] or loser["IsDeleted"] or row["IsDeleted"]:
        raise ApiError(
            "NOT_ALLOWED", _("Two different records that are not deleted can be merged. Nothing was changed."), 400
        )
    recycle.merge(practice.store, name, row["Id"], [loser["Id"]], practice.org.user_id())
    return practice.go(
        f"/salesforce/{name}/{row['Id']}", _("Merged: %(name)s went into this record.") % {"name": loser["Name"]}
    )


_ACTS = {"delete": _delete, "undelete": _undelete, "merge": _merge}
