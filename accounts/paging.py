"""Paging without counting: a page knows its neighbours by a key, so that page 20,000 costs what page 1 costs."""

from dataclasses import dataclass
from datetime import MAXYEAR, MINYEAR, datetime
from typing import Any

from django.db.models import Q, QuerySet

PAGE_SIZE = 50
LONGEST_ID = 19


@dataclass(frozen=True, slots=True)
class KeysetPage:
    rows: list[Any]
    older: str | None
    newer: str | None


def newest_first(rows: QuerySet[Any], *, before: str = "", after: str = "", size: int = PAGE_SIZE) -> KeysetPage:
    """A page of rows by descending id: those before one id, those after another, or the first."""
    below, above = as_id(before), as_id(after)
    if above:
        found = list(rows.filter(pk__gt=above).order_by("pk")[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return KeysetPage(found, older=_key(found, -1), newer=_key(found, 0) if more else None)
    if below:
        rows = rows.filter(pk__lt=below)
    found = list(rows.order_by("-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    newer = _key(found, 0) if below else None
    return KeysetPage(found, older=_key(found, -1) if more else None, newer=newer)


def latest_first(
    rows: QuerySet[Any], moment: str, *, before: str = "", after: str = "", size: int = PAGE_SIZE
) -> KeysetPage:
    """As `newest_first`, by the moment that each row is about; rows of one moment by descending id."""
    below, above = _as_place(before), _as_place(after)
    if above:
        found = list(rows.filter(_beyond(moment, "gt", *above)).order_by(moment, "pk")[: size + 1])
        more, found = len(found) > size, found[:size][::-1]
        return KeysetPage(found, older=_place(found, -1, moment), newer=_place(found, 0, moment) if more else None)
    if below:
        rows = rows.filter(_beyond(moment, "lt", *below))
    found = list(rows.order_by(f"-{moment}", "-pk")[: size + 1])
    more, found = len(found) > size, found[:size]
    newer = _place(found, 0, moment) if below else None
    return KeysetPage(found, older=_place(found, -1, moment) if more else None, newer=newer)


def _beyond(moment: str, side: str, at: datetime, pk: int) -> Q:
    # The first condition is what an index is entered by; databases do not see it in the second.
    return Q(**{f"{moment}__{side}e": at}) & (Q(**{f"{moment}__{side}": at}) | Q(**{f"pk__{side}": pk}))


def _place(rows: list[Any], at: int, moment: str) -> str | None:
    return f"{getattr(rows[at], moment).isoformat()}~{rows[at].pk}" if rows else None


def _as_place(asked: str) -> tuple[datetime, int] | None:
    """Nothing, so the first page, for whatever no page has handed out."""
    moment, _, pk = asked.partition("~")
    try:
        at = datetime.fromisoformat(moment)
    except ValueError:
        return None
    # The outermost years have hours that are no moment of Greenwich.
    is_one = at.tzinfo is not None and MINYEAR < at.year < MAXYEAR
    return (at, as_id(pk)) if is_one and as_id(pk) else None


def as_id(asked: str) -> int:
    """0, which is nobody's, for whatever cannot be an id: longer than what a database's id holds is none either."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < LONGEST_ID else 0


def _key(rows: list[Any], at: int) -> str | None:
    return str(rows[at].pk) if rows else None
