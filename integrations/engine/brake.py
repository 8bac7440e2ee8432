"""Holds the harmful part of a run that would harm more than a few records, until a person has looked at it."""

from dataclasses import dataclass, fields

from .reasons import Reason

ALWAYS_ALLOWED = 10
ONE_IN = 10


@dataclass(frozen=True, slots=True)
class Harm:
    """Records of the run, counted once per kind of harm."""

    churned: int = 0
    emptied: int = 0
    deleted: int = 0
    rekeyed: int = 0


def limit(linked: int) -> int:
    """A tenth of the linked records, but never so few that a small hub could not be worked with."""
    return max(ALWAYS_ALLOWED, linked // ONE_IN)


def held(counts: Harm, linked: int, *, first_run: bool = False) -> tuple[Reason, ...]:
    """One reason for each kind of harm beyond the limit. A first run follows its approved preview instead."""
    if first_run:
        return ()
    most = limit(linked)
    harms = {kind.name: getattr(counts, kind.name) for kind in fields(counts)}
    return tuple(
        Reason(f"brake-{kind}", {"count": count, "linked": linked, "limit": most})
        for kind, count in harms.items()
        if count > most
    )
