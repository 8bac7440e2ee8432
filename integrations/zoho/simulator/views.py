"""Custom views: the ones every module has, and those that people of the organisation made."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.simulation.messages import Request, Response

from .account import Account, version_of
from .conditions import Condition, from_json
from .errors import invalid
from .ids import named_id
from .moments import Zone, shown, shown_moment
from .schema import Module

KIND = "_view"
RECENT = timedelta(days=7)
_TRANSLATION = {
    "public_views": "Public Views", "other_users_views": "Other Users' Views", "shared_with_me": "Shared With Me",
    "created_by_me": "Created By Me",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class View:
    id: str
    name: str
    criteria: dict[str, Any] | None = None
    system: str = ""
    """The system's own name; views of people have none."""
    fields: tuple[str, ...] = ()
    made: str | None = None
    maker: str | None = None


def views_of(account: Account, module: Module) -> list[View]:
    return [*_system_views(account, module), *_own_views(account, module)]


def _system_views(account: Account, module: Module) -> Iterator[View]:
    def view(system: str, name: str, criteria: dict[str, Any] | None = None) -> View:
        return View(named_id("view", module.name, system), name, criteria, system)

    recent = shown_moment(account.now() - RECENT, Zone("UTC"))
    yield view("ALLVIEWS", f"All {module.plural}")
    yield view("MYVIEWS", f"My {module.plural}", criterion("Owner", "equal", "${CURRENTUSER}"))
    yield view(
        "RECENTLYCREATED", f"Recently Created {module.plural}", criterion("Created_Time", "greater_equal", recent)
    )
    yield view(
        "RECENTLYMODIFIED", f"Recently Modified {module.plural}", criterion("Modified_Time", "greater_equal", recent)
    )


def criterion(name: str, comparator: str, value: Any) -> dict[str, Any]:
    return {"comparator": comparator, "field": {"api_name": name}, "value": value}


def _own_views(account: Account, module: Module) -> Iterator[View]:
    for record in account.store.find(KIND, "json_extract(body, '$.module') = ?", (module.name,)):
        body = record.body
        yield View(
            record.id,
            body["name"],
            body["criteria"],
            fields=tuple(body["fields"]),
            made=record.created,
            maker=body["by"],
        )


def add_view(
    account: Account, module: str, name: str, criteria: dict[str, Any], fields: tuple[str, ...] = (), by: str = ""
) -> str:
    body = {"module": module, "name": name, "criteria": criteria, "fields": list(fields), "by": by or account.user_id()}
    return account.store.insert(KIND, body, named_id("view", module, name)).id


def find_view(account: Account, module: Module, view_id: str) -> View | None:
    return next((one for one in views_of(account, module) if one.id == view_id), None)


def condition_of(account: Account, module: Module, view_id: str) -> Condition | None:
    found = find_view(account, module, view_id)
    if found is None:
        raise invalid(param_name="cvid")
    return from_json(found.criteria) if found.criteria else None


# --- Over HTTP -------------------------------------------------------------------------------------------------------
def custom_views(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.settings.custom_views.READ")
    module = account.named_module(request)
    zone = account.zone(request.user_id)
    views = views_of(account, module)
    info = {
        "per_page": len(views), "default": views[0].id, "count": len(views), "translation": _TRANSLATION, "page": 1,
        "more_records": False,
    }  # fmt: skip
    newer = {"access_type": "public", "module": module.ref} if version_of(request) >= 8 else {}
    shapes = [{**_shape(account, view, request.user_id, zone), **newer} for view in views]
    return Response({"custom_views": shapes, "info": info})


def custom_view(account: Account, request: Request, view_id: str) -> Response:
    account.require(request, "ZohoCRM.settings.custom_views.READ")
    module = account.named_module(request)
    found = find_view(account, module, view_id)
    if found is None:
        return Response(None, 204)
    shape = _shape(account, found, request.user_id, account.zone(request.user_id))
    names = found.fields or (module.display, "Owner")
    columns = [
        {"api_name": n, "id": module.fields[n].id_in(module.name), "_pin": False} for n in names if n in module.fields
    ]
    more = {
        "criteria": _with_ids(module, found.criteria), "fields": columns, "sort_by": None, "sort_order": None,
        "access_type": "public", "shared_to": None, "offline": False, "module": module.ref,
    }  # fmt: skip
    return Response({"custom_views": [shape | more]})


def _with_ids(module: Module, criteria: dict[str, Any] | None) -> dict[str, Any] | None:
    if not criteria:
        return None
    if "group" in criteria:
        return {**criteria, "group": [_with_ids(module, one) for one in criteria["group"]]}
    name = criteria["field"]["api_name"]
    found = module.fields.get(name)
    return {**criteria, "field": {"api_name": name, "id": found.id_in(module.name) if found else None}}


def _shape(account: Account, view: View, user_id: str, zone: Zone) -> dict[str, Any]:
    maker = account.user(view.maker) if view.maker else None
    by = {"name": maker["name"], "id": maker["id"]} if maker else None
    category = "public_views" if view.system else "created_by_me" if view.maker == user_id else "other_users_views"
    return {
        "display_value": view.name, "created_time": shown(view.made, zone), "system_name": view.system or None,
        "created_by": by, "default": view.system == "ALLVIEWS", "modified_time": shown(view.made, zone),
        "name": view.name,
        "system_defined": bool(view.system), "modified_by": by, "id": view.id, "category": category,
        "last_accessed_time": None, "locked": False, "favorite": None,
    }  # fmt: skip
