"""The CRM's side of the state machine: the few verbs that it needs, whatever stands behind them."""

from abc import ABC, abstractmethod
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from integrations.sync.connector import Send
from integrations.sync.models import Connection

FAULTS = ("429", "many 429", "5xx", "truncated", "dropped before", "dropped after", "expired", "partial")
"""What a CRM can be made to do wrong; `many` outlasts the patience of one call."""


class Killed(BaseException):
    """kill -9, as far as one process can play it: nothing below gets to say anything."""


class Side(ABC):
    connection: Connection
    paths: Mapping[str, str]
    """Hub field → the path under which the CRM is written: `name` and `domain` of customers."""
    tells_deletions = True
    """Before the next complete reading."""

    def __init__(self) -> None:
        self.at: Callable[[str], None] = lambda where: None
        """Told of every reading and writing: before each of them (`read`, `write`), and after a write (`answer`)."""
        self.sends: list[Sequence[Send]] = []
        """Every batch of writes, as it came."""
        self.theirs: set[str] = set()
        """Records that a colleague made, or that became of them."""

    @abstractmethod
    def fresh(self) -> None:
        """As it stood after the first sync; nothing is broken."""

    @abstractmethod
    def create(self, name: str, domain: str) -> str: ...

    @abstractmethod
    def edit(self, source_id: str, values: Mapping[str, Any]) -> None:
        """By hub field."""

    @abstractmethod
    def delete(self, source_id: str) -> None: ...

    @abstractmethod
    def merge(self, winner: str, loser: str) -> str:
        """The record that the two became."""

    @abstractmethod
    def move(self, source_id: str) -> None:
        """Out of the scope, or back into it."""

    @abstractmethod
    def values(self) -> Mapping[str, Mapping[str, Any]]:
        """Everything alive: id → hub field → what the CRM holds."""

    @abstractmethod
    def is_outside(self, source_id: str) -> bool: ...

    @abstractmethod
    def refuse(self, source_id: str = "", name: str = "") -> None:
        """A rule of the CRM's own against what is written next: to that record, or to a new one of that name."""

    @abstractmethod
    def lock(self, source_id: str) -> None:
        """Somebody works on that record."""

    @abstractmethod
    def break_now(self, fault: str) -> None:
        """The next call meets it."""

    @abstractmethod
    def mend(self) -> None: ...

    @abstractmethod
    def later(self) -> None:
        """Past what any delta reaches back."""

    def made_by_us(self) -> set[str]:
        return set(self.values()) - self.theirs
