"""How moments look: whole seconds everywhere, with a Z in v2, with a space and no zone in v1, with milliseconds in leads."""

import re
from datetime import UTC, datetime, timedelta

from integrations.simulation.documents import text

_SECONDS = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def v2(stamp: str | None) -> str | None:
    """`2026-04-01T22:03:26Z`; an empty stamp is a null."""
    return stamp[:19] + "Z" if stamp else None


def v1(stamp: str | None) -> str | None:
    """`2026-04-01 22:03:26`, from a stamp or from a moment of v2."""
    return f"{stamp[:10]} {stamp[11:19]}" if stamp else None


def parse(value: str) -> str | None:
    """A moment of a query as stored stamps look; None when Pipedrive would not take it.

    Milliseconds are refused: clients that send what JavaScript prints are answered 400.
    """
    if not _SECONDS.fullmatch(value):
        return None
    try:
        return text(datetime.fromisoformat(value))
    except ValueError:
        return None


def parse_v1(value: str) -> str | None:
    """`2026-04-01 22:03:26`, taken as UTC."""
    try:
        return text(datetime.strptime(value, "%Y-%m-%d %H:%M:%S").replace(tzinfo=UTC))
    except ValueError:
        return None


def later(stamp: str, seconds: float) -> str:
    return text(datetime.fromisoformat(stamp) + timedelta(seconds=seconds))
