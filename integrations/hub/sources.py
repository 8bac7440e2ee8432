"""Where a hub row comes from. The hub does not know the syncs above it: they register how to ask."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class Source:
    system: str
    short: str
    label: str
    """The connection's name."""
    source_id: str
    url: str
    """The record in the CRM; empty where it has no page."""
    state: str
    synced_at: datetime | None
    is_disputed: bool = False
    """A field of it differs on both sides, and waits for a person."""
    unsent: str = ""
    """`changed`: the row changed here since the last sync, which may send it; else how the write to the CRM stands."""
    differs: bool = False
    """A field was settled as it stands, apart: it stays so until one side changes."""
    is_paused: bool = False
    """A person paused this one record."""
    is_archived: bool = False
    """Its connection is: nothing is read or written by it any more."""
    name: str = ""
    """What the CRM calls the record, as last seen."""
    pause_url: str = ""
    """Where it is paused, or resumed; empty where no sync asks for it any more."""


Ask = Callable[[str, Iterable[int]], Mapping[int, list[Source]]]
_askers: list[Ask] = []


def register(ask: Ask) -> None:
    if ask not in _askers:
        _askers.append(ask)


def sources_of(entity: str, hub_ids: Iterable[int]) -> dict[int, list[Source]]:
    """A constant number of statements for any number of rows."""
    ids = list(hub_ids)
    found: dict[int, list[Source]] = {}
    for ask in _askers if ids else ():
        for hub_id, sources in ask(entity, ids).items():
            found.setdefault(hub_id, []).extend(sources)
    return found
