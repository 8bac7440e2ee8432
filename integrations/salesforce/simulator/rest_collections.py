"""sObject Collections: up to 200 records in one call, answered in order, each with its own success or errors."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from collections.abc import Callable
from itertools import pairwise
from typing import Any

from integrations.simulation.messages import Request, Response

from . import writes
from .errors import ApiError
from .fields import SObject
from .ids import to_18
from .org import Org
from .rest_metadata import known
from .soql.run import run
from .store import Row

MAX_WRITTEN = 200
MAX_READ = 2000
MAX_TYPE_SWITCHES = 10
_NO_TYPE = "Nested object for polymorphic foreign key must have an attributes field before any other fields."
_ROLLED_BACK = "Record rolled back because not all records were valid and the request was using AllOrNone header"
Save = Callable[[], writes.Saved]


class _RollBackAllError(Exception):
    pass


def create_many(org: Org, request: Request) -> Response:
    def one(record: Row) -> writes.Saved:
        return writes.create(org, _typed(org, record), _fields(record), request.user_id)

    return _each(org, request.record, one)


def update_many(org: Org, request: Request) -> Response:
    def one(record: Row) -> writes.Saved:
        sobject = _typed(org, record)
        record_id = next((v for k, v in record.items() if k.lower() == "id"), None)
        if not record_id:
            raise ApiError("MISSING_ARGUMENT", "Id not specified in an update call", fields=["Id"])
        return _or_cross_reference(
            lambda: writes.update(org, sobject, str(record_id), _fields(record), request.user_id)
        )

    return _each(org, request.record, one)


def upsert_many(org: Org, request: Request, name: str, field: str) -> Response:
    sobject = known(org, name)
    key = writes.key_field(sobject, field)

    def one(record: Row) -> writes.Saved:
        if _typed(org, record) is not sobject:
            raise ApiError("INVALID_TYPE", "All records must be of the type in the URI", fields=[])
        value = next((v for k, v in record.items() if k.lower() == key.name.lower()), None)
        return writes.upsert(org, sobject, key, value, _fields(record), request.user_id)

    return _each(org, request.record, one, shows_created=True)


def delete_many(org: Org, request: Request) -> Response:
    ids = [i for i in request.query.get("ids", "").split(",") if i]
    all_or_none = request.query.get("allOrNone", "false").lower() == "true"

    def one(record_id: str) -> writes.Saved:
        name = org.store.schema.by_prefix(record_id)
        sobject = org.store.schema.sobject(name) if name else None
        if sobject is None or not to_18(record_id):
            raise ApiError("MALFORMED_ID", f"malformed id {record_id}", fields=[])
        return _or_cross_reference(lambda: writes.delete(org, sobject, record_id, request.user_id))

    return Response(_results(org, ids, one, all_or_none=all_or_none, shows_created=False))


def _or_cross_reference(save: Save) -> writes.Saved:
    """What is a 404 for a single row is a failed reference inside a collection."""
    try:
        return save()
    except ApiError as error:
        if error.code == "NOT_FOUND":
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[]) from None
        raise


def _typed(org: Org, record: Row) -> SObject:
    # The type must be known before the first field is read.
    if not isinstance(record, dict) or next(iter(record), "") != "attributes":
        raise ApiError("JSON_PARSER_ERROR", _NO_TYPE, fields=[])
    name = str(record["attributes"].get("type", "")) if isinstance(record["attributes"], dict) else ""
    sobject = org.store.schema.sobject(name)
    if sobject is None:
        raise ApiError("INVALID_TYPE", f"sObject type '{name}' is not supported.", fields=[])
    return sobject


def _fields(record: Row) -> Row:
    return {k: v for k, v in record.items() if k != "attributes" and k.lower() != "id"}


def _each(org: Org, body: Row, one: Callable[[Any], writes.Saved], *, shows_created: bool = False) -> Response:
    records = body.get("records")
    if not isinstance(records, list):
        raise ApiError("JSON_PARSER_ERROR", "Missing required field: records")
    types = [
        r["attributes"].get("type") for r in records if isinstance(r, dict) and isinstance(r.get("attributes"), dict)
    ]
    if sum(a != b for a, b in pairwise(types)) >= MAX_TYPE_SWITCHES:
        raise ApiError(
            "LIMIT_EXCEEDED", f"The records may be of at most {MAX_TYPE_SWITCHES} chunks of one type each", fields=[]
        )
    all_or_none = body.get("allOrNone") is True
    return Response(_results(org, records, one, all_or_none=all_or_none, shows_created=shows_created))


def _results(
    org: Org, records: list[Any], one: Callable[[Any], writes.Saved], *, all_or_none: bool, shows_created: bool
) -> list[dict[str, Any]]:
    if len(records) > MAX_WRITTEN:
        raise ApiError(
            "EXCEEDED_MAX_SIZE_REQUEST", f"The request contains too many records. The maximum is {MAX_WRITTEN}."
        )
    results: list[dict[str, Any]] = []
    try:
        with org.store.savepoint("collection"):
            results.extend(_result(org, record, one, shows_created=shows_created) for record in records)
            if all_or_none and not all(r["success"] for r in results):
                raise _RollBackAllError  # noqa: TRY301  rolls the savepoint back
    except _RollBackAllError:
        rolled_back = ApiError("ALL_OR_NONE_OPERATION_ROLLED_BACK", _ROLLED_BACK, fields=[]).result()
        return [r if not r["success"] else {"success": False, "errors": [rolled_back]} for r in results]
    return results


def _result(org: Org, record: Any, one: Callable[[Any], writes.Saved], *, shows_created: bool) -> dict[str, Any]:
    try:
        with org.store.savepoint("record"):
            saved = one(record)
    except ApiError as error:
        return {"success": False, "errors": [error.result()]}
    return {**saved.body(), "created": saved.created} if shows_created else saved.body()


# --- Reading many ------------------------------------------------------------------------------------------------------
def read_many(org: Org, request: Request, name: str) -> Response:
    """By POST with ids and fields in the body; a GET carries both in the query."""
    given = request.record if request.method == "POST" else {k: v.split(",") for k, v in request.query.items()}
    ids, fields = given.get("ids") or [], given.get("fields") or []
    sobject = known(org, name)
    if not isinstance(ids, list) or not isinstance(fields, list) or not ids or not fields:
        raise ApiError("MISSING_ARGUMENT", "ids and fields must be given")
    if len(ids) > MAX_READ:
        raise ApiError("EXCEEDED_ID_LIMIT", f"The request contains too many ids. The maximum is {MAX_READ}.")
    long_ids = [to_18(str(i)) for i in ids]
    quoted = ", ".join(f"'{i}'" for i in long_ids if i) or "''"
    columns = ", ".join(["Id", *(f for f in fields if f.lower() != "id")])
    answer = run(
        org.store, f"SELECT {columns} FROM {sobject.name} WHERE Id IN ({quoted})", org.asker(request), bounded=False
    )
    by_id = {record["Id"]: record for record in answer["records"]}
    shown = by_id if any(f.lower() == "id" for f in fields) else {k: {**r, "Id": k} for k, r in by_id.items()}
    return Response([shown.get(i) if i else None for i in long_ids])
