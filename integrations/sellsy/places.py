"""Where a reading stands: what a page token holds, as text, so that any process can go on with it."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    offset: str = ""
    """Sellsy's own mark of the next page: sent back unchanged."""
    row: int = 0
    """Of a listing by the number of the row: where its next page begins…"""
    last: int = 0
    """…with this id, which the page before ended with…"""
    total: int = 0
    """…out of so many rows."""
    chunk: int = 0
    """Which part of a list of ids."""
    part: int = 0
    """Which of several questions that make up one reading, one after the other."""
    parts: Sequence[tuple[int, str]] = ()
    """Which of two questions that make up one reading go on, and where."""
    after: int = 0
    """The last company whose contacts were read."""
    ids: Sequence[int] = ()
    """The companies whose contacts come next: they were asked for beside those before them."""

    def __str__(self) -> str:
        return orjson.dumps({name: value for name, value in asdict(self).items() if value}).decode()


def place_of(token: str) -> Place:
    known = {known.name for known in fields(Place)}
    held: dict[str, Any] = orjson.loads(token) if token else {}
    return Place(**{name: value for name, value in held.items() if name in known})
