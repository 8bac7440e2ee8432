"""Decides one record, all facts given: link it, create it, update it, leave it, list it for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from .mapping import FieldRule
from .match import Match
from .reasons import Reason
from .records import HubRow, Link, LinkState, Pair, Record
from .values import Value


class Action(StrEnum):
    CREATE = "create"
    LINK = "link"
    """An unlinked record found its hub row; fields may change with it."""
    UPDATE = "update"
    SETTLE = "settle"
    """Nothing to write in the hub, but what was last settled, or the link itself, moves on. Never journaled."""
    UNCHANGED = "unchanged"
    CHURN = "churn"
    UNCHURN = "unchurn"
    EXCLUDE = "exclude"
    COLLISION = "collision"
    REFUSE = "refuse"
    ASK = "ask"
    GONE = "gone"
    MISS = "miss"
    """Not seen in one complete read; a second one in a row decides. Never journaled."""


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: Value
    after: Value
    reason: Reason

    @property
    def erases(self) -> bool:
        from .values import is_blank

        return is_blank(self.after) and not is_blank(self.before)


@dataclass(frozen=True, slots=True)
class Scope:
    """Whether the record belongs at all, as the stage knows it."""

    inside: bool = True
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    source_id: str
    action: Action
    reason: Reason
    link_state: LinkState
    hub_id: int | None = None
    changes: tuple[FieldChange, ...] = ()
    settled: Mapping[str, Pair] = field(default_factory=dict)
    notes: tuple[Reason, ...] = ()
    """What else a person should know: an unmapped value, a cut loop, a shared domain."""


def decide(
    record: Record,
    rules: Sequence[FieldRule],
    *,
    scope: Scope,
    link: Link | None,
    match: Match | None,
    hub: HubRow | None,
    notes: Sequence[Reason] = (),
) -> Decision:
    """`match` is asked only for records that no link decides; `hub` is the row that the link or the match names."""
    raise NotImplementedError
