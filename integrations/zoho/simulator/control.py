"""What the control plane may do to this organisation beside the faults: its schema, tokens, credits, records."""

from collections.abc import Callable, Mapping
from typing import Any

import orjson

from integrations.simulation.control import Control

from .account import Account
from .backdoor import change
from .conditions import from_json
from .errors import ZohoError
from .field import Field
from .ids import ZGID
from .schema import HIDDEN, LOCKED, RETYPED, TAKEN
from .selling import PIPELINES
from .views import KIND as VIEW
from .views import add_view, views_of


def control_of(account: Account) -> Control:
    actions = {name: _bound(account, action) for name, action in _ACTIONS.items()}
    return Control(
        account.store, account.faults, lambda verb, body: change(account, verb, body), actions, lambda: _state(account)
    )


def _bound(account: Account, action: Callable[[Account, Any], object]) -> Callable[[Any], object]:
    return lambda value: action(account, value)


def _with(key: str) -> Callable[[Account, list[str]], None]:
    """Names are `Accounts.Industry`."""

    def act(account: Account, names: list[str]) -> None:
        _known(account, names)
        account.schema.change(key, lambda old: sorted({*old, *names}), [])

    return act


def _without(key: str) -> Callable[[Account, list[str]], None]:
    return lambda account, names: account.schema.change(key, lambda old: sorted({*old} - {*names}), [])


def _known(account: Account, names: list[str]) -> None:
    for name in names:
        module, _, field = name.partition(".")
        if module not in account.schema.modules or field not in account.schema.modules[module].fields:
            raise ZohoError("UNKNOWN_CONTROL", f"There is no field {name!r}")


def _retype(account: Account, types: dict[str, str]) -> None:
    _known(account, list(types))
    account.schema.change(RETYPED, lambda old: {**old, **types}, {})


def _add_fields(account: Account, wanted: Mapping[str, list[Mapping[str, Any]]]) -> None:
    for module, fields in wanted.items():
        for one in fields:
            account.schema.add_field(module, Field(**{"custom": True, **one}))


def _quota(account: Account, most: int) -> None:
    account.limits.credits.most = most


def _add_view(account: Account, view: Mapping[str, Any]) -> None:
    add_view(account, view["module"], view["name"], dict(view["criteria"]), tuple(view.get("fields", ())))


def _set_view(account: Account, criteria: Mapping[str, Mapping[str, Any]]) -> None:
    """By id or by name: what a colleague does who edits a view."""
    for key, wanted in criteria.items():
        from_json(dict(wanted))
        for view in _views(account, key):
            view.body["criteria"] = dict(wanted)
            account.store.save(view)


def _delete_view(account: Account, key: str) -> None:
    for view in _views(account, key):
        account.store.purge(view)


def _views(account: Account, key: str) -> list[Any]:
    found = account.store.find(VIEW, "id = ? OR json_extract(body, '$.name') = ?", (key, key))
    if not found:
        raise ZohoError("UNKNOWN_CONTROL", f"There is no custom view {key!r}")
    return found


def _erase_bin(account: Account, modules: list[str]) -> None:
    """Empties the recycle bin of these modules: what was in it is permanently deleted."""
    for module in modules:
        for record in account.store.find(module, gone=True):
            account.store.erase(record)


def _lift_limits(account: Account, wanted: bool) -> None:
    account.faults.unlimited = bool(wanted)
    if wanted:
        account.limits.clear()


_ACTIONS: dict[str, Callable[[Account, Any], object]] = {
    "hide_fields": _with(HIDDEN),
    "show_fields": _without(HIDDEN),
    "lock_fields": _with(LOCKED),
    "unlock_fields": _without(LOCKED),
    "remove_fields": _with(TAKEN),
    "restore_fields": _without(TAKEN),
    "retype_fields": _retype,
    "add_fields": _add_fields,
    "set_pipelines": lambda account, wanted: account.store.set_state(PIPELINES, wanted),
    "add_view": _add_view,
    "set_view_criteria": _set_view,
    "delete_view": _delete_view,
    "empty_bin": _erase_bin,
    "quota_max": _quota,
    "quota_used": lambda account, used: account.limits.use(used),
    "unlimited": _lift_limits,
    "sign_in_as": lambda account, email: account.store.set_state("signs_in", email),
    "expire_sessions": lambda account, wanted: account.grants.end_sessions() if wanted else None,
    "revoke_grants": lambda account, wanted: account.grants.revoke_all() if wanted else None,
    "forget_notices": lambda account, wanted: account.store.execute("DELETE FROM _notice") if wanted else None,
}


def _state(account: Account) -> dict[str, Any]:
    views = [
        {"id": view.id, "module": module.name, "name": view.name, "criteria": view.criteria}
        for module in account.schema.modules.values()
        for view in views_of(account, module)
    ]
    notices = account.store.execute("SELECT url, body FROM _notice ORDER BY id DESC LIMIT 100").fetchall()
    return {
        "quota": {"max": account.limits.credits.most, "used": account.limits.used},
        "organisation": ZGID,
        "views": views,
        "notices": [{"url": url, "body": orjson.loads(body)} for url, body in notices],
    }
