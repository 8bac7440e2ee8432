"""Which object of HubSpot holds which kind of interaction, and what each of its fields means here."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.engine.plain_text import of_html
from integrations.engine.values import Value
from integrations.sync.ways import Way

from ..schema import ID
from ..scope import Groups, Source
from ..values import moment
from . import headers, noted
from .words import LONGEST_SUBJECT, Held

CONTACTS, MINUTES, PARTICIPANTS, TEXT, TITLE, BODY = (
    "@contacts",
    "@minutes",
    "@participants",
    "@text",
    "@title",
    "@body",
)
WHEN, START, END = "hs_timestamp", "hs_meeting_start_time", "hs_meeting_end_time"
CREATED = "hs_createdate"
INCOMING = "INCOMING_EMAIL"
DIRECTIONS = {"INBOUND": True, "OUTBOUND": False}
MILLISECONDS, SECONDS = 60_000, 60
NOT_YET = ("CALLING_CRM_USER", "CANCELED", "CONNECTING", "FAILED", "IN_PROGRESS", "QUEUED", "RINGING")
"""Calls that nobody has made (yet); one that nobody answered was made."""
NOT_HELD = ("CANCELED", "NO_SHOW")


@dataclass(frozen=True, slots=True)
class Activity(Source):
    ways: Mapping[str, Way] = field(default_factory=dict)
    """Path of a mapping line → how this object says it; properties of the portal's own go by their name."""
    titled: str = ""
    company: int = 0
    """The number of its tie to a company, and of that to a contact."""
    contact: int = 0
    state: str = ""
    outside: tuple[str, ...] = ()
    """States of one that has not taken place: it is known, and stays outside until it has."""

    def title(self, held: Held) -> str:
        return str(self.ways[self.titled].value(held) or "")

    def is_held(self, held: Held) -> bool:
        return not self.state or held.get(self.state) not in self.outside

    @property
    def conditions(self) -> Groups:
        if not self.state:
            return []
        # One without a state is in no comparison of HubSpot's, not even in an unlike one.
        unlike = {"propertyName": self.state, "operator": "NOT_IN", "values": list(self.outside)}
        return [[unlike], [{"propertyName": self.state, "operator": "NOT_HAS_PROPERTY"}]]

    def columns(self, paths: tuple[str, ...]) -> tuple[str, ...]:
        asked = [name for path in paths for name in (self.ways[path].columns if path in self.ways else (path,))]
        return tuple(dict.fromkeys((*self.properties, *asked)))


def subject(label: str | Promise, name: str) -> Way:
    """No interaction is lost over a long title."""
    return Way(label, "string", Kind.TEXT, (name,), lambda held: str(held.get(name) or "")[:LONGEST_SUBJECT] or None)


def body(label: str | Promise, name: str) -> Way:
    return Way(label, "string", Kind.LONG_TEXT, (name,), lambda held: of_html(str(held.get(name) or "")) or None)


def moment_of(label: str | Promise, *names: str) -> Way:
    """Of the first one that is filled."""

    def value(held: Held) -> Value:
        return next((moment(str(held[name])) for name in names if held.get(name)), None)

    return Way(label, "datetime", Kind.DATETIME, names, value)


def text_of_email(held: Held) -> Value:
    return str(held.get("hs_email_text") or "") or of_html(str(held.get("hs_email_html") or "")) or None


def minutes_of_call(held: Held) -> Value:
    length = held.get("hs_call_duration")
    # Begun minutes: a call of forty seconds took place.
    return None if not length else int(-(-float(length) // MILLISECONDS))


def minutes_of_meeting(held: Held) -> Value:
    start, end = held.get(START), held.get(END)
    return int((moment(str(end)) - moment(str(start))).total_seconds() // SECONDS) if start and end else None


def is_incoming_email(held: Held) -> Value:
    direction = held.get("hs_email_direction")
    return None if not direction else direction == INCOMING


def contacts(held: Held) -> Value:
    return held.get(CONTACTS) or None


def own_id(label: str | Promise) -> Way:
    return Way(label, ID, Kind.ID, (), lambda held: str(held[ID]), is_written=False)


DESCRIPTION, PEOPLE = _("Description"), Way(_("Contacts"), "people", Kind.LIST, (), contacts)
THROUGH = ("contacts", "deals")
"""One that stands on a contact or a deal alone belongs to the company of that."""
EMAILS = Activity(
    "emails", name=("hs_email_subject",), created=CREATED, hangs=True, through=THROUGH, titled="hs_email_subject",
    company=186, contact=198,
    ways={
        ID: own_id(_("E-mail ID")),
        "hs_email_subject": subject(_("Subject"), "hs_email_subject"),
        TEXT: Way(_("Text"), "string", Kind.LONG_TEXT, ("hs_email_text", "hs_email_html"), text_of_email),
        WHEN: moment_of(_("Sent"), WHEN),
        "hs_email_direction": Way(
            _("Is incoming"), "bool", Kind.BOOL, ("hs_email_direction",), is_incoming_email
        ),
        PARTICIPANTS: Way(
            _("From, to and copies"), "email", Kind.LIST, headers.COLUMNS, lambda held: headers.addresses(held) or None
        ),
        CONTACTS: PEOPLE,
    },
)  # fmt: skip
MEETINGS = Activity(
    "meetings", name=("hs_meeting_title",), created=CREATED, hangs=True, through=THROUGH, titled="hs_meeting_title",
    company=188, contact=200, state="hs_meeting_outcome", outside=NOT_HELD, needed=("hs_meeting_outcome",),
    ways={
        ID: own_id(_("Meeting ID")),
        "hs_meeting_title": subject(_("Title"), "hs_meeting_title"),
        "hs_meeting_body": body(DESCRIPTION, "hs_meeting_body"),
        START: moment_of(_("Start"), START, WHEN),
        MINUTES: Way(_("Duration, in minutes"), "number", Kind.INTEGER, (START, END), minutes_of_meeting),
        CONTACTS: PEOPLE,
    },
)  # fmt: skip
CALLS = Activity(
    "calls", name=("hs_call_title",), created=CREATED, hangs=True, through=THROUGH, titled="hs_call_title",
    company=182, contact=194, state="hs_call_status", outside=NOT_YET, needed=("hs_call_status",),
    ways={
        ID: own_id(_("Call ID")),
        "hs_call_title": subject(_("Title"), "hs_call_title"),
        "hs_call_body": body(DESCRIPTION, "hs_call_body"),
        WHEN: moment_of(_("Call start"), WHEN),
        MINUTES: Way(_("Call duration, in minutes"), "number", Kind.INTEGER, ("hs_call_duration",), minutes_of_call),
        "hs_call_direction": Way(
            _("Call is inbound"), "bool", Kind.BOOL, ("hs_call_direction",),
            lambda held: DIRECTIONS.get(str(held.get("hs_call_direction"))),
        ),
        CONTACTS: PEOPLE,
    },
)  # fmt: skip
NOTES = Activity(
    "notes", name=(noted.COLUMN,), created=CREATED, hangs=True, through=THROUGH, titled=TITLE, company=190, contact=202,
    ways={
        ID: own_id(_("Note ID")),
        TITLE: Way(_("Title: a first line that stands alone in bold"), "string", Kind.TEXT, (noted.COLUMN,), noted.title),
        BODY: Way(_("Text"), "string", Kind.LONG_TEXT, (noted.COLUMN,), noted.body),
        WHEN: moment_of(_("Day of the note"), WHEN),
        CONTACTS: PEOPLE,
    },
)  # fmt: skip
ACTIVITIES: Mapping[str, Activity] = {"emails": EMAILS, "meetings": MEETINGS, "calls": CALLS, "notes": NOTES}
