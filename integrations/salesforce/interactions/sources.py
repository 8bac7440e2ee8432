"""Which objects of Salesforce hold which kind of interaction, and what each of their fields means here."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from integrations.setup.history import start_of

from ..soql import fill
from .ways import (
    Way,
    addresses,
    column,
    day_of_task,
    direction_of_call,
    found_elsewhere,
    made,
    minutes_of_call,
    nothing,
    person,
    subject,
    subject_of_logged_email,
    text_of_email,
    when_of_email,
    when_of_event,
)

DRAFT = "5"
CONTACTS, CUSTOMERS = "@contacts", "@customers"
DATA_TYPES = ("emails", "meetings", "calls", "notes")


@dataclass(frozen=True, slots=True)
class Source:
    """One object as the source of one data type."""

    object: str
    prefix: str
    """The first three characters of its ids: by them a record is told from those of the other objects."""
    ways: Mapping[str, Way]
    """Path of a mapping line → how this object says it; fields of the organisation's own go by their name."""
    customer: str
    """The column that holds the account."""
    belongs: str = ""
    """Which rows are of this data type at all; never changes in the life of a row."""
    inside: str = ""
    """Which of those have taken place: a row may come to fulfil it, or cease to."""
    inside_columns: tuple[str, ...] = ()
    stamp: str = "SystemModstamp"
    has_archive: bool = False
    """Old rows are hidden from plain queries."""
    deleted_as: str = ""
    """Under which object its deletions are listed, where that is another one."""
    is_optional: bool = False
    """An organisation may lack it: a feature that was never switched on."""

    def columns(self, paths: tuple[str, ...]) -> list[str]:
        needed = ["Id", self.customer, self.stamp, *self.inside_columns]
        for path in paths:
            needed += self.ways[path].columns if path in self.ways else (path,)
        return list(dict.fromkeys(needed))


TASK = {
    "Id": column("Id"),
    CONTACTS: person("WhoId"),
}
CALLS = Source(
    "Task", "00T", customer="AccountId", belongs="TaskSubtype = 'Call'", inside="IsClosed = true",
    inside_columns=("IsClosed",), has_archive=True,
    ways={
        **TASK, "Subject": subject("Subject"), "Description": column("Description"), "ActivityDate": day_of_task(),
        "CallDurationInSeconds": minutes_of_call(), "CallType": direction_of_call(),
    },
)  # fmt: skip
MEETINGS = Source(
    # A copy for each colleague who was invited, and the series itself, are no meetings of their own.
    "Event", "00U", customer="AccountId", belongs="IsChild = false AND IsRecurrence = false", has_archive=True,
    ways={
        "Id": column("Id"), "Subject": subject("Subject"), "Description": column("Description"),
        "StartDateTime": when_of_event(), "DurationInMinutes": column("DurationInMinutes"), CONTACTS: person("WhoId"),
    },
)  # fmt: skip
EMAILS = Source(
    "EmailMessage", "02s", customer="RelatedToId", inside=f"Status != '{DRAFT}'", inside_columns=("Status", "ActivityId"),
    is_optional=True,
    ways={
        "Id": column("Id"), "Subject": subject("Subject"), "TextBody": text_of_email(), "MessageDate": when_of_email(),
        "Incoming": column("Incoming"), "@participants": addresses(), CONTACTS: found_elsewhere(CONTACTS),
    },
)  # fmt: skip
LOGGED_EMAILS = Source(
    "Task", "00T", customer="AccountId", belongs="TaskSubtype = 'Email'", inside="IsClosed = true",
    inside_columns=("IsClosed",), has_archive=True,
    ways={
        **TASK, "Subject": subject_of_logged_email(), "TextBody": column("Description"), "MessageDate": day_of_task(),
        "Incoming": nothing(), "@participants": nothing(()),
    },
)  # fmt: skip
NOTES = Source(
    "Note", "002", customer="ParentId", inside="IsPrivate = false", inside_columns=("IsPrivate",), is_optional=True,
    ways={
        "Id": column("Id"), "Title": subject("Title"), "Body": column("Body"), "CreatedDate": made(),
        CONTACTS: found_elsewhere(CONTACTS),
    },
)  # fmt: skip
DOCUMENTS = Source(
    "ContentNote", "069", customer="", stamp="LastModifiedDate", deleted_as="ContentDocument", is_optional=True,
    ways={
        "Id": column("Id"), "Title": subject("Title"), "Body": column("Body"), "CreatedDate": made(),
        CONTACTS: found_elsewhere(CONTACTS),
    },
)  # fmt: skip
COMMENTS = Source(
    "Task", "00T", customer="AccountId", belongs="TaskSubtype = 'Task'", inside="IsClosed = true",
    inside_columns=("IsClosed",), has_archive=True,
    ways={**TASK, "Title": subject("Subject"), "Body": column("Description"), "CreatedDate": day_of_task()},
)  # fmt: skip

SOURCES: Mapping[str, tuple[Source, ...]] = {
    "calls": (CALLS,),
    "meetings": (MEETINGS,),
    "emails": (EMAILS, LOGGED_EMAILS),
    "notes": (NOTES, DOCUMENTS, COMMENTS),
}


def since(floor: date) -> str:
    """By the day of logging, which every object has and nobody edits: a record never drops out of the time that is read."""
    return fill("CreatedDate >= {start}", start=start_of(floor))


def source_of(data_type: str, source_id: str) -> Source | None:
    return next((one for one in SOURCES[data_type] if source_id.startswith(one.prefix)), None)
