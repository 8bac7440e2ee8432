"""The practice HubSpot that a team moves to from its Salesforce or its Pipedrive, with trouble for the checks to find."""

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime
from functools import partial
from pathlib import Path

from integrations.hubspot.simulator import HubSpotSimulator, Store

from .furnishing import furnish
from .hubspot_move import IMPORTS, Moved, fill, import_ids
from .practice import Practice
from .practice_hubspot import PracticeHubSpot
from .practice_org import wall_clock

ACCESS_TOKEN = "pat-eu1-00000000-practice-move-0000-000000000000"
NAME = "hubspot_move"


class PracticeMovingHubSpot(PracticeHubSpot):
    """`planted` says what is wrong in it; from twenty plain companies on, all of that is there."""

    def __init__(
        self, folder: Path, accounts: int | None = None, *, contacts_per: int = 3,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        path = folder / f"practice-{NAME}.sqlite3"
        Practice.__init__(self, open_moving_portal(path, accounts, contacts_per=contacts_per, clock=clock))


def open_moving_portal(
    path: Path, accounts: int | None = None, *, contacts_per: int = 3, clock: Callable[[], datetime] = wall_clock,
    reset: bool = False,
) -> HubSpotSimulator:  # fmt: skip
    """Keeps what the file holds; fills it when it is new, or when a reset was asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path, clock)
    app, world = HubSpotSimulator(store), Moved(accounts, contacts_per)
    portal = app.portal
    portal.credentials = replace(portal.credentials, access_token=ACCESS_TOKEN)
    imports = {name: partial(import_ids, portal, world, which) for name, which in IMPORTS.items()}
    app.control.actions = {**app.control.actions, **imports}

    def fill_it() -> None:
        portal.throttle.forget()
        fill(portal, world)

    furnish(app, fill_it, lambda: store.one("SELECT 1 FROM _record LIMIT 1") is None, reset=reset)
    return app
