"""The practice Salesforce as a whole: its file, its world, and how it is filled anew."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from integrations.salesforce.simulator import SalesforceSimulator, Store

from .furnishing import furnish
from .recording import load_recording
from .salesforce_org import fill
from .world import world


def wall_clock() -> datetime:
    return datetime.now(UTC)


@dataclass(frozen=True, slots=True)
class Contents:
    """What an org is filled with: the lifelike world, so many plain accounts, or a recording."""

    accounts: int | None = None
    contacts_per: int = 3
    recording: Path | None = None

    def fill(self, store: Store) -> None:
        if self.recording:
            load_recording(store, self.recording)
        else:
            fill(store, world(self.accounts, self.contacts_per))


def open_org(
    path: Path, contents: Contents, *, clock: Callable[[], datetime] = wall_clock, reset: bool = False
) -> SalesforceSimulator:
    """Keeps what the file holds; fills it when it is new, or when a reset was asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path, clock)
    app = SalesforceSimulator(store)

    furnish(app, lambda: contents.fill(store), lambda: store.one('SELECT 1 FROM "User" LIMIT 1') is None, reset=reset)
    return app
