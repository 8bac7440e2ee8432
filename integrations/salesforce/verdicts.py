"""What Salesforce said of one record, as the one answer that says what follows."""

from collections.abc import Iterable, Mapping
from typing import Any

from integrations.sync.connector import Answer, Sent
from integrations.wire.errors import AlreadyExists, NotFound, RateLimited, Transient, WireError

from .replies import classify_result, error_of
from .rows import Operation, Row
from .soql import ID, to_18

BROKE = "UNKNOWN_EXCEPTION"
"""Within a batch it is this record's: a trigger that fails on it fails again."""
ID_UNKNOWN = frozenset({"INVALID_CROSS_REFERENCE_KEY", "ENTITY_IS_DELETED", "NOT_FOUND"})
OWN_ID = frozenset({"", "id"})


def verdict(row: Row, result: Mapping[str, Any]) -> Sent:
    """Of one result of a collection."""
    error = classify_result(result)
    if error is None:
        return done(row, str(result.get("id") or ""))
    return failed(row, error, (result.get("errors") or [{}])[0].get("fields") or ())


def verdict_of_job(row: Row, told: str) -> Sent:
    """Of `sf__Error`: `CODE:its text, colons and all:Field,Field --`."""
    code, _, rest = told.partition(":")
    text, _, tail = rest.rpartition(":")
    if not tail.rstrip().endswith("--"):
        text, tail = rest, ""
    fields = [name.strip() for name in tail.rstrip().removesuffix("--").split(",") if name.strip()]
    return failed(row, error_of({"errorCode": code, "message": text.strip(), "fields": fields}, 0), fields)


def done(row: Row, record_id: str) -> Sent:
    return Sent(Answer.DONE, to_18(record_id) if ID.fullmatch(record_id) else row.id)


def failed(row: Row, error: WireError, fields: Iterable[str] = ()) -> Sent:
    if row.operation is Operation.DELETE and error.code == "ENTITY_IS_DELETED":
        # Gone is what it was meant to be: somebody was quicker, or this is the second attempt.
        return Sent(Answer.DONE, row.id)
    answer = answer_to(row, error)
    found = error.source_id if answer is Answer.EXISTS and isinstance(error, AlreadyExists) else row.id
    return Sent(answer, found, error.code, error.message, tuple(fields) or error.fields)


def answer_to(row: Row, error: WireError) -> Answer:
    if isinstance(error, RateLimited) or (isinstance(error, Transient) and error.code != BROKE):
        return Answer.BUSY
    if isinstance(error, AlreadyExists) and may_link(row, error.source_id):
        return Answer.EXISTS
    if row.id and (error.code in ID_UNKNOWN or isinstance(error, NotFound)) and is_about_itself(error):
        return Answer.GONE
    return Answer.REFUSED


def may_link(row: Row, source_id: str) -> bool:
    """Only a record that was to be made, and only to one of its own sort: a lead is found as a contact's double too."""
    return not row.id and source_id.startswith(row.prefix)


def is_about_itself(error: WireError) -> bool:
    return all(name.lower() in OWN_ID for name in error.fields)


def is_unsure(row: Row, sent: Sent) -> bool:
    """Gone, or one of the records that it names is: Salesforce words both alike."""
    return sent.answer is Answer.GONE and sent.code == "INVALID_CROSS_REFERENCE_KEY" and bool(row.references)
