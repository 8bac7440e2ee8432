"""Layouts: one for each module, with all its fields in one section. Only here is told what a layout alone requires."""

from typing import Any

from integrations.simulation.messages import Request, Response

from .account import Account, version_of
from .field import Field
from .field_shapes import PROFILES, profile_id, shape
from .ids import named_id
from .moments import shown_moment
from .schema import Module

_MAY_DO = ("edit", "rename", "clone", "downgrade", "delete", "deactivate", "set_layout_permissions")
_MAY_DO_IN_SECTION = (
    "add_field", "rename", "change_tab_traversal", "reorder", "delete", "remove_field", "change_column_count",
)  # fmt: skip
_NOT_IN_LAYOUTS = frozenset({"email_parser", "layout_associations"})


def layouts(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.settings.layouts.READ")
    return Response({"layouts": [_layout(account, request, account.named_module(request))]})


def layout(account: Account, request: Request, layout_id: str) -> Response:
    account.require(request, "ZohoCRM.settings.layouts.READ")
    found = account.named_module(request)
    if found.layout_id != layout_id:
        return Response(None, 204)
    return Response({"layouts": [_layout(account, request, found)]})


def _layout(account: Account, request: Request, found: Module) -> dict[str, Any]:
    view = {"name": "Standard", "id": found.layout_id, "type": "layout"}
    profiles = [
        {"default": True, "name": name, "id": profile_id(name), "_default_view": view, "_default_assignment_view": view}
        for name in PROFILES
    ]
    return {
        "has_more_profiles": False, "created_time": None, "convert_mapping": None, "visible": True, "created_for": None,
        "profiles": profiles, "source": "crm", "created_by": None, "sections": [_section(account, request, found)],
        "display_label": "Standard", "show_business_card": True, "actions_allowed": dict.fromkeys(_MAY_DO, True),
        "modified_time": shown_moment(account.now(), account.zone(request.user_id)), "api_name": "Standard__s",
        "name": "Standard", "modified_by": None, "generated_type": "system", "id": found.layout_id, "status": "active",
    }  # fmt: skip


def _section(account: Account, request: Request, found: Module) -> dict[str, Any]:
    section_id = named_id("section", found.name)
    fields = [
        _field(account, found, field, number, version_of(request))
        for number, field in enumerate(found.fields.values(), 1)
    ]
    return {
        "isSubformSection": False, "type": "used", "display_label": f"{found.singular} Information", "mode": "all",
        "sequence_number": 1, "actions_allowed": dict.fromkeys(_MAY_DO_IN_SECTION, True),
        "tab_traversal": "left_to_right",
        "api_name": f"{found.singular}_Information", "column_count": 2, "name": f"{found.singular} Information",
        "generated_type": "default", "id": section_id, "fields": fields, "properties": None,
    }  # fmt: skip


def _field(account: Account, module: Module, field: Field, number: int, version: float) -> dict[str, Any]:
    whole = shape(account.schema, module, field, version)
    told = {key: value for key, value in whole.items() if key not in _NOT_IN_LAYOUTS}
    told["pick_list_values"] = [{**option, "maps": []} for option in told["pick_list_values"]]
    return {
        **told, "required": field.mandatory or field.required, "sequence_number": number, "default_value": None,
        "validation_rule": None,
    }  # fmt: skip
