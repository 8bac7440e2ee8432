"""Whether two records tell of the same: of one thing that happened, by calendar ID and start; of one person, by the name.

Proposed to a person, never decided: two calls of one name on one day may well be two.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from .compare import compared, fold, normal_email, written
from .mapping import Compare
from .values import Value

WINDOW = timedelta(minutes=2)
"""Two clocks that tell of one start: more apart, and it is another one of a series."""
SAME_CALENDAR_ID = "same-calendar-id"
LIKELY_DUPLICATE = "likely-duplicate"
NAMESAKE = "namesake"
PROPOSALS = frozenset({SAME_CALENDAR_ID, LIKELY_DUPLICATE, NAMESAKE})
"""Codes of the reasons by which a row is proposed."""


@dataclass(frozen=True, slots=True)
class Fingerprint:
    starts_at: datetime
    title: str
    calendar_id: str = ""
    people: frozenset[str] = frozenset()
    """E-mail addresses; empty where the source names nobody, which says nothing about who took part."""


@dataclass(frozen=True, slots=True)
class Proposal:
    hub_id: int
    code: str


def fingerprint(values: Mapping[str, Value], people: Iterable[str] = ()) -> Fingerprint | None:
    """`people`: addresses of the contacts that took part. What has no start cannot be told apart by it."""
    starts_at = values.get("starts_at")
    if not isinstance(starts_at, datetime):
        return None
    named = values.get("participants")
    addresses = [*(named if isinstance(named, tuple) else ()), *people]
    return Fingerprint(
        starts_at=starts_at,
        title=fold(written(values.get("subject"))),
        calendar_id=compared(Compare.ID, values.get("ical_uid")),
        people=frozenset(address for one in addresses if (address := normal_email(one))),
    )


def propose(one: Fingerprint, others: Mapping[int, Fingerprint]) -> Proposal | None:
    """The row that tells of the same: a calendar ID outranks all else, then the nearest start, then the older row."""
    alike = [(hub_id, other, code) for hub_id, other in others.items() if (code := _alike(one, other))]
    if not alike:
        return None
    hub_id, _, code = min(
        alike, key=lambda found: (found[2] != SAME_CALENDAR_ID, _apart(one, found[1]), found[0])
    )  # fmt: skip
    return Proposal(hub_id, code)


def _alike(one: Fingerprint, other: Fingerprint) -> str:
    if _apart(one, other) > WINDOW:
        return ""
    if one.calendar_id and one.calendar_id == other.calendar_id:
        return SAME_CALENDAR_ID
    return LIKELY_DUPLICATE if one.title == other.title and _same_people(one, other) else ""


def _same_people(one: Fingerprint, other: Fingerprint) -> bool:
    """One calendar lists colleagues and the other only guests, so one shared address is enough; without a title it is asked for."""
    if one.people and other.people:
        return bool(one.people & other.people)
    return bool(one.title)


def _apart(one: Fingerprint, other: Fingerprint) -> timedelta:
    return abs(one.starts_at - other.starts_at)


@dataclass(frozen=True, slots=True)
class Person:
    """Both texts in their compared forms; an empty name is nobody's."""

    name: str
    email: str
    customers: frozenset[int]


def namesake(one: Person, others: Mapping[int, Person]) -> int | None:
    """The person of this name at the same customer, where an address is missing that could tell them apart; the older row."""
    same = [
        hub_id for hub_id, other in others.items()
        if one.name and one.name == other.name and one.customers & other.customers and not (one.email and other.email)
    ]  # fmt: skip
    return min(same, default=None)
