"""How long to wait before the next try of one call, and when to give up."""

import random
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime

from .errors import RateLimited, Transient

MOST_TRIES = 8
FIRST_WAIT = 1.0
LONGEST_WAIT = 60.0
LONGEST_TOLD = 86_400.0
"""A day: what a system says beyond it is no plan."""


@dataclass(slots=True)
class Patience:
    random: random.Random
    max_wait: float
    """All waits of one call together; a slice has better things to do than to sleep."""
    tries: int = field(default=0, init=False)
    waited: float = field(default=0.0, init=False)

    def next_wait(self, failure: Transient | RateLimited) -> float | None:
        """Seconds until the next try; None when the failure has to go to the caller."""
        self.tries += 1
        wait = self._wait_for(failure)
        if wait is None or self.tries >= MOST_TRIES or self.waited + wait > self.max_wait:
            return None
        self.waited += wait
        return wait

    def _wait_for(self, failure: Transient | RateLimited) -> float | None:
        if isinstance(failure, RateLimited) and failure.daily:
            return None
        if failure.after is not None:
            return max(failure.after, 0.0)
        # Full jitter: workers that failed together do not come back together.
        ceiling: float = min(FIRST_WAIT * 2 ** (self.tries - 1), LONGEST_WAIT)
        return self.random.uniform(0.0, ceiling)


def retry_after(value: str | None, now: datetime) -> float | None:
    """Seconds, from a number or an HTTP date; None where the header says nothing that can be understood."""
    if not value:
        return None
    if value.strip().isdecimal():
        return min(float(value), LONGEST_TOLD)
    try:
        moment = parsedate_to_datetime(value)
    except ValueError:
        return None
    moment = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    return min(max((moment - now).total_seconds(), 0.0), LONGEST_TOLD)
