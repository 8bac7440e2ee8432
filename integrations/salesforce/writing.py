"""Records out, by sObject Collections: one call for all that are made, one for all that change, one for all that go."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TypeVar

from integrations.sync.connector import Answer, Sent
from integrations.wire.chunks import chunks

from .client import MOST_IDS
from .rows import Operation, Row
from .soql import fill, id_chunks, select, to_18
from .verdicts import is_unsure, verdict
from .writing_client import MOST_WRITTEN, Result, WritingClient

KEYS_PER_QUERY = 200
"""A key has up to 64 characters, and the whole query up to 16,384 bytes."""
Item = TypeVar("Item")


def write(client: WritingClient, rows: Sequence[Row | Sent]) -> list[Sent]:
    """In the order of the rows, whatever order they were sent in."""
    answers = {place: row for place, row in enumerate(rows) if isinstance(row, Sent)}
    for batch in batches([(place, row) for place, row in enumerate(rows) if isinstance(row, Row)]):
        sent = [row for _, row in batch]
        verdicts = [verdict(row, result) for row, result in zip(sent, send(client, sent), strict=True)]
        verdicts = made_sure(client, sent, verdicts)
        answers |= {place: answer for (place, _), answer in zip(batch, verdicts, strict=True)}
    return [answers[place] for place in range(len(rows))]


def batches(rows: Sequence[tuple[int, Row]]) -> Iterator[Sequence[tuple[int, Row]]]:
    """One call each. Records of one parent stand together: two calls that touch it would lock each other out."""
    groups: dict[tuple[str, ...], list[tuple[int, Row]]] = {}
    for place, row in rows:
        groups.setdefault(call_of(row), []).append((place, row))
    for group in groups.values():
        group.sort(key=lambda pair: (pair[1].object, pair[1].parent, pair[1].id))
        yield from chunks(group, MOST_WRITTEN)


def call_of(row: Row) -> tuple[str, ...]:
    """What must be the same within one call; only an upsert is bound to one object and its key."""
    upsert = (row.object, row.key_field) if row.operation is Operation.UPSERT else ()
    return (row.operation, *upsert)


def send(client: WritingClient, rows: Sequence[Row]) -> list[Result]:
    records = [(row.object, row.named) for row in rows]
    match rows[0].operation:
        case Operation.DELETE:
            return client.delete_many([row.id for row in rows])
        case Operation.UPDATE:
            return client.update_many(records)
        case Operation.UPSERT:
            return client.upsert_many(rows[0].object, rows[0].key_field, records)
        case Operation.CREATE:
            return client.create_many(records)


def made_sure(client: WritingClient, rows: Sequence[Row | Sent], answers: Sequence[Sent]) -> list[Sent]:
    """A record counts as gone only when it is: that one of those it names is unknown sounds just the same."""
    asked: dict[str, list[str]] = {}
    for row, answer in zip(rows, answers, strict=True):
        if isinstance(row, Row) and is_unsure(row, answer):
            asked.setdefault(row.object, []).append(row.id)
    there = {
        to_18(str(found["Id"]))
        for obj, ids in asked.items()
        for chunk in chunks(ids, MOST_IDS)
        for found in client.retrieve(obj, chunk, ["Id"])
        if found
    }
    return [
        replace(answer, answer=Answer.REFUSED) if answer.answer is Answer.GONE and answer.source_id in there else answer
        for answer in answers
    ]


def find_by_key(client: WritingClient, obj: str, key_field: str, keys: Sequence[str]) -> dict[str, str]:
    """Our key → id. By the table, not by the search index, which is minutes late."""
    found: dict[str, str] = {}
    for chunk in id_chunks(keys, KEYS_PER_QUERY):
        condition = f"{key_field} IN {fill('{keys}', keys=chunk)}"
        for page in client.pages(select(["Id", key_field], obj, condition, "CreatedDate")):
            for row in page.records:
                # Where the field is not unique, the first one is ours and the others are copies.
                found.setdefault(str(row[key_field]), to_18(row["Id"]))
    return found
