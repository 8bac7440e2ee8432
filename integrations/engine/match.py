"""Finds the hub row of an unlinked record by the admin's merge keys: one hit links, none creates, more ask a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from .mapping import MergeKey
from .reasons import Reason


@dataclass(frozen=True, slots=True)
class Match:
    hub_id: int | None = None
    key: str = ""
    collision: Reason | None = None
    notes: tuple[Reason, ...] = ()


@dataclass(frozen=True, slots=True)
class Index:
    """What the hub and the whole stage say about the key values of the records at hand."""

    hub_rows: Mapping[str, Mapping[str, tuple[int, ...]]]
    """key field → compared value → hub ids that carry it (two are enough to know that it is ambiguous)."""
    claimants: Mapping[str, Mapping[str, int]]
    """key field → compared value → how many unlinked records of the whole stage carry it."""
    linked_to: Mapping[int, str] = field(default_factory=dict)
    """hub id → the source id that this connection and object already links to it."""


def find(source_id: str, key_values: Mapping[str, str], keys: Sequence[MergeKey], index: Index) -> Match:
    """`key_values` holds the compared form per key field; an empty one never matches."""
    raise NotImplementedError
