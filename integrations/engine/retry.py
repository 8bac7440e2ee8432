"""When a record that did not go through is tried again by itself, how often, and when it is left to a person.

A record that was tried often enough is given up: no run asks for it until a person retries it, or until it changes.
"""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum


class Waits(StrEnum):
    """What has to happen before another try can end otherwise."""

    MOMENT = "moment"
    """Network, a server's fault, a lock, a rate limit: the same thing a little later."""
    OTHER = "other"
    """Another record that is not there yet: its customer, parent or owner."""
    PERSON = "person"
    """A value, a required field, the mapping, a permission: somebody may repair it where no record shows it."""
    SUPPORT = "support"
    """It crashed our own code, again and again: not tried by itself at all, for it would take its worker along."""


@dataclass(frozen=True, slots=True)
class Pace:
    first: timedelta
    longest: timedelta
    factor: int
    tries: int
    """So many failed tries, the very first included, and the record is given up."""

    def wait(self, tries: int) -> timedelta | None:
        """After the try of this number; None: that was the last one."""
        if tries >= self.tries:
            return None
        # A power that no clock can hold is never reckoned.
        times: int = self.factor ** min(max(tries, 1) - 1, 20)
        return min(self.first * times, self.longest)


PACES: dict[Waits, Pace] = {
    Waits.MOMENT: Pace(timedelta(minutes=1), timedelta(hours=1), 2, 8),
    Waits.OTHER: Pace(timedelta(minutes=5), timedelta(hours=6), 2, 12),
    Waits.PERSON: Pace(timedelta(hours=1), timedelta(days=1), 4, 4),
    Waits.SUPPORT: Pace(timedelta(0), timedelta(0), 1, 1),
}
# Everything that is not named needs a person: of an unknown cause nothing else is certain.
CLASSES: dict[str, Waits] = {
    "hub-moved": Waits.MOMENT,
    "row-arrived": Waits.MOMENT,
    "source-moved": Waits.MOMENT,
    "customer-not-linked": Waits.OTHER,
    "customer-out-of-scope": Waits.OTHER,
    "no-customer": Waits.OTHER,
    "crashed-record": Waits.SUPPORT,
}


def class_of(code: str) -> Waits:
    return CLASSES.get(code, Waits.PERSON)


def class_of_refusal(code: str, waiting: Collection[str]) -> Waits:
    """`code` is the CRM's own; `waiting`: those of its codes that say that another record is in the way."""
    return Waits.OTHER if code in waiting else Waits.PERSON


@dataclass(frozen=True, slots=True)
class Tried:
    """How a record stands in the loop: after how many failed tries, and when it comes next."""

    tries: int = 0
    next_at: datetime | None = None
    given_up_at: datetime | None = None


FRESH = Tried()
"""Never failed, or freed by a person: it begins anew."""


def after_failure(before: Tried, waits: Waits, now: datetime, *, is_same: bool, may_give_up: bool = True) -> Tried:
    """`is_same`: neither the record nor the mapping has changed since the last try, so its count goes on.

    `may_give_up`: False for a record that is linked and well but for one write: it comes again at the longest wait.
    """
    tries = before.tries + 1 if is_same else 1
    pace = PACES[waits]
    wait = pace.wait(tries)
    if wait is not None:
        return Tried(tries, now + wait)
    if not may_give_up:
        return Tried(tries, now + pace.longest)
    return Tried(tries, None, (before.given_up_at if is_same else None) or now)


def is_resting(tried: Tried, now: datetime) -> bool:
    """Failed, and not its turn: a run that merely meets it again leaves it as it is."""
    return tried.given_up_at is not None or (tried.next_at is not None and tried.next_at > now)
