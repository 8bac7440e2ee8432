"""Finds the hub row of an unlinked record by the admin's merge keys: one hit links, none creates, more ask a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace

from .mapping import MergeKey
from .reasons import Reason

OTHER_ROW = "other-row"
"""A later key names another row than the one that was linked: said, for the admin's order decides."""
CONTESTED = ("claimed-by-several", "several-hub-rows", "hub-row-taken", "rivals")
"""Why a key value does not say which record is which row; the reason names the key and the value."""
LONGEST_TOLD = 60
WAITS = "waits-for-row"
WAITING_BY = "by:"
"""Stands before a merge key among the parameters of a record that waits for its row: there is what would recognise it."""


@dataclass(frozen=True, slots=True)
class Match:
    hub_id: int | None = None
    key: str = ""
    collision: Reason | None = None
    notes: tuple[Reason, ...] = ()
    reason: Reason | None = None
    """Which key found the row, or which keys found none."""
    former: str = ""
    """The record that was merged into this one: it hands its row on, and what was settled with it."""

    @property
    def names_row(self) -> bool:
        """One row, or several for a person to choose from."""
        return self.hub_id is not None or self.collision is not None


@dataclass(frozen=True, slots=True)
class Index:
    """What the hub and the whole stage say about the key values of the records at hand."""

    hub_rows: Mapping[str, Mapping[str, tuple[int, ...]]]
    """key field → compared value → hub ids that carry it (two are enough to know that it is ambiguous)."""
    claimants: Mapping[str, Mapping[str, int]]
    """key field → compared value → how many unlinked records of the whole stage carry it."""
    linked_to: Mapping[int, str] = field(default_factory=dict)
    """hub id → the source id that this connection and object already links to it."""


def find(
    source_id: str,
    key_values: Mapping[str, str],
    keys: Sequence[MergeKey],
    index: Index,
    *,
    system: str = "the CRM",
    makes_rows: bool = True,
) -> Match:
    """`key_values` holds the compared form per key field; an empty one never matches.

    `makes_rows`: a record that finds none becomes a row of its own; else it waits for one.
    """
    notes: list[Reason] = []
    for place, key in enumerate(keys):
        value = key_values.get(key.hub_field, "")
        if not value:
            continue
        said: dict[str, str | int] = {"label": key.hub_label, "value": value, "system": system}
        hits = index.hub_rows.get(key.hub_field, {}).get(value, ())
        claimants = index.claimants.get(key.hub_field, {}).get(value, 1)
        if claimants > 1 and not hits and not key.identifies:
            notes.append(Reason("shared-key", {**said, "count": claimants}))
            continue
        collision = _collision(source_id, hits, claimants, index.linked_to, said)
        if collision:
            return Match(key=key.hub_field, collision=collision, notes=tuple(notes))
        if hits:
            notes += _others(hits[0], key_values, keys[place + 1 :], index, system)
            return Match(hits[0], key.hub_field, notes=tuple(notes), reason=Reason("linked-by-key", said))
    reason = (_nothing_found if makes_rows else _waits)(key_values, keys, system)
    return Match(notes=tuple(notes), reason=reason)


def _others(
    hub_id: int, key_values: Mapping[str, str], later: Sequence[MergeKey], index: Index, system: str
) -> list[Reason]:
    found = []
    for key in later:
        value = key_values.get(key.hub_field, "")
        hits = index.hub_rows.get(key.hub_field, {}).get(value, ()) if value else ()
        if hits and hub_id not in hits:
            found.append(Reason(OTHER_ROW, {"label": key.hub_label, "value": value, "system": system, "row": hits[0]}))
    return found


def _collision(
    source_id: str,
    hits: tuple[int, ...],
    claimants: int,
    linked_to: Mapping[int, str],
    said: Mapping[str, str | int],
) -> Reason | None:
    if claimants > 1:
        # Also without a hub row: two records with one Customer ID are never told apart by guessing.
        return Reason("claimed-by-several", {**said, "count": claimants})
    if len(hits) > 1:
        return Reason("several-hub-rows", {**said, "count": len(hits)})
    other = linked_to.get(hits[0], source_id) if hits else source_id
    return None if other == source_id else Reason("hub-row-taken", {**said, "other": other})


def _nothing_found(key_values: Mapping[str, str], keys: Sequence[MergeKey], system: str) -> Reason:
    if asked := _asked(key_values, keys):
        return Reason("no-key-matched", {"keys": asked, "system": system})
    if keys:
        return Reason("no-key-filled", {"keys": ", ".join(key.hub_label for key in keys), "system": system})
    return Reason("no-keys")


def _waits(key_values: Mapping[str, str], keys: Sequence[MergeKey], system: str) -> Reason:
    """With what would recognise it, so that its row can be looked for without reading the record again."""
    asked = _asked(key_values, keys)
    if not asked:
        return Reason("waits-keyless", {"system": system})
    by = {f"{WAITING_BY}{key.hub_field}": key_values.get(key.hub_field, "") for key in keys}
    return Reason(WAITS, {"keys": asked, "system": system, **{name: value for name, value in by.items() if value}})


def _asked(key_values: Mapping[str, str], keys: Sequence[MergeKey]) -> str:
    named = (f"{key.hub_label} {_short(key_values[key.hub_field])}" for key in keys if key_values.get(key.hub_field))
    return ", ".join(named)


def _short(value: str) -> str:
    """A sentence is to be read: what a name of five hundred letters adds to it, nobody does."""
    return value if len(value) <= LONGEST_TOLD else f"{value[: LONGEST_TOLD - 1]}…"


def contested(match: Match, rivals: int, *, system: str = "the CRM") -> Match:
    """`rivals`: how many OTHER unlinked records of the whole stage found the same hub row, by whatever key.

    Nobody contests a row that was handed on: a link outranks every key.
    """
    if match.hub_id is None or match.former or rivals < 1:
        return match
    said = match.reason.params if match.reason else {"label": match.key, "value": "", "system": system}
    return replace(match, hub_id=None, reason=None, collision=Reason("rivals", {**said, "count": rivals}))
