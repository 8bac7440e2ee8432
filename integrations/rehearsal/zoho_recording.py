"""Answers that a real Zoho once gave, as the contents of a practice organisation: the same questions get them again."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.zoho.simulator import Account, stored
from integrations.zoho.simulator.moments import parsed
from integrations.zoho.simulator.schema import Module

from .zoho_rows import Body, Row

_FILES = {
    "Accounts": ("v2_list-accounts.json", "v2_get-account.json"),
    "Contacts": ("v2_contacts.json", "v2_get-contact.json"),
    "Leads": ("v2_list-leads.json", "v2_get-lead.json"), "Notes": ("v2_list-notes.json",),
    "Calls": ("v2_calls.json", "v2_get-call.json"), "Products": ("v2_products.json",),
}  # fmt: skip
_USERS = "v2_list-users.json"
_STATUS = {"Attended Dialled": "Completed"}


def load_recording(account: Account, folder: Path) -> None:
    """Lookups to records that were not recorded along come back as empty."""
    with account.store.transaction():
        account.store.load("users", (_user(one) for one in answers(folder / _USERS, "users")))
        for name, files in _FILES.items():
            module = account.schema.modules[name]
            rows = {one["id"]: one for file in files for one in answers(folder / file, "data")}
            account.store.load(name, (_record(module, rows[key]) for key in sorted(rows)))


def answers(path: Path, key: str) -> Iterator[dict[str, Any]]:
    for call in json.loads(path.read_text()):
        yield from (call["response"]["body"] or {}).get(key, [])


def _user(one: dict[str, Any]) -> Row:
    body = {
        "first_name": one["first_name"], "last_name": one["last_name"], "email": one["email"], "status": one["status"],
        "profile": one["profile"]["name"], "role": one["role"]["name"], "time_zone": one["time_zone"],
        "country": one["country"],
    }  # fmt: skip
    return one["id"], body, _moment(one["created_time"]), _moment(one["Modified_Time"])


def _record(module: Module, one: dict[str, Any]) -> Row:
    body: Body = {}
    for name, value in one.items():
        field = module.fields.get(name)
        if field is None or field.computed or value in (None, "", [], False):
            continue
        if field.type == "datetime":
            body[name] = stored(_moment(value))
        else:
            body[name] = value["id"] if field.is_lookup else value
    if one.get("$se_module"):
        body["$se_module"] = one["$se_module"]
    if one.get("Call_Status") in _STATUS:
        body["Outbound_Call_Status"] = _STATUS[one["Call_Status"]]
    return one["id"], body, _moment(one["Created_Time"]), _moment(one["Modified_Time"])


def _moment(text: str) -> datetime:
    moment = parsed(text)
    assert moment is not None
    return moment.astimezone(UTC)
