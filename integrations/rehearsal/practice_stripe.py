"""A practice Stripe inside a test or a bench: the made-up world, or answers that were really recorded."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path

from integrations.stripe.simulator import Store, StripeSimulator

from .furnishing import furnish
from .practice import Practice
from .practice_org import wall_clock
from .stripe_account import fill
from .stripe_recording import load_recording
from .world import world


class PracticeStripe(Practice[StripeSimulator]):
    def __init__(
        self, folder: Path, accounts: int | None = None, load: Path | None = None, *, contacts_per: int = 3,
        clock: Callable[[], datetime] = wall_clock,
    ) -> None:  # fmt: skip
        super().__init__(open_account(folder / "practice-stripe.sqlite3", accounts, load, contacts_per, clock=clock))
        self.store = self.app.store
        self.account = self.app.place
        self.credentials = self.account.credentials


def open_account(
    path: Path, accounts: int | None = None, load: Path | None = None, contacts_per: int = 3, *,
    clock: Callable[[], datetime] = wall_clock, reset: bool = False,
) -> StripeSimulator:  # fmt: skip
    """Keeps what the file holds; fills it when it is new, or when a reset was asked for."""
    path.parent.mkdir(parents=True, exist_ok=True)
    store = Store(path, clock)
    app = StripeSimulator(store)

    def fill_it() -> None:
        if load:
            load_recording(store, load)
        else:
            fill(store, world(accounts, contacts_per))

    furnish(
        app, fill_it, lambda: store.one("SELECT 1 FROM _record WHERE kind = 'product' LIMIT 1") is None, reset=reset
    )
    return app
