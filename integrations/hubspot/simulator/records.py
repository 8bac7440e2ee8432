"""A record as the API tells it: the properties that were asked for, its stamps, its links."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from integrations.simulation.documents import Record

from .association_types import PRIMARY, TYPES
from .kinds import Kind
from .moments import short
from .portal import Portal
from .scopes import EMAIL_BODIES

Told = dict[str, Any]
# The dates of single stages are set at creation and yet no part of its answer, as recordings show; but for this one.
_UNTOLD = "hs_v2_date_entered_"
_TOLD = "hs_v2_date_entered_current_stage"
_BESIDE = (
    "hs_object_source", "hs_object_source_id", "hs_object_source_label", "hs_pipeline",
    "hs_v2_date_entered_current_stage",
    "hs_v2_time_in_current_stage", "lifecyclestage",
)  # fmt: skip
"""What an update answers unasked, as recordings show."""
_BODIES = ("hs_email_text", "hs_email_html", "hs_email_subject", "hs_email_headers")


def tell(
    portal: Portal, kind: Kind, records: Sequence[Record], names: Collection[str] | None = None,
    histories: Mapping[str, Any] | None = None,
) -> list[Told]:  # fmt: skip
    """`names` None: the defaults. Names that do not exist are left out without a word."""
    shown = _shown(portal, kind, (set(kind.defaults) if names is None else set(names)) | set(kind.system))
    address = portal.address(kind)
    told = []
    for record in records:
        values = {**record.body, **system_values(kind, record)}
        history = None if histories is None else histories.get(record.id)
        told.append(_whole(address, record, {name: values.get(name) for name in shown}, history))
    return told


def _shown(portal: Portal, kind: Kind, wanted: Collection[str]) -> list[str]:
    known = portal.schema.of(kind.name)
    hidden = _BODIES if kind.name == "emails" and EMAIL_BODIES not in portal.caller.scopes else ()
    # Stamps and the id come even where an admin has archived their definition.
    return sorted(name for name in wanted if (name in known or name in kind.system) and name not in hidden)


def tell_set(portal: Portal, kind: Kind, record: Record, written: Collection[str] | None = None) -> Told:
    """As a write answers, never with a null: all that is set, or what was written and what stands beside it anyway."""
    values = {**record.body, **system_values(kind, record)}
    if written is None:
        wanted = {name for name in values if name == _TOLD or not name.startswith(_UNTOLD)}
    else:
        beside = (*kind.defaults, *kind.system, *_BESIDE, *(("hs_task_label",) if "name" in written else ()))
        wanted = {*written, *(name for name in beside if name in values)}
    shown = _shown(portal, kind, wanted)
    return _whole(portal.address(kind), record, {name: values.get(name, "") for name in shown})


def _whole(address: str, record: Record, properties: Told, history: Mapping[str, Any] | None = None) -> Told:
    return {
        "id": record.id, "properties": properties,
        **({"propertiesWithHistory": history} if history is not None else {}),
        "createdAt": short(record.created), "updatedAt": short(record.updated), "archived": record.gone is not None,
        **({"archivedAt": short(record.gone)} if record.gone else {}), "url": address + record.id,
    }  # fmt: skip


def system_values(kind: Kind, record: Record) -> dict[str, str]:
    return {kind.created: short(record.created), kind.modified: short(record.updated), "hs_object_id": record.id}


def with_history(
    portal: Portal, kind: Kind, records: Sequence[Record], names: Collection[str]
) -> dict[str, dict[str, Any]]:
    """By record: every value each property had, the newest first. What was there from the beginning has one entry."""
    known = [name for name in names if name in portal.schema.of(kind.name)]
    found = portal.store.history(kind.name, [r.id for r in records], known)
    return {
        record.id: {name: found.get((record.id, name)) or _first(record, name) for name in known} for record in records
    }  # fmt: skip


def _first(record: Record, name: str) -> list[dict[str, str]]:
    value = record.body.get(name)
    return [] if value is None else [{"value": value, "timestamp": short(record.created), "sourceType": "CRM_UI"}]


def with_links(portal: Portal, kind: Kind, told: list[Told], ends: Iterable[Kind]) -> None:
    """A primary link comes twice: under its own name and as an unlabelled one. No links, no key."""
    by_id = {one["id"]: one for one in told}
    for end in ends:
        rows = list(portal.store.links(kind.name, by_id, end.name))
        for start, other, label in sorted(rows, key=lambda row: (row[0], int(row[1]), _rank(row[2]))):
            held = by_id[start].setdefault("associations", {}).setdefault(end.name, {"results": []})
            name = TYPES[int(label)].name if int(label) in TYPES else f"{kind.singular}_to_{end.singular}_{label}"
            held["results"].append({"id": other, "type": name})


def _rank(label: str) -> tuple[bool, int]:
    return int(label) not in PRIMARY, int(label)
