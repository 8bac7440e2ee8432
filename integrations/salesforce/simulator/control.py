"""The control plane of the practice org: faults, edits behind the API's back, the log of calls. Loopback hosts only."""

from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from typing import Any

from integrations.simulation.control import Control

from . import recycle
from .errors import ApiError, not_found
from .org import Org
from .retype import retype_field
from .views import View, add_view, find_view, remove_view


def control_of(org: Org) -> Control:
    def change(verb: str, body: Mapping[str, Any]) -> str:
        return _change(org, verb, body)

    actions = {name: partial(action, org) for name, action in _ACTIONS.items()}
    return Control(org.store, org.faults, change, actions, partial(_state, org))


def _change_schema(org: Org, change: Callable[[Any], Any]) -> None:
    change(org.store.schema.changes)
    org.store.save_schema()


def _hide(org: Org, names: list[str]) -> None:
    _change_schema(org, lambda c: c.hidden.update(names))


def _show(org: Org, names: list[str]) -> None:
    _change_schema(org, lambda c: (c.hidden.difference_update(names), c.locked.difference_update(names)))


def _lock(org: Org, names: list[str]) -> None:
    _change_schema(org, lambda c: c.locked.update(names))


def _remove(org: Org, names: list[str]) -> None:
    _change_schema(org, lambda c: c.removed.update(names))


def _restore(org: Org, names: list[str]) -> None:
    _change_schema(org, lambda c: c.removed.difference_update(names))


def _switch_off(org: Org, names: list[str]) -> None:
    _change_schema(org, lambda c: c.absent.update(names))


def _retype(org: Org, types: dict[str, str]) -> None:
    for name, new in types.items():
        retype_field(org.store, name, new)


def _view(org: Org, key: str) -> View:
    view = find_view(org.store, key, with_hidden=True)
    if view is None:
        raise ApiError("NOT_FOUND", f"There is no list view {key!r}", 404)
    return view


def _set_views(org: Org, conditions: dict[str, str]) -> None:
    for key, condition in conditions.items():
        org.store.execute("UPDATE _view SET condition = ? WHERE id = ?", (condition, _view(org, key).id))


def _hide_view(org: Org, key: str, *, hidden: bool = True) -> None:
    org.store.execute("UPDATE _view SET hidden = ? WHERE id = ?", (int(hidden), _view(org, key).id))


def _use_quota(org: Org, calls: int) -> None:
    org.store.execute("DELETE FROM _usage")
    org.spend_call(calls)


def _reset_password(org: Org, wanted: bool) -> None:
    # A new password comes with a new security token, and ends every session that the old one opened.
    if wanted:
        org.store.set_state("password", "another-password-ANOTHERTOKEN")
        org.grants.end_sessions()
    else:
        org.store.execute("DELETE FROM _state WHERE key = 'password'")


_ACTIONS: dict[str, Callable[[Org, Any], object]] = {
    "hide_fields": _hide,
    "show_fields": _show,
    "lock_fields": _lock,
    "remove_fields": _remove,
    "restore_fields": _restore,
    "remove_objects": _switch_off,
    "retype_fields": _retype,
    "delete_view": lambda org, key: remove_view(org.store, _view(org, key)),
    "hide_view": _hide_view,
    "show_view": lambda org, key: _hide_view(org, key, hidden=False),
    "set_view_where": _set_views,
    "add_view": lambda org, view: add_view(org.store, replace(View("", "", ""), **view)),
    "quota_max": lambda org, most: org.store.set_state("quota_max", most),
    "quota_used": _use_quota,
    "expire_sessions": lambda org, wanted: org.grants.end_sessions() if wanted else None,
    "revoke_grants": lambda org, wanted: org.grants.revoke_all() if wanted else None,
    "reset_password": _reset_password,
}


def create(org: Org, sobject: str, values: dict[str, Any]) -> str:
    """As a person with every right would: no validation, so that odd values can be put in too."""
    user = org.user_id()
    given = _columns(org, sobject, values)
    if "OwnerId" not in given and org.store.schema.everything[sobject].field("OwnerId"):
        given["OwnerId"] = user
    if org.store.schema.everything[sobject].field("FirstName") and "Name" not in given:
        given["Name"] = full_name(given)
    return org.store.insert(sobject, given, user)


def edit(org: Org, sobject: str, record_id: str, values: dict[str, Any]) -> None:
    before = org.store.get(sobject, record_id)
    if before is None:
        raise ApiError("NOT_FOUND", f"There is no {sobject} {record_id}", 404)
    given = _columns(org, sobject, values)
    if {"FirstName", "LastName"} & set(given) and "Name" not in given:
        given["Name"] = full_name({**before, **given})
    org.store.update(sobject, record_id, given, org.user_id())


def _columns(org: Org, sobject: str, values: dict[str, Any]) -> dict[str, Any]:
    known = org.store.schema.everything.get(sobject)
    wrong = [k for k in values if known is None or known.field(k) is None]
    if known is None or wrong:
        raise ApiError("INVALID_FIELD", f"{sobject} has no field {', '.join(wrong)}")
    return {k: int(v) if isinstance(v, bool) else v for k, v in values.items()}


def full_name(row: dict[str, Any]) -> str:
    return " ".join(part for part in (row.get("FirstName"), row.get("LastName")) if part)


# --- Over HTTP ---------------------------------------------------------------------------------------------------------
def _state(org: Org) -> dict[str, Any]:
    views = [asdict(v) for name in ("Account", "Contact") for v in _views(org, name)]
    return {"quota": {"max": org.quota, "used": org.used()}, "views": views}


def _views(org: Org, sobject: str) -> list[View]:
    rows = org.store.execute("SELECT id FROM _view WHERE sobject = ? ORDER BY label", (sobject,)).fetchall()
    return [_view(org, row[0]) for row in rows]


def _change(org: Org, verb: str, body: Mapping[str, Any]) -> str:
    sobject, record_id, user = str(body.get("object")), str(body.get("id", "")), org.user_id()
    if sobject not in org.store.schema.everything:
        raise ApiError("INVALID_TYPE", f"There is no object {sobject!r}")
    match verb:
        case "create":
            return create(org, sobject, body.get("fields", {}))
        case "edit":
            edit(org, sobject, record_id, body.get("fields", {}))
        case "delete":
            recycle.delete(org.store, sobject, record_id, user)
        case "undelete":
            recycle.undelete(org.store, sobject, record_id, user)
        case "merge":
            recycle.merge(org.store, sobject, record_id, body["losers"], user)
        case _:
            raise not_found(f"There is no verb {verb!r}")
    return record_id
