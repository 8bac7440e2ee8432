"""The control plane of the practice portal: edits behind the API's back, properties, limits, lists, the people."""

from collections.abc import Callable, Mapping
from functools import partial
from typing import Any

from integrations.simulation.control import Control

from . import writes
from .catalogue import STANDARD
from .errors import NOT_FOUND, ApiError
from .kinds import RECORDS, kind_of
from .labels import add_label
from .links import Links
from .lists import KIND as LISTS
from .lists import tell
from .merging import merge
from .owners import KIND as OWNERS
from .portal import Portal
from .schema import Changes
from .values import as_text


def control_of(portal: Portal) -> Control:
    actions = {name: partial(action, portal) for name, action in _ACTIONS.items()}
    return Control(portal.store, portal.faults, partial(_change, portal), actions, partial(_state, portal))


# --- Properties, as `companies.industry` ------------------------------------------------------------------------------
def _each(portal: Portal, names: list[str], change: Callable[[Changes, str], object]) -> None:
    for whole in names:
        kind, _, name = whole.partition(".")
        with portal.schema.changing(kind_of(kind).name) as kept:
            change(kept, name)


def _into(which: str) -> Callable[[Portal, list[str]], None]:
    def put(changes: Changes, name: str) -> None:
        if name not in getattr(changes, which):
            getattr(changes, which).append(name)

    return lambda portal, names: _each(portal, names, put)


def _out_of(*which: str) -> Callable[[Portal, list[str]], None]:
    def take(changes: Changes, name: str) -> None:
        for one in which:
            held = getattr(changes, one)
            if name in held:
                held.remove(name)

    return lambda portal, names: _each(portal, names, take)


def _purge(portal: Portal, names: list[str]) -> None:
    """For good, with their values: what the vendor does ninety days after a property was archived."""
    for whole in names:
        object_type, _, name = whole.partition(".")
        kind = kind_of(object_type).name
        with portal.schema.changing(kind) as kept:
            if name in STANDARD[kind] or kept.own.pop(name, None) is None:
                raise ApiError(f"There is no property {whole} that people made", 404, NOT_FOUND)
            for away in (kept.archived, kept.hidden, kept.locked):
                away[:] = [one for one in away if one != name]
        portal.store.execute("UPDATE _record SET body = json_remove(body, ?) WHERE kind = ?", (f"$.{name}", kind))


def _retype(portal: Portal, types: Mapping[str, str]) -> None:
    """`{"companies.renewal": "number"}`, with the field type after a slash where it is not the usual one."""
    usual = {
        "string": "text",
        "number": "number",
        "bool": "booleancheckbox",
        "enumeration": "select",
        "date": "date",
        "datetime": "date",
    }
    for whole, wanted in types.items():
        kind, _, name = whole.partition(".")
        new, _, field = wanted.partition("/")
        told = _definition(portal, kind, name)
        with portal.schema.changing(kind_of(kind).name) as kept:
            kept.own[name] = {**told, "type": new, "fieldType": field or usual[new], "updatedAt": portal.now}


def _set_options(portal: Portal, options: Mapping[str, Mapping[str, str]]) -> None:
    """`{"companies.csm_pulse": {"good": "Good"}}`: the whole list, value and label."""
    for whole, pairs in options.items():
        kind, _, name = whole.partition(".")
        told = _definition(portal, kind, name)
        told["options"] = [
            {"label": label, "value": value, "displayOrder": place, "hidden": False}
            for place, (value, label) in enumerate(pairs.items())
        ]  # fmt: skip
        with portal.schema.changing(kind_of(kind).name) as kept:
            kept.own[name] = told


def _definition(portal: Portal, kind: str, name: str) -> dict[str, Any]:
    one = portal.schema.of(kind_of(kind).name).get(name)
    if one is None:
        raise ApiError(f"There is no property {kind}.{name}", 404, NOT_FOUND)
    return one.definition()


def _require(portal: Portal, rules: Mapping[str, Any], key: str) -> None:
    held = portal.store.state("rules", {})
    for kind, wanted in rules.items():
        held.setdefault(kind_of(kind).name, {})[key] = wanted
    portal.store.set_state("rules", held)


# --- Sessions and limits ----------------------------------------------------------------------------------------------
def expire(portal: Portal) -> None:
    """Tokens end now and are still known as ended: the answer says since when."""
    portal.store.execute("UPDATE _access SET expires = ? WHERE expires > ?", [portal.store.now.rstrip("Z")] * 2)


def _revoke(portal: Portal, wanted: bool) -> None:
    """The app was uninstalled, the static token deleted."""
    if wanted:
        portal.grants.revoke_all()
    portal.store.set_state("static_revoked", bool(wanted))


def _fresh_limits(portal: Portal, wanted: bool) -> None:
    if wanted:
        portal.throttle.forget()
        portal.throttle.use(0)


# --- Links, lists, people ---------------------------------------------------------------------------------------------
def _associate(portal: Portal, rows: list[Mapping[str, Any]], *, undo: bool = False) -> None:
    """`{"from": ["contacts", id], "to": ["companies", id], "type": 279}`."""
    links = Links(portal.store)
    for row in rows:
        start, end = ((kind_of(kind).name, str(number)) for kind, number in (row["from"], row["to"]))
        if undo:
            links.remove(start, end, row.get("type"))
        else:
            links.add(int(row["type"]), start, end)
    links.settle()


def _add_list(portal: Portal, given: Mapping[str, Any]) -> None:
    body = {"processingType": "DYNAMIC", **given, "objectTypeId": kind_of(str(given["objectTypeId"])).number}
    number = str(1 + max((int(one.id) for one in portal.store.find(LISTS, gone=None)), default=0))
    portal.store.insert(LISTS, {k: v for k, v in body.items() if k != "listId"}, given.get("listId") or number)


def _set_list(portal: Portal, changes: Mapping[str, Mapping[str, Any]]) -> None:
    for key, change in changes.items():
        record = _list(portal, key)
        record.body |= change
        portal.store.save(record)


def _list(portal: Portal, key: str) -> Any:
    """By id or by name."""
    found = [one for one in portal.store.find(LISTS) if key in {one.id, one.body["name"]}]
    if not found:
        raise ApiError(f"There is no list {key!r}", 404, NOT_FOUND)
    return found[0]


def _depart(portal: Portal, ids: list[str], *, back: bool = False) -> None:
    for owner_id in ids:
        record = portal.store.get(OWNERS, owner_id, with_gone=True)
        if record is None:
            raise ApiError(f"There is no owner {owner_id}", 404, NOT_FOUND)
        (portal.store.restore if back else portal.store.remove)(record)


def _set_pipelines(portal: Portal, found: Mapping[str, Any]) -> None:
    for kind, those in found.items():
        portal.store.set_state(f"pipelines:{kind_of(kind).name}", those)


_ACTIONS: dict[str, Callable[[Portal, Any], object]] = {
    "hide_fields": _into("hidden"),
    "show_fields": _out_of("hidden", "locked"),
    "lock_fields": _into("locked"),
    "remove_fields": _into("archived"),
    "restore_fields": _out_of("archived", "hidden"),
    "purge_fields": _purge,
    "retype_fields": _retype,
    "set_options": _set_options,
    "require_fields": partial(_require, key="always"),
    "require_fields_when": partial(_require, key="when"),
    "expire_sessions": lambda portal, wanted: expire(portal) if wanted else None,
    "revoke_grants": _revoke,
    "tier": lambda portal, name: portal.store.set_state("tier", name),
    "add_ons": lambda portal, count: portal.store.set_state("add_ons", count),
    "ten_seconds_max": lambda portal, most: portal.store.set_state("ten_seconds_max", most),
    "daily_max": lambda portal, most: portal.store.set_state("daily_max", most),
    "daily_used": lambda portal, calls: portal.throttle.use(calls),
    "fresh_limits": _fresh_limits,
    "associate": _associate,
    "dissociate": partial(_associate, undo=True),
    "add_label": lambda portal, row: add_label(
        portal, kind_of(row["from"]).name, kind_of(row["to"]).name, row["label"]
    ),
    "add_list": _add_list,
    "set_list": _set_list,
    "delete_list": lambda portal, key: portal.store.purge(_list(portal, key)),
    "set_pipelines": _set_pipelines,
    "archive_owners": _depart,
    "restore_owners": partial(_depart, back=True),
    "portal_id": lambda portal, number: portal.store.set_state("portal_id", number),
}


# --- A colleague at work ----------------------------------------------------------------------------------------------
def _change(portal: Portal, verb: str, body: Mapping[str, Any]) -> str:
    """As a person with every right would in the portal's own pages: no check, stamps moved as usual."""
    kind = kind_of(str(body.get("object"))).name
    assert kind in RECORDS
    given = {name: "" if value is None else as_text(value) for name, value in body.get("fields", {}).items()}
    if verb == "create":
        source = {"hs_object_source": "CRM_UI", "hs_object_source_label": "CRM_UI"}
        return writes.insert(portal, kind, {k: v for k, v in given.items() if v != ""} | source, "CRM_UI").id
    record = portal.store.get(kind, str(body.get("id", "")), with_gone=verb == "undelete")
    if record is None:
        raise ApiError(f"There is no {kind} {body.get('id')}", 404, NOT_FOUND)
    match verb:
        case "edit":
            writes.change(portal, kind, record, given, "CRM_UI")
        case "delete":
            writes.archive(portal, record)
        case "undelete":
            writes.restore(portal, record)
        case "merge":
            others = portal.store.many(kind, body["losers"])
            return merge(portal, kind, record, [others[str(one)] for one in body["losers"]]).id
        case _:
            raise ApiError(f"There is no verb {verb!r}", 404, NOT_FOUND)
    return record.id


def _state(portal: Portal) -> dict[str, Any]:
    throttle = portal.throttle
    return {
        "limits": {"tier": throttle.tier, "daily_max": throttle.daily_most, "daily_used": throttle.used_today},
        "lists": [tell(portal, one) for one in portal.store.find(LISTS)],
    }
