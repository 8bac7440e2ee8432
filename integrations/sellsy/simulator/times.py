"""Times as the account keeps and tells them: whole seconds, in its own zone with the offset written out."""

import re
from datetime import UTC, date, datetime
from functools import lru_cache
from zoneinfo import ZoneInfo

ZONE = ZoneInfo("Europe/Paris")
# Filters need the time and the zone; a bare day is refused (document of the vendor, "Search").
_MOMENT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:?\d\d)")
_CLOCK = re.compile(r"(0\d|1\d|2[0-3]):[0-5]\d")


def kept(moment: datetime) -> str:
    """As the store keeps it: UTC, whole seconds, sortable."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000Z")


@lru_cache(maxsize=65536)
def told(text: str | None) -> str | None:
    """2024-06-26T12:16:34+02:00"""
    return datetime.fromisoformat(text).astimezone(ZONE).isoformat(timespec="seconds") if text else None


@lru_cache(maxsize=65536)
def told_in_utc(text: str | None) -> str | None:
    """The global search answers in UTC, alone among all (recorded)."""
    return datetime.fromisoformat(text).isoformat(timespec="seconds") if text else None


def moment_of(text: object) -> str | None:
    """A client's time as the store keeps it; None where it is none."""
    if not isinstance(text, str) or not _MOMENT.fullmatch(text):
        return None
    try:
        return kept(datetime.fromisoformat(text))
    except (ValueError, OverflowError):
        return None


def is_day(text: object) -> bool:
    if not isinstance(text, str) or not re.fullmatch(r"\d{4}-\d\d-\d\d", text):
        return False
    try:
        date.fromisoformat(text)
    except ValueError:
        return False
    return True


def is_clock(text: object) -> bool:
    return isinstance(text, str) and bool(_CLOCK.fullmatch(text))
