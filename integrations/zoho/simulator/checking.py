"""Whether a record may be written as it would then be: mandatory fields, lookups that lead somewhere, unique values."""

from collections.abc import Iterable
from typing import Any

from integrations.simulation.documents import Record

from .account import Account
from .colleagues import zuid_of
from .errors import ZohoError, invalid, mandatory
from .field import USERS, Field
from .ids import named_id
from .names import target_of
from .nested import text_in
from .schema import Module
from .selling import check_stage, pipelines
from .values import kept

Body = dict[str, Any]
UNIQUE_BY_SYSTEM = {"Leads": "Email", "Contacts": "Email", "Accounts": "Account_Name", "Deals": "Deal_Name"}
"""What an upsert goes by where nothing else is named."""


def changes(account: Account, module: Module, given: Body, path: str) -> Body:
    """The values to store. Names that are no fields, and fields of the system, are passed over without a word."""
    found: Body = {}
    parent = _parent_module(account, module, given, path)
    if parent:
        found["$se_module"] = parent
    for name, value in given.items():
        field = module.fields.get(name)
        if field is None or not field.may_write:
            continue
        found[name] = kept(field, value, f"{path}.{name}")
        if name == "Tag" and found[name]:
            found[name] = [
                {**tag, "id": named_id("tag", module.name, tag["name"]), "color_code": None} for tag in found[name]
            ]
    return found


def _parent_module(account: Account, module: Module, given: Body, path: str) -> str:
    """Activities say it beside their parent, notes within it."""
    parent = given.get("Parent_Id")
    if module.name == "Notes" and isinstance(parent, dict) and parent.get("id"):
        named = text_in(parent, "module", "api_name") or text_in(given, "$se_module")
        if not named:
            raise mandatory("module", f"{path}.Parent_Id.module")
        if named not in account.schema.modules:
            raise ZohoError("INVALID_MODULE", "the module name given seems to be invalid",
                            details={"api_name": "module", "json_path": f"{path}.Parent_Id.module"})  # fmt: skip
        return str(named)
    if "What_Id" in module.fields and given.get("What_Id"):
        if not text_in(given, "$se_module"):
            raise mandatory("$se_module", f"{path}.$se_module")
        return text_in(given, "$se_module")
    return text_in(given, "$se_module") if module.name in {"Tasks", "Events", "Calls"} else ""


def append_values(module: Module, given: Body, before: Body, changed: Body) -> None:
    """`$append_values` adds to a list of options, where a list alone replaces it."""
    for name, wanted in _asked_to_append(given).items():
        field = module.fields.get(name)
        if wanted is True and field and field.type == "multiselectpicklist" and changed.get(name):
            changed[name] = list(dict.fromkeys([*(before.get(name) or []), *changed[name]]))


def _asked_to_append(given: Body) -> Body:
    found = given.get("$append_values")
    return found if isinstance(found, dict) else {}


def check(account: Account, module: Module, body: Body, changed: Body, path: str) -> None:
    for field in module.fields.values():
        due = field.mandatory and not (field.name == "Pipeline" and not pipelines(account))
        if due and body.get(field.name) in (None, ""):
            raise mandatory(field.name, f"{path}.{field.name}")
    check_lookups(account, module, body, changed, path)
    if module.name == "Deals" and ({"Stage", "Pipeline"} & set(changed)):
        check_stage(account, body, path)
    if module.name == "Events" and str(body.get("End_DateTime", "~")) < str(body.get("Start_DateTime", "")):
        raise invalid(api_name="End_DateTime", json_path=f"{path}.End_DateTime")


def check_lookups(account: Account, module: Module, body: Body, changed: Body, path: str) -> None:
    for name in changed:
        field = module.fields.get(name)
        if field is None or not field.is_lookup or not changed[name]:
            continue
        found = account.store.get(target_of(field, body), changed[name])
        if found is None:
            said = "the related id given seems to be invalid"
            raise invalid(said, id=changed[name], api_name=name, json_path=f"{path}.{name}.id")
        if field.type in USERS and found.body["status"] != "active":
            raise invalid("the user given is not active", api_name=name, json_path=f"{path}.{name}.id")


# --- Unique values ---------------------------------------------------------------------------------------------------
def check_unique(account: Account, module: Module, record_id: str, changed: Body, path: str) -> None:
    errors = []
    for field in module.fields.values():
        value = changed.get(field.name)
        if not field.unique or value in (None, ""):
            continue
        others = [one for one in holders(account, module, field.name, value) if one.id != record_id]
        if others:
            errors.append(_duplicate(account, module, field, others, path))
    if len(errors) == 1:
        raise errors[0]
    if errors:
        listed = [one.body() for one in errors]
        raise ZohoError("MULTIPLE_OR_MULTI_ERRORS", "Multiple errors in the request", details={"errors": listed})


def holders(account: Account, module: Module, name: str, value: Any) -> list[Record]:
    where = f"kind = '{module.name}' AND json_extract(body, '$.{name}') COLLATE NOCASE = ?"
    return account.store.find(module.name, where, (value,), order="+updated DESC, row DESC", limit=2)


def _duplicate(account: Account, module: Module, field: Field, others: list[Record], path: str) -> ZohoError:
    other = others[0]
    owner = account.user(str(other.body.get("Owner")))
    holder = {"name": owner["name"], "id": owner["id"], "zuid": zuid_of(owner["id"])} if owner else None
    details = {
        "api_name": field.name, "duplicate_record": {"Owner": holder, "id": other.id, "module": module.ref},
        "json_path": f"{path}.{field.name}", "id": other.id, "more_records": len(others) > 1,
    }  # fmt: skip
    return ZohoError("DUPLICATE_DATA", "duplicate data", details=details)


def keys_for_upsert(module: Module, wanted: Any) -> list[str]:
    """Those named, or the system's own; then every other unique field, named or not."""
    own = UNIQUE_BY_SYSTEM.get(module.name)
    unique = [f.name for f in module.fields.values() if f.unique]
    named = _named_keys(wanted, {own, *unique})
    first: Iterable[str] = named or ([own] if own else [])
    return list(dict.fromkeys([*first, *unique]))


def _named_keys(wanted: Any, allowed: set[str | None]) -> list[str]:
    if wanted is None:
        return []
    if not isinstance(wanted, list):
        details = {
            "expected_data_type": "jsonarray",
            "api_name": "duplicate_check_fields",
            "json_path": "$.duplicate_check_fields",
        }
        raise ZohoError("INVALID_DATA", "invalid data", details=details)
    for number, name in enumerate(wanted):
        if not isinstance(name, str) or name not in allowed:
            raise invalid(api_name="duplicate_check_fields", json_path=f"$.duplicate_check_fields[{number}]")
    return [str(name) for name in wanted]
