"""Days and moments as HubSpot takes and tells them: ISO or milliseconds in, ISO in UTC out."""

from datetime import UTC, datetime, timedelta
from typing import Any

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def told(moment: datetime) -> str:
    """No fraction when it is zero."""
    exact = moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return exact.replace(".000Z", "Z")


def short(stamp: str) -> str:
    """The same for a stamp that always has one."""
    return stamp.replace(".000Z", "Z")


def parse(value: str) -> datetime | None:
    """Milliseconds since 1970 or ISO 8601; None is neither."""
    try:
        if value.lstrip("-").isdecimal():
            return _EPOCH + timedelta(milliseconds=int(value))
        moment = datetime.fromisoformat(value)
    except (ValueError, OverflowError):
        return None
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


def milliseconds(moment: datetime) -> int:
    return (moment - _EPOCH) // timedelta(milliseconds=1)


def milliseconds_or_none(value: Any) -> int | None:
    """For SQL: what a stored day or moment is in milliseconds."""
    moment = parse(str(value)) if value not in (None, "") else None
    return None if moment is None else milliseconds(moment)
