"""Which records of Pipedrive are which kind of interaction, and what each of their fields means here."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.engine.plain_text import of_html
from integrations.engine.values import Value

from ..schema import ID, MADE
from ..values import ZERO_DATE, moment

Row = Mapping[str, Any]
ACTIVITY, NOTE, MEETING = "activity", "note", "meeting"
ORGANIZATION, CONTENT = "org_id", "content"
NOTES = frozenset({"note", CONTENT})
"""Formatted texts."""
STARTS, MINUTES, CONTACTS = "@starts_at", "@minutes", "@contacts"
LONGEST_SUBJECT = 500
NOON = time(12)


@dataclass(frozen=True, slots=True)
class Way:
    """One field of an interaction: what it is called there, and what it means here."""

    label: str | Promise
    type: str
    kind: Kind
    value: Callable[[Row], Value]
    is_written: bool = True


@dataclass(frozen=True, slots=True)
class Source:
    entity: str
    type: str
    """Of activities, by the key that a company's people never see; empty for notes."""
    ways: Mapping[str, Way]
    only_done: bool = False
    """Planned ones follow once they are done."""

    @property
    def plural(self) -> str:
        return "notes" if self.entity == NOTE else "activities"

    def holds(self, row: Row) -> bool:
        return not self.type or row.get("type") == self.type

    def belongs(self, row: Row) -> bool:
        return self.holds(row) and bool(row.get("done") or not self.only_done)


def subject(row: Row) -> Value:
    """No interaction is lost over a long title."""
    return str(row.get("subject") or "")[:LONGEST_SUBJECT] or None


def starts_at(row: Row) -> Value:
    """Day and hour stand apart, both of Greenwich. Without an hour: when it was done on that day, else noon of the day,
    which is the same day wherever the team looks from."""
    day = str(row.get("due_date") or "")
    done = moment(str(row["marked_as_done_time"])) if row.get("marked_as_done_time") else None
    if not day or day.startswith(ZERO_DATE):
        return done or made(row)
    if row.get("due_time"):
        return datetime.fromisoformat(f"{day}T{row['due_time']}").replace(tzinfo=UTC)
    if done and done.astimezone(timezone.get_default_timezone()).date().isoformat() == day:
        return done
    return datetime.combine(date.fromisoformat(day), NOON, timezone.get_default_timezone())


def minutes(row: Row) -> Value:
    parts = str(row.get("duration") or "").split(":")
    if len(parts) < 2 or not all(part.isdecimal() for part in parts):
        return None
    return int(parts[0]) * 60 + int(parts[1])


def contacts(row: Row) -> Value:
    people = [str(one["person_id"]) for one in row.get("participants") or () if one.get("person_id")]
    return tuple(people or ([str(row["person_id"])] if row.get("person_id") else ())) or None


def made(row: Row) -> Value:
    return moment(str(row[MADE])) if row.get(MADE) else None


def text_of(name: str) -> Callable[[Row], Value]:
    return lambda row: of_html(str(row.get(name) or "")) or None


OWN_ID = Way(_("ID"), "number", Kind.ID, lambda row: str(row["id"]), is_written=False)
PEOPLE = Way(_("Persons"), "people", Kind.LIST, contacts)
OF_ACTIVITIES: Mapping[str, Way] = {
    ID: OWN_ID,
    "subject": Way(_("Subject"), "varchar", Kind.TEXT, subject),
    "note": Way(_("Note"), "text", Kind.LONG_TEXT, text_of("note")),
    STARTS: Way(_("Due date and time"), "moment", Kind.DATETIME, starts_at),
    MINUTES: Way(_("Duration, in minutes"), "int", Kind.INTEGER, minutes),
    CONTACTS: PEOPLE,
}
OF_NOTES: Mapping[str, Way] = {
    ID: OWN_ID,
    CONTENT: Way(_("Text"), "text", Kind.LONG_TEXT, text_of(CONTENT)),
    MADE: Way(_("Day of the note"), "moment", Kind.DATETIME, made, is_written=False),
    CONTACTS: PEOPLE,
}
SOURCES: Mapping[str, Source] = {
    "emails": Source(ACTIVITY, "email", OF_ACTIVITIES, only_done=True),
    "meetings": Source(ACTIVITY, MEETING, OF_ACTIVITIES),
    "calls": Source(ACTIVITY, "call", OF_ACTIVITIES, only_done=True),
    "notes": Source(NOTE, "", OF_NOTES),
}
