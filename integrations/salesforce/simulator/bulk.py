"""Bulk API 2.0: query jobs paged by a locator, and ingest jobs that answer row by row. Work is done at once."""

# ruff: noqa: ARG001  all handlers have one signature

import csv
import io
from collections.abc import Iterator
from typing import Any

import orjson

from integrations.simulation.messages import Request, Response

from . import writes
from .errors import ApiError, not_found
from .fields import SObject
from .ids import make_id
from .org import Org
from .rest_metadata import known
from .soql.parse import parse
from .soql.run import more, run
from .soql.select import is_aggregate
from .soql.tree import Query

CSV = "text/csv; charset=UTF-8"
_DEFAULT_RESULTS = 50_000
_OPERATIONS = frozenset({"insert", "update", "upsert", "delete"})
_DELIMITERS = {"COMMA": ",", "SEMICOLON": ";", "TAB": "\t", "PIPE": "|", "CARET": "^", "BACKQUOTE": "`"}
_ENDINGS = {"LF": "\n", "CRLF": "\r\n"}


def _job(org: Org, request: Request, job_id: str, kind: str) -> dict[str, Any]:
    row = org.store.one("SELECT value FROM _job WHERE id = ? AND kind = ?", job_id, kind)
    if row is None:
        raise not_found()
    job: dict[str, Any] = orjson.loads(row[0])
    if str(job["apiVersion"]) != request.version:
        raise ApiError("API_VERSION_MISMATCH", "The API version of the request must match the version of the job", 409)
    return job


def _save(org: Org, kind: str, job: dict[str, Any], content: bytes | None = None) -> None:
    sql = (
        "INSERT INTO _job VALUES (?, ?, ?, ?) ON CONFLICT (id) DO UPDATE SET value = excluded.value, "
        "content = coalesce(excluded.content, content)"
    )
    org.store.execute(sql, (job["id"], kind, orjson.dumps(job), content))


def _new(org: Org, request: Request, **more_keys: Any) -> dict[str, Any]:
    if (
        more_keys.get("lineEnding", "LF") not in _ENDINGS
        or more_keys.get("columnDelimiter", "COMMA") not in _DELIMITERS
    ):
        raise ApiError("INVALIDJOB", "InvalidJob : lineEnding and columnDelimiter must be known")
    number = org.store.state("jobs", 0) + 1
    org.store.set_state("jobs", number)
    return {
        "id": make_id("750", number), "createdById": request.user_id, "createdDate": org.store.now,
        "systemModstamp": org.store.now, "concurrencyMode": "Parallel", "contentType": "CSV",
        "apiVersion": float(request.version), "lineEnding": "LF", "columnDelimiter": "COMMA", **more_keys,
    }  # fmt: skip


# --- Query -------------------------------------------------------------------------------------------------------------
def create_query(org: Org, request: Request) -> Response:
    wanted = request.record
    text, operation = wanted.get("query", ""), wanted.get("operation", "")
    if operation not in {"query", "queryAll"}:
        raise ApiError("INVALIDJOB", f"Unsupported operation: {operation}")
    query = parse(text)
    if is_aggregate(query) or query.offset or any(isinstance(s, Query) for s in query.select):
        raise ApiError("INVALIDJOB", "Aggregates, OFFSET and sub-queries are not supported by bulk queries")
    keys = {k: wanted[k] for k in ("lineEnding", "columnDelimiter") if k in wanted}
    job = _new(org, request, operation=operation, object=query.sobject, state="UploadComplete", **keys)
    records = list(_records(org, request, text, with_deleted=operation == "queryAll"))
    content = _table(job, records)
    finished = {
        **job, "state": "JobComplete", "jobType": "V2Query", "numberRecordsProcessed": len(records), "retries": 0,
        "totalProcessingTime": 20, "isPkChunkingSupported": True,
    }  # fmt: skip
    _save(org, "query", finished, content)
    return Response(job)


def _records(org: Org, request: Request, text: str, *, with_deleted: bool) -> Iterator[dict[str, Any]]:
    asker = org.asker(request, with_deleted=with_deleted)
    answer = run(org.store, text, asker)
    yield from answer["records"]
    while not answer["done"]:
        locator, _, offset = answer["nextRecordsUrl"].rpartition("/")[2].partition("-")
        answer = more(org.store, locator, int(offset), asker)
        yield from answer["records"]


def _table(job: dict[str, Any], records: list[dict[str, Any]]) -> bytes:
    text = io.StringIO()
    ending, delimiter = _ENDINGS[job["lineEnding"]], _DELIMITERS[job["columnDelimiter"]]
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator=ending, delimiter=delimiter)
    flat = [dict(_flat(record)) for record in records]
    names = list(dict.fromkeys(name for row in flat for name in row)) if flat else []
    writer.writerow(names)
    writer.writerows([_cell(row.get(name)) for name in names] for row in flat)
    return text.getvalue().encode()


def _flat(record: dict[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in record.items():
        if key == "attributes":
            continue
        if isinstance(value, dict):
            yield from _flat(value, f"{prefix}{key}.")
        else:
            yield prefix + key, value


def _cell(value: Any) -> Any:
    return "" if value is None else str(value).lower() if isinstance(value, bool) else value


def query_state(org: Org, request: Request, job_id: str) -> Response:
    return Response(_job(org, request, job_id, "query"))


def query_results(org: Org, request: Request, job_id: str) -> Response:
    job = _job(org, request, job_id, "query")
    content = org.store.one("SELECT content FROM _job WHERE id = ?", job_id)
    start = request.number("locator", 0)
    most = request.number("maxRecords", _DEFAULT_RESULTS)
    reader = csv.reader(
        io.StringIO(content[0].decode() if content else "", newline=""), delimiter=_DELIMITERS[job["columnDelimiter"]]
    )
    header, *rows = [*reader] or [[]]
    shown = rows[start : start + most]
    text = io.StringIO()
    writer = csv.writer(
        text,
        quoting=csv.QUOTE_ALL,
        lineterminator=_ENDINGS[job["lineEnding"]],
        delimiter=_DELIMITERS[job["columnDelimiter"]],
    )
    writer.writerows([header, *shown])
    following = str(start + most) if start + most < len(rows) else "null"
    headers = {"Sforce-NumberOfRecords": str(len(shown)), "Sforce-Locator": following}
    return Response(text.getvalue(), headers=headers, content_type=CSV)


def delete_query(org: Org, request: Request, job_id: str) -> Response:
    _job(org, request, job_id, "query")
    org.store.execute("DELETE FROM _job WHERE id = ?", (job_id,))
    return Response(None, 204)


def abort_query(org: Org, request: Request, job_id: str) -> Response:
    job = {**_job(org, request, job_id, "query"), "state": "Aborted"}
    _save(org, "query", job)
    return Response(job)


# --- Ingest ------------------------------------------------------------------------------------------------------------
def create_ingest(org: Org, request: Request) -> Response:
    wanted = request.record
    sobject = org.store.schema.sobject(str(wanted.get("object", "")))
    if sobject is None or wanted.get("operation") not in _OPERATIONS:
        raise ApiError("INVALIDJOB", "InvalidJob : object and operation must be known")
    if wanted["operation"] == "upsert":
        writes.key_field(sobject, str(wanted.get("externalIdFieldName", "")))
    keys = {k: wanted[k] for k in ("lineEnding", "columnDelimiter", "externalIdFieldName") if k in wanted}
    job = _new(org, request, operation=wanted["operation"], object=sobject.name, state="Open", **keys)
    job["contentUrl"] = f"{request.base.removeprefix('/')}/jobs/ingest/{job['id']}/batches"
    _save(org, "ingest", job)
    return Response(job)


def upload(org: Org, request: Request, job_id: str) -> Response:
    job = _job(org, request, job_id, "ingest")
    if job["state"] != "Open":
        raise ApiError("INVALIDJOBSTATE", "Found multiple contents for job: only one upload is allowed")
    _save(org, "ingest", job, request.body)
    return Response(None, 201)


def change_ingest(org: Org, request: Request, job_id: str) -> Response:
    job = _job(org, request, job_id, "ingest")
    state = request.record.get("state")
    if state not in {"UploadComplete", "Aborted"} or job["state"] != "Open":
        raise ApiError("INVALIDJOBSTATE", f"Job state cannot be set from {job['state']} to {state}")
    answer = {**job, "state": state}
    if state == "UploadComplete":
        _work(org, request, answer)
    else:
        _save(org, "ingest", answer)
    return Response(answer)


def _rows(job: dict[str, Any], content: bytes) -> tuple[list[str], list[list[str]]]:
    reader = csv.reader(
        io.StringIO(content.decode("utf-8-sig"), newline=""), delimiter=_DELIMITERS[job["columnDelimiter"]]
    )
    header, *rows = [*reader] or [[]]
    # An empty line is a row with an empty cell where there is one column, and nothing where there are more.
    return header, [row or [""] for row in rows if row or len(header) == 1]


def _work(org: Org, request: Request, job: dict[str, Any]) -> None:
    found = org.store.one("SELECT content FROM _job WHERE id = ?", job["id"])
    header, rows = _rows(job, bytes(found[0] or b"") if found else b"")
    unknown = _unknown_column(known(org, job["object"]), header)
    stop = 0 if unknown else org.faults.bulk_stops_after
    results = [_one(org, request, job, header, row) for row in (rows if stop < 0 else rows[:stop])]
    failed = sum(1 for r in results if r[2])
    message = f"InvalidBatch : Field name not found : {unknown}" if unknown else "TooManyRetries : The job was stopped"
    _save(org, "ingest", {
        **job, "state": "JobComplete" if stop < 0 else "Failed", "jobType": "V2Ingest", "numberRecordsProcessed": len(results),
        "numberRecordsFailed": failed, "retries": 0, "totalProcessingTime": 20, "apiActiveProcessingTime": 10,
        "apexProcessingTime": 0, "results": results, "looks": org.faults.bulk_looks,
        **({} if stop < 0 else {"errorMessage": message}),
    })  # fmt: skip


def _unknown_column(sobject: SObject, header: list[str]) -> str:
    """A column that nobody knows spoils the whole file, not a row of it."""
    return next((name for name in header if sobject.field(name) is None and "." not in name), "")


def _one(org: Org, request: Request, job: dict[str, Any], header: list[str], row: list[str]) -> list[Any]:
    """Id, created, error of one row: a failed row never stops the others."""
    sobject, operation = known(org, job["object"]), job["operation"]
    # An empty cell leaves the field alone; #N/A empties it.
    values: dict[str, Any] = {}
    for name, cell in zip(header, row, strict=False):
        relationship, _, key = name.partition(".")
        if cell != "":
            given = None if cell == "#N/A" else cell
            values[relationship if key else name] = {key: given} if key else given
    record_id = next((values.pop(k) for k in list(values) if k.lower() == "id"), "")
    try:
        with org.store.savepoint("row"):
            if operation == "insert":
                saved = writes.create(org, sobject, values, request.user_id)
            elif operation == "update":
                saved = writes.update(org, sobject, record_id, values, request.user_id)
            elif operation == "delete":
                saved = writes.delete(org, sobject, record_id, request.user_id)
            else:
                field = writes.key_field(sobject, job["externalIdFieldName"])
                value = (
                    record_id
                    if field.name == "Id"
                    else next((v for k, v in values.items() if k.lower() == field.name.lower()), "")
                )
                saved = writes.upsert(org, sobject, field, value, values, request.user_id)
    except ApiError as error:
        return [record_id, False, f"{error.code}:{error.message}:{','.join(error.fields or [])} --"]
    return [saved.id, saved.created, ""]


def ingest_state(org: Org, request: Request, job_id: str) -> Response:
    job = _job(org, request, job_id, "ingest")
    if looks := job.get("looks", 0):
        _save(org, "ingest", {**job, "looks": looks - 1})
        job["state"] = "InProgress"
    job.pop("results", None)
    job.pop("looks", None)
    return Response(job)


def list_jobs(org: Org, request: Request, kind: str) -> Response:
    rows = org.store.execute("SELECT value FROM _job WHERE kind = ? ORDER BY id", (kind,)).fetchall()
    records = [orjson.loads(row[0]) for row in rows]
    for record in records:
        record.pop("results", None)
        record.pop("looks", None)
    return Response({"done": True, "nextRecordsUrl": None, "records": records})


def ingest_results(org: Org, request: Request, job_id: str, which: str) -> Response:
    job = _job(org, request, job_id, "ingest")
    found = org.store.one("SELECT content FROM _job WHERE id = ?", job_id)
    header, rows = _rows(job, bytes(found[0] or b"") if found else b"")
    results = job.get("results", [])
    first = {
        "successfulResults": ["sf__Id", "sf__Created"],
        "failedResults": ["sf__Id", "sf__Error"],
        "unprocessedrecords": [],
    }
    lines = []
    for row, (record_id, created, error) in zip(rows, results, strict=False):
        if bool(error) == (which == "failedResults") and which != "unprocessedrecords":
            lines.append([record_id, error or str(created).lower(), *row])
    if which == "unprocessedrecords":
        lines = rows[len(results) :]
    text = io.StringIO()
    writer = csv.writer(text, quoting=csv.QUOTE_ALL, lineterminator="\n", delimiter=_DELIMITERS[job["columnDelimiter"]])
    writer.writerows([[*first[which], *header], *lines])
    return Response(text.getvalue(), content_type=CSV)


def delete_ingest(org: Org, request: Request, job_id: str) -> Response:
    _job(org, request, job_id, "ingest")
    org.store.execute("DELETE FROM _job WHERE id = ?", (job_id,))
    return Response(None, 204)
