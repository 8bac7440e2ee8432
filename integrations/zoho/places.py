"""Where a reading stands: what a page token holds, as text, so that any process can go on with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    after: str = ""
    """The last id that was read: pages of a query go by ids, however many there are."""
    chunk: int = 0
    """Which part of a list of ids."""
    token: str = ""
    """Zoho's own, of a list that no query covers."""
    reached: str = ""
    """The latest stamp of such a list: from there it goes on where its tokens end."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Field path → type as described when the reading began: its pages are all converted alike."""

    def __str__(self) -> str:
        filled = {name: value for name, value in asdict(self).items() if value}
        return orjson.dumps(filled).decode()

    def moved(self, **changes: Any) -> "Place":
        """The same reading elsewhere: whatever is not named starts anew."""
        return replace(Place(types=self.types), **changes)


def place_of(token: str) -> Place:
    known = {known.name for known in fields(Place)}
    held = orjson.loads(token) if token else {}
    return Place(**{name: value for name, value in held.items() if name in known})
