"""Rows that the org makes, or takes away, beside the one that was meant: an e-mail's task, a note's document."""

import base64
import binascii
import html
import re

from .computed import computed
from .errors import ApiError
from .ids import make_id
from .objects_notes import SNOTE
from .store import Row, Store

DRAFT = "5"
PREVIEW = 255
TWINS = {"ContentNote": "ContentDocument", "ContentDocument": "ContentNote"}
_TAG = re.compile(r"<[^>]*>")


def before_create(sobject: str, values: Row) -> None:
    if sobject == "ContentNote":
        values.update(_of_content(values.get("Content")), FileType=SNOTE)
    if sobject == "Event":
        if not values.get("StartDateTime") and not values.get("ActivityDate"):
            raise ApiError(
                "REQUIRED_FIELD_MISSING", "Required fields are missing: [ActivityDateTime]", fields=["ActivityDateTime"]
            )
        if values.get("DurationInMinutes") is None and not values.get("EndDateTime"):
            raise ApiError(
                "REQUIRED_FIELD_MISSING",
                "Required fields are missing: [DurationInMinutes]",
                fields=["DurationInMinutes"],
            )


def after_create(store: Store, sobject: str, record_id: str, values: Row, user_id: str) -> None:
    if sobject == "ContentNote":
        _document_of(store, record_id, values, user_id)
    if sobject == "EmailMessage" and values.get("Status") != DRAFT and not values.get("ActivityId"):
        _task_of(store, record_id, values, user_id)


def before_update(sobject: str, before: Row, values: Row) -> None:
    if sobject == "EmailMessage" and before["Status"] != DRAFT:
        raise ApiError("INSUFFICIENT_ACCESS_OR_READONLY", "cannot update an email that is not a draft", fields=[])
    if sobject == "ContentNote" and "Content" in values:
        values.update(_of_content(values["Content"]))


def after_update(store: Store, sobject: str, record_id: str, values: Row, user_id: str) -> None:
    if sobject == "ContentNote":
        kept: Row = {name: values[name] for name in ("Title", "ContentSize") if name in values}
        store.update("ContentDocument", record_id, kept, user_id)


def text_of(content: str | None) -> bytes:
    return base64.b64decode(content) if content else b""


def _of_content(content: str | None) -> Row:
    try:
        raw = base64.b64decode(content, validate=True) if content else b""
    except (binascii.Error, ValueError):
        raise ApiError("JSON_PARSER_ERROR", "Content: not base64", fields=["Content"]) from None
    plain = html.unescape(_TAG.sub(" ", raw.decode("utf-8", "replace")))
    return {"TextPreview": " ".join(plain.split())[:PREVIEW] or None, "ContentSize": len(raw)}


def _document_of(store: Store, record_id: str, values: Row, user_id: str) -> None:
    now = store.now
    stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), now)
    by = {"CreatedById": user_id, "LastModifiedById": user_id}
    document = {
        "Id": record_id, "Title": values["Title"], "FileType": SNOTE, "FileExtension": "snote",
        "ContentSize": values["ContentSize"], "OwnerId": values["OwnerId"],
        "LatestPublishedVersionId": make_id("068", int.from_bytes(record_id[-9:-3].encode()) % 10**9), **stamps, **by,
    }  # fmt: skip
    store.load("ContentDocument", [document])
    store.insert(
        "ContentDocumentLink",
        {"ContentDocumentId": record_id, "LinkedEntityId": values["OwnerId"], "ShareType": "I", "Visibility": "AllUsers"},
        user_id,
    )  # fmt: skip


def _task_of(store: Store, email_id: str, values: Row, user_id: str) -> None:
    """Every logged e-mail is kept twice: as itself, and as a closed task in the activity timeline."""
    day = (values.get("MessageDate") or store.now)[:10]
    task: Row = {
        "Subject": f"Email: {values.get('Subject') or ''}"[:255], "Description": (values.get("TextBody") or "")[:32_000],
        "TaskSubtype": "Email", "Status": "Completed", "Priority": "Normal", "ActivityDate": day, "OwnerId": user_id,
        "WhatId": values.get("RelatedToId"), "WhoId": None,
    }  # fmt: skip
    task_id = store.insert("Task", {**task, **computed(store, "Task", None, task)}, user_id)
    store.execute('UPDATE "EmailMessage" SET "ActivityId" = ? WHERE "Id" = ?', (task_id, email_id))
