"""One record created, updated or upserted: what is checked, in which order, and how each refusal is worded."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from dataclasses import dataclass
from typing import Any

from . import companions, doubles, recycle
from .computed import computed
from .convert import convert
from .errors import ApiError, not_found
from .fields import Field, SObject
from .ids import to_18
from .org import Org
from .store import Row

_SECURITY = "Please check the security settings of this field and verify that it is read/write for your profile or permission set."


@dataclass(frozen=True, slots=True)
class Saved:
    id: str
    created: bool

    def body(self) -> dict[str, Any]:
        return {"id": self.id, "success": True, "errors": []}


def create(org: Org, sobject: SObject, payload: dict[str, Any], user_id: str) -> Saved:
    values = _values(org, sobject, payload, creating=True)
    for field in sobject.fields:
        if field.default is not None and field.name not in values:
            values[field.name] = field.default
        elif field.name == "OwnerId" and not values.get("OwnerId"):
            values["OwnerId"] = user_id
    _check_required(sobject, values)
    doubles.check(org, sobject, values)
    companions.before_create(sobject.name, values)
    org.faults.on_write("")
    values.update(computed(org.store, sobject.name, None, values))
    saved = Saved(org.store.insert(sobject.name, values, user_id), created=True)
    companions.after_create(org.store, sobject.name, saved.id, values, user_id)
    return saved


def update(org: Org, sobject: SObject, record_id: str, payload: dict[str, Any], user_id: str) -> Saved:
    before = living(org, sobject, record_id)
    if any(key.lower() == "id" for key in payload):
        raise ApiError("INVALID_FIELD", "The Id field should not be specified in the sobject data.", fields=["Id"])
    values = _values(org, sobject, payload, creating=False)
    emptied = [name for name, value in values.items() if value is None and _is_required(sobject, name)]
    if emptied:
        raise _missing(emptied)
    doubles.check(org, sobject, values, str(before["Id"]))
    companions.before_update(sobject.name, before, values)
    org.faults.on_write(str(before["Id"]))
    if changed := {name: value for name, value in values.items() if before[name] != value}:
        changed.update(computed(org.store, sobject.name, before, values))
        org.store.update(sobject.name, before["Id"], changed, user_id)
        companions.after_update(org.store, sobject.name, before["Id"], changed, user_id)
    return Saved(before["Id"], created=False)


def delete(org: Org, sobject: SObject, record_id: str, user_id: str) -> Saved:
    before = living(org, sobject, record_id)
    if sobject.is_setup:
        raise ApiError(
            "CANNOT_INSERT_UPDATE_ACTIVATE_ENTITY", f"entity type cannot be deleted: {sobject.label}", fields=[]
        )
    org.faults.on_write(str(before["Id"]))
    recycle.delete(org.store, sobject.name, before["Id"], user_id)
    return Saved(before["Id"], created=False)


def upsert(
    org: Org,
    sobject: SObject,
    field: Field,
    value: Any,
    payload: dict[str, Any],
    user_id: str,
    *,
    update_only: bool = False,
) -> Saved:
    found = matches(org, sobject, field, value)
    if len(found) > 1:
        raise ApiError(
            "DUPLICATE_EXTERNAL_ID",
            f"{field.name}: more than one record found for external id field",
            300,
            [field.name],
        )
    rest = {k: v for k, v in payload.items() if k.lower() != field.name.lower()}
    if found:
        return update(org, sobject, found[0], rest, user_id)
    if update_only:
        raise not_found()
    if field.name == "Id":
        raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", 404, [])
    return create(org, sobject, {**rest, field.name: value}, user_id)


def key_field(sobject: SObject, name: str) -> Field:
    field = sobject.field(name)
    if field is None or not (field.id_lookup or field.external_id):
        raise not_found(f"Provided external ID field does not exist or is not accessible: {name}")
    return field


def matches(org: Org, sobject: SObject, field: Field, value: Any) -> list[str]:
    kept = to_18(str(value)) or str(value) if field.type == "id" else convert(field, value)
    if kept is None:
        raise ApiError("MISSING_ARGUMENT", f"{field.name} not specified", fields=[])
    alive = ' AND "IsDeleted" = 0' if sobject.field("IsDeleted") else ""
    sql = f'SELECT "Id" FROM "{sobject.name}" WHERE "{field.name}" = ? COLLATE NOCASE{alive} LIMIT 10'
    return [row[0] for row in org.store.execute(sql, (kept,))]


def living(org: Org, sobject: SObject, record_id: str) -> Row:
    known = to_18(record_id)
    row = org.store.get(sobject.name, known) if known else None
    if row is None:
        raise not_found() if known else ApiError("MALFORMED_ID", f"malformed id {record_id}", fields=["Id"])
    if row.get("IsDeleted"):
        raise ApiError("ENTITY_IS_DELETED", "entity is deleted", 404, [])
    return row


# --- The payload -------------------------------------------------------------------------------------------------------
def _values(org: Org, sobject: SObject, payload: dict[str, Any], *, creating: bool) -> Row:
    values: Row = {}
    refused = []
    for key, value in payload.items():
        if key.lower() in {"attributes", "type"} and isinstance(value, dict):
            continue
        field, given = _field(org, sobject, key, value)
        if not (field.createable if creating else field.updateable):
            refused.append(field.name)
            continue
        values[field.name] = convert(field, given)
    if refused:
        message = f"Unable to create/update fields: {', '.join(refused)}. {_SECURITY}"
        raise ApiError("INVALID_FIELD_FOR_INSERT_UPDATE", message, fields=refused)
    _check_references(org, sobject, values)
    return values


def _field(org: Org, sobject: SObject, key: str, value: Any) -> tuple[Field, Any]:
    """A column, or a parent named by its external id: "Account": {"Customer_Number__c": "A-1"}."""
    through = sobject.by_relationship.get(key.lower())
    if through is not None and isinstance(value, dict):
        return through, _by_external_id(org, through, value)
    field = sobject.field(key)
    if field is None:
        raise ApiError("INVALID_FIELD", f"No such column '{key}' on sobject of type {sobject.name}")
    return field, value


def _by_external_id(org: Org, through: Field, value: dict[str, Any]) -> str:
    parent = org.store.schema.sobject(through.to[0])
    keys = [k for k in value if k != "attributes"]
    if parent is None or len(keys) != 1:
        raise ApiError(
            "INVALID_FIELD", f"{through.relationship}: exactly one external id must be given", fields=[through.name]
        )
    field = key_field(parent, keys[0])
    found = matches(org, parent, field, value[keys[0]])
    if len(found) != 1:
        message = f"Foreign key external ID: {value[keys[0]]} not found for field {field.name} in entity {parent.name}"
        raise ApiError("INVALID_FIELD", message, fields=[])
    return found[0]


def _check_references(org: Org, sobject: SObject, values: Row) -> None:
    for name, value in values.items():
        field = sobject.field(name)
        if value is None or field is None or field.type != "reference":
            continue
        target = org.store.schema.by_prefix(value)
        row = org.store.get(target, value) if target in field.to else None
        if row is None or row.get("IsDeleted"):
            raise ApiError("INVALID_CROSS_REFERENCE_KEY", "invalid cross reference id", fields=[name])
        if name == "OwnerId" and not row["IsActive"]:
            message = f"operation performed with inactive user [{value}] as owner of {sobject.name.lower()}"
            raise ApiError("INACTIVE_OWNER_OR_USER", message, fields=[name])


def _is_required(sobject: SObject, name: str) -> bool:
    field = sobject.field(name)
    return field is not None and field.required and field.type != "boolean"


def _check_required(sobject: SObject, values: Row) -> None:
    missing = [
        f.name
        for f in sobject.fields
        if f.required and f.createable and not f.defaulted and f.type != "boolean" and values.get(f.name) is None
    ]
    if missing:
        raise _missing(missing)


def _missing(names: list[str]) -> ApiError:
    return ApiError("REQUIRED_FIELD_MISSING", f"Required fields are missing: [{', '.join(names)}]", fields=names)
