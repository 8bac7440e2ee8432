"""What the registered webhooks would be told: kept for whoever wants to deliver it, since this account calls nobody."""

from typing import Any
from urllib.parse import urlencode

import orjson

from integrations.simulation.documents import Record

from .account import Account
from .custom_fields import object_of

Told = dict[str, Any]
# An object goes by its name in the old API: a company is a client or a prospect, a contact is people.
_NAMES = {"client": "client", "prospect": "prospect", "contact": "people", "opportunity": "opportunity"}
MOST = 500


def tell(account: Account, event: str, record: Record) -> None:
    """`event` is created, updated, deleted, archived or transform."""
    name = _NAMES.get(object_of(record))
    hooks = [one for one in account.store.all("webhook") if name and _wants(one.body, f"{name}.{event}")]
    for hook in hooks:
        account.store.add("notice", _notice(hook.body, event, str(name), record))


def _wants(hook: Told, name: str) -> bool:
    wanted = {one["id"] for one in hook.get("configuration") or [] if one.get("is_enabled", True)}
    return hook.get("is_enabled", True) and name in wanted


def _notice(hook: Told, event: str, name: str, record: Record) -> Told:
    payload = {"event": event, "relatedtype": name, "relatedid": record.id}
    as_json = orjson.dumps(payload).decode()
    is_json = bool(hook.get("json_content_type"))
    return {
        "endpoint": hook["endpoint"],
        "headers": {
            "User-Agent": "Sellsy",
            "Content-Type": "application/json" if is_json else "application/x-www-form-urlencoded",
        },
        "body": as_json if is_json else urlencode({"notif": as_json}),
    }


def waiting(account: Account) -> list[Told]:
    return [one.body for one in account.store.find("notice", order="row", limit=MOST)]


def forget(account: Account) -> None:
    for one in account.store.find("notice"):
        account.store.purge(one)
