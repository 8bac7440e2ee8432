"""The control plane of the practice account: what can be broken, limited, withdrawn and changed behind the API's back."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from integrations.simulation.control import Control

from . import colleague
from .account import ALL, Account


def control_of(account: Account) -> Control:
    def change(verb: str, body: Mapping[str, Any]) -> str:
        return colleague.change(account, verb, dict(body))

    actions = {name: partial(action, account) for name, action in _ACTIONS.items()}
    return Control(account.store, account.faults, change, actions, partial(_state, account))


def _state(account: Account) -> dict[str, Any]:
    return {"permissions": account.permissions, "calls_left": account.windows["calls"].left}


def _withdraw(account: Account, names: list[str]) -> None:
    """What the restricted key may not read any more: `["events"]`."""
    lost = {f"{name.rstrip('s')}_read" for name in names}
    account.store.set_state("permissions", [one for one in account.permissions if one not in lost])


def _expire(account: Account, wanted: bool) -> None:
    keys = [account.credentials.restricted_key, account.credentials.secret_key] if wanted else []
    account.store.set_state("expired_keys", keys)


def _forget_events(account: Account, wanted: bool) -> None:
    """As thirty days do."""
    if wanted:
        account.store.execute("DELETE FROM _record WHERE kind = 'event'")


def _clear_quotas(account: Account, wanted: bool) -> None:
    for window in account.windows.values() if wanted else ():
        window.clear()


_ACTIONS: dict[str, Callable[[Account, Any], object]] = {
    "withdraw_permissions": _withdraw,
    "grant_permissions": lambda account, wanted: account.store.set_state("permissions", list(ALL)) if wanted else None,
    "expire_keys": _expire,
    "forget_events": _forget_events,
    "clear_quotas": _clear_quotas,
}
