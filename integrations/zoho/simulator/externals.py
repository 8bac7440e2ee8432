"""Ids of other systems in place of Zoho's own: `X-EXTERNAL: Accounts.My_Ext`, and the value in the path."""

from integrations.simulation.messages import Request

from .account import Account
from .errors import invalid
from .field import Field
from .schema import Module


def named_field(request: Request, module: Module) -> Field | None:
    text = request.headers.get("x-external", "")
    if not text:
        return None
    name = text.removeprefix(f"{module.name}.")
    field = module.fields.get(name)
    if field is None or not field.external:
        raise invalid("the external field given seems to be invalid", header_name="X-EXTERNAL", api_name=name)
    return field


def resolve(account: Account, request: Request, module: Module, given: str) -> str:
    field = named_field(request, module)
    if field is None:
        return given
    where = f"json_extract(body, '$.{field.name}') = ? COLLATE NOCASE"
    found = account.store.find(module.name, where, (given,), limit=1)
    return found[0].id if found else ""
