"""How many of a CRM's daily calls a connection may use, as it stands now: what is left before the reserve, and until when."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from integrations.wire.quota import Budget, Quota

from .models import Connection, ConnectionState
from .registry import system_of

TELLS_FOR = timedelta(hours=24)
"""A day's allowance is counted over a day: an older reading says nothing about what is left."""


@dataclass(frozen=True, slots=True)
class Allowance:
    budget: Budget
    quota: Quota | None
    """The last reading, while it still holds a parked connection back."""


def budget_of(connection: Connection) -> Budget:
    return Budget(reserve_fraction=connection.reserve_percent / 100)


def allowance_of(connection: Connection) -> Allowance:
    """What background work may use. While the connection is parked no call is spent on hearing the same again."""
    live = ConnectionState.objects.filter(pk=connection.pk, parked_until__gt=timezone.now()).first()
    return Allowance(budget_of(connection), quota_of(live) if live else None)


def quota_of(live: ConnectionState) -> Quota | None:
    if not live.quota_limit or live.quota_used is None or live.quota_at is None:
        return None
    return Quota(live.quota_used, live.quota_limit, live.quota_at)


def left_of(connection: Connection, live: ConnectionState, now: datetime) -> int | None:
    """Calls that syncs may still make today; None where it is not known, not any more, or not counted by the day."""
    if system_of(connection.system).abilities.window:
        return None
    quota = quota_of(live)
    return budget_of(connection).left(quota) if quota and now - quota.at < TELLS_FOR else None
