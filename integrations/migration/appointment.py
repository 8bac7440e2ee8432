"""The migration day as a calendar file (RFC 5545): one appointment, in the time of Greenwich, for every calendar."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Move

LASTS = timedelta(hours=3)
ADDRESS = re.compile(r"[^\s<>@,;:\"]+@[^\s<>@,;:\"]+\.[^\s<>@,;:\"]+")
OCTETS = 75


def calendar(move: Move, url: str) -> str:
    assert move.day is not None
    title = _("Move from %(old)s to HubSpot") % {"old": move.old.name}
    lines = [
        "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//Skalin Sync//Move to HubSpot//EN", "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH", "BEGIN:VEVENT", f"UID:move-{move.pk}@skalin-sync", f"DTSTAMP:{_stamp(timezone.now())}",
        f"DTSTART:{_stamp(move.day)}", f"DTEND:{_stamp(move.day + LASTS)}", f"SUMMARY:{_text(title)}",
        f"DESCRIPTION:{_text(_('The checklist: %(url)s') % {'url': url})}", f"URL:{url}",
        *_attendees(move), "END:VEVENT", "END:VCALENDAR",
    ]  # fmt: skip
    return "".join(f"{folded}\r\n" for line in lines for folded in _folded(line))


def _attendees(move: Move) -> Iterator[str]:
    """Those with an address; the others stand in the checklist."""
    for one in move.attendees:
        if found := ADDRESS.search(str(one)):
            name = re.sub(r"[\"\x00-\x1f\x7f]", "", str(one).replace(found[0], "")).strip(" <>(),") or found[0]
            yield f'ATTENDEE;CN="{name}":mailto:{found[0]}'


def _stamp(at: datetime) -> str:
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(said: str) -> str:
    for sign in ("\\", ";", ","):
        said = said.replace(sign, f"\\{sign}")
    return re.sub(r"\r\n|\r|\n", r"\\n", said)


def _folded(line: str) -> Iterator[str]:
    """At most 75 octets a line, never within a character."""
    part, size = "", 0
    for char in line:
        width = len(char.encode())
        if size + width > OCTETS:
            yield part
            part, size = " ", 1
        part, size = part + char, size + width
    yield part
