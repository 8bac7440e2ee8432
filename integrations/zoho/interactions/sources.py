"""Which module of Zoho holds which kind of interaction, and what each of its fields means here."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.engine.values import Value
from integrations.sync.ways import Way

from ..schema import ID
from ..values import id_of, moment

Row = Mapping[str, Any]
CONTACTS, MINUTES = "@contacts", "@minutes"
WHAT, WHO, ACCOUNT_OF_WHO, PARENT = "What_Id", "Who_Id", "Who_Id.Account_Name", "Parent_Id"
LONGEST_SUBJECT = 500
INCOMING = {"inbound": True, "missed": True, "outbound": False}
NOT_HELD = frozenset({"Scheduled", "Overdue", "Cancelled"})
"""Calls that are planned, or that nobody made."""
SECONDS_OF_A_MINUTE = 60


@dataclass(frozen=True, slots=True)
class Source:
    module: str
    name: str
    ways: Mapping[str, Way]
    """Path of a mapping line → how this module says it; fields of the organisation's own go by their name."""
    needed: tuple[str, ...]
    """Columns without which nobody knows where a record hangs and whether it counts."""
    optional: tuple[str, ...] = ()
    """Of those what an organisation may lack."""


def text(label: str | Promise, name: str, kind: Kind = Kind.TEXT, vendor: str = "text") -> Way:
    return Way(label, vendor, kind, (name,), lambda row: row.get(name) or None)


def subject(label: str | Promise, name: str) -> Way:
    """No interaction is lost over a long title: what stands behind the limit is in the text as a rule."""
    return Way(label, "text", Kind.TEXT, (name,), lambda row: str(row.get(name) or "")[:LONGEST_SUBJECT] or None)


def moment_of(label: str | Promise, name: str, *, is_written: bool = True) -> Way:
    def value(row: Row) -> Value:
        return moment(row[name]) if row.get(name) else None

    return Way(label, "datetime", Kind.DATETIME, (name,), value, is_written)


def minutes_of_call(row: Row) -> Value:
    seconds = row.get("Call_Duration_in_seconds")
    # Begun minutes: a call of forty seconds took place.
    return None if seconds is None else -(-int(seconds) // SECONDS_OF_A_MINUTE)


def minutes_of_meeting(row: Row) -> Value:
    start, end = row.get("Start_DateTime"), row.get("End_DateTime")
    return int((moment(end) - moment(start)).total_seconds() // SECONDS_OF_A_MINUTE) if start and end else None


def is_incoming(row: Row) -> Value:
    return INCOMING.get(str(row.get("Call_Type")).lower())


def contacts(row: Row) -> Value:
    who = id_of(row.get(WHO))
    return (who,) if who else None


def contact_of_note(row: Row) -> Value:
    return (id_of(row[PARENT]),) if module_of_parent(row) == "Contacts" else None


def module_of_parent(row: Row) -> str:
    """Since v8 the parent says its module itself; before, a system key beside it did."""
    parent = row.get(PARENT) or {}
    return str((parent.get("module") or {}).get("api_name") or row.get("$se_module") or "")


def own_id(label: str | Promise) -> Way:
    return Way(label, ID, Kind.ID, (), lambda row: str(row["id"]), is_written=False)


PEOPLE = Way(_("Contact"), "lookup", Kind.LIST, (WHO,), contacts)
TEXT = text(_("Description"), "Description", Kind.LONG_TEXT, "textarea")
CALLS = Source(
    "Calls", "Subject", needed=(WHAT, WHO, ACCOUNT_OF_WHO, "Call_Status"), optional=("Call_Status",),
    ways={
        ID: own_id(_("Call ID")),
        "Subject": subject(_("Subject"), "Subject"),
        "Description": TEXT,
        "Call_Start_Time": moment_of(_("Call start"), "Call_Start_Time"),
        MINUTES: Way(
            _("Call duration, in minutes"), "integer", Kind.INTEGER, ("Call_Duration_in_seconds",), minutes_of_call
        ),
        "Call_Type": Way(_("Call type is inbound"), "boolean", Kind.BOOL, ("Call_Type",), is_incoming),
        CONTACTS: PEOPLE,
    },
)  # fmt: skip
MEETINGS = Source(
    "Events", "Event_Title", needed=(WHAT, WHO, ACCOUNT_OF_WHO),
    ways={
        ID: own_id(_("Meeting ID")),
        "Event_Title": subject(_("Title"), "Event_Title"),
        "Description": TEXT,
        "Start_DateTime": moment_of(_("Start"), "Start_DateTime"),
        MINUTES: Way(
            _("Duration, in minutes"), "integer", Kind.INTEGER, ("Start_DateTime", "End_DateTime"), minutes_of_meeting
        ),
        CONTACTS: PEOPLE,
    },
)  # fmt: skip
NOTES = Source(
    "Notes", "Note_Title", needed=(PARENT,),
    ways={
        ID: own_id(_("Note ID")),
        "Note_Title": subject(_("Title"), "Note_Title"),
        "Note_Content": text(_("Text"), "Note_Content", Kind.LONG_TEXT, "textarea"),
        "Created_Time": moment_of(_("Day of the note"), "Created_Time", is_written=False),
        CONTACTS: Way(_("Contact"), "lookup", Kind.LIST, (PARENT,), contact_of_note, is_written=False),
    },
)  # fmt: skip
SOURCES: Mapping[str, Source] = {"meetings": MEETINGS, "calls": CALLS, "notes": NOTES}


def is_held(row: Row) -> bool:
    """Planned calls are known and stay outside until they have taken place."""
    return str(row.get("Call_Status") or "") not in NOT_HELD
