"""Records out, a hundred to a call, those that are made, that change and that go apart from each other."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace

from integrations.sync.connector import Answer, Sent
from integrations.wire.chunks import chunks, unique_chunks

from .client import MOST_WRITTEN, WritingClient
from .coql import IDS_PER_QUERY, is_one_of, select
from .replies import Item
from .rows import Operation, Row
from .schema import ID
from .verdicts import is_unsure, verdict


def write(client: WritingClient, rows: Sequence[Row | Sent]) -> list[Sent]:
    """In the order of the rows, whatever order they were sent in."""
    answers = {place: row for place, row in enumerate(rows) if isinstance(row, Sent)}
    for batch in batches([(place, row) for place, row in enumerate(rows) if isinstance(row, Row)]):
        sent = [row for _, row in batch]
        items = send(client, sent)
        answers |= {place: one for (place, _), one in zip(batch, judged(client, sent, items), strict=True)}
    return [answers[place] for place in range(len(rows))]


def batches(rows: Sequence[tuple[int, Row]]) -> Iterator[Sequence[tuple[int, Row]]]:
    """One call each: of one module and one operation."""
    groups: dict[tuple[str, str], list[tuple[int, Row]]] = {}
    for place, row in rows:
        groups.setdefault((row.module, row.operation), []).append((place, row))
    for group in groups.values():
        yield from chunks(group, MOST_WRITTEN)


def send(client: WritingClient, rows: Sequence[Row]) -> list[Item]:
    module = rows[0].module
    match rows[0].operation:
        case Operation.DELETE:
            return client.delete(module, [row.id for row in rows])
        case Operation.UPDATE:
            return client.update(module, [row.named for row in rows])
        case Operation.CREATE:
            # Inserted, not upserted: an upsert would look through every unique field, and change whoever it finds.
            return client.create(module, [row.named for row in rows])


def judged(client: WritingClient, rows: Sequence[Row], items: Sequence[Item]) -> list[Sent]:
    """A record counts as gone only when it is: one query for all that sound like it."""
    answers = [verdict(row, item) for row, item in zip(rows, items, strict=True)]
    unsure = [place for place, (row, item) in enumerate(zip(rows, items, strict=True)) if is_unsure(row, item)]
    there = present(client, rows[0].module, [rows[place].id for place in unsure]) if unsure else frozenset()
    for place in unsure:
        row = rows[place]
        if row.id not in there:
            # Gone is what a deleted record was meant to be: somebody was quicker, or this is the second attempt.
            gone = Answer.DONE if row.operation is Operation.DELETE else Answer.GONE
            answers[place] = replace(answers[place], answer=gone, source_id=row.id)
    return answers


def present(client: WritingClient, module: str, ids: Sequence[str]) -> frozenset[str]:
    numbers = [one for one in ids if one.isdecimal()]
    asked = (select([], module, is_one_of(ID, part), IDS_PER_QUERY) for part in unique_chunks(numbers, IDS_PER_QUERY))
    return frozenset(str(row["id"]) for one in asked for row in client.query(one).rows)


def find_by_key(client: WritingClient, module: str, key_field: str, keys: Sequence[str]) -> Mapping[str, str]:
    """Our key → id. By a query, which sees what was written at once, and not by the search, whose index is late."""
    found: dict[str, str] = {}
    for part in unique_chunks(keys, IDS_PER_QUERY):
        query = select([key_field], module, is_one_of(key_field, part), IDS_PER_QUERY)
        for row in client.query(query).rows:
            found.setdefault(str(row[key_field]), str(row["id"]))
    return found
