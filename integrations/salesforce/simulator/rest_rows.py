"""Single rows over REST: read, create, update, delete, upsert by external id; and which rows were deleted or changed."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from datetime import UTC, datetime, timedelta
from email.utils import format_datetime, parsedate_to_datetime
from typing import Any

from integrations.simulation.messages import Request, Response

from . import companions, writes
from .errors import ApiError
from .fields import SObject
from .org import Org
from .rest_metadata import known
from .soql.run import run
from .store import Row, stamp

_MAX_UPDATED = 600_000
_BIN_DAYS = 15
_UPDATED_DAYS = 30


def create_row(org: Org, request: Request, name: str) -> Response:
    saved = writes.create(org, known(org, name), request.record, request.user_id)
    location = f"{request.base}/sobjects/{name}/{saved.id}"
    return Response(saved.body(), 201, {"Location": location})


def read_row(org: Org, request: Request, name: str, record_id: str) -> Response:
    sobject = known(org, name)
    row = writes.living(org, sobject, record_id)
    changed = _modified(row)
    since = request.headers.get("if-modified-since")
    if since and changed <= parsedate_to_datetime(since):
        return Response(None, 304)
    return Response(
        _record(org, request, sobject, row["Id"]), headers={"Last-Modified": format_datetime(changed, usegmt=True)}
    )


def read_content(org: Org, request: Request, record_id: str) -> Response:  # noqa: ARG001  one signature
    """A note's text as the bytes that were saved."""
    row = writes.living(org, known(org, "ContentNote"), record_id)
    return Response(companions.text_of(row["Content"]), content_type="text/html;charset=UTF-8")


def _record(org: Org, request: Request, sobject: SObject, record_id: str) -> dict[str, Any]:
    wanted = [f.strip() for f in request.query.get("fields", "").split(",") if f.strip()]
    names = wanted or [f.name for f in sobject.fields]
    for name in wanted:
        if "." not in name and sobject.field(name) is None:
            raise ApiError("INVALID_FIELD", f"No such column '{name}' on sobject of type {sobject.name}")
    text = f"SELECT {', '.join(names)} FROM {sobject.name} WHERE Id = '{record_id}'"
    records = run(org.store, text, org.asker(request))["records"]
    found: dict[str, Any] = records[0]
    # Asked for or not, a row that is read alone carries its id.
    return found if any(n.lower() == "id" for n in names) else {**found, "Id": record_id}


def _modified(row: Row) -> datetime:
    return datetime.fromisoformat(row["LastModifiedDate"] or row["SystemModstamp"]).astimezone(UTC)


def update_row(org: Org, request: Request, name: str, record_id: str) -> Response:
    sobject = known(org, name)
    limit = request.headers.get("if-unmodified-since")
    if limit and _modified(writes.living(org, sobject, record_id)) > parsedate_to_datetime(limit):
        raise ApiError(
            "PRECONDITION_FAILED", "One or more conditions given in the request header evaluated to false.", 412
        )
    writes.update(org, sobject, record_id, request.record, request.user_id)
    return Response(None, 204)


def delete_row(org: Org, request: Request, name: str, record_id: str) -> Response:
    writes.delete(org, known(org, name), record_id, request.user_id)
    return Response(None, 204)


# --- By external id ----------------------------------------------------------------------------------------------------
def read_by_key(org: Org, request: Request, name: str, field: str, value: str) -> Response:
    sobject = known(org, name)
    found = writes.matches(org, sobject, writes.key_field(sobject, field), value)
    if len(found) > 1:
        return _several(request, sobject, found)
    if not found:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", 404)
    return Response(_record(org, request, sobject, found[0]))


def upsert_row(org: Org, request: Request, name: str, field: str, value: str) -> Response:
    sobject = known(org, name)
    key = writes.key_field(sobject, field)
    if any(k.lower() == key.name.lower() for k in request.record):
        message = f"The {key.name} field should not be specified in the sobject data."
        raise ApiError("INVALID_FIELD", message, fields=[key.name])
    found = writes.matches(org, sobject, key, value)
    if len(found) > 1:
        return _several(request, sobject, found)
    update_only = request.query.get("updateOnly", "").lower() == "true"
    saved = writes.upsert(org, sobject, key, value, request.record, request.user_id, update_only=update_only)
    if not saved.created and float(request.version) < 46:
        return Response(None, 204)
    return Response({**saved.body(), "created": saved.created}, 201 if saved.created else 200)


def delete_by_key(org: Org, request: Request, name: str, field: str, value: str) -> Response:
    sobject = known(org, name)
    found = writes.matches(org, sobject, writes.key_field(sobject, field), value)
    if len(found) > 1:
        return _several(request, sobject, found)
    if not found:
        raise ApiError("NOT_FOUND", "The requested resource does not exist", 404)
    writes.delete(org, sobject, found[0], request.user_id)
    return Response(None, 204)


def _several(request: Request, sobject: SObject, found: list[str]) -> Response:
    return Response([f"{request.base}/sobjects/{sobject.name}/{record_id}" for record_id in found], 300)


# --- Deleted and updated -----------------------------------------------------------------------------------------------
def deleted(org: Org, request: Request, name: str) -> Response:
    sobject = known(org, name)
    start, end = _window(org, request, _BIN_DAYS)
    sql = (
        f'SELECT "Id", "SystemModstamp" FROM "{sobject.name}" WHERE "IsDeleted" = 1 AND "SystemModstamp" >= ? '
        'AND "SystemModstamp" < ? ORDER BY "SystemModstamp"'
    )
    rows = org.store.execute(sql, (start, end)).fetchall()
    earliest = stamp(org.now() - timedelta(days=_BIN_DAYS))
    return Response({
        "deletedRecords": [{"id": record_id, "deletedDate": when} for record_id, when in rows],
        "earliestDateAvailable": earliest, "latestDateCovered": end,
    })  # fmt: skip


def updated(org: Org, request: Request, name: str) -> Response:
    sobject = known(org, name)
    start, end = _window(org, request, _UPDATED_DAYS)
    alive = ' AND "IsDeleted" = 0' if sobject.field("IsDeleted") else ""
    sql = f'SELECT "Id" FROM "{sobject.name}" WHERE "SystemModstamp" >= ? AND "SystemModstamp" < ?{alive} LIMIT {_MAX_UPDATED + 1}'
    ids = [row[0] for row in org.store.execute(sql, (start, end))]
    if len(ids) > _MAX_UPDATED:
        raise ApiError("EXCEEDED_ID_LIMIT", f"exceeded {_MAX_UPDATED} ids")
    return Response({"ids": ids, "latestDateCovered": end})


def _window(org: Org, request: Request, days: int) -> tuple[str, str]:
    """Whole minutes; the end never after now, so that the caller starts there the next time."""
    start, end = (_minute(request.query.get(name, ""), name) for name in ("start", "end"))
    now = org.now().astimezone(UTC).replace(second=0, microsecond=0)
    if start < now - timedelta(days=days):
        raise ApiError("INVALID_REPLICATION_DATE", f"startDate before org replication enabled date or {days} days ago")
    if end <= start:
        message = "The end date must be at least one minute greater than the start date"
        raise ApiError("INVALID_REPLICATION_DATE", message)
    return stamp(start), stamp(min(end, now + timedelta(minutes=1)))


def _minute(text: str, name: str) -> datetime:
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None:
        raise ApiError("INVALID_REPLICATION_DATE", f"{name}: not a dateTime: {text}")
    return moment.astimezone(UTC).replace(second=0, microsecond=0)
