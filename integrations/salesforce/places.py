"""Where a reading stands: what a page token holds, as text, so that any process can go on with it."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    next: str = ""
    """Salesforce's own link to the next page of a query."""
    chunk: int = 0
    """Which part of a list of ids."""
    after: str = ""
    """The last account whose contacts were read, where they are read account by account."""
    job: str = ""
    locator: str = ""
    polls: int = 0
    """How often a bulk job was found unfinished: makes every token a new one."""
    by_query: bool = False
    """The bulk job failed once: this reading goes on without."""
    types: Mapping[str, str] = field(default_factory=dict)
    """Field path → type as described when the reading began: its pages are all converted alike."""

    def __str__(self) -> str:
        filled = {name: value for name, value in asdict(self).items() if value}
        return orjson.dumps(filled).decode()

    def moved(self, **changes: Any) -> "Place":
        """The same reading elsewhere: whatever is not named starts anew."""
        return replace(Place(types=self.types, by_query=self.by_query), **changes)


def place_of(token: str) -> Place:
    known = {known.name for known in fields(Place)}
    held = orjson.loads(token) if token else {}
    return Place(**{name: value for name, value in held.items() if name in known})
