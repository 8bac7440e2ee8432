"""Where a reading stands: what a page token holds, as text, so that any process can go on with it."""

from dataclasses import asdict, dataclass, fields
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    after: str = ""
    """Intercom's own mark of the next page: sent back unchanged."""
    rows: int = 0
    """Of a scroll: how many came so far…"""
    total: int = 0
    """…of so many, counted before it began."""
    handed_on: bool = False
    """Of a scroll: another process read a part of it, and may have died with a page in hand."""
    chunk: int = 0
    """Which part of a list of ids."""
    part: int = 0
    """Which of several questions that make up one reading, one after the other."""

    def __str__(self) -> str:
        return orjson.dumps({name: value for name, value in asdict(self).items() if value}).decode()


def place_of(token: str) -> Place:
    known = {known.name for known in fields(Place)}
    held: dict[str, Any] = orjson.loads(token) if token else {}
    return Place(**{name: value for name, value in held.items() if name in known})
