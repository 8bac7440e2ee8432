"""Times as Zoho shows and takes them: whole seconds, in the time zone of the user who calls, UTC inside."""

from datetime import UTC, date, datetime, timedelta
from functools import lru_cache
from zoneinfo import ZoneInfo

Zone = ZoneInfo


def shown(stored: str | None, zone: Zone) -> str | None:
    """`2026-01-05T08:00:00.000Z` as `2026-01-05T09:00:00+01:00`."""
    if not stored:
        return None
    return _shown(stored[:19], zone)


@lru_cache(maxsize=65_536)
def _shown(stored: str, zone: Zone) -> str:
    return datetime.fromisoformat(stored).replace(tzinfo=UTC).astimezone(zone).isoformat(timespec="seconds")


def shown_moment(moment: datetime, zone: Zone) -> str:
    return moment.astimezone(zone).isoformat(timespec="seconds")


def parsed(text: object) -> datetime | None:
    """A moment with its offset; without one Zoho does not take it."""
    if not isinstance(text, str) or len(text) < 19 or "T" not in text:
        return None
    try:
        moment = datetime.fromisoformat(text.strip().replace(" ", "+"))
    except ValueError:
        return None
    return moment.astimezone(UTC) if moment.tzinfo else None


def parsed_date(text: object) -> date | None:
    if not isinstance(text, str) or len(text) != 10:
        return None
    try:
        return date.fromisoformat(text)
    except ValueError:
        return None


def stored(moment: datetime) -> str:
    """With milliseconds that are always nought, as stamps of records are: texts that compare as they are."""
    return moment.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", ".000Z")


def seconds_ago(now: datetime, seconds: float) -> str:
    return (now - timedelta(seconds=seconds)).astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
