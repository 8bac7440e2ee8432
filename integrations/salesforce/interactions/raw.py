"""An interaction that was typed by hand as the columns of the object that keeps it.

What Salesforce cannot keep goes: a task has a day and no hour, and it is the day on the team's own clock; a title has its
limit. The record is read back after it was written, so that what was kept otherwise is said.
"""

import base64
from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

from integrations.engine.placeholders import filled
from integrations.engine.plain_text import to_html
from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Send

from .placeholders import LONGEST_NOTE, PLACEHOLDERS
from .sources import CALLS, COMMENTS, CONTACTS, DOCUMENTS, EMAILS, LOGGED_EMAILS, MEETINGS, NOTES, Source
from .ways import EMAIL_SUBJECT, local_day

CUSTOMER, PARTICIPANTS = "@customer", "@participants"
LONGEST_ACTIVITY, LONGEST_TITLE = 255, 255
SENT, READ = "3", "1"
Raw = dict[str, Any]
Column = Callable[[Value], Raw]


def text(column: str, limit: int = 0) -> Column:
    def write(value: Value) -> Raw:
        said = None if is_blank(value) else str(value)
        return {column: said[:limit] if said and limit else said}

    return write


def first_of(column: str) -> Column:
    return lambda value: {column: value[0] if isinstance(value, tuple) and value else None}


def day(column: str) -> Column:
    return lambda value: {column: local_day(value).isoformat() if isinstance(value, datetime) else None}


def moment(column: str) -> Column:
    return lambda value: {column: as_json(value)}


def seconds(column: str) -> Column:
    return lambda value: {column: value * 60 if isinstance(value, int) else None}


def length(value: Value) -> Raw:
    # An event must have one.
    return {"DurationInMinutes": value if isinstance(value, int) else 0}


def direction(value: Value) -> Raw:
    return {"CallType": None if value is None else "Inbound" if value else "Outbound"}


def incoming(value: Value) -> Raw:
    return {"Incoming": bool(value), "Status": READ if value else SENT}


def document(value: Value) -> Raw:
    return {"Content": base64.b64encode(to_html(str(value or "")).encode()).decode()}


def nothing(_value: Value) -> Raw:
    return {}


OF_ACTIVITY: Mapping[str, Column] = {
    "Subject": text("Subject", LONGEST_ACTIVITY),
    "Description": text("Description"),
    CONTACTS: first_of("WhoId"),
    CUSTOMER: text("WhatId"),
}
COLUMNS: Mapping[str, Mapping[str, Column]] = {
    "calls Task": {
        **OF_ACTIVITY, "ActivityDate": day("ActivityDate"), "CallDurationInSeconds": seconds("CallDurationInSeconds"),
        "CallType": direction,
    },
    "meetings Event": {**OF_ACTIVITY, "StartDateTime": moment("StartDateTime"), "DurationInMinutes": length},
    "emails EmailMessage": {
        "Subject": text("Subject"), "TextBody": text("TextBody"), "MessageDate": moment("MessageDate"), "Incoming": incoming,
        # Who wrote to whom follows from the direction; see `addressed`.
        PARTICIPANTS: nothing, CONTACTS: nothing, CUSTOMER: text("RelatedToId"),
    },
    "emails Task": {
        **OF_ACTIVITY, "Subject": lambda value: {"Subject": f"{EMAIL_SUBJECT}{value or ''}"[:LONGEST_ACTIVITY]},
        "TextBody": text("Description"), "MessageDate": day("ActivityDate"), "Incoming": nothing, PARTICIPANTS: nothing,
    },
    "notes Note": {
        "Title": text("Title", LONGEST_NOTE), "Body": text("Body"), "CreatedDate": nothing, CONTACTS: nothing,
        CUSTOMER: text("ParentId"),
    },
    "notes ContentNote": {
        "Title": text("Title", LONGEST_TITLE), "Body": document, "CreatedDate": nothing, CONTACTS: nothing,
        # A document hangs on its records by links of its own.
        CUSTOMER: nothing,
    },
    "notes Task": {
        **OF_ACTIVITY, "Title": text("Subject", LONGEST_ACTIVITY), "Body": text("Description"), "CreatedDate": day("ActivityDate"),
    },
}  # fmt: skip
AS_TASK: Raw = {"TaskSubtype": "Email", "Status": "Completed"}
"""An e-mail where the organisation keeps none as a message."""
CREATED_AS: Mapping[str, tuple[Source, ...]] = {
    "calls": (CALLS,),
    "meetings": (MEETINGS,),
    "emails": (EMAILS, LOGGED_EMAILS),
    "notes": (DOCUMENTS, NOTES, COMMENTS),
}
"""The first of these that the organisation has."""


def raw_of(data_type: str, source: Source, send: Send) -> Raw:
    """The columns to send; of a record that is there nothing stands in them that no line asked for."""
    kind, is_new = f"{data_type} {source.object}", not send.source_id
    found: Raw = dict(AS_TASK) if is_new and source is LOGGED_EMAILS else {}
    for path, value in (filled(send.values, PLACEHOLDERS[data_type]) if is_new else send.values).items():
        found |= COLUMNS[kind].get(path, text_of_own(path))(value)
    if is_new and source is EMAILS:
        found |= addressed(send.values)
    return found


def text_of_own(path: str) -> Column:
    """The organisation's own field, by its name."""
    return lambda value: {path: as_json(value)}


def addressed(values: Mapping[str, Value]) -> Raw:
    """Of an e-mail that came the first one wrote it; of one that went all received it."""
    people = values.get(PARTICIPANTS)
    if not isinstance(people, tuple) or not people:
        return {}
    if values.get("Incoming"):
        return {"FromAddress": people[0], "ToAddress": ";".join(people[1:]) or None}
    return {"ToAddress": ";".join(people)}


def as_json(value: Value) -> Any:
    if isinstance(value, datetime):
        return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, Decimal):
        # As digits: a float would round, and an exponent is not what a person typed.
        return format(value, "f")
    if isinstance(value, tuple):
        return ";".join(value)
    return None if is_blank(value) else value
