"""The fields of an interaction that a mapping line may name: what all its objects share, and the organisation's own."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.sync.connector import CrmField

from ..schema import Described
from .sources import CONTACTS, EMAILS, Source


@dataclass(frozen=True, slots=True)
class Shared:
    label: str | Promise
    type: str
    kind: Kind
    written: str = ""
    """The column that is written; empty: it is only read."""


ID = Shared(_("Activity ID"), "id", Kind.ID)
PEOPLE = Shared(_("Contact"), "reference", Kind.LIST, "WhoId")
SUBJECT = Shared(_("Subject"), "string", Kind.TEXT, "Subject")
COMMENTS = Shared(_("Comments"), "textarea", Kind.LONG_TEXT, "Description")
FIELDS: Mapping[str, Mapping[str, Shared]] = {
    "calls": {
        "Id": ID,
        "Subject": SUBJECT,
        "Description": COMMENTS,
        "ActivityDate": Shared(_("Day of the call, and the time where it was closed on that day"), "datetime", Kind.DATETIME, "ActivityDate"),
        "CallDurationInSeconds": Shared(_("Call duration, in minutes"), "int", Kind.INTEGER, "CallDurationInSeconds"),
        "CallType": Shared(_("Call type is inbound"), "boolean", Kind.BOOL, "CallType"),
        CONTACTS: PEOPLE,
    },
    "meetings": {
        "Id": ID,
        "Subject": SUBJECT,
        "Description": COMMENTS,
        "StartDateTime": Shared(_("Start"), "datetime", Kind.DATETIME, "StartDateTime"),
        "DurationInMinutes": Shared(_("Duration, in minutes"), "int", Kind.INTEGER, "DurationInMinutes"),
        CONTACTS: PEOPLE,
    },
    "emails": {
        "Id": Shared(_("E-mail ID"), "id", Kind.ID),
        "Subject": SUBJECT,
        "TextBody": Shared(_("Text"), "textarea", Kind.LONG_TEXT, "TextBody"),
        "MessageDate": Shared(_("Sent"), "datetime", Kind.DATETIME, "MessageDate"),
        "Incoming": Shared(_("Is incoming"), "boolean", Kind.BOOL, "Incoming"),
        "@participants": Shared(_("From, to and copies"), "email", Kind.LIST, "ToAddress"),
        CONTACTS: replace(PEOPLE, written=""),
    },
    "notes": {
        "Id": Shared(_("Note ID"), "id", Kind.ID),
        "Title": Shared(_("Title"), "string", Kind.TEXT, "Title"),
        "Body": Shared(_("Text"), "textarea", Kind.LONG_TEXT, "Body"),
        "CreatedDate": Shared(_("Day of the note"), "datetime", Kind.DATETIME),
        CONTACTS: replace(PEOPLE, written=""),
    },
}  # fmt: skip


def fields_of(data_type: str, source: Source, described: Described) -> Iterator[CrmField]:
    """`source`: the first of the data type's objects; the others say the same under names of their own."""
    for path, shared in FIELDS[data_type].items():
        if all(column in described.raw for column in source.ways[path].columns):
            yield CrmField(
                path=path,
                label=str(shared.label),
                type=shared.type,
                kind=shared.kind,
                is_id=path == "Id",
                is_createable=bool(shared.written),
                # A message that was sent is not changed any more.
                is_updateable=bool(shared.written) and source is not EMAILS,
            )
    # Fields of the organisation's own stand on one of the objects only.
    if data_type in {"calls", "meetings", "emails"}:
        yield from (field for field in described.fields if field.is_custom)
