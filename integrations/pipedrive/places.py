"""Where a reading stands: what a page token holds, as text, so that any process can go on with it."""

from dataclasses import asdict, dataclass

import orjson


@dataclass(frozen=True, slots=True)
class Place:
    cursor: str = ""
    """Pipedrive's own, of a list."""
    chunk: int = 0
    """Which list of several, or which part of the ids."""

    def __str__(self) -> str:
        filled = {name: value for name, value in asdict(self).items() if value}
        return orjson.dumps(filled).decode()


def place_of(token: str) -> Place:
    return Place(**orjson.loads(token)) if token else Place()
