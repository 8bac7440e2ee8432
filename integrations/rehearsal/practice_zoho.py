"""A practice Zoho inside a test or a bench, and the organisation as a whole: its file and how it is filled."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from integrations.zoho.simulator import Account, Store, ZohoSimulator, keep_code
from integrations.zoho.simulator.limits import Limits

from .furnishing import furnish
from .practice import Practice
from .practice_org import wall_clock
from .world import world
from .zoho_account import fill
from .zoho_recording import load_recording

_SCOPES = (
    "ZohoCRM.modules.ALL", "ZohoCRM.settings.ALL", "ZohoCRM.users.READ", "ZohoCRM.org.READ", "ZohoCRM.coql.READ",
    "ZohoSearch.securesearch.READ", "ZohoCRM.bulk.READ", "ZohoCRM.notifications.ALL", "ZohoCRM.modules.emails.ALL",
)  # fmt: skip
ALL_SCOPES = ",".join(_SCOPES)


@dataclass(frozen=True, slots=True)
class ZohoContents:
    """What an organisation is filled with: the lifelike world, so many plain accounts, or recorded answers."""

    accounts: int | None = None
    contacts_per: int = 3
    recording: Path | None = None

    def fill(self, account: Account) -> None:
        if self.recording:
            load_recording(account, self.recording)
        else:
            fill(account, world(self.accounts, self.contacts_per))


def open_zoho(
    path: Path, contents: ZohoContents, *, clock: Callable[[], datetime] = wall_clock, reset: bool = False
) -> ZohoSimulator:
    """Keeps what the file holds; fills it when it is new, or when a reset was asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path, clock)
    app = ZohoSimulator(store)

    def fill_it() -> None:
        app.account_of.limits = Limits(store.clock)
        contents.fill(app.account_of)

    furnish(app, fill_it, lambda: store.one("SELECT 1 FROM _record WHERE kind = 'users' LIMIT 1") is None, reset=reset)
    return app


class PracticeZoho(Practice[ZohoSimulator]):
    def __init__(
        self, folder: Path, accounts: int | None = None, load: Path | None = None, *, contacts_per: int = 3,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        contents = ZohoContents(accounts, contacts_per, load)
        super().__init__(open_zoho(folder / "practice-zoho.sqlite3", contents, clock=clock))
        self.store = self.app.store
        self.credentials = self.app.account_of.credentials

    def grant_code(self, scope: str = ALL_SCOPES) -> str:
        """As a person makes one for a self client in the API console."""
        with self.store.transaction():
            return keep_code(self.app.account_of, scope)
