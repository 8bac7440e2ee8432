"""The control plane of the practice account: what can be broken, limited, hidden and changed behind the API's back."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from integrations.simulation.control import Control

from . import colleague, notices
from .account import LIMITS, Account
from .custom_fields import TYPES, Told, definition
from .errors import ApiError


def control_of(account: Account) -> Control:
    def change(verb: str, body: Mapping[str, Any]) -> str:
        return colleague.change(account, verb, dict(body))

    actions = {name: partial(action, account) for name, action in _ACTIONS.items()}
    return Control(account.store, account.faults, change, actions, partial(_state, account))


def _state(account: Account) -> dict[str, Any]:
    names = ("hidden_fields", "removed_fields")
    return {
        "quotas": {name: {"limit": one.most, "left": one.left} for name, one in account.windows.items()},
        "scopes": sorted(account.scopes()),
        "views": [{"id": int(one.id), **one.body} for one in account.store.all("favourite-filter")],
        "notices": notices.waiting(account),
        **{name: account.store.state(name, []) for name in names},
    }


# --- Fields: by their code ---------------------------------------------------------------------------------------------
def _add(account: Account, state: str, codes: list[str]) -> None:
    unknown = set(codes) - {one.body["code"] for one in account.store.all("custom-field")}
    if unknown:
        raise ApiError(400, f"There is no field {', '.join(sorted(unknown))}")
    account.store.set_state(state, sorted({*account.store.state(state, []), *codes}))


def _drop(account: Account, state: str, codes: list[str]) -> None:
    account.store.set_state(state, sorted(set(account.store.state(state, [])) - set(codes)))


def _retype(account: Account, types: dict[str, str]) -> None:
    """Sellsy has no such button: a colleague deletes the field and makes it anew under its code; the id stays here."""
    fields = {one.body["code"]: one for one in account.store.all("custom-field")}
    for code, sort in types.items():
        if code not in fields or sort not in TYPES:
            raise ApiError(400, f"There is no field {code!r} or no type {sort!r}")
        field = fields[code]
        old = dict(field.body)
        fresh = definition(
            sort, old["name"], code, old["related_objects"], mandatory=old["mandatory"], rank=old["rank"]
        )
        if "items" in fresh["parameters"]:
            fresh["parameters"]["items"] = old["parameters"].get("items", [])
        field.body.update(fresh)
        account.store.write(field)
        _convert_values(account, field.id, old, sort)


def _convert_values(account: Account, number: str, old: Told, sort: str) -> None:
    held = f"json_extract(body, '$.cf.\"{int(number)}\"') IS NOT NULL"
    for kind in ("company", "individual", "contact", "opportunity"):
        for record in account.store.find(kind, held):
            record.body["cf"][number] = _converted(record.body["cf"][number], old, sort)
            account.store.write(record, stamped=False)


def _converted(value: Any, old: Told, sort: str) -> Any:
    labels = {one["id"]: one["label"] for one in old["parameters"].get("items", [])}
    some = value if isinstance(value, list) else [value]
    if sort in {"radio", "select", "checkbox"}:
        kept = [one for one in some if isinstance(one, int) and one in labels]
        return (kept if sort == "checkbox" else kept[0]) if kept else None
    if sort in {"simple-text", "rich-text"}:
        if isinstance(value, dict):
            return " ".join(str(one) for one in value.values())
        return ", ".join(str(labels.get(one, one) if isinstance(one, int) else one) for one in some)
    if sort == "numeric" and isinstance(value, str) and value.replace(".", "", 1).isdecimal():
        return value
    return None


# --- Limits and grants ---------------------------------------------------------------------------------------------------
def _quotas(account: Account, limits: dict[str, int] | None) -> None:
    """`{"minute": 149}` changes that one; null brings the recorded ones back."""
    now = {name: window.most for name, window in account.windows.items()}
    account.set_limits({**now, **limits} if limits else LIMITS)


def _quota_left(account: Account, left: dict[str, int]) -> None:
    for name, number in left.items():
        window = account.windows[name]
        window.clear()
        if window.most > number:
            window.take(window.most - number)


def _clear_quotas(account: Account, wanted: bool) -> None:
    for window in account.windows.values() if wanted else ():
        window.clear()


def _scopes(account: Account, scopes: list[str] | None) -> None:
    """What the client is granted in Sellsy's settings; null grants everything again."""
    if scopes is None:
        account.store.execute("DELETE FROM _state WHERE key = 'scopes'")
    else:
        account.store.set_state("scopes", scopes)


_ACTIONS: dict[str, Callable[[Account, Any], object]] = {
    "hide_fields": lambda account, codes: _add(account, "hidden_fields", codes),
    "show_fields": lambda account, codes: _drop(account, "hidden_fields", codes),
    "remove_fields": lambda account, codes: _add(account, "removed_fields", codes),
    "restore_fields": lambda account, codes: _drop(account, "removed_fields", codes),
    "retype_fields": _retype,
    "custom_fields_max": lambda account, most: account.store.set_state("custom_fields_max", most),
    "quotas": _quotas,
    "quota_left": _quota_left,
    "clear_quotas": _clear_quotas,
    "scopes": _scopes,
    "withdraw_scopes": lambda account, scopes: _scopes(account, sorted(account.scopes() - set(scopes))),
    "forget_notices": lambda account, wanted: notices.forget(account) if wanted else None,
    "expire_sessions": lambda account, wanted: account.grants.end_sessions() if wanted else None,
    "revoke_grants": lambda account, wanted: account.grants.revoke_all() if wanted else None,
}
