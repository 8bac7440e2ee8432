"""The old RPC, one address for all methods: the only place where a custom field can be made."""

from collections.abc import Callable
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import orjson

from integrations.simulation.messages import Request, Response

from . import custom_fields
from .account import Account
from .custom_fields import Told
from .errors import RpcError, plan_limit, too_many
from .listing import answer
from .quotas import most_fields

_TYPES = {
    "simpletext": "simple-text", "richtext": "rich-text", "unit": "numeric-with-unit", "third": "company-individual",
    "people": "contact", "numeric": "numeric", "amount": "amount", "radio": "radio", "select": "select",
    "checkbox": "checkbox", "date": "date", "time": "time", "email": "email", "url": "url", "boolean": "boolean",
    "staff": "staff", "item": "item",
}  # fmt: skip
_USES = {
    "useOn_client": "client", "useOn_prospect": "prospect", "useOn_supplier": "supplier", "useOn_people": "contact",
    "useOn_opportunity": "opportunity",
}  # fmt: skip
_OTHER_USES = ("show", "useOn_")
_CHOICES = {"radio", "select", "checkbox"}
MOST_NUMBER = 5_000


def call(account: Account, request: Request) -> Response:
    """Always 200: what failed says so in the body."""
    assert account.rpc_window is not None
    if not account.rpc_window.take() and not account.faults.unlimited:
        raise too_many()
    if not account.may("api-v1"):
        raise RpcError("E_PRIV_LIMITED", "You are not allowed to perform this action")
    method, params = _asked(request)
    found = _METHODS.get(method)
    if found is None:
        raise RpcError("E_REQ_UNKNOW_METHOD", f"{method} is not a valid method")
    return answer({"response": found(account, params), "error": "", "status": "success"})


def _asked(request: Request) -> tuple[str, Told]:
    fields = _multipart(request) if "multipart" in request.headers["content-type"] else request.form
    try:
        asked = orjson.loads(fields.get("do_in", ""))
    except orjson.JSONDecodeError:
        asked = None
    if fields.get("request") != "1" or fields.get("io_mode") != "json" or not isinstance(asked, dict):
        raise RpcError("E_REQ_MALFORMED", "request, io_mode and do_in are required")
    params = asked.get("params")
    return str(asked.get("method")), params if isinstance(params, dict) else {}


def _multipart(request: Request) -> dict[str, str]:
    head = f"Content-Type: {request.headers['content-type']}\r\n\r\n".encode()
    message: Any = BytesParser(policy=HTTP).parsebytes(head + request.body)
    found = {}
    for part in message.iter_parts():
        found[str(part.get_param("name", header="content-disposition"))] = part.get_content().strip()
    return found


def _required(params: Told, name: str) -> Any:
    if params.get(name) in (None, "", []):
        raise RpcError("E_PARAM_REQUIRED", f"{name} is required")
    return params[name]


def _create_field(account: Account, params: Told) -> str:
    sort = _TYPES.get(_required(params, "type"))
    if sort is None:
        raise RpcError("E_PARAM_INVALID", "type is invalid")
    name, code, uses = (_required(params, key) for key in ("name", "code", "useOn"))
    objects = _objects(uses)
    if any(one.body["code"] == code for one in account.store.all("custom-field")):
        raise RpcError("E_PARAM_INVALID", "code is already used")
    if account.store.count("custom-field") >= most_fields(account):
        raise plan_limit("champs personnalisés")
    preferences = params.get("preferences") or {}
    mandatory = preferences.get("isRequired") == "Y"
    body = custom_fields.definition(sort, name, code, objects, mandatory=mandatory)
    if sort in _CHOICES:
        body["parameters"]["items"] = _items(account, params)
    body["description"] = preferences.get("description") or ""
    return account.store.add("custom-field", body).id


def _objects(uses: Any) -> list[str]:
    if not isinstance(uses, list) or not all(isinstance(one, str) and one.startswith(_OTHER_USES) for one in uses):
        raise RpcError("E_PARAM_INVALID", "useOn is invalid")
    return [_USES[one] for one in uses if one in _USES]


def _items(account: Account, params: Told) -> list[Told]:
    wanted = _required(params, "preferenceslist")
    rows = list(wanted.values()) if isinstance(wanted, dict) else wanted
    if not isinstance(rows, list) or not all(isinstance(one, dict) and one.get("value") for one in rows):
        raise RpcError("E_PARAM_INVALID", "preferenceslist is invalid")
    found = custom_fields.choices(account, [str(one["value"]) for one in rows])
    for one, row in zip(found, rows, strict=True):
        one["checked"] = "Y" in {row.get("isDefault"), row.get("checked")}
    return found


def _list_people(account: Account, params: Told) -> Told:
    """The rows carry the company of each contact, which the newer API does not tell in a list."""
    pages = params.get("pagination") or {}
    size, page = int(pages.get("nbperpage") or 10), int(pages.get("pagenum") or 1)
    total = account.store.count("contact")
    found = account.store.find("contact", limit=min(size, MOST_NUMBER), offset=(page - 1) * size)
    thirds: dict[str, str] = {}
    for contact, company, _ in account.store.links("contact", [one.id for one in found], "company"):
        thirds.setdefault(contact, company)
    rows = {
        one.id: {
            "id": one.id, "ownerid": str(one.body.get("owner_id") or ""), "status": "ok",
            "forename": one.body.get("first_name") or "", "name": one.body.get("last_name") or "",
            "email": one.body.get("email") or "", "tel": one.body.get("phone_number") or "",
            "mobile": one.body.get("mobile_number") or "", "position": one.body.get("position") or "",
            "thirdid": thirds.get(one.id, "0"),
        }
        for one in found
    }  # fmt: skip
    infos = {"nbperpage": size, "nbpages": -(-total // size), "pagenum": page, "nbtotal": str(total)}
    return {"infos": infos, "result": rows}


def _list_fields(account: Account, _params: Told) -> Told:
    rows = {
        one.id: {"id": one.id, "type": one.body["type"], "name": one.body["name"], "code": one.body["code"]}
        for one in account.store.all("custom-field")
    }
    return {"infos": {"nbtotal": str(len(rows))}, "result": rows}


_METHODS: dict[str, Callable[[Account, Told], Any]] = {
    "CustomFields.create": _create_field,
    "CustomFields.getList": _list_fields,
    "Peoples.getList": _list_people,
}
