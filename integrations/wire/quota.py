"""How much of a system's daily allowance is used, and when background work has to leave the rest to people."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from math import ceil

RESERVE_MET = "QUOTA_RESERVE"
"""Not the system refused but we stopped: the rest is kept for people."""


@dataclass(frozen=True, slots=True)
class Quota:
    used: int
    limit: int
    at: datetime
    resets_at: datetime | None = None
    """None where the window rolls: room returns little by little."""


@dataclass(frozen=True, slots=True)
class Budget:
    reserve_fraction: float = 0.2
    """The share that background work leaves to everybody else in the organisation."""
    believed_for: timedelta = timedelta(minutes=15)
    """After this a reading says nothing: one call is let through, and its answer tells how it stands."""

    def is_spent(self, quota: Quota | None, now: datetime) -> bool:
        if quota is None or now >= self.asks_again_at(quota):
            return False
        return quota.used >= quota.limit * (1 - self.reserve_fraction)

    def left(self, quota: Quota) -> int:
        """Calls that background work may still make."""
        return max(0, ceil(quota.limit * (1 - self.reserve_fraction)) - quota.used)

    def asks_again_at(self, quota: Quota) -> datetime:
        return quota.resets_at or quota.at + self.believed_for
