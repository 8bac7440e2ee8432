"""How far back interactions are read: counted from the day the connection was made, so that no record ever ages out of it."""

from collections.abc import Mapping
from datetime import date, datetime, time
from typing import Any

from django.utils import timezone

from integrations.sync.models import Connection

SINCE_MONTHS = "since_months"
USUAL_MONTHS = 12
EVERYTHING = 0
OFFERED_MONTHS = (3, 6, USUAL_MONTHS, 24, 36, EVERYTHING)


def months_of(settings: Mapping[str, Any]) -> int:
    return int(settings.get(SINCE_MONTHS, USUAL_MONTHS))


def first_day(connection: Connection, months: int) -> date | None:
    """The first of a month, so that the day says itself on a page."""
    if months == EVERYTHING:
        return None
    made = timezone.localdate(connection.created_at, timezone.get_default_timezone())
    year, month = divmod(made.year * 12 + made.month - 1 - months, 12)
    return date(year, month + 1, 1)


def start_of(day: date | None) -> datetime | None:
    """In the console's own time zone; None stays none."""
    return datetime.combine(day, time(), timezone.get_default_timezone()) if day else None
