"""How long the journal is kept, and the calls of its runs. Old rows leave in small bites, so that nobody ever waits for them; daily totals stay."""

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone

from .models import ApiCall, Change

BITE = 5_000
BITES = 4
"""Of one sweep: 20,000 rows a minute are more than any sync writes for long."""


def kept_since(now: datetime | None = None) -> datetime | None:
    """Rows from before are on their way out; None: everything is kept."""
    if not settings.JOURNAL_DAYS:
        return None
    return (now or timezone.now()) - timedelta(days=settings.JOURNAL_DAYS)


def forget_old() -> int:
    """How many rows went."""
    since = kept_since()
    return _forget(Change, since) + _forget(ApiCall, since) if since else 0


def _forget(model: type[Change | ApiCall], since: datetime) -> int:
    number = 0
    for _ in range(BITES):
        oldest = list(model.objects.filter(at__lt=since).order_by("at").values_list("pk", flat=True)[:BITE])
        rows = model.objects.filter(pk__in=oldest)
        number += rows._raw_delete(rows.db) if oldest else 0
        if len(oldest) < BITE:
            break
    return number
