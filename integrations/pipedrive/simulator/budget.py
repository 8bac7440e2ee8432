"""What calls cost and how many may be made: a budget of tokens for a day, windows of two seconds for each caller."""

from dataclasses import dataclass, field
from datetime import datetime

from integrations.simulation.limits import Window
from integrations.simulation.messages import Response

from .account import API, Account
from .errors import over_limit
from .prices import Call

DAILY = 30_000
MULTIPLIER = {"lite": 1, "growth": 2, "premium": 5, "ultimate": 7}
OAUTH_BURST = {"lite": 80, "growth": 160, "premium": 400, "ultimate": 480}
TOKEN_BURST = {"lite": 20, "growth": 40, "premium": 100, "ultimate": 120}
SEARCH_BURST = 10
SECONDS = 2
HAMMERED = 40
"""Refused calls in a minute before Cloudflare answers in the API's place. The vendor names no number."""
_EXPOSED = (
    "X-RateLimit-Remaining, X-RateLimit-Limit, X-RateLimit-Reset, X-Daily-RateLimit-Token-Limit, "
    "X-Daily-RateLimit-Token-Remaining"
)


@dataclass
class Budget:
    account: Account
    _windows: dict[str, Window] = field(default_factory=dict)
    """By caller, and by caller for searches; forgotten when the process ends."""

    @property
    def daily(self) -> int:
        whole = self.account.book.state("quota_max")
        account = self.account
        return int(whole or DAILY * MULTIPLIER[account.setting("plan")] * account.setting("seats"))

    def left_today(self) -> int:
        return max(0, self.daily - self.account.book.spent())

    def clear(self) -> None:
        self._windows.clear()

    def is_banned(self, caller: str) -> bool:
        window = self._windows.get(f"refused {caller}")
        return window is not None and window.left == 0

    def take(self, caller: str, scope: str, call: Call) -> None:
        """Room in the window and in the budget, or the refusal that a client has to tell apart."""
        if self.account.faults.unlimited:
            return
        if self.left_today() < call.cost:
            raise over_limit({"x-daily-ratelimit-token-remaining": "0"})
        window = self._window(caller, self._burst(scope))
        search = self._window(f"search {caller}", SEARCH_BURST) if call.searches else None
        if not window.take() or (search is not None and not search.take()):
            self._window(f"refused {caller}", HAMMERED, 60).take()
            raise over_limit({"x-ratelimit-reset": str(SECONDS)})

    def sign(self, caller: str, scope: str, call: Call, response: Response) -> None:
        """The headers of every answer. A refused call costs nothing; a failed one does: the vendor says neither."""
        if response.status != 429:
            self.account.book.spend(call.cost)
        window = self._window(caller, self._burst(scope))
        headers = {
            "access-control-expose-headers": _EXPOSED, "x-ratelimit-limit": str(window.most),
            "x-ratelimit-remaining": str(window.left), "x-ratelimit-reset": str(SECONDS),
        }  # fmt: skip
        if not self.account.faults.hide_daily_headers:
            headers["x-daily-ratelimit-token-limit"] = str(self.daily)
            headers["x-daily-ratelimit-token-remaining"] = str(self.left_today())
        for name, value in headers.items():
            response.headers.setdefault(name, value)

    def _burst(self, scope: str) -> int:
        return (TOKEN_BURST if scope == API else OAUTH_BURST)[self.account.setting("plan")]

    def _window(self, name: str, most: int, seconds: float = SECONDS) -> Window:
        # Read once per call, inside the call's transaction: the clock may have been moved.
        window = self._windows.setdefault(name, Window(most, seconds, self._clock))
        window.most = most
        return window

    def _clock(self) -> datetime:
        return self.account.now()
