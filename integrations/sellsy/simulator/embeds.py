"""What is embedded in an answer on demand, for a whole page at once; null where the client lacks the scope for it."""

from collections import defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from integrations.simulation.documents import Record

from . import custom_fields, deals, shapes
from .account import Account
from .asked import Asked
from .kind import Told
from .scopes import EMBEDS

DOCUMENTS = ("estimates", "invoices", "orders", "deliveries", "proformas", "creditnotes")
"""Counts of papers that this account never has."""
_ROLES = ("main_contact", "invoicing_contact", "dunning_contact")
_ADDRESSES = ("invoicing_address", "delivery_address")
THIRDS = frozenset({*_ROLES, *_ADDRESSES, "opportunities", *DOCUMENTS[:4], "acl", "smart_tags", "owner"})
CONTACTS = frozenset({*_ADDRESSES, "opportunities", *DOCUMENTS[:4], "acl", "smart_tags", "owner"})
DEALS = frozenset({*DOCUMENTS, "individual", "assigned_staffs", "company", "contacts", "acl", "currency", "smart_tags"})
DOINGS = frozenset({"owner", "related", "company", "individual", "contact", "acl"})
_ACL = {"can_be_updated": True, "can_be_deleted": True}
_CONTACT_ACL = {
    **_ACL,
    **{f"{verb}_contacts_addresses": True for verb in ("view", "create", "update", "delete")},
}


def of(account: Account, records: Sequence[Record], asked: Asked) -> list[Told]:
    found: list[Told] = [{} for _ in records]
    for name in sorted(asked.embeds):
        allowed = EMBEDS.get(name)
        values = _embed(account, records, name) if not allowed or account.may(allowed) else [None] * len(records)
        for one, value in zip(found, values, strict=True):
            one[name] = value
    if asked.custom:
        _custom(account, records, asked, found)
    return found


def of_contacts(account: Account, records: Sequence[Record], asked: Asked) -> list[Told]:
    """Contacts name all their plain embeds once any was asked for, the others as null (recorded)."""
    every = ("smart_tags", *_ADDRESSES, "opportunities", *DOCUMENTS[:4], "acl")
    rest = dict.fromkeys(every) if asked.embeds else {}
    return [{**rest, **one} for one in of(account, records, asked)]


def _custom(account: Account, records: Sequence[Record], asked: Asked, found: list[Told]) -> None:
    if not account.may(EMBEDS["custom_fields"]):
        values: list[Any] = [None] * len(records)
    else:
        fields = [one for one in custom_fields.visible(account) if one.id in asked.custom]
        values = [custom_fields.with_values(record, fields) for record in records]
    for one, value in zip(found, values, strict=True):
        one["custom_fields"] = value


def _embed(account: Account, records: Sequence[Record], name: str) -> list[Any]:
    make = _MAKERS.get(name)
    return make(account, records) if make else [None] * len(records)


def tell_one(account: Account, kind: str, records: Sequence[Record]) -> list[Told]:
    if kind == "opportunity":
        return deals.tell(account, records)
    shape = {
        "company": shapes.company,
        "individual": shapes.individual,
        "contact": shapes.contact,
        "staff": shapes.staff,
    }[kind]
    return [shape(one) for one in records]


def _told(account: Account, wanted: Sequence[int | None], kind: str) -> list[Any]:
    found = account.store.many(kind, {one for one in wanted if one})
    told = dict(zip(found, tell_one(account, kind, list(found.values())), strict=True))
    return [told.get(str(one)) for one in wanted]


def _by_id(account: Account, records: Sequence[Record], key: str, kind: str) -> list[Any]:
    return _told(account, [one.body.get(key) for one in records], kind)


def _many(account: Account, records: Sequence[Record], key: str, kind: str) -> list[Any]:
    wanted = [one.body.get(key) or [] for one in records]
    found = iter(_told(account, [one for some in wanted for one in some], kind))
    return [[there for there in (next(found) for _ in some) if there] for some in wanted]


def _addresses(account: Account, records: Sequence[Record], name: str) -> list[Any]:
    found = account.store.many("address", {one.body[f"{name}_id"] for one in records if one.body.get(f"{name}_id")})
    return [
        shapes.address(found[key], one.body) if (key := str(one.body.get(f"{name}_id"))) in found else None
        for one in records
    ]  # fmt: skip


def _opportunities(account: Account, records: Sequence[Record]) -> list[int]:
    if not records:
        return []
    kind = records[0].kind
    if kind == "contact":
        sql = """SELECT h.value, count(*) FROM _record, json_each(body, '$.contact_ids') AS h
            WHERE kind = 'opportunity' AND gone IS NULL GROUP BY h.value"""
        counts = account.store.counted(sql)
    else:
        sql = """SELECT json_extract(r.value, '$.id'), count(*) FROM _record, json_each(body, '$.related') AS r
            WHERE kind = 'opportunity' AND gone IS NULL AND json_extract(r.value, '$.type') = ? GROUP BY 1"""
        counts = account.store.counted(sql, kind)
    return [counts.get(one.id, 0) for one in records]


def _tags(account: Account, records: Sequence[Record]) -> list[list[Told]]:
    """The first twenty of each."""
    names = {one.id: {"value": one.body["value"], "id": int(one.id)} for one in account.store.all("smart-tag")}
    found: dict[str, list[Told]] = defaultdict(list)
    if records:
        for start, end, _ in account.store.links(records[0].kind, [one.id for one in records], "smart-tag"):
            found[start].append(names[end])
    return [found[one.id][:20] for one in records]


def _related(account: Account, records: Sequence[Record]) -> list[list[Told]]:
    told: dict[tuple[str, int], Told] = {}
    for kind in ("company", "individual", "contact", "opportunity"):
        wanted = {
            link["id"] for one in records for link in one.body.get("related") or [] if link["type"] == kind
        }  # fmt: skip
        found = account.store.many(kind, wanted)
        for record, one in zip(found.values(), tell_one(account, kind, list(found.values())), strict=True):
            told[kind, int(record.id)] = {**one, "type": kind} if kind == "opportunity" else one
    return [
        [told[key] for link in one.body.get("related") or [] if (key := (link["type"], link["id"])) in told]
        for one in records
    ]  # fmt: skip


_Maker = Callable[[Account, Sequence[Record]], list[Any]]


def _by(key: str, kind: str) -> _Maker:
    return lambda account, records: _by_id(account, records, key, kind)


def _all_by(key: str, kind: str) -> _Maker:
    return lambda account, records: _many(account, records, key, kind)


def _at(name: str) -> _Maker:
    return lambda account, records: _addresses(account, records, name)


def _first(kind: str) -> _Maker:
    return lambda account, records: _told(account, [shapes.first_related(one.body, kind) for one in records], kind)


_MAKERS: dict[str, _Maker] = {
    **{name: _by(f"{name}_id", "contact") for name in _ROLES},
    **{name: _at(name) for name in _ADDRESSES},
    **{name: _first(name) for name in ("company", "individual", "contact")},
    **{name: lambda _account, records: [0] * len(records) for name in DOCUMENTS},
    "opportunities": _opportunities,
    "acl": lambda _account, records: [_CONTACT_ACL if one.kind == "contact" else _ACL for one in records],
    "smart_tags": _tags,
    "owner": _by("owner_id", "staff"),
    "assigned_staffs": _all_by("assigned_staff_ids", "staff"),
    "contacts": _all_by("contact_ids", "contact"),
    "currency": lambda _account, records: [{"code": one.body.get("currency") or "EUR"} for one in records],
    "related": _related,
}
