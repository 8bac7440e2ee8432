"""A practice Intercom inside a test or a bench: the made-up world, or answers that were really recorded."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from integrations.intercom.simulator import IntercomSimulator
from integrations.simulation.documents import Documents

from .furnishing import furnish
from .intercom_recording import load_recording
from .intercom_workspace import SALESFORCE, Ids, fill
from .practice import Practice
from .practice_org import wall_clock
from .world import world

FIRST_ID = 960_000_001


class PracticeIntercom(Practice[IntercomSimulator]):
    """`ids`: of the CRM that its companies and people carry the ids of."""

    def __init__(
        self, folder: Path, accounts: int | None = None, load: Path | None = None, *, contacts_per: int = 3,
        ids: Ids = SALESFORCE, clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        super().__init__(
            open_workspace(folder / "practice-intercom.sqlite3", accounts, load, contacts_per, ids=ids, clock=clock)
        )
        self.workspace = self.app.place
        self.credentials = self.workspace.credentials


def open_workspace(
    path: Path, accounts: int | None = None, load: Path | None = None, contacts_per: int = 3, *,
    ids: Ids = SALESFORCE, clock: Callable[[], datetime] = wall_clock, reset: bool = False,
) -> IntercomSimulator:  # fmt: skip
    """Keeps what the file holds; fills it when it is new, or when a reset was asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    book = Documents(path, clock, first_id=FIRST_ID)
    app = IntercomSimulator(book)

    def fill_it() -> None:
        if load:
            load_recording(app.place, load)
        else:
            fill(app.place, world(accounts, contacts_per), ids)

    furnish(app, fill_it, lambda: book.one("SELECT 1 FROM _record WHERE kind = 'admin' LIMIT 1") is None, reset=reset)
    return app
