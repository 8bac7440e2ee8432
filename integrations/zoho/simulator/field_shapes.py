"""Fields as the metadata calls show them, with all the keys that real answers have."""

from typing import Any

from .field import Field
from .ids import named_id
from .modules_work import STAGES
from .schema import Module, Schema

PROFILES = ("Administrator", "Standard")
_UI_TYPES = {
    "text": 1, "textarea": 3, "email": 25, "phone": 33, "website": 21, "picklist": 2, "multiselectpicklist": 100,
    "boolean": 301, "integer": 32, "bigint": 52, "double": 38, "currency": 36, "percent": 34, "date": 24,
    "datetime": 333,
    "lookup": 133, "ownerlookup": 8, "userlookup": 8, "formula": 116, "autonumber": 107, "profileimage": 66,
}  # fmt: skip
_FORECASTS = {value: (probability, forecast) for value, _, probability, forecast in STAGES}
CATEGORIES = {"Open": "Pipeline", "Closed Won": "Closed", "Closed Lost": "Omitted"}


def profile_id(name: str) -> str:
    return named_id("profile", name)


def shape(schema: Schema, module: Module, field: Field, version: float) -> dict[str, Any]:
    found = _shape(schema, module, field)
    if version < 8:
        return found
    if found["lookup"]:
        found["lookup"]["module"]["crypt"] = False
        found["lookup"]["query_details"] = {"system_query_id": None}
    return {**found, "history_tracking_enabled": False, "range": None, "public": False}


def _shape(schema: Schema, module: Module, field: Field) -> dict[str, Any]:
    edits = field.may_write
    names_profile = [
        {"permission_type": "read_write" if edits else "read_only", "name": name, "id": profile_id(name)}
        for name in PROFILES
    ]
    return {
        "associated_module": None, "webhook": True,
        "operation_type": {"web_update": edits, "api_create": edits, "web_create": edits, "api_update": edits},
        "colour_code_enabled_by_system": False, "field_label": field.label, "tooltip": None, "type": "used",
        # The owner is called read-only and can be written all the same; the creation time is the other way round.
        "field_read_only": field.name == "Owner" or field.name == "Last_Activity_Time",
        "customizable_properties": _customizable(field), "display_label": field.label,
        "read_only": field.locked or (field.custom and not edits), "association_details": None,
        "businesscard_supported": True, "multi_module_lookup": {}, "id": field.id_in(module.name),
        "created_time": field.made or None, "filterable": field.filterable, "visible": True, "profiles": names_profile,
        "view_type": {"view": True, "edit": edits, "quick_create": field.mandatory, "create": edits},
        "separator": False,
        "searchable": field.type != "profileimage", "external": _external(field), "api_name": field.name,
        "unique": {"case_sensitive": False} if field.unique else {}, "enable_colour_code": False,
        "pick_list_values": options_of(module, field), "system_mandatory": field.mandatory, "virtual_field": False,
        "json_type": field.json_type, "crypt": None, "created_source": "default",
        "display_type": -1, "ui_type": _UI_TYPES.get(field.type, 1), "modified_time": field.made or None,
        "email_parser": {"fields_update_supported": edits, "record_operations_supported": edits},
        "currency": {"rounding_option": "normal", "precision": 2} if field.type == "currency" else {},
        "custom_field": field.custom, "lookup": _lookup(schema, module, field), "hipaa_compliance": None,
        "convert_mapping": {"Contacts": None, "Deals": None, "Accounts": None}, "rollup_summary": {},
        "length": field.length,
        "display_field": field.name == module.display, "pick_list_values_sorted_lexically": False,
        "sortable": field.type != "textarea", "layout_associations": [_layout(module)], "global_picklist": None,
        "history_tracking": None, "data_type": field.type, "formula": _formula(field),
        "hipaa_compliance_enabled": False,
        "decimal_place": field.decimals, "mass_update": edits and not field.is_lookup, "multiselectlookup": {},
        "auto_number": {}, **({"textarea": {"type": field.textarea or "small"}} if field.type == "textarea" else {}),
    }  # fmt: skip


def _customizable(field: Field) -> list[str]:
    if not field.custom:
        return ["mandatory", "removal", "tooltip", "hipaa_field", "add_to_other_layouts"]
    return [
        "mandatory",
        "fieldlabel",
        "removal",
        "deletion",
        "private_field",
        "tooltip",
        "hipaa_field",
        "add_to_other_layouts",
    ]


def _external(field: Field) -> dict[str, Any] | None:
    return {"show": False, "type": field.external} if field.external else None


def _formula(field: Field) -> dict[str, Any]:
    return {"return_type": "double", "assume_default": False} if field.type == "formula" else {}


def _layout(module: Module) -> dict[str, str]:
    return {"api_name": "Standard__s", "name": "Standard", "id": module.layout_id}


def _lookup(schema: Schema, module: Module, field: Field) -> dict[str, Any]:
    # Owners and users are lookups too, but name no module.
    if field.type != "lookup" or field.to.startswith("."):
        return {}
    target = schema.modules.get(field.to)
    reference: dict[str, Any] = {"api_name": field.to, "id": target.id if target else named_id("module", field.to)}
    return {
        "display_label": field.label, "revalidate_filter_during_edit": False, "api_name": f"{field.name}_{module.name}",
        "module": reference, "id": named_id("lookup", module.name, field.name), "query_details": {},
    }  # fmt: skip


def options_of(module: Module, field: Field) -> list[dict[str, Any]]:
    found = []
    for number, option in enumerate(field.options, 1):
        one: dict[str, Any] = {
            "display_value": option.label, "sequence_number": number, "reference_value": option.value,
            "colour_code": None,
            "actual_value": option.value, "id": named_id("option", module.name, field.name, option.value),
            "type": "used",
        }  # fmt: skip
        if field.name == "Stage" and option.value in _FORECASTS:
            probability, forecast = _FORECASTS[option.value]
            one |= {"probability": probability, "forecast_type": forecast, "forecast_category": category_of(forecast)}
        found.append(one)
    return found


def category_of(forecast: str) -> dict[str, str]:
    name = CATEGORIES[forecast]
    return {"name": name, "id": named_id("forecast", name)}
