"""How much may be asked: credits in a rolling day, calls at one time, access tokens and downloads in a few minutes."""

# Source: the vendor's "API Limits" and "Token Validity" pages of v8.

import threading
from collections import defaultdict
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime

from integrations.simulation.limits import Window
from integrations.simulation.messages import Request

DAY = 86_400
BASE_CREDITS, CREDITS_PER_USER, USERS_BOUGHT = 50_000, 1_000, 20
"""Enterprise: 50,000 and 1,000 more for each user paid for."""
CONCURRENT, CONCURRENT_HEAVY = 20, 10
TOKENS, TOKENS_WITHIN = 10, 600
ALIVE_TOKENS, ALIVE_REFRESH_TOKENS = 15, 20
DOWNLOADS, DOWNLOADS_WITHIN = 10, 60
COSTS = {"list_view": 3, "deleted": 2, "bulk_read": 50}


@dataclass
class Limits:
    clock: Callable[[], datetime]
    credits: Window = field(init=False)
    downloads: Window = field(init=False)
    traffic: "Traffic" = field(init=False)
    _tokens: dict[str, Window] = field(init=False)

    def __post_init__(self) -> None:
        self.credits = Window(BASE_CREDITS + CREDITS_PER_USER * USERS_BOUGHT, DAY, self.clock)
        self.downloads = Window(DOWNLOADS, DOWNLOADS_WITHIN, self.clock)
        self.traffic = Traffic()
        self._tokens = defaultdict(lambda: Window(TOKENS, TOKENS_WITHIN, self.clock))

    def may_refresh(self, refresh_token: str) -> bool:
        return self._tokens[refresh_token].take()

    def use(self, used: int) -> None:
        """As if so many credits had been used within the day, whoever used them."""
        self.credits.clear()
        if used:
            self.credits.take(min(used, self.credits.most))

    def clear(self) -> None:
        self.credits.clear()
        self.downloads.clear()
        self._tokens.clear()

    @property
    def used(self) -> int:
        return self.credits.most - self.credits.left


class Traffic:
    """The calls that are under way at this moment: a thread asks whether its own was one too many."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._now = [0, 0]
        self._mine = threading.local()

    @contextmanager
    def call(self, *, heavy: bool) -> Iterator[None]:
        with self._lock:
            self._now[0] += 1
            self._now[1] += heavy
            self._mine.over = self._now[0] > CONCURRENT or (heavy and self._now[1] > CONCURRENT_HEAVY)
        try:
            yield
        finally:
            with self._lock:
                self._now[0] -= 1
                self._now[1] -= heavy

    @property
    def is_over(self) -> bool:
        return bool(getattr(self._mine, "over", False))


def is_heavy(request: Request) -> bool:
    """Searches, queries, sorted or filtered lists and writes of more than ten records share ten places."""
    if request.path.endswith(("/search", "/coql")):
        return True
    if request.method == "GET":
        return "sort_by" in request.query or "cvid" in request.query
    return request.body.count(b"},") > 10 if request.method in {"POST", "PUT"} else False
