"""What the organisation says about itself: modules, fields, pipelines."""

from typing import Any

from integrations.simulation.messages import Request, Response

from .account import Account, items_of, version_of
from .errors import WrappedError, ZohoError, invalid, invalid_module, missing_param, no_permission
from .field_shapes import PROFILES, profile_id, shape
from .making_fields import MOST_AT_ONCE, make
from .moments import shown_moment
from .schema import Module
from .selling import pipeline_shapes

_CUSTOMIZE = "Crm_Implied_Customize_Zoho_CRM"


# --- Modules and fields ----------------------------------------------------------------------------------------------
def modules(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.settings.modules.READ")
    return Response(
        {"modules": [_module(account, request, m, n) for n, m in enumerate(account.schema.modules.values(), 1)]}
    )


def module(account: Account, request: Request, name: str) -> Response:
    account.require(request, "ZohoCRM.settings.modules.READ")
    found = account.schema.modules.get(name)
    if found is None:
        raise invalid_module(resource_path_index=1)
    place = list(account.schema.modules).index(name) + 1
    return Response({"modules": [_module(account, request, found, place)]})


def _module(account: Account, request: Request, found: Module, number: int) -> dict[str, Any]:
    user = account.user(account.user_id()) or {}
    hidden = found.name == "Notes"
    return {
        "has_more_profiles": False, "access_type": "org_based", "private_profile": None, "deletable": True,
        "description": None,
        "creatable": True, "recycle_bin_on_delete": True,
        "modified_time": shown_moment(account.now(), account.zone(request.user_id)), "plural_label": found.plural,
        "presence_sub_menu": not hidden, "actual_plural_label": found.plural, "id": found.id, "visibility": 1,
        "convertable": found.name == "Leads", "sub_menu_available": not hidden, "editable": True,
        "actual_singular_label": found.singular, "profiles": [{"name": n, "id": profile_id(n)} for n in PROFILES],
        "show_as_tab": not hidden, "web_link": None, "sequence_number": number, "singular_label": found.singular,
        "viewable": True, "api_supported": True, "api_name": found.name, "quick_create": not hidden,
        "modified_by": {"name": user.get("name"), "id": user.get("id")},
        "generated_type": "custom" if found.custom else "default", "feeds_required": False, "arguments": [],
        "module_name": f"CustomModule{number}" if found.custom else found.name, "profile_count": len(PROFILES),
        "business_card_field_limit": 5, "parent_module": {}, "status": "system_hidden" if hidden else "visible",
        **({"global_search_supported": True, "public_fields_configured": False} if version_of(request) >= 8 else {}),
    }  # fmt: skip


def fields(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.settings.fields.READ")
    found = account.named_module(request)
    return Response({"fields": [shape(account.schema, found, f, version_of(request)) for f in found.fields.values()]})


def field(account: Account, request: Request, field_id: str) -> Response:
    account.require(request, "ZohoCRM.settings.fields.READ")
    found = account.named_module(request)
    for one in found.fields.values():
        if field_id in {one.id_in(found.name), one.name}:
            return Response({"fields": [shape(account.schema, found, one, version_of(request))]})
    raise invalid("the id given seems to be invalid", resource_path_index=2)


def create_fields(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.settings.fields.CREATE")
    account.permit(_CUSTOMIZE)
    if not account.is_admin(request.user_id):
        raise no_permission(_CUSTOMIZE)
    found = account.named_module(request)
    results = []
    zone = account.zone(request.user_id)
    wanted = items_of(request, "fields", MOST_AT_ONCE)
    for number, one in enumerate(wanted):
        module_now = account.schema.modules[found.name]
        try:
            made = make(account, module_now, one, f"$.fields[{number}]", zone)
        except ZohoError as error:
            if len(wanted) == 1:
                raise WrappedError("fields", error) from None
            results.append(error.body())
            continue
        account.schema.add_field(found.name, made)
        details = {"id": made.id_in(found.name)}
        results.append({"code": "SUCCESS", "details": details, "message": "field created", "status": "success"})
    good = sum(one["status"] == "success" for one in results)
    return Response({"fields": results}, 201 if good == len(results) else 207 if good else 400)


# --- Pipelines -------------------------------------------------------------------------------------------------------
def pipelines(account: Account, request: Request) -> Response:
    found = _pipelines(account, request)
    return Response({"pipeline": found}) if found else Response(None, 204)


def pipeline(account: Account, request: Request, pipeline_id: str) -> Response:
    found = [one for one in _pipelines(account, request) if one["id"] == pipeline_id]
    return Response({"pipeline": found}) if found else Response(None, 204)


def _pipelines(account: Account, request: Request) -> list[dict[str, Any]]:
    account.require(request, "ZohoCRM.settings.pipeline.READ")
    layout_id = request.query.get("layout_id")
    if not layout_id:
        raise missing_param("layout_id")
    if layout_id != account.schema.modules["Deals"].layout_id:
        raise invalid("the layout_id given seems to be invalid", param_name="layout_id")
    return pipeline_shapes(account)
