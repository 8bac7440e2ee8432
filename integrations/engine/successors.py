"""Which fields of an object may have taken the place of one that is gone: by name, type, origin and values."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from difflib import SequenceMatcher

from .compare import fold
from .mapping import Kind

ALIKE = 0.6
"""Names less alike than this say nothing by themselves."""
SAME_VALUES = 0.5
"""A list that shares half its values with the lost one is a candidate whatever its name."""
MOST = 3
_FOR_TYPE, _FOR_ORIGIN, _FOR_VALUES = 0.15, 0.1, 0.5


@dataclass(frozen=True, slots=True)
class Known:
    """What is known of a field; of a lost one, what was last seen."""

    path: str
    label: str
    type: str = ""
    kind: Kind | None = None
    values: Collection[str] = ()
    """Of a list, those that it offers; else samples."""


def successors(lost: Known, others: Iterable[Known], most: int = MOST) -> list[str]:
    """Paths, the likeliest first; nothing where no field is alike enough."""
    ranked = sorted(((score, other.path) for other in others if (score := _score(lost, other))), key=_likeliest)
    return [path for _score_, path in ranked[:most]]


def _likeliest(scored: tuple[float, str]) -> tuple[float, str]:
    score, path = scored
    return (-score, path)


def _score(lost: Known, other: Known) -> float:
    """0 where neither name nor values speak for it: a type alone is shared by half of all fields."""
    alike, shared = _alike(lost, other), _shared(lost.values, other.values)
    if alike < ALIKE and shared < SAME_VALUES:
        return 0
    is_same_type = lost.type == other.type if lost.type else lost.kind is not None and lost.kind is other.kind
    origin, _name = _parted(lost.path)
    is_same_origin = bool(origin) and origin == _parted(other.path)[0]
    return alike + _FOR_TYPE * is_same_type + _FOR_ORIGIN * is_same_origin + _FOR_VALUES * shared


def _alike(lost: Known, other: Known) -> float:
    pairs = (
        (lost.label or lost.path, other.label or other.path),
        (_parted(lost.path)[1], _parted(other.path)[1]),
    )
    return max(SequenceMatcher(None, fold(before), fold(after)).ratio() for before, after in pairs)


def _shared(before: Collection[str], after: Collection[str]) -> float:
    """The share of the lost values that the other field offers too. One value in common is chance."""
    had, has = {fold(value) for value in before}, {fold(value) for value in after}
    common = len(had & has)
    return common / len(had) if common > 1 else 0.0


def _parted(path: str) -> tuple[str, str]:
    """Where a field comes from, and its own name: `Owner.Email`, `pkg__Tier__c`, `Tier__c`.

    CRMs put the package in front and mark fields of the organisation's own behind, with two underlines each.
    """
    before, _dot, last = path.rpartition(".")
    parts = [part for part in last.split("__") if part]
    match parts:
        case [package, *name, mark] if name:
            return f"{before}.{package}.{mark}", "__".join(name)
        case [name, mark]:
            return f"{before}..{mark}", name
    return before, last
