"""What the rules look at: a source record, its link, the hub row, and what was last settled between the two."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from .reasons import Reason
from .values import Value

UNMET = "unmet"
"""The line of a pair that no line has settled."""


class Pair(NamedTuple):
    """The hub value and the CRM value (as the mapping reads it) when a field was last settled."""

    hub: Value
    crm: Value
    line: str = ""
    """Identity of the mapping line that settled it; empty where nobody kept it."""
    raw: Value = None
    """The CRM's field letter by letter, where a line that writes it could not bring it back from `crm`: a website read as
    its domain, a word where a number goes."""
    is_unread: bool = False
    """The CRM holds something since that the line cannot read: `crm` is what it held before."""

    @property
    def is_unmet(self) -> bool:
        """Nothing was settled yet, for the CRM's value could not be read; an edit of the hub's is one all the same."""
        return self.is_unread and self.line == UNMET


class Side(StrEnum):
    HUB = "hub"
    CRM = "crm"

    @property
    def other(self) -> "Side":
        return Side.CRM if self is Side.HUB else Side.HUB


class Choice(NamedTuple):
    """A person's word on one field of one record: this side's value is to stand on both."""

    side: Side
    by: str


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
    is_inside: bool = True
    """False where the record itself says that it does not belong (an opportunity that is not won)."""
    changed_by: str = ""
    """Who changed the record last, by name, whichever field it was; empty where nobody asked, or the CRM does not say."""


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
    is_paused: bool = False
    """A person paused this record: nothing is written on either side."""
    chosen: Mapping[str, Choice] = field(default_factory=dict)
    frozen: frozenset[str] = frozenset()
    """Fields that alternated: written on neither side until a person thaws them."""

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
    made_at: datetime | None = None
    """When the row was made: the last change of every field that has not changed since."""

    def changed(self, name: str) -> datetime | None:
        return self.changed_at.get(name, self.made_at)
