"""Values that may stand in one record only: by a unique field, or by a duplicate rule of the org's admins."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from typing import Any

from .errors import ApiError
from .fields import Field, SObject
from .org import Org
from .store import Row


def check(org: Org, sobject: SObject, values: Row, record_id: str = "") -> None:
    for name, value in values.items():
        field = sobject.field(name)
        if value is None or field is None:
            continue
        if field.unique and (others := _holders(org, sobject, field, value, record_id)):
            message = f"duplicate value found: {name} duplicates value on record with id: {others[0][:15]}"
            raise ApiError("DUPLICATE_VALUE", message, fields=[name])
        if f"{sobject.name}.{name}" in org.faults.duplicate_rules and not record_id:
            _apply_rule(sobject, _holders(org, sobject, field, value, record_id))


def _holders(org: Org, sobject: SObject, field: Field, value: Any, besides: str) -> list[str]:
    alive = ' AND "IsDeleted" = 0' if sobject.field("IsDeleted") else ""
    sql = f'SELECT "Id" FROM "{sobject.name}" WHERE "{field.name}" = ? COLLATE NOCASE AND "Id" <> ?{alive} LIMIT 5'
    return [row[0] for row in org.store.execute(sql, (value, besides))]


def _apply_rule(sobject: SObject, others: list[str]) -> None:
    if not others:
        return
    matches = [
        {"record": {"attributes": {"type": sobject.name}, "Id": record_id}, "matchConfidence": 100.0}
        for record_id in others
    ]
    found = {
        "matchResults": [{"entityType": sobject.name, "success": True, "matchRecords": matches}],
        "allowSave": True,
    }
    # The key is misspelt by the API itself.
    raise ApiError("DUPLICATES_DETECTED", "Use one of these records?", fields=[], more={"duplicateResut": found})
