"""A practice HubSpot inside a test or a bench, filled from the made-up world or from recorded answers."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any

from integrations.hubspot.simulator import Credentials, HubSpotSimulator, Store

from .furnishing import furnish
from .hubspot_account import fill
from .hubspot_recording import load_recording
from .practice import Practice
from .practice_org import wall_clock
from .world import world


class PracticeHubSpot(Practice[HubSpotSimulator]):
    """`load`: the folder of recorded answers; its portal holds what they told, and nothing else."""

    def __init__(
        self, folder: Path, accounts: int | None = None, load: Path | None = None, *, contacts_per: int = 3,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        path = folder / "practice-hubspot.sqlite3"
        super().__init__(open_portal(path, accounts, load, contacts_per=contacts_per, clock=clock))

    @property
    def store(self) -> Store:
        return self.app.store

    @property
    def credentials(self) -> Credentials:
        return self.app.portal.credentials

    @property
    def headers(self) -> dict[str, str]:
        """Of a caller with the portal's static token."""
        return {"Authorization": f"Bearer {self.credentials.access_token}", "Accept": "application/json"}

    def record(self, kind: str, record_id: str) -> dict[str, Any] | None:
        """What the portal really holds, without a call being made."""
        with self.store.transaction():
            found = self.store.get(kind, record_id)
        return None if found is None else found.body


def open_portal(
    path: Path, accounts: int | None = None, load: Path | None = None, *, contacts_per: int = 3,
    clock: Callable[[], datetime] = wall_clock, reset: bool = False,
) -> HubSpotSimulator:  # fmt: skip
    """Keeps what the file holds; fills it when it is new, or when a reset was asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path, clock)
    app = HubSpotSimulator(store)

    def fill_it() -> None:
        app.portal.throttle.forget()
        if load:
            load_recording(app.portal, load)
        else:
            fill(app.portal, world(accounts, contacts_per))

    furnish(app, fill_it, lambda: store.one("SELECT 1 FROM _record LIMIT 1") is None, reset=reset)
    return app
