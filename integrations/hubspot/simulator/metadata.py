"""The endpoints of properties and their groups: reading them all, making, editing and archiving one's own."""

import re
from typing import Any

from integrations.simulation.messages import Request, Response

from .batch_shapes import envelope, inputs_of
from .errors import NOT_FOUND, ApiError, unreadable
from .kinds import Kind, kind_of
from .portal import Portal
from .properties import Definition
from .schema import Changes, read
from .scopes import schema_scopes

FIELD_TYPES = {
    "string": ("text", "textarea", "html", "phonenumber", "file", "calculation_equation"),
    "number": ("number", "calculation_equation"), "bool": ("booleancheckbox", "calculation_equation"),
    "enumeration": ("select", "radio", "checkbox", "booleancheckbox", "calculation_equation"), "date": ("date",),
    "datetime": ("date",),
}  # fmt: skip
UNIQUE_MOST = 10
_NAME = re.compile(r"[a-z][a-z0-9_]{0,99}")
_EDITABLE = ("label", "description", "groupName", "type", "fieldType", "options", "displayOrder", "hidden", "formField")


def _opened(portal: Portal, object_type: str, action: str) -> Kind:
    kind = kind_of(object_type)
    portal.require(schema_scopes(kind.scope, action))
    return kind


# --- Reading ----------------------------------------------------------------------------------------------------------
def read_all(portal: Portal, request: Request, object_type: str) -> Response:
    """All in one answer, without pages."""
    kind = _opened(portal, object_type, "read")
    if request.query.get("archived", "").lower() == "true":
        changes = portal.schema.changes(kind.name)
        gone = [changes.own[name] for name in changes.archived if name in changes.own]
        return Response({"results": [{**one, "archived": True} for one in gone]})
    found = portal.schema.of(kind.name)
    return Response({"results": [found[name].definition() for name in sorted(found)]})


def read_one(portal: Portal, _request: Request, object_type: str, name: str) -> Response:
    kind = _opened(portal, object_type, "read")
    return Response(_definition(portal, kind, name))


def read_batch(portal: Portal, request: Request, object_type: str) -> Response:
    started, kind = portal.now, _opened(portal, object_type, "read")
    names = [str(one.get("name")) for one in inputs_of(request.record)]
    known = portal.schema.of(kind.name)
    errors = [_none(kind, name).part() for name in names if name not in known]
    return envelope(portal, started, [known[name].definition() for name in names if name in known], errors)


def _definition(portal: Portal, kind: Kind, name: str) -> Definition:
    one = portal.schema.of(kind.name).get(name)
    if one is None:
        raise _none(kind, name)
    return one.definition()


def _none(kind: Kind, name: str) -> ApiError:
    return ApiError(f'Property "{name}" does not exist for {kind.word}', 404, NOT_FOUND)


# --- Making -----------------------------------------------------------------------------------------------------------
def create_one(portal: Portal, request: Request, object_type: str) -> Response:
    kind = _opened(portal, object_type, "write")
    return Response(_create(portal, kind, request.record), 201)


def create_batch(portal: Portal, request: Request, object_type: str) -> Response:
    started, kind = portal.now, _opened(portal, object_type, "write")
    results, errors = [], []
    for one in inputs_of(request.record):
        try:
            results.append(_create(portal, kind, one))
        except ApiError as error:
            errors.append(error.part())
    return envelope(portal, started, results, errors, success=201)


def _create(portal: Portal, kind: Kind, given: dict[str, Any]) -> Definition:
    lacking = [name for name in ("name", "label", "type", "fieldType", "groupName") if not given.get(name)]
    if lacking:
        raise unreadable(f"Cannot build PropertyCreate, some of required attributes are not set [{', '.join(lacking)}]")
    name = str(given["name"])
    if not _NAME.fullmatch(name):
        raise ApiError(
            f'Property name "{name}" may hold lower case letters, digits and underscores, and begins with a letter'
        )
    _check_types(given)
    if given["groupName"] not in portal.schema.groups(kind.name):
        raise ApiError(f'Property group "{given["groupName"]}" does not exist')
    changes = portal.schema.changes(kind.name)
    if name in changes.archived and name in changes.own:
        # An archived name is not taken: it comes back.
        return _restore(portal, kind, name)
    if name in portal.schema.of(kind.name) or name in changes.own:
        raise ApiError(
            f'A property named "{name}" already exists.',
            409,
            "OBJECT_ALREADY_EXISTS",
            sub="Properties.PROPERTY_WITH_NAME_EXISTS",
        )
    _check_unique_count(given, changes)
    told = _told(portal, given)
    with portal.schema.changing(kind.name) as kept:
        kept.own[name] = told
    if told["hasUniqueValue"]:
        portal.store.index(kind.name, f"$.{name}")
    return told


def _check_types(given: dict[str, Any]) -> None:
    allowed = FIELD_TYPES.get(str(given["type"]))
    if allowed is None:
        raise unreadable(f'Cannot deserialize value of type `PropertyType` from String "{given["type"]}"')
    if given["fieldType"] not in allowed:
        raise ApiError(f"fieldType {given['fieldType']} is not valid for type {given['type']}")
    options = given.get("options") or []
    if not all(isinstance(one, dict) and one.get("label") and one.get("value") is not None for one in options):
        raise unreadable("Cannot build Option, some of required attributes are not set [label, value]")
    if given["type"] == "enumeration" and not given.get("options") and not given.get("externalOptions"):
        raise ApiError("Enumeration properties need at least one option")


def _check_unique_count(given: dict[str, Any], changes: Changes) -> None:
    if given.get("hasUniqueValue") and sum(one["hasUniqueValue"] for one in changes.own.values()) >= UNIQUE_MOST:
        raise ApiError(f"An object may have {UNIQUE_MOST} unique properties")


def _told(portal: Portal, given: dict[str, Any]) -> Definition:
    user = portal.caller.user_id or "60000001"
    return {
        "updatedAt": portal.now, "createdAt": portal.now, "name": given["name"], "label": given["label"],
        "type": given["type"],
        "fieldType": given["fieldType"], "description": given.get("description") or "", "groupName": given["groupName"],
        "options": _options(given),
        **({"referencedObjectType": "OWNER"} if given.get("referencedObjectType") == "OWNER" else {}),
        "createdUserId": user, "updatedUserId": user, "displayOrder": given.get("displayOrder") or -1,
        "calculated": False,
        "externalOptions": bool(given.get("externalOptions")), "archived": False,
        "hasUniqueValue": bool(given.get("hasUniqueValue")), "hidden": bool(given.get("hidden")),
        "modificationMetadata": {"archivable": True, "readOnlyDefinition": False, "readOnlyValue": False},
        "formField": bool(given.get("formField")), "dataSensitivity": given.get("dataSensitivity") or "non_sensitive",
    }  # fmt: skip


def _options(given: dict[str, Any]) -> list[dict[str, Any]]:
    found = given.get("options") or []
    if given["type"] == "bool" and not found:
        found = [{"label": "Yes", "value": "true"}, {"label": "No", "value": "false"}]
    return [
        {"label": one["label"], "value": str(one["value"]), "description": one.get("description") or "",
         "displayOrder": one.get("displayOrder", place), "hidden": bool(one.get("hidden"))}
        for place, one in enumerate(found)
    ]  # fmt: skip


# --- Editing ----------------------------------------------------------------------------------------------------------
def update_one(portal: Portal, request: Request, object_type: str, name: str) -> Response:
    """Options that are sent replace the whole list."""
    kind = _opened(portal, object_type, "write")
    told = _definition(portal, kind, name)
    limits = told["modificationMetadata"]
    given = {key: value for key, value in request.record.items() if key in _EDITABLE and value is not None}
    # Of a property whose definition is fixed, the list of options may still be open.
    if limits["readOnlyDefinition"] and (set(given) - {"options"} or limits.get("readOnlyOptions", True)):
        raise ApiError(f'Property "{name}" has a read only definition.')
    told |= given | {"updatedAt": portal.now}
    if "options" in given:
        told["options"] = _options({**told, "options": given["options"]})
    _check_types({**told, "externalOptions": told["externalOptions"]})
    read(told)
    with portal.schema.changing(kind.name) as kept:
        kept.own[name] = told
    return Response(told)


def archive_one(portal: Portal, _request: Request, object_type: str, name: str) -> Response:
    """Its values stay, for the day it comes back."""
    kind = _opened(portal, object_type, "write")
    told = _definition(portal, kind, name)
    if told.get("hubspotDefined"):
        raise ApiError(f'Property "{name}" is defined by HubSpot and cannot be archived.')
    with portal.schema.changing(kind.name) as kept:
        kept.archived.append(name)
    return Response(None, 204)


def archive_batch(portal: Portal, request: Request, object_type: str) -> Response:
    for one in inputs_of(request.record):
        archive_one(portal, request, object_type, str(one.get("name")))
    return Response(None, 204)


def _restore(portal: Portal, kind: Kind, name: str) -> Definition:
    with portal.schema.changing(kind.name) as kept:
        kept.archived.remove(name)
        kept.own[name] = {**kept.own[name], "archived": False, "updatedAt": portal.now}
    return kept.own[name]


# --- Groups -----------------------------------------------------------------------------------------------------------
def read_groups(portal: Portal, _request: Request, object_type: str) -> Response:
    kind = _opened(portal, object_type, "read")
    groups = portal.schema.groups(kind.name)
    return Response({"results": [_group(name, label) for name, label in groups.items()]})


def create_group(portal: Portal, request: Request, object_type: str) -> Response:
    kind = _opened(portal, object_type, "write")
    name, label = request.record.get("name"), request.record.get("label")
    if not name or not label:
        raise unreadable("Cannot build PropertyGroupCreate, some of required attributes are not set [name, label]")
    if name in portal.schema.groups(kind.name):
        sub = "Properties.GROUP_WITH_NAME_EXISTS"
        raise ApiError(f'A property group named "{name}" already exists.', 409, "OBJECT_ALREADY_EXISTS", sub=sub)
    with portal.schema.changing(kind.name) as kept:
        kept.groups[name] = label
    return Response(_group(name, label), 201)


def _group(name: str, label: str) -> dict[str, Any]:
    return {"name": name, "label": label, "displayOrder": -1, "archived": False}
