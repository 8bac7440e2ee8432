"""Paging without counting: a page knows its neighbours by a key, so that page 20,000 costs what page 1 costs."""

from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet

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


def as_id(asked: str) -> int:
    """0, which is nobody's, for whatever cannot be an id: longer than what a database's id holds is none either."""
    return int(asked) if asked.isascii() and asked.isdigit() and len(asked) < LONGEST_ID else 0


def _key(rows: list[Any], at: int) -> str | None:
    return str(rows[at].pk) if rows else None
