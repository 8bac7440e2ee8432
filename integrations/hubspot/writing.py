"""Records out, a hundred a call. One bad value refuses a whole batch before anything is written: it is found by halves."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from integrations.engine.records import Record
from integrations.sync.connector import Answer, Sent
from integrations.wire.chunks import chunks
from integrations.wire.errors import AlreadyExists, NotFound, Rejected, WireError

from .client import BATCH, HubSpotClient
from .replies import errors_of
from .rows import Operation, Row
from .scope import STAGE
from .verdicts import done, failed

Answers = dict[str, Sent]
Told = dict[str, Any]
Keep = Callable[[Row, Mapping[str, Any]], Record | None]


def nothing(_row: Row, _told: Mapping[str, Any]) -> Record | None:
    """Of what an answer does not tell whole: it is read back."""
    return None


def write(client: HubSpotClient, obj: str, rows: Sequence[Row | Sent], keep: Keep = nothing) -> list[Sent]:
    """In the order of the rows, whatever order they were answered in. `keep`: what an answer says that HubSpot keeps."""
    answers: Answers = {str(place): row for place, row in enumerate(rows) if isinstance(row, Sent)}
    sent = [row for row in rows if isinstance(row, Row)]
    for operation in Operation:
        of_kind = [row for row in sent if row.operation is operation]
        for batch in chunks(of_kind, BATCH):
            answers |= send(client, obj, operation, batch, keep)
    return [answers[str(place)] for place in range(len(rows))]


def send(client: HubSpotClient, obj: str, operation: Operation, rows: Sequence[Row], keep: Keep) -> Answers:
    if operation is Operation.DELETE:
        # 204 also for what is gone already: that is what it was meant to be.
        client.archive(obj, [row.id for row in rows])
        return {row.trace: done(row, row.id) for row in rows}
    try:
        told = ask(client, obj, operation, rows)
    except (Rejected, AlreadyExists, NotFound) as refused:
        return apart(client, obj, operation, rows, keep, refused)
    answers = read(rows, told, keep)
    if operation is Operation.UPDATE and obj == "companies":
        for row in put_back(client, rows, told):
            # What it keeps now was answered to another call.
            answers[row.trace] = replace(answers[row.trace], stored=None)
    return answers


def ask(client: HubSpotClient, obj: str, operation: Operation, rows: Sequence[Row]) -> dict[str, Any]:
    inputs = [row.input for row in rows]
    match operation:
        case Operation.CREATE:
            return client.create(obj, inputs)
        case Operation.UPSERT:
            return client.upsert(obj, inputs)
    return client.update(obj, inputs)


def apart(
    client: HubSpotClient, obj: str, operation: Operation, rows: Sequence[Row], keep: Keep, refused: WireError
) -> Answers:
    """Nothing was written. The refusal names properties and values, and no record: halves tell whose it is."""
    if len(rows) == 1:
        return {rows[0].trace: failed(rows[0], refused)}
    suspects = [row for row in rows if is_suspect(row, refused)]
    first: Sequence[Row] = suspects if 0 < len(suspects) < len(rows) else rows[: len(rows) // 2]
    traces = {row.trace for row in first}
    rest = [row for row in rows if row.trace not in traces]
    return send(client, obj, operation, first, keep) | send(client, obj, operation, rest, keep)


def is_suspect(row: Row, refused: WireError) -> bool:
    """It has the property that was named, and its value stands in the refusal."""
    return any(value and value in refused.message for name in refused.fields if (value := row.properties.get(name)))


def read(rows: Sequence[Row], told: dict[str, Any], keep: Keep) -> Answers:
    by_trace = {str(one.get("objectWriteTraceId")): one for one in told["results"]}
    by_id = {str(one["id"]): one for one in told["results"]}
    refused: dict[str, WireError] = {name: error for error, named in errors_of(told) for name in named}
    known = {row.trace: by_trace.get(row.trace) or (by_id.get(row.id) if row.id else None) for row in rows}
    nameless = [one for one in told["results"] if not any(one is each for each in known.values())]
    answers: Answers = {}
    for row in rows:
        if one := known[row.trace] or taken_from(nameless, row, refused):
            answers[row.trace] = done(row, str(one["id"]), keep(row, one))
        elif error := refused.get(row.trace) or refused.get(row.id) or refused.get(row.key):
            answers[row.trace] = failed(row, error)
        else:
            # Neither among the written nor among the refused: nobody knows, so it is asked about again.
            answers[row.trace] = Sent(Answer.BUSY, row.id, "UNANSWERED", "HubSpot did not answer for this record.")
    return answers


def taken_from(nameless: list[Told], row: Row, refused: Mapping[str, WireError]) -> Told | None:
    """Answers to new records may come without a trace, in any order: by our key, else by all that was sent."""
    if row.id or row.trace in refused or row.key in refused:
        return None
    found = next((one for one in nameless if holds(one, row)), None)
    if found is not None:
        nameless.remove(found)
    return found


def holds(told: Told, row: Row) -> bool:
    held = told["properties"]
    if row.key and row.key_field in held:
        return bool(held[row.key_field] == row.key)
    # An address comes back in small letters. What an answer leaves out says nothing.
    sent = {name: value for name, value in row.properties.items() if value and held.get(name) is not None}
    return bool(sent) and all(str(held[name]).casefold() == value.casefold() for name, value in sent.items())


def put_back(client: HubSpotClient, rows: Sequence[Row], told: dict[str, Any]) -> list[Row]:
    """A stage only goes forward: an earlier one is answered as done and not kept, unless it was emptied first."""
    kept = {str(one["id"]): one["properties"].get(STAGE) for one in told["results"]}
    back = [
        row
        for row in rows
        if row.properties.get(STAGE) and kept.get(row.id, row.properties[STAGE]) != row.properties[STAGE]
    ]
    if back:
        client.update("companies", [{"id": row.id, "properties": {STAGE: ""}} for row in back])
        client.update("companies", [{"id": row.id, "properties": {STAGE: row.properties[STAGE]}} for row in back])
    return back


def find_by_key(client: HubSpotClient, obj: str, key_field: str, keys: Sequence[str]) -> dict[str, str]:
    """Our key → id. By the table itself, not by the search, which is seconds late."""
    found: dict[str, str] = {}
    for chunk in chunks(keys, BATCH):
        rows = client.read(obj, chunk, [key_field], by=key_field)["results"]
        found |= {str(row["properties"][key_field]): str(row["id"]) for row in rows}
    return found
