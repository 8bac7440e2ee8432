"""Whether a row may take the ID of another system: one ID for one row, and one owner of a row's ID at a time."""

from collections.abc import Collection
from dataclasses import dataclass
from enum import StrEnum

LONGEST = 120
"""Characters of an ID."""


class Fate(StrEnum):
    NEW = "new"
    ADOPT = "adopt"
    """The ID stays, its owner changes."""
    KEEP = "keep"
    UNKNOWN = "unknown"
    """Nothing says which ID it would get."""
    TWICE = "twice"
    """Two IDs for one row, or one for two."""
    TAKEN = "taken"
    """Another row, which keeps it, has the ID already."""
    OWNED = "owned"
    """Its present ID is a connection's that nobody said would give way."""
    UNFIT = "unfit"
    """Too long for an ID."""


GIVES = frozenset({Fate.NEW, Fate.ADOPT})
REFUSED = frozenset({Fate.TWICE, Fate.TAKEN, Fate.OWNED, Fate.UNFIT})


@dataclass(frozen=True, slots=True)
class Present:
    """The ID that a row has, and the connection that owns it."""

    id: str
    owner: int | None


def of_row(present: Present, offered: Collection[str], *, owner: int | None, gives_way: int | None) -> Fate:
    """By what the row itself shows. `offered`: every ID that somebody names for it, compared as IDs are, none empty."""
    if not offered:
        return Fate.UNKNOWN
    if len(offered) > 1:
        return Fate.TWICE
    (new,) = offered
    if len(new) > LONGEST:
        return Fate.UNFIT
    if (present.id, present.owner) == (new, owner):
        return Fate.KEEP
    if present.id and present.owner not in {None, owner, gives_way}:
        return Fate.OWNED
    return Fate.ADOPT if present.id == new else Fate.NEW


def among_all(fate: Fate, claimants: int, *, is_taken: bool) -> Fate:
    """By what the others show: how many rows would get this very ID, and whether one has it that is not this one."""
    if fate not in GIVES:
        return fate
    if claimants > 1:
        return Fate.TWICE
    return Fate.TAKEN if is_taken else fate


def why_left(present: Present, expected: Present, *, is_offered: bool, is_taken: bool) -> str:
    """Why a row stays as it is after all, asked when its turn has come; empty: nothing is in the way."""
    if present != expected:
        return "id-moved"
    if not is_offered:
        return "id-no-longer-offered"
    return "id-taken-since" if is_taken else ""
