"""Custom fields made over the Tooling API, and the permissions without which nobody sees them."""

import re
from typing import Any

from . import writes
from .errors import ApiError
from .fields import Field
from .ids import make_id
from .messages import Request, Response
from .org import Org
from .rest_metadata import known

_TYPES = {
    "Text": "string", "TextArea": "textarea", "LongTextArea": "textarea", "Number": "double", "Currency": "currency",
    "Percent": "percent", "Checkbox": "boolean", "Date": "date", "DateTime": "datetime", "Email": "email", "Phone": "phone",
    "Url": "url", "Picklist": "picklist", "MultiselectPicklist": "multipicklist", "Lookup": "reference",
}  # fmt: skip
_FULL_NAME = re.compile(r"(\w+)\.([A-Za-z]\w*__c)")


def create_field(org: Org, request: Request) -> Response:
    match = _FULL_NAME.fullmatch(str(request.record.get("FullName", "")))
    sobject = org.store.schema.everything.get(match[1]) if match else None
    if match is None or sobject is None:
        raise ApiError(
            "INVALID_FIELD", "FullName must name an object and a field that ends in __c", fields=["FullName"]
        )
    if sobject.field(match[2]):
        message = f"There is already a field named {match[2].removesuffix('__c')} on {sobject.label}."
        raise ApiError("DUPLICATE_DEVELOPER_NAME", message, fields=["DeveloperName"])
    field = _field(match[2], request.record.get("Metadata") or {})
    changes = org.store.schema.changes
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
    name, changes = str(request.record["Field"]), org.store.schema.changes
    if request.record.get("PermissionsRead") or request.record.get("PermissionsEdit"):
        changes.hidden.discard(name)
    changes.locked.discard(name) if request.record.get("PermissionsEdit") else changes.locked.add(name)
    org.store.save_schema()
    return Response(saved.body(), 201, {"Location": f"{request.base}/sobjects/FieldPermissions/{saved.id}"})
