"""Bulk reads: a job, some looks at it, a zip with one CSV of up to 200,000 rows."""

# Source: the V7 pages "Create Bulk Read Job", "Status of the Bulk Read Job" and "Download Bulk Read Result".

# ruff: noqa: ARG001, S608  all handlers have one signature; names of fields are the schema's own

import csv
import io
import secrets
import zipfile
from collections.abc import Iterator
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account, payload, version_of
from .conditions import BadCriterion, Where, from_json
from .derived import derived
from .errors import ZohoError, mandatory, too_many, unparsable
from .field import Field
from .moments import shown, shown_moment
from .names import Names, looked_up, target_of
from .nested import text_in
from .schema import Module
from .selecting import Selection
from .shapes import by_ref
from .views import condition_of

KIND = "_bulk_read"
PER_JOB = 200_000
_STATES = ("ADDED", "QUEUED", "IN PROGRESS")
_NOT_EXPORTED = frozenset({"Notes", "Attachments", "Emails"})
_PIECE = 1000
_MOST_MEETINGS = 20_000
_MOST_PAGES = 500


def create(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.bulk.READ")
    body = payload(request)
    query = body.get("query") if isinstance(body, dict) else None
    if not isinstance(query, dict):
        raise mandatory("query", "$.query")
    if token := query.get("page_token"):
        query = _continued(account, token)
    module = _module(account, request, query)
    _selection(account, request, module, query)  # refuses what cannot be asked
    if not isinstance(query.get("page", 1), int) or not 1 <= query.get("page", 1) <= _MOST_PAGES:
        raise ZohoError("PAGE_RANGE_EXCEEDED", "The page range is exceeded.", details={"max_limit": _MOST_PAGES})
    kind = _file_type(body, module)
    kept = {
        "query": query,
        "module": module.name,
        "file_type": kind,
        "by": request.user_id,
        "looks": 0,
        "token": secrets.token_hex(12),
    }
    record = account.store.insert(KIND, kept)
    details = {
        "id": record.id, "operation": "read", "state": "ADDED", "created_by": by_ref(account.user(request.user_id)),
        "created_time": shown_moment(account.now(), account.zone(request.user_id)),
    }  # fmt: skip
    added = {"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully.", "details": details}
    return Response({"data": [added], "info": {}}, 201)


def _file_type(body: dict[str, Any], module: Module) -> str:
    """Only meetings can be had as a calendar, and then without a choice of fields."""
    kind = str(body.get("file_type", "csv"))
    if kind not in {"csv", "ics"} or (kind == "ics" and (module.name != "Events" or body["query"].get("fields"))):
        raise ZohoError(
            "NOT_SUPPORTED_FEATURE", "The requested file type is not supported.", details={"file_type": kind}
        )
    return kind


def _continued(account: Account, token: str) -> dict[str, Any]:
    """A token is the next page of the query it came from."""
    for job in account.store.find(KIND, "json_extract(body, '$.token') = ?", (token,)):
        return {**job.body["query"], "page": int(job.body["query"].get("page", 1)) + 1}
    raise ZohoError("INVALID_DATA", "invalid data", details={"api_name": "page_token"})


def _module(account: Account, request: Request, query: dict[str, Any]) -> Module:
    name = text_in(query, "module", "api_name")
    if name in _NOT_EXPORTED:
        raise ZohoError("MODULE_NOT_SUPPORTED", "The requested module is not supported.")
    found = account.schema.modules.get(name)
    if found is None:
        raise ZohoError("MODULE_NOT_AVAILABLE", "The requested module is not available.", details={"module": name})
    if not isinstance(query.get("fields") or [], list):
        raise unparsable()
    for field in query.get("fields") or []:
        if not isinstance(field, str):
            raise unparsable()
        if field != "id" and field.split(".")[0] not in found.fields:
            details = {"api_name": field, "module": name}
            raise ZohoError("FIELD_NOT_AVAILABLE", "The requested field is not available.", details=details)
    return found


def _selection(account: Account, request: Request, module: Module, query: dict[str, Any]) -> Selection:
    where = Where(account.schema, module, request.user_id)
    parts = []
    try:
        if query.get("cvid"):
            parts.append(where.sql(condition_of(account, module, str(query["cvid"]))))
        if query.get("criteria"):
            parts.append(where.sql(from_json(query["criteria"])))
    except BadCriterion as bad:
        raise ZohoError("INVALID_CRITERIA", "The criteria is invalid.", details={"api_name": bad.path}) from None
    return Selection(account.store, module, " AND ".join(parts) or "1", where.values)


def _job(account: Account, job_id: str) -> Record:
    found = account.store.get(KIND, job_id)
    if found is None:
        raise ZohoError("RESOURCE_NOT_FOUND", "The requested resource doesn't exist.", 404)
    return found


def status(account: Account, request: Request, job_id: str) -> Response:
    account.require(request, "ZohoCRM.bulk.READ")
    job = _job(account, job_id)
    query = job.body["query"]
    module = account.schema.modules[job.body["module"]]
    answer = {
        "id": job.id, "operation": "read", "state": _STATES[min(job.body["looks"], 2)],
        "query": {**query, "module": {"id": module.id, "api_name": module.name}, "page": query.get("page", 1)},
        "created_by": by_ref(account.user(job.body["by"])),
        "created_time": shown(job.created, account.zone(request.user_id)), "file_type": job.body["file_type"],
    }  # fmt: skip
    done = job.body["looks"] >= account.faults.bulk_looks
    if not done:
        job.body["looks"] += 1
        account.store.save(job)
    elif account.faults.bulk_fails:
        said = {
            "status": "error",
            "code": "INTERNAL_SERVER_ERROR",
            "message": "Internal server error occurred.",
            "details": {},
        }
        answer |= {"state": "FAILURE", "result": {"error_message": said}}
    else:
        answer |= {"state": "COMPLETED", "result": _result(account, request, module, job)}
    return Response({"data": [answer]})


def _result(account: Account, request: Request, module: Module, job: Record) -> dict[str, Any]:
    page = int(job.body["query"].get("page", 1))
    selection = _selection(account, request, module, job.body["query"])
    sql = f"SELECT count(*) FROM _record WHERE kind = '{module.name}' AND gone IS NULL AND ({selection.where})"
    [whole] = account.store.one(sql, *selection.values) or (0,)
    more = whole > page * PER_JOB
    return {
        "page": page, "per_page": PER_JOB, "count": max(0, min(PER_JOB, whole - (page - 1) * PER_JOB)),
        "download_url": f"/crm/bulk/v{version_of(request):g}/read/{job.id}/result", "more_records": more,
        **({"next_page_token": job.body["token"]} if more else {}),
    }  # fmt: skip


def download(account: Account, request: Request, job_id: str) -> Response:
    account.require(request, "ZohoCRM.bulk.READ")
    job = _job(account, job_id)
    if job.body["looks"] < account.faults.bulk_looks or account.faults.bulk_fails:
        raise ZohoError("RESOURCE_NOT_FOUND", "The requested resource doesn't exist.", 404)
    if not account.faults.unlimited and not account.limits.downloads.take():
        raise too_many("You have exceeded the number of downloads allowed in a minute.")
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        write = calendar if job.body["file_type"] == "ics" else _lines
        archive.writestr(f"{job.id}.{job.body['file_type']}", "".join(write(account, request, job)))
    # The vendor's own client reads the name of the file between quotes.
    headers = {"Content-Disposition": f'attachment; filename="{job.id}.zip"'}
    return Response(packed.getvalue(), headers=headers, content_type="application/x-download")


def calendar(account: Account, request: Request, job: Record) -> Iterator[str]:
    yield "BEGIN:VCALENDAR\r\nVERSION:2.0\r\n"
    for one in _selection(account, request, account.schema.modules["Events"], job.body["query"]).rows(
        "id", _MOST_MEETINGS
    ):
        starts, ends = (_compact(one.body.get(name)) for name in ("Start_DateTime", "End_DateTime"))
        title = str(one.body.get("Event_Title", "")).replace("\\", "\\\\").replace(",", "\\,").replace(";", "\\;")
        yield f"BEGIN:VEVENT\r\nUID:{one.id}\r\nDTSTART:{starts}\r\nDTEND:{ends}\r\nSUMMARY:{title}\r\nEND:VEVENT\r\n"
    yield "END:VCALENDAR\r\n"


def _compact(stored: str | None) -> str:
    return (stored or "")[:19].replace("-", "").replace(":", "") + "Z"


def _lines(account: Account, request: Request, job: Record) -> Iterator[str]:
    query, module = job.body["query"], account.schema.modules[job.body["module"]]
    names = [n for n in query.get("fields") or list(module.fields) if n != "id"]
    fields = [module.fields[n.split(".")[0]] for n in names]
    selection = _selection(account, request, module, query)
    start = (int(query.get("page", 1)) - 1) * PER_JOB
    zone = account.zone(request.user_id)
    line = io.StringIO()
    writer = csv.writer(line, lineterminator="\n")
    writer.writerow(["Id", *names])
    for offset in range(start, start + PER_JOB, _PIECE):
        rows = selection.rows("id", min(_PIECE, start + PER_JOB - offset), offset)
        followed = looked_up(
            account.store, account.schema, [f for f, n in zip(fields, names, strict=True) if "." in n], rows
        )
        for record in rows:
            cells = [_cell(f, n, record, followed, zone) for f, n in zip(fields, names, strict=True)]
            writer.writerow([record.id, *cells])
        if len(rows) < _PIECE:
            break
    yield line.getvalue()


def _cell(field: Field, name: str, record: Record, followed: Names, zone: Any) -> Any:
    """Lookups are ids; a name behind a dot is that of the record they lead to."""
    if "." in name:
        found = followed.get((target_of(field, record.body), str(record.body.get(field.name))))
        return (found or {}).get("email" if name.endswith(".email") else "name", "")
    if field.name in {"Created_Time", "Modified_Time"}:
        return shown(record.created if field.name == "Created_Time" else record.updated, zone)
    value = derived(field, record.body) if field.computed else record.body.get(field.name)
    if field.type == "boolean":
        return "true" if value else "false"
    if field.type == "datetime":
        return shown(value, zone)
    if isinstance(value, list):
        return ";".join(one["name"] if isinstance(one, dict) else one for one in value)
    return "" if value is None else value
