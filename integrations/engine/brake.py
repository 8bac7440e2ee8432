"""Holds the harmful part of a run that would harm more than a few records, until a person has looked at it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from decimal import Decimal

from .reasons import Reason

ALWAYS_ALLOWED = 10
PERCENT = 10
UNNAMED = "–"
"""Stands in a sentence for a currency that nobody mapped."""


@dataclass(frozen=True, slots=True)
class Harm:
    """Records of the run, counted once per kind of harm."""

    churned: int = 0
    emptied: int = 0
    deleted: int = 0
    deleted_out: int = 0
    """Deleted in the CRM: no undo of ours brings those back."""
    rekeyed: int = 0


def limit(linked: int, floor: int = ALWAYS_ALLOWED, percent: int = PERCENT) -> int:
    """A share of the linked records, but never so few that a small hub could not be worked with."""
    return max(floor, linked * percent // 100)


def held(
    counts: Harm, linked: int, *, first_run: bool = False, floor: int = ALWAYS_ALLOWED, percent: int = PERCENT
) -> tuple[Reason, ...]:
    """One reason for each kind of harm beyond the limit. A first run follows its approved preview instead."""
    if first_run:
        return ()
    most = limit(linked, floor, percent)
    harms = {kind.name: getattr(counts, kind.name) for kind in fields(counts)}
    return tuple(
        Reason(code_of(kind), {"count": count, "linked": linked, "limit": most})
        for kind, count in harms.items()
        if count > most
    )


def code_of(kind: str) -> str:
    return f"brake-{kind.replace('_', '-')}"


def revenue_held(
    before: Mapping[str, Decimal], moves: Mapping[str, Decimal], *, percent: int = PERCENT
) -> tuple[Reason, ...]:
    """One reason for each currency whose total MRR would move too far. Where there was none, nothing can move."""
    reasons = []
    for currency, moved in sorted(moves.items()):
        total = before.get(currency, Decimal(0))
        if total > 0 and abs(moved) * 100 > total * percent:
            params: dict[str, str | int] = {
                "currency": currency or UNNAMED,
                "before": format(total, ",.2f"),
                "after": format(total + moved, ",.2f"),
                "percent": percent,
            }
            reasons.append(Reason("brake-revenue", params))
    return tuple(reasons)
