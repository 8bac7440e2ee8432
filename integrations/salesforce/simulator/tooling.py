"""Custom fields made over the Tooling API, and the permissions without which nobody sees them."""

import re
from typing import Any

from integrations.simulation.messages import Request, Response

from . import writes
from .errors import ApiError
from .fields import Field
from .ids import make_id
from .org import Org
from .rest_metadata import known

_TYPES = {
    "Text": "string", "TextArea": "textarea", "LongTextArea": "textarea", "Number": "double", "Currency": "currency",
    "Percent": "percent", "Checkbox": "boolean", "Date": "date", "DateTime": "datetime", "Email": "email", "Phone": "phone",
    "Url": "url", "Picklist": "picklist", "MultiselectPicklist": "multipicklist", "Lookup": "reference",
}  # fmt: skip
_FULL_NAME = re.compile(r"(\w+)\.([A-Za-z]\w*__c)")


_ACTIVITY = "Activity"
_ACTIVITIES = ("Task", "Event")
"""What is added to the one stands on both."""


def create_field(org: Org, request: Request) -> Response:
    if org.faults.may_not_customize:
        raise ApiError("INSUFFICIENT_ACCESS", "insufficient access rights on entity: CustomField", 403)
    match = _FULL_NAME.fullmatch(str(request.record.get("FullName", "")))
    homes = _ACTIVITIES if match and match[1] == _ACTIVITY else (match[1],) if match else ()
    sobjects = [one for name in homes if (one := org.store.schema.everything.get(name))]
    if match is None or not sobjects:
        raise ApiError(
            "INVALID_FIELD", "FullName must name an object and a field that ends in __c", fields=["FullName"]
        )
    if sobjects[0].field(match[2]):
        message = f"There is already a field named {match[2].removesuffix('__c')} on {match[1]}."
        raise ApiError("DUPLICATE_DEVELOPER_NAME", message, fields=["DeveloperName"])
    field = _field(match[2], request.record.get("Metadata") or {})
    if field.unique and match[1] == _ACTIVITY:
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", "Custom fields of activities cannot be unique", fields=["Metadata"])
    changes = org.store.schema.changes
    for sobject in sobjects:
        changes.added.setdefault(sobject.name, []).append(field)
        # Nobody sees a new field, the user who made it included, until FieldPermissions say so.
        changes.hidden.add(f"{sobject.name}.{field.name}")
    org.store.save_schema()
    field_id = make_id("00N", sum(len(added) for added in changes.added.values()))
    return Response({"id": field_id, "success": True, "errors": [], "warnings": [], "infos": []}, 201)


def _field(name: str, metadata: dict[str, Any]) -> Field:
    kind = _TYPES.get(metadata.get("type", ""))
    if kind is None or not metadata.get("label"):
        raise ApiError("FIELD_INTEGRITY_EXCEPTION", "A field needs a label and a known type", fields=["Metadata"])
    values = ((metadata.get("valueSet") or {}).get("valueSetDefinition") or {}).get("value") or []
    length = int(
        metadata.get("length") or {"string": 255, "picklist": 255, "textarea": 255, "reference": 18}.get(kind, 0)
    )
    target = metadata.get("referenceTo")
    return Field(
        name, metadata["label"], kind, length, int(metadata.get("precision") or 0), int(metadata.get("scale") or 0),
        required=bool(metadata.get("required")) or kind == "boolean", defaulted=kind == "boolean",
        to=(target,) if target else (), relationship=name[:-1] + "r" if target else None,
        values=tuple(v["fullName"] for v in values), restricted=bool((metadata.get("valueSet") or {}).get("restricted")),
        external_id=bool(metadata.get("externalId")), id_lookup=bool(metadata.get("externalId")), unique=bool(metadata.get("unique")),
    )  # fmt: skip


def create_permissions(org: Org, request: Request) -> Response:
    """FieldPermissions: reading shows a field to the API user, editing lets it be written."""
    sobject = known(org, "FieldPermissions")
    saved = writes.create(org, sobject, request.record, request.user_id)
    _apply_permissions(org, str(request.record["Field"]), request.record)
    return Response(saved.body(), 201, {"Location": f"{request.base}/sobjects/FieldPermissions/{saved.id}"})


def update_permissions(org: Org, request: Request, record_id: str) -> Response:
    sobject = known(org, "FieldPermissions")
    before = writes.living(org, sobject, record_id)
    writes.update(org, sobject, record_id, request.record, request.user_id)
    _apply_permissions(org, str(before["Field"]), request.record)
    return Response(None, 204)


def _apply_permissions(org: Org, name: str, granted: dict[str, Any]) -> None:
    changes = org.store.schema.changes
    if granted.get("PermissionsRead") or granted.get("PermissionsEdit"):
        changes.hidden.discard(name)
    changes.locked.discard(name) if granted.get("PermissionsEdit") else changes.locked.add(name)
    org.store.save_schema()
