"""What the rules look at: a source record, its link, the hub row, and what was last settled between the two."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from .reasons import Reason
from .values import Value


class Pair(NamedTuple):
    """The hub value and the CRM value (as the mapping reads it) when a field was last settled."""

    hub: Value
    crm: Value
    line: str = ""
    """Identity of the mapping line that settled it; empty where nobody kept it."""


class LinkState(StrEnum):
    LINKED = "linked"
    EXCLUDED = "excluded"
    FAILING = "failing"
    COLLISION = "collision"
    GONE = "gone"
    MERGED = "merged"


@dataclass(frozen=True, slots=True)
class Record:
    """One source record, values keyed by the CRM's own field path (`Name`, `Owner.Email`)."""

    source_id: str
    values: Mapping[str, Value]
    modified_at: datetime | None = None
    name: str = ""
    parent_id: str = ""
    customer_ids: tuple[str, ...] = ()
    """The accounts a contact belongs to, the primary one first; empty for customers."""


@dataclass(frozen=True, slots=True)
class Link:
    """What is known of a source record from earlier runs."""

    state: LinkState
    hub_id: int | None = None
    settled: Mapping[str, Pair] = field(default_factory=dict)
    misses: int = 0
    """Complete reads in a row that did not show the record."""
    churned_from: str = ""
    """The stage that our own churn rule took it from; empty where a person or the CRM set the stage."""
    excluded_by_hand: bool = False
    reason: Reason | None = None
    """Why it is in its state, as the last decision said."""

    @property
    def decides(self) -> bool:
        """It names the hub row, whatever the keys say. The dead half of a CRM merge has handed its row on."""
        return self.hub_id is not None and self.state is not LinkState.MERGED


@dataclass(frozen=True, slots=True)
class HubRow:
    """A hub row's values keyed by hub field (`name`, `stage`, `custom.<key>`), and when each last changed, where known."""

    hub_id: int
    values: Mapping[str, Value]
    changed_at: Mapping[str, datetime] = field(default_factory=dict)
