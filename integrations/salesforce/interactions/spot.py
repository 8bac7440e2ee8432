"""Where a reading of interactions stands: what its page token holds."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import Any

import orjson


@dataclass(frozen=True, slots=True)
class Spot:
    parts: tuple[str, ...] = ()
    """The objects that are read one after the other; fixed when the reading begins."""
    part: int = 0
    next: str = ""
    """Salesforce's own link to the next page of a query."""
    chunk: int = 0
    """Which part of a list of ids."""
    after: str = ""
    """The last account that was read, where accounts are read a part at a time."""
    waiting: tuple[str, ...] = ()
    """Documents that are known and not read yet: each of them may take a call."""
    job: str = ""
    locator: str = ""
    polls: int = 0
    """How often a bulk job was found unfinished: makes every token a new one."""
    by_query: bool = False
    """The bulk job failed once: this reading goes on without."""
    types: Mapping[str, str] = field(default_factory=dict)
    """The organisation's own fields → type as described when the reading began."""

    def __str__(self) -> str:
        filled = {name: value for name, value in asdict(self).items() if value}
        return orjson.dumps(filled).decode()

    def moved(self, **changes: Any) -> "Spot":
        """The same part elsewhere: whatever is not named starts anew."""
        return replace(Spot(parts=self.parts, part=self.part, types=self.types, by_query=self.by_query), **changes)

    def next_part(self) -> "Spot | None":
        following = self.part + 1
        return self.moved(part=following) if following < len(self.parts) else None


def spot_of(token: str) -> Spot | None:
    if not token:
        return None
    held = orjson.loads(token)
    lists = {name: tuple(held[name]) for name in ("parts", "waiting") if name in held}
    return Spot(**{**held, **lists})
