"""How the world's calls, meetings, e-mails and notes look in a Salesforce org."""

import base64
import html
from collections import defaultdict
from collections.abc import Iterable
from datetime import timedelta
from typing import Any

from integrations.salesforce.simulator import Store, make_id, stamp
from integrations.salesforce.simulator.objects_notes import SNOTE

from .activities import Activity
from .world import OWN_DOMAIN

Row = dict[str, Any]
ARCHIVED_AFTER = 365
"""Days; Salesforce moves closed tasks and past events out of the way of plain queries."""
TEAM = f"success@{OWN_DOMAIN}"


def fill(store: Store, found: Iterable[Activity]) -> None:
    rows: dict[str, list[Row]] = defaultdict(list)
    for one in found:
        for name, row in _rows(store, one):
            rows[name].append(row)
    for name, those in rows.items():
        store.load(name, those)


def _rows(store: Store, one: Activity) -> Iterable[tuple[str, Row]]:
    match one.kind:
        case "call":
            yield "Task", _task(store, one, TaskSubtype="Call", CallDurationInSeconds=one.minutes * 60,
                                CallType="Inbound" if one.incoming else "Outbound")  # fmt: skip
        case "meeting":
            yield "Event", _event(store, one)
        case "email":
            yield "Task", _task(store, one, Subject=f"Email: {one.subject}", TaskSubtype="Email")
            yield "EmailMessage", _email(store, one)
        case "old email":
            # Logged before the org switched e-mails of their own on: there is only the task.
            yield "Task", _task(store, one, Subject=f"Email: {one.subject}", TaskSubtype="Email")
        case "task note":
            yield "Task", _task(store, one)
        case "open task":
            yield "Task", _task(store, one, Status="Not Started", IsClosed=0, CompletedDateTime=None, IsArchived=0)
        case "paper note":
            yield "Note", {
                "Id": make_id("002", one.number), "ParentId": _account(one), "Title": one.subject[:80], "Body": one.text,
                "OwnerId": _user(one), **_stamps(store, one),
            }  # fmt: skip
        case _:
            yield from _note(store, one)


def _account(one: Activity) -> str:
    return make_id("001", one.company)


def _user(one: Activity) -> str:
    return make_id("005", one.owner)


def _when(store: Store, one: Activity) -> Any:
    day = store.clock() - timedelta(days=one.days_ago)
    return day.replace(hour=one.hour, minute=0, second=0, microsecond=0)


def _stamps(store: Store, one: Activity) -> Row:
    at, by = stamp(_when(store, one) + timedelta(minutes=one.minutes)), _user(one)
    return {
        "CreatedDate": at, "CreatedById": by, "LastModifiedDate": at, "LastModifiedById": by, "SystemModstamp": at,
    }  # fmt: skip


def _related(one: Activity) -> Row:
    return {
        "AccountId": _account(one), "WhatId": _account(one), "WhoId": make_id("003", one.person) if one.person else None,
        "OwnerId": _user(one), "IsArchived": int(one.days_ago > ARCHIVED_AFTER),
    }  # fmt: skip


def _task(store: Store, one: Activity, **more: Any) -> Row:
    when = _when(store, one)
    return {
        "Id": make_id("00T", one.number), "Subject": one.subject, "Description": one.text, "Status": "Completed",
        "Priority": "Normal", "ActivityDate": when.date().isoformat(), "IsClosed": 1, "TaskSubtype": "Task",
        "CompletedDateTime": stamp(when), "CallDurationInSeconds": None, "CallType": None, **_related(one),
        **_stamps(store, one), **more,
    }  # fmt: skip


def _event(store: Store, one: Activity) -> Row:
    when = _when(store, one)
    return {
        "Id": make_id("00U", one.number), "Subject": one.subject, "Description": one.text, "StartDateTime": stamp(when),
        "ActivityDateTime": stamp(when), "ActivityDate": when.date().isoformat(), "DurationInMinutes": one.minutes,
        "EndDateTime": stamp(when + timedelta(minutes=one.minutes)), "ShowAs": "Busy", **_related(one),
        **_stamps(store, one),
    }  # fmt: skip


def _email(store: Store, one: Activity) -> Row:
    customer = one.address or f"office@customer-{one.company}.example"
    sender, receiver = (customer, TEAM) if one.incoming else (TEAM, customer)
    return {
        "Id": make_id("02s", one.number), "ActivityId": make_id("00T", one.number), "Subject": one.subject,
        "TextBody": one.text, "FromAddress": sender, "ToAddress": receiver, "Incoming": int(one.incoming),
        "Status": "2" if one.incoming else "3", "MessageDate": stamp(_when(store, one)), "RelatedToId": _account(one),
        **_stamps(store, one),
    }  # fmt: skip


def _note(store: Store, one: Activity) -> Iterable[tuple[str, Row]]:
    note_id = make_id("069", one.number)
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in one.text.split("\n"))
    content = base64.b64encode(paragraphs.encode()).decode()
    document = {
        "Id": note_id, "Title": one.subject, "FileType": SNOTE, "ContentSize": len(paragraphs), "OwnerId": _user(one),
        **_stamps(store, one),
    }  # fmt: skip
    preview = " ".join(one.text.split())[:255]
    yield (
        "ContentDocument",
        {**document, "FileExtension": "snote", "LatestPublishedVersionId": make_id("068", one.number)},
    )
    yield "ContentNote", {**document, "Content": content, "TextPreview": preview}
    yield "ContentDocumentLink", {
        "Id": make_id("06A", one.number), "LinkedEntityId": _account(one), "ContentDocumentId": note_id, "ShareType": "V",
        "Visibility": "AllUsers", **_stamps(store, one),
    }  # fmt: skip
