"""What the looked-up records of a page are called: one statement for each module, however many there are."""

# ruff: noqa: S608  names of fields are the schema's own

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import orjson

from integrations.simulation.documents import Record

from .derived import full_name
from .field import Field
from .schema import Module, Schema
from .store import Store

Names = dict[tuple[str, str], dict[str, Any]]


def target_of(field: Field, body: dict[str, Any]) -> str:
    """The module that this record's lookup leads to."""
    if field.to.startswith("."):
        return str(body.get("$se_module") or "")
    # A person behind an activity is a contact, or a lead where the activity belongs to a lead.
    return "Leads" if field.name == "Who_Id" and body.get("$se_module") == "Leads" else field.to


def looked_up(store: Store, schema: Schema, fields: Sequence[Field], records: Iterable[Record]) -> Names:
    wanted: dict[str, set[str]] = defaultdict(set)
    lookups = [f for f in fields if f.is_lookup]
    for record in records:
        for field in lookups:
            if value := record.body.get(field.name):
                wanted[target_of(field, record.body)].add(value)
    found: Names = {}
    for module, ids in wanted.items():
        for record_id, shown in _shown(store, schema, module, ids):
            found[module, record_id] = shown
    return found


def _shown(store: Store, schema: Schema, module: str, ids: set[str]) -> Iterable[tuple[str, dict[str, Any]]]:
    if module == "users":
        yield from ((i, user_ref(i, user.body)) for i, user in store.many("users", ids).items())
        return
    target = schema.modules.get(module)
    if target is None:
        return
    columns = ("First_Name", "Last_Name") if target.display == "Full_Name" else (target.display,)
    parts = ", ".join(f"json_extract(body, '$.{name}')" for name in columns)
    sql = f"SELECT id, {parts} FROM _record WHERE kind = ? AND gone IS NULL AND id IN (SELECT value FROM json_each(?))"
    for row in store.execute(sql, (module, orjson.dumps(list(ids)).decode())):
        name = full_name(dict(zip(columns, row[1:], strict=True))) if len(columns) == 2 else row[1]
        yield row[0], {"name": name, "id": row[0]}


def user_ref(user_id: str, body: dict[str, Any]) -> dict[str, Any]:
    return {
        "name": full_name({"First_Name": body["first_name"], "Last_Name": body["last_name"]}),
        "id": user_id,
        "email": body["email"],
    }


def shown(field: Field, body: dict[str, Any], names: Names) -> dict[str, Any] | None:
    """A lookup whose record is gone shows as empty."""
    value = body.get(field.name)
    return names.get((target_of(field, body), value)) if value else None


def display_name(module: Module, body: dict[str, Any]) -> str | None:
    return full_name(body) if module.display == "Full_Name" else body.get(module.display)
