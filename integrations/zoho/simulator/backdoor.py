"""A colleague's work in Zoho itself: no validation, but stamps and notifications as for any change."""

from collections.abc import Mapping
from typing import Any

import orjson

from integrations.simulation.documents import Record

from .account import Account
from .consequences import of_change
from .errors import ZohoError, invalid_module
from .merging import merge
from .moments import parsed, stored
from .schema import Module
from .watching import announce
from .writing import put_in_bin

Body = dict[str, Any]


def change(account: Account, verb: str, body: Mapping[str, Any]) -> str:
    name, record_id = str(body.get("object")), str(body.get("id", ""))
    module = account.schema.modules.get(name)
    if module is None:
        raise invalid_module(module=name)
    user = account.user_id()
    match verb:
        case "create":
            record_id = _create(account, module, body.get("fields", {}), user)
        case "edit":
            _edit(account, module, record_id, body.get("fields", {}), user)
        case "delete":
            put_in_bin(account, _record(account, module, record_id), user)
            announce(account, module, "delete", [record_id])
        case "undelete":
            account.store.unbin(_record(account, module, record_id, gone=True))
        case "merge":
            losers = [_record(account, module, str(one)) for one in body["losers"]]
            merge(account, module, _record(account, module, record_id), losers, user)
        case _:
            raise ZohoError("UNKNOWN_CONTROL", f"There is no verb {verb!r}", 404)
    return record_id


def _create(account: Account, module: Module, fields: Mapping[str, Any], user: str) -> str:
    plain = _plain(module, fields)
    follows = of_change(module, plain, account.store.now, is_new=True)
    given = {"Owner": user, "Created_By": user, "Modified_By": user, **plain, **follows}
    body = {name: value for name, value in given.items() if value is not None}
    record = account.store.insert(module.name, body)
    account.store.outdate(module.name, record.id, None)
    announce(account, module, "insert", [record.id])
    return record.id


def _edit(account: Account, module: Module, record_id: str, fields: Mapping[str, Any], user: str) -> None:
    record = _record(account, module, record_id)
    before = orjson.dumps(record.body)
    plain = _plain(module, fields)
    follows = of_change(module, plain, account.store.now, is_new=False)
    changed = {**record.body, **plain, **follows, "Modified_By": user}
    record.body = {name: value for name, value in changed.items() if value is not None}
    account.store.change(record, before)
    announce(account, module, "update", [record.id])


def _plain(module: Module, fields: Mapping[str, Any]) -> Body:
    """Any value goes, of a field that exists; a lookup may be given by its id or as the API shows it."""
    wrong = [name for name in fields if name not in module.fields and name != "$se_module"]
    if wrong:
        raise ZohoError("UNKNOWN_CONTROL", f"{module.name} has no field {', '.join(wrong)}")
    found = {}
    for name, value in fields.items():
        is_ref = isinstance(value, dict) and "id" in value and name in module.fields and module.fields[name].is_lookup
        found[name] = str(value["id"]) if is_ref else _moment(module, name, value)
    return found


def _moment(module: Module, name: str, value: Any) -> Any:
    field = module.fields.get(name)
    if field is None or field.type != "datetime" or value is None:
        return value
    moment = parsed(value)
    if moment is None:
        raise ZohoError("UNKNOWN_CONTROL", f"{name} is no moment: {value!r}")
    return stored(moment)


def _record(account: Account, module: Module, record_id: str, *, gone: bool = False) -> Record:
    found = account.store.get(module.name, record_id, with_gone=gone)
    if found is None or (gone and found.gone is None):
        raise ZohoError("UNKNOWN_CONTROL", f"There is no {module.name} {record_id}", 404)
    return found
