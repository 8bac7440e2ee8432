"""Merging: two records go, a new one comes; it answers to all their ids."""

from collections.abc import Sequence

from integrations.simulation.documents import Record

from . import writes
from .links import Links
from .portal import Portal

# The last two are links in truth, and come with them.
_OF_ONE_RECORD = ("hs_merged_object_ids", "hs_all_contact_vids", writes.PARENT, writes.COMPANY)


def merge(portal: Portal, kind: str, primary: Record, others: Sequence[Record]) -> Record:
    """The primary's values win; what it lacks comes from the others. All links move over."""
    old = [primary, *others]
    body = {name: value for one in reversed(old) for name, value in one.body.items() if name not in _OF_ONE_RECORD}
    ids = [part for one in old for part in (*one.body.get("hs_merged_object_ids", "").split(";"), one.id) if part]
    body["hs_merged_object_ids"] = ";".join(ids)
    if kind == "contacts":
        extra = [one.body["email"] for one in others if one.body.get("email") not in (None, body.get("email"))]
        held = [part for one in old for part in one.body.get("hs_additional_emails", "").split(";") if part]
        if extra or held:
            body["hs_additional_emails"] = ";".join(dict.fromkeys([*held, *extra]))
    tied = _links(portal, old)
    for one in old:
        portal.store.purge(one)
    merged = writes.insert(portal, kind, body, "MERGE_CONTACTS" if kind == "contacts" else "MERGE_OBJECTS")
    for one in old:
        portal.store.merge_into(kind, one.id, merged.id)
    links = Links(portal.store)
    for number, (other_kind, other_id) in tied:
        if (other_kind, other_id) not in {(kind, one.id) for one in old}:
            links.add(number, (kind, merged.id), (other_kind, other_id))
    links.settle()
    return portal.store.get(kind, merged.id) or merged


def _links(portal: Portal, old: Sequence[Record]) -> list[tuple[int, tuple[str, str]]]:
    """The others' first: where only one can stand (a primary company, a parent), the primary's replaces theirs."""
    sql = "SELECT label, to_kind, to_id FROM _link WHERE from_kind = ? AND from_id = ? ORDER BY length(label) DESC"
    found: list[tuple[int, tuple[str, str]]] = []
    for one in reversed(old):
        found += [(int(row[0]), (row[1], row[2])) for row in portal.store.execute(sql, (one.kind, one.id)).fetchall()]
    return found
