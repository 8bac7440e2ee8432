"""The control plane of the practice account: limits, rights, fields, and a colleague's work in the app. Loopback only."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from integrations.simulation.control import Control

from . import colleague, schema_changes
from .account import DEFAULTS, Account
from .budget import Budget


def control_of(account: Account, budget: Budget) -> Control:
    def change(verb: str, body: Mapping[str, Any]) -> str:
        return colleague.change(account, verb, body)

    actions: dict[str, Callable[[Any], object]] = {
        "expire_sessions": lambda wanted: account.grants.end_sessions() if wanted else None,
        "revoke_grants": lambda wanted: account.grants.revoke_all() if wanted else None,
        "regenerate_api_token": lambda wanted: account.regenerate_api_token() if wanted else None,
        "connect_as": lambda email: account.book.set_state("connect_as", email),
        "quota_max": lambda most: account.book.set_state("quota_max", most),
        "quota_used": account.book.set_spent,
        "forget_bursts": lambda wanted: budget.clear() if wanted else None,
        "purge_deleted": lambda wanted: colleague.purge(account.book) if wanted else None,
        **{name: partial(account.set_setting, name) for name in DEFAULTS},
        **{name: partial(action, account.book) for name, action in schema_changes.ACTIONS.items()},
    }

    def state() -> dict[str, Any]:
        filters = [
            {"id": int(f.id), "name": f.body["name"], "type": f.body["type"]} for f in account.book.find("filter")
        ]
        return {
            "quota": {"max": budget.daily, "used": account.book.spent()}, "views": filters,
            "settings": {name: account.setting(name) for name in DEFAULTS},
        }  # fmt: skip

    return Control(account.book, account.faults, change, actions, state)
