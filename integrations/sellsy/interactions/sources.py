"""Where each kind of interaction stands in Sellsy, how it is asked for, and what each of its fields means here."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.engine.plain_text import of_html
from integrations.engine.values import Value
from integrations.sync.connector import CrmField

from ..values import moment, number, said

Raw = Mapping[str, Any]
Filters = dict[str, Any]
LONGEST_SUBJECT = 500
SCHEDULED = "scheduled"
CONTACTS, PARTICIPANTS = "@contacts", "@participants"
RECENTLY = timedelta(days=30)
"""Calls and events say nowhere when they were changed: those of the last days are read again at every sync."""
INDEXED = timedelta(days=2)
"""E-mails are found in an index of activities, which learns of them late."""


@dataclass(frozen=True, slots=True)
class Row:
    """A record of Sellsy, and what its values need to know beside it."""

    raw: Raw
    is_colleague: Callable[[str], bool]

    def get(self, name: str) -> Any:
        return self.raw.get(name)


@dataclass(frozen=True, slots=True)
class Field:
    label: str | Promise
    kind: Kind
    type: str
    value: Callable[[Row], Value]


@dataclass(frozen=True, slots=True)
class Source:
    path: str
    fields: Mapping[str, Field]
    day: str
    """The filter by the record's own day."""
    always: Filters
    """What every question carries."""
    changed: Callable[[datetime, datetime], tuple[Filters, ...]]
    """The questions that together bring what changed in [since, until)."""
    inside: Callable[[Raw], bool] = lambda _row: True
    order: str = "id"
    dated: str = "created"
    """Where a record says its own day."""

    def is_before(self, raw: Raw, floor: datetime | None) -> bool:
        told = raw.get(self.dated)
        return bool(floor and told) and moment(str(told)) < floor  # type: ignore[operator]

    def since(self, floor: datetime | None) -> Filters:
        return {**self.always, **({self.day: {"start": said(floor)}} if floor else {})}


# --- Values


def subject_of(name: str) -> Callable[[Row], Value]:
    return lambda row: str(row.get(name) or "")[:LONGEST_SUBJECT] or None


def first_line(row: Row) -> Value:
    """A comment and a call have no title: what stands in their first line serves."""
    lines = [line for line in text(row).splitlines() if line.strip()]
    return lines[0].strip()[:LONGEST_SUBJECT] if lines else None


def text(row: Row) -> str:
    """Formatted or plain, as whoever typed it had it."""
    told = str(row.get("description") or row.get("content") or "")
    return of_html(told) if "<" in told else told.strip()


def body(row: Row) -> Value:
    return text(row) or None


def at(name: str) -> Callable[[Row], Value]:
    def read(row: Row) -> Value:
        told = row.get(name)
        return moment(str(told)) if told else None

    return read


def minutes_of_call(row: Row) -> Value:
    seconds = number(row.get("duration") or 0)
    return int(seconds // 60) or None


def minutes_of_event(row: Row) -> Value:
    start, end = at("datetime_start")(row), at("datetime_end")(row)
    if not isinstance(start, datetime) or not isinstance(end, datetime):
        return None
    return max(0, int((end - start).total_seconds() // 60)) or None


def is_incoming_call(row: Row) -> Value:
    return {"incoming": True, "outcoming": False}.get(str(row.get("source")))


def is_incoming_email(row: Row) -> Value:
    """From whom it came says it; the row of the index, which has a word for it, is not always at hand."""
    sender = addresses([row.get("from")])
    return not row.is_colleague(sender[0]) if sender else None


def participants(row: Row) -> Value:
    return addresses([row.get("from"), *(row.get("participants") or ())])


def addresses(people: Collection[Any]) -> tuple[str, ...]:
    """Texts, or objects with an address in them."""
    found = [str(one.get("email") or "") if isinstance(one, Mapping) else str(one or "") for one in people]
    return tuple(dict.fromkeys(one.strip().lower() for one in found if "@" in one))


def contacts(row: Row) -> Value:
    return tuple(str(number) for number in contacts_of(row.raw))


def contacts_of(raw: Raw) -> list[int]:
    named = [*(raw.get("related") or ()), *(raw.get("participants") or ())]
    return list(dict.fromkeys(one["id"] for one in named if isinstance(one, Mapping) and one.get("type") == "contact"))


def companies_in(raw: Raw) -> list[int]:
    named = [one["id"] for one in raw.get("related") or () if one.get("type") == "company"]
    return list(dict.fromkeys([*named, *([raw["company_id"]] if raw.get("company_id") else ())]))


# --- The four


def _id(row: Row) -> Value:
    return str(row.get("id"))


ID = Field(_("ID in Sellsy"), Kind.ID, "id", _id)
TEXT = Field(_("Text"), Kind.LONG_TEXT, "long-text", body)
PEOPLE = Field(_("Contacts"), Kind.LIST, "contact", contacts)
SOURCES: Mapping[str, Source] = {
    "notes": Source(
        "/comments",
        {
            "id": ID,
            "title": Field(_("First line"), Kind.TEXT, "text", first_line),
            "description": TEXT,
            "created": Field(_("Day of the comment"), Kind.DATETIME, "datetime", at("created")),
            CONTACTS: PEOPLE,
        },
        "created",
        {},
        lambda since, until: ({"updated": {"start": said(since), "end": said(until)}},),
    ),
    "calls": Source(
        "/phone-calls",
        {
            "id": ID,
            "title": Field(_("First line"), Kind.TEXT, "text", first_line),
            "description": TEXT,
            "date": Field(_("Time of the call"), Kind.DATETIME, "datetime", at("date")),
            "duration": Field(_("Duration, in minutes"), Kind.INTEGER, "numeric", minutes_of_call),
            "source": Field(_("Is incoming"), Kind.BOOL, "boolean", is_incoming_call),
            CONTACTS: PEOPLE,
        },
        "due_date",
        {},
        lambda since, until: (
            {"created": {"start": said(since), "end": said(until)}},
            {"due_date": {"start": said(since - RECENTLY), "end": said(until)}},
        ),
        # A call that is only planned has not taken place.
        inside=lambda row: (row.get("result") or {}).get("id") != SCHEDULED,
        dated="date",
    ),
    "meetings": Source(
        "/calendar-events",
        {
            "id": ID,
            "title": Field(_("Title"), Kind.TEXT, "text", subject_of("title")),
            "description": TEXT,
            "datetime_start": Field(_("Start"), Kind.DATETIME, "datetime", at("datetime_start")),
            "datetime_end": Field(_("Duration, in minutes"), Kind.INTEGER, "numeric", minutes_of_event),
            CONTACTS: PEOPLE,
        },
        "due_date",
        {},
        lambda since, _until: ({"due_date": {"start": said(since - RECENTLY)}},),
        dated="datetime_start",
        inside=lambda row: not row.get("is_private"),
    ),
    "emails": Source(
        "/activities",
        {
            "id": ID,
            "subject": Field(_("Subject"), Kind.TEXT, "text", subject_of("subject")),
            "content": TEXT,
            "created": Field(_("Sent"), Kind.DATETIME, "datetime", at("created")),
            "from": Field(_("Is incoming"), Kind.BOOL, "boolean", is_incoming_email),
            PARTICIPANTS: Field(_("From, to and copies"), Kind.LIST, "email", participants),
            CONTACTS: PEOPLE,
        },
        "due_date",
        {"entities": ["email"]},
        lambda since, until: ({"due_date": {"start": said(since - INDEXED), "end": said(until)}},),
        inside=lambda row: not row.get("is_private"),
        order="due_date",
    ),
}  # fmt: skip
EMAILS = SOURCES["emails"]


def fields_of(data_type: str) -> tuple[CrmField, ...]:
    return tuple(
        CrmField(path, str(one.label), one.type, one.kind, is_id=path == "id")
        for path, one in SOURCES[data_type].fields.items()
    )
