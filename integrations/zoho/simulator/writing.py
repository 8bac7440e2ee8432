"""Inserts, updates, upserts and deletions of up to a hundred records: each is judged alone, in order."""

# Source: the V7 pages on inserting, updating and upserting records; zoho/crm-oas, examples of `record`.

from collections.abc import Callable
from typing import Any

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import checking
from .account import Account, items_of, payload, version_of
from .checking import Body
from .consequences import of_change
from .errors import ZohoError, invalid, mandatory, missing_param
from .externals import named_field, resolve
from .moments import parsed, shown, stored
from .names import user_ref
from .schema import Module
from .shapes import by_ref
from .watching import announce

MOST = 100
Result = dict[str, Any]


# --- Over HTTP -------------------------------------------------------------------------------------------------------
def insert(account: Account, request: Request, module: str) -> Response:
    found = account.module(request, module, "CREATE")
    _check_trigger(request)
    writer = Writer(account, request, found)
    return writer.batch(items_of(request, "data", MOST), writer.insert, good=201)


def update(account: Account, request: Request, module: str) -> Response:
    found = account.module(request, module, "UPDATE")
    _check_trigger(request)
    writer = Writer(account, request, found)
    return writer.batch(items_of(request, "data", MOST), writer.update)


def update_one(account: Account, request: Request, module: str, record_id: str) -> Response:
    found = account.module(request, module, "UPDATE")
    _check_trigger(request)
    target = resolve(account, request, found, record_id)
    writer = Writer(account, request, found)
    given = [{**one, "id": target} if isinstance(one, dict) else one for one in items_of(request, "data", 1)]
    return writer.batch(given, writer.update)


def upsert(account: Account, request: Request, module: str) -> Response:
    found = account.module(request, module, "CREATE")
    account.module(request, module, "UPDATE")
    _check_trigger(request)
    writer = Writer(account, request, found)
    given = items_of(request, "data", MOST)
    external = named_field(request, found)
    writer.keys = (
        [external.name] if external else checking.keys_for_upsert(found, payload(request).get("duplicate_check_fields"))
    )
    return writer.batch(given, writer.upsert)


def _check_trigger(request: Request) -> None:
    body = payload(request)
    trigger = body.get("trigger") if isinstance(body, dict) else None
    if trigger is not None and not isinstance(trigger, list):
        raise invalid(expected_data_type="jsonarray", api_name="trigger", json_path="$.trigger")


def delete(account: Account, request: Request, module: str) -> Response:
    found = account.module(request, module, "DELETE")
    ids = [one.strip() for one in request.query.get("ids", "").split(",") if one.strip()]
    if not ids:
        raise missing_param("ids")
    if len(ids) > MOST:
        raise ZohoError("LIMIT_EXCEEDED", "limit exceeded", details={"limit": MOST, "param_name": "ids"})
    writer = Writer(account, request, found)
    return writer.batch(ids, writer.delete)


def delete_one(account: Account, request: Request, module: str, record_id: str) -> Response:
    found = account.module(request, module, "DELETE")
    writer = Writer(account, request, found)
    return writer.batch([resolve(account, request, found, record_id)], writer.delete)


class Writer:
    def __init__(self, account: Account, request: Request, module: Module) -> None:
        self._account, self._module, self._request = account, module, request
        self._store = account.store
        self._zone = account.zone(request.user_id)
        self._users = {u.id: by_ref(user_ref(u.id, u.body)) for u in self._store.find("users")}
        self._touched: dict[str, list[str]] = {"insert": [], "update": [], "delete": []}
        self._guard = request.headers.get("if-unmodified-since")
        self.keys: list[str] = []

    def batch(self, given: list[Any], write: Callable[[Any, str], Result], good: int = 200) -> Response:
        """What failed is undone alone; the rest stays written."""
        results, statuses = [], []
        for number, one in enumerate(given):
            try:
                with self._store.savepoint("item"):
                    results.append(write(one, f"$.data[{number}]"))
                statuses.append(good)
            except ZohoError as error:
                results.append(error.body())
                statuses.append(error.status)
        for operation, ids in self._touched.items():
            announce(self._account, self._module, operation, ids)
        return Response({"data": results}, self._status(statuses, good))

    def _status(self, statuses: list[int], good: int) -> int:
        bad = [one for one in statuses if one != good]
        if not bad:
            return good
        if version_of(self._request) < 7:
            # Older versions answer 2xx whatever became of the records.
            return 202
        return 207 if len(bad) < len(statuses) else 412 if set(bad) == {412} else 400

    # --- One record --------------------------------------------------------------------------------------------------
    def insert(self, given: Any, path: str) -> Result:
        given = self._named_parent(_object(given, path))
        body = self._defaults()
        changed = checking.changes(self._account, self._module, given, path)
        follows = of_change(self._module, changed, self._store.now, is_new=True)
        body |= {name: value for name, value in {**changed, **follows}.items() if value is not None}
        self._refuse(path)
        checking.check(self._account, self._module, body, changed, path)
        checking.check_unique(self._account, self._module, "", changed, path)
        record = self._store.insert(self._module.name, body)
        self._store.outdate(self._module.name, record.id, None)
        self._touched["insert"].append(record.id)
        return self._success(record, "record added")

    def update(self, given: Any, path: str) -> Result:
        given = _object(given, path)
        if not given.get("id"):
            raise mandatory("id", f"{path}.id")
        record = self._store.get(self._module.name, str(given["id"]))
        if record is None:
            raise invalid("the id given seems to be invalid", api_name="id", json_path=f"{path}.id")
        self._check_guard(record)
        return self._changed(record, given, path)

    def upsert(self, given: Any, path: str) -> Result:
        given = _object(given, path)
        record, key = self._existing(given)
        if record is None:
            return {**self.insert(given, path), "action": "insert", "duplicate_field": None}
        self._check_guard(record)
        return {**self._changed(record, given, path), "action": "update", "duplicate_field": key}

    def _existing(self, given: Body) -> tuple[Record | None, str | None]:
        if given.get("id"):
            return self._store.get(self._module.name, str(given["id"])), None
        for key in self.keys:
            value = given.get(key)
            if isinstance(value, str | int) and value != "":
                found = checking.holders(self._account, self._module, key, value)
                if found:
                    return found[0], key
        return None, None

    def delete(self, record_id: str, path: str) -> Result:
        record = self._store.get(self._module.name, record_id)
        if record is None:
            raise invalid("record not deleted", id=record_id)
        self._refuse(path)
        put_in_bin(self._account, record, self._request.user_id)
        self._touched["delete"].append(record.id)
        return {"code": "SUCCESS", "details": {"id": record.id}, "message": "record deleted", "status": "success"}

    def _changed(self, record: Record, given: Body, path: str) -> Result:
        before = orjson.dumps(record.body)
        changed = checking.changes(self._account, self._module, given, path)
        checking.append_values(self._module, given, record.body, changed)
        body = {**record.body, **changed, **of_change(self._module, changed, self._store.now, is_new=False)}
        self._refuse(path)
        checking.check(self._account, self._module, body, changed, path)
        checking.check_unique(self._account, self._module, record.id, changed, path)
        record.body = {name: value for name, value in body.items() if value is not None}
        record.body["Modified_By"] = self._request.user_id
        self._store.change(record, before)
        self._touched["update"].append(record.id)
        return self._success(record, "record updated")

    def _named_parent(self, given: Body) -> Body:
        """Before v7 a note's parent was a bare id, its module a key beside it: recorded with v2."""
        parent = given.get("Parent_Id")
        if self._module.name != "Notes" or not isinstance(parent, str) or version_of(self._request) >= 7:
            return given
        module = given.get("se_module") or given.get("$se_module")
        return {**given, "Parent_Id": {"id": parent, "module": {"api_name": module}}}

    def _refuse(self, path: str) -> None:
        self._account.faults.refuse_write(path)

    def _defaults(self) -> Body:
        user = self._request.user_id
        return {"Owner": user, "Created_By": user, "Modified_By": user}

    def _check_guard(self, record: Record) -> None:
        if self._guard is None:
            return
        moment = parsed(self._guard)
        if moment is None:
            raise invalid(expected_data_type="datetime", header_name="If-Unmodified-Since")
        if record.updated > stored(moment):
            said = "record updated time has already passed if-unmodified-since time"
            raise ZohoError("ALREADY_MODIFIED", said, 412, self._stamps(record))

    def _success(self, record: Record, message: str) -> Result:
        return {"code": "SUCCESS", "details": self._stamps(record), "message": message, "status": "success"}

    def _stamps(self, record: Record) -> dict[str, Any]:
        approves = version_of(self._request) >= 8 and self._module.name != "Notes"
        return {
            **({"$approval_state": "approved"} if approves else {}),
            "Modified_Time": shown(record.updated, self._zone),
            "Modified_By": self._users.get(str(record.body["Modified_By"])),
            "Created_Time": shown(record.created, self._zone), "id": record.id,
            "Created_By": self._users.get(str(record.body["Created_By"])),
        }  # fmt: skip


def _object(given: Any, path: str) -> Body:
    if not isinstance(given, dict):
        raise invalid(expected_data_type="jsonobject", api_name="data", json_path=path)
    return given


def put_in_bin(account: Account, record: Record, user_id: str) -> None:
    """Who deleted it is told later; its own stamp stays."""
    account.store.execute(
        "UPDATE _record SET body = json_set(body, '$._deleted_by', ?) WHERE row = ?", (user_id, record.row)
    )
    account.store.bin(record)
