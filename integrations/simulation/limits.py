"""Limits on calls: so many in a rolling window, counted on the practice system's own clock."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime


@dataclass
class Window:
    """At most so many units in so many seconds; forgotten when the process ends, as a gateway's memory is."""

    most: int
    seconds: float
    clock: Callable[[], datetime]
    _taken: deque[tuple[float, int]] = field(default_factory=deque)
    _sum: int = 0

    def take(self, cost: int = 1) -> bool:
        """Whether there was room. A refused call costs nothing here; systems that count it say so themselves."""
        now = self._forget()
        if self._sum + cost > self.most:
            return False
        self._taken.append((now, cost))
        self._sum += cost
        return True

    @property
    def left(self) -> int:
        self._forget()
        return max(0, self.most - self._sum)

    def clear(self) -> None:
        self._taken.clear()
        self._sum = 0

    def _forget(self) -> float:
        now = self.clock().timestamp()
        while self._taken and self._taken[0][0] <= now - self.seconds:
            self._sum -= self._taken.popleft()[1]
        return now
