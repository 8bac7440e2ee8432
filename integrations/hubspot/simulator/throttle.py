"""How many calls a portal answers: per app in ten seconds, per account and second for searches, per account and day."""

from datetime import datetime
from zoneinfo import ZoneInfo

from integrations.simulation.limits import Window

from .faults import Faults, over
from .scopes import OAUTH, STATIC
from .store import Store

OAUTH_MOST = 110
TIERS = {"free": (100, 250_000), "starter": (100, 250_000), "pro": (190, 625_000), "enterprise": (190, 1_000_000)}
"""Of static tokens: calls in ten seconds per app, calls a day per account."""
ADD_ON, ADD_ON_DAILY = 250, 1_000_000
SEARCHES = 5
PREFIX = "X-HubSpot-RateLimit"


class Throttle:
    def __init__(self, store: Store, faults: Faults, zone: str) -> None:
        self._store, self._faults, self._zone = store, faults, ZoneInfo(zone)
        self._apps = {app: Window(OAUTH_MOST, 10, store.clock) for app in (OAUTH, STATIC)}
        self._seconds = {app: Window(OAUTH_MOST // 10, 1, store.clock) for app in self._apps}
        self._searches = Window(SEARCHES, 1, store.clock)

    # --- Set by control -----------------------------------------------------------------------------------------------
    @property
    def tier(self) -> str:
        return str(self._store.state("tier", "pro"))

    def most(self, app: str) -> int:
        usual = OAUTH_MOST if app == OAUTH else ADD_ON if self._add_ons else TIERS[self.tier][0]
        return int(self._store.state("ten_seconds_max") or usual)

    @property
    def daily_most(self) -> int:
        return int(self._store.state("daily_max") or TIERS[self.tier][1] + self._add_ons * ADD_ON_DAILY)

    @property
    def _add_ons(self) -> int:
        """Bought for more calls: two count at most."""
        return min(2, int(self._store.state("add_ons", 0)))

    @property
    def used_today(self) -> int:
        day, used = self._store.state("daily", ["", 0])
        return int(used) if day == self._today else 0

    def use(self, calls: int) -> None:
        self._store.set_state("daily", [self._today, calls])

    def forget(self) -> None:
        for window in (*self._apps.values(), *self._seconds.values(), self._searches):
            window.clear()

    @property
    def _today(self) -> str:
        # Until midnight where the portal is.
        now: datetime = self._store.clock()
        return now.astimezone(self._zone).date().isoformat()

    # --- Spent by calls -----------------------------------------------------------------------------------------------
    def spend(self, app: str, *, search: bool) -> None:
        """Raises the refusal. Searches have a window of their own, shared by every app of the account."""
        window = self._searches if search else self._apps[app]
        if not search:
            window.most = self.most(app)
            self._seconds[app].take()
        if not window.take() and not self._faults.unlimited:
            raise over("SECONDLY" if search else "TEN_SECONDLY_ROLLING")
        if app == OAUTH:
            return
        if self.used_today >= self.daily_most and not self._faults.unlimited:
            raise over("DAILY")

    def count(self, app: str) -> None:
        if app != OAUTH:
            self.use(self.used_today + 1)

    def headers(self, app: str, *, search: bool) -> dict[str, str]:
        told: dict[str, int] = {}
        if app != OAUTH:
            told |= {"Daily": self.daily_most, "Daily-Remaining": max(0, self.daily_most - self.used_today)}
        if not search:
            window, second = self._apps[app], self._seconds[app]
            second.most = window.most // 10
            told |= {
                "Interval-Milliseconds": 10_000, "Max": window.most, "Remaining": window.left, "Secondly": second.most,
                "Secondly-Remaining": second.left,
            }  # fmt: skip
        return {f"{PREFIX}-{name}": str(value) for name, value in told.items()}
