"""Where a reading stands: what a page token holds, as text, so that any process can go on with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    after: str = ""
    """The id of the last record that was read, of the companies or of what hangs on them."""
    group: str = ""
    """The last company of the groups that are read to their end; what hangs on the next ones is read now."""
    chunk: int = 0
    """Which part of a list of ids."""
    way: str = ""
    """How this reading goes, once it is decided: the whole of it goes alike."""
    kinds: Mapping[str, str] = field(default_factory=dict)
    """Property → kind as described when the reading began: its pages are all converted alike."""

    def __str__(self) -> str:
        return orjson.dumps({name: value for name, value in asdict(self).items() if value}).decode()

    def moved(self, **changes: Any) -> "Place":
        """The same reading elsewhere: whatever is not named starts anew."""
        return replace(Place(way=self.way, kinds=self.kinds), **changes)


def place_of(token: str) -> Place:
    known = {known.name for known in fields(Place)}
    held = orjson.loads(token) if token else {}
    return Place(**{name: value for name, value in held.items() if name in known})
