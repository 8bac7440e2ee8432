"""What the syncs tell on the hub's pages: who writes a field, what happened to a row, how it got here.

The hub does not know the syncs above it; they register one desk that answers.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Protocol

from django.utils.functional import Promise

Words = str | Promise


@dataclass(frozen=True, slots=True)
class Writer:
    """Which side may write a field of this row, and the rule in words."""

    short: str
    label: str
    direction: str
    """in, out or both."""
    rule: Words
    is_resting: bool = False


@dataclass(frozen=True, slots=True)
class FieldStep:
    field: str
    label: Words
    before: Any
    after: Any
    reason: str = ""
    side: str = "hub"
    """crm or hub: on which side of the seam the new value stood."""
    won: bool = False
    """Against a value of the other side, which is `before`."""
    win_url: str = ""
    """Where the value that gave way is made to win after all: `read_as`, which is what the hub can hold of it."""
    read_as: Any = None

    @property
    def is_unheld(self) -> bool:
        """What gave way is nothing that the hub can hold."""
        return self.read_as in (None, "") and self.before not in (None, "")


@dataclass(frozen=True, slots=True)
class Event:
    """One decision about the row, newest first in every list."""

    at: datetime
    state: str
    """A key of accounts.vocabulary.STATES."""
    word: Words
    short: str
    by: str
    reason: str
    steps: Sequence[FieldStep] = ()
    notes: Sequence[str] = ()
    url: str = ""
    """The run; shown only to who may see runs."""
    run: int | None = None
    undo_url: str = ""
    """Where this one decision of a person is taken back."""


@dataclass(frozen=True, slots=True)
class Arrival:
    """How a source record met this row: it found it here, or made it."""

    was_here: bool
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Story:
    writers: Mapping[str, Writer] = field(default_factory=dict)
    events: Sequence[Event] = ()
    arrivals: Mapping[tuple[str, str], Arrival] = field(default_factory=dict)
    """(connection's name, source id) → how it met the row."""
    disputes: Mapping[str, str] = field(default_factory=dict)
    """Field that both sides changed → where a person decides."""
    links: Sequence[tuple[Words, str]] = ()
    """Where more is told, for who may read the log."""


class Desk(Protocol):
    def story(self, entity: str, hub_id: int) -> Story: ...

    def arrivals(self, entity: str, hub_id: int) -> Mapping[tuple[str, str], Arrival]: ...

    def bonds(self, hub_id: int) -> Mapping[str, Sequence[str]]:
        """Connection's name → its part in a customer, in sentences: what it writes, whether it churns, what counts."""

    def undo_url(self, entity: str, hub_id: int) -> str:
        """Where the latest edit by hand of a row is taken back; empty where nothing keeps it."""

    def merged_into(self, entity: str, hub_id: int) -> int | None:
        """The row that a row became part of, where a person merged the two."""

    def connections(self) -> list[tuple[str, str]]:
        """(slug, name) of what rows may come from."""

    def rows_of(self, entity: str, slug: str) -> Any:
        """A sub-select of the hub ids that a connection holds."""


class _NoDesk:
    def story(self, entity: str, hub_id: int) -> Story:
        return Story()

    def arrivals(self, entity: str, hub_id: int) -> Mapping[tuple[str, str], Arrival]:
        return {}

    def bonds(self, hub_id: int) -> Mapping[str, Sequence[str]]:
        return {}

    def undo_url(self, entity: str, hub_id: int) -> str:
        return ""

    def merged_into(self, entity: str, hub_id: int) -> int | None:
        return None

    def connections(self) -> list[tuple[str, str]]:
        return []

    def rows_of(self, entity: str, slug: str) -> Any:
        return ()


_desks: list[Desk] = [_NoDesk()]


def register(desk: Desk) -> None:
    _desks[:] = [desk]


def desk() -> Desk:
    return _desks[0]
