"""New fields, as far as Zoho lets them be made over the API: five at once, names chosen by the server."""

# Source: the V7 page "Create Custom Fields", table of types and lengths, list of errors.

import re
from dataclasses import replace
from typing import Any

from .account import Account
from .errors import ZohoError, invalid, mandatory
from .field import Field, Option
from .moments import Zone, shown_moment
from .nested import text_in
from .schema import Module

MOST_AT_ONCE, MOST_UNIQUE, MOST_PER_MODULE = 5, 2, 300
"""Enterprise: three hundred custom fields in a module; two unique ones in every edition."""
_LONGEST = {
    "text": 255, "email": 100, "phone": 30, "integer": 9, "currency": 16, "percent": 5, "bigint": 18, "double": 18,
    "website": 450,
}  # fmt: skip
_TYPES = frozenset(_LONGEST) | {
    "textarea", "picklist", "multiselectpicklist", "boolean", "date", "datetime", "lookup", "userlookup", "autonumber",
}  # fmt: skip
_TEXTAREAS = {"small": 2000, "large": 32_000, "rich_text": 50_000}
_MOST_LABEL = 50


def make(account: Account, module: Module, wanted: Any, path: str, zone: Zone) -> Field:
    if not isinstance(wanted, dict):
        raise invalid(expected_data_type="jsonobject", json_path=path)
    label, kind = wanted.get("field_label"), wanted.get("data_type")
    for name, value in (("field_label", label), ("data_type", kind)):
        if not value:
            raise mandatory(name, f"{path}.{name}")
    if not isinstance(label, str) or len(label) > _MOST_LABEL:
        raise invalid(api_name="field_label", json_path=f"{path}.field_label", maximum_length=_MOST_LABEL)
    if not isinstance(kind, str) or kind not in _TYPES:
        raise invalid(api_name="data_type", json_path=f"{path}.data_type", supported_values=sorted(_TYPES))
    _check_room(module, wanted, label, path)
    made = shown_moment(account.now(), zone)
    field = Field(
        _api_name(module, label), label, kind, custom=True, made=made, unique=wanted.get("unique") not in (None, {})
    )
    return _typed(account, replace(field, external=text_in(wanted, "external", "type")), wanted, path)


def _check_room(module: Module, wanted: dict[str, Any], label: str, path: str) -> None:
    if any(f.label.lower() == label.lower() for f in module.fields.values()):
        details = {"api_name": "field_label", "json_path": f"{path}.field_label"}
        raise ZohoError("DUPLICATE_DATA", "duplicate data", details=details)
    own = [f for f in module.fields.values() if f.custom]
    due = [{"api_name": "data_type", "json_path": f"{path}.data_type"}]
    if len(own) >= MOST_PER_MODULE:
        raise _full(MOST_PER_MODULE, due)
    if wanted.get("unique") and sum(f.unique for f in own) >= MOST_UNIQUE:
        raise _full(MOST_UNIQUE, [{"api_name": "unique", "json_path": f"{path}.unique"}])


def _full(limit: int, due: list[dict[str, str]]) -> ZohoError:
    said = "The field has reached its maximum creation limit"
    return ZohoError("LIMIT_EXCEEDED", said, details={"limit": limit, "limit_due_to": due})


def _typed(account: Account, field: Field, wanted: dict[str, Any], path: str) -> Field:
    match field.type:
        case "picklist" | "multiselectpicklist":
            return replace(field, options=_options(wanted, path))
        case "textarea":
            kind = text_in(wanted, "textarea", "type")
            if kind not in _TEXTAREAS:
                raise mandatory("textarea", f"{path}.textarea")
            return replace(field, textarea=kind, size=_TEXTAREAS[kind], filterable=kind == "small")
        case "lookup":
            target = text_in(wanted, "lookup", "module", "api_name")
            if target not in account.schema.modules:
                raise mandatory("lookup", f"{path}.lookup.module.api_name")
            return replace(field, to=target)
        case "userlookup":
            return replace(field, to="users")
    longest = _LONGEST.get(field.type)
    size = wanted.get("length", longest or 0)
    if longest and (not isinstance(size, int) or not 1 <= size <= longest):
        raise invalid(api_name="length", json_path=f"{path}.length", maximum_length=longest)
    decimals = 2 if field.type in {"currency", "percent", "double"} else None
    return replace(field, size=size if longest else 0, decimals=wanted.get("decimal_place", decimals))


def _options(wanted: dict[str, Any], path: str) -> tuple[Option, ...]:
    values = wanted.get("pick_list_values")
    if not values or not isinstance(values, list):
        missing = [{"api_name": n, "json_path": f"{path}.{n}"} for n in ("pick_list_values", "global_picklist")]
        said = "Either global_picklist or picklist values is expected"
        raise ZohoError("EXPECTED_DEPENDENT_FIELD_MISSING", said, details={"expected_fields": missing})
    found = []
    for number, one in enumerate(values):
        if not isinstance(one, dict) or not one.get("display_value"):
            raise mandatory("display_value", f"{path}.pick_list_values[{number}].display_value")
        found.append(Option(str(one.get("actual_value") or one["display_value"]), str(one["display_value"])))
    return tuple(found)


def _api_name(module: Module, label: str) -> str:
    """The server chooses it: what is left of the label, numbered where that is taken."""
    base = re.sub(r"[^A-Za-z0-9]+", "_", label).strip("_") or "Field"
    base = base if base[0].isalpha() else f"Field_{base}"
    taken = {name.lower() for name in module.fields}
    name, number = base, 0
    while name.lower() in taken:
        number += 1
        name = f"{base}{number}"
    return name
