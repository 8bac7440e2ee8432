"""What was deleted. Pipedrive lists no deletions: among what changed lately some records have no data any more, and asked
for by its number a deleted record says it itself, for thirty days."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import timedelta

from integrations.sync.connector import Gone, Page, Read
from integrations.wire.errors import NotFound

from .client import NOTES, PipedriveClient, Row
from .places import Place
from .schema import STAMP
from .values import moment

KEPT = timedelta(days=30)
"""Older changes are left out of the list without a word."""
RECENT = "recent"
PLURALS = {
    "organization": "organizations",
    "person": "persons",
    "deal": "deals",
    "activity": "activities",
    "note": NOTES,
}


def deleted_page(client: PipedriveClient, entities: Mapping[str, str], read: Read, place: Place) -> Page:
    """One list tells of all data types, each of which stands in one of Pipedrive's `entities`.

    `covered_until` is missing where part of the time is not known any more: only comparing all ids helps then.
    """
    if read.ids:
        return Page(gone=list(fates(client, entities[read.object], read.ids)))
    assert read.since is not None
    assert read.until is not None
    found = client.recents(sorted(set(entities.values())), read.since, start=int(place.cursor or 0))
    lost: defaultdict[str, list[str]] = defaultdict(list)
    for row in found.rows:
        if is_without_data(row):
            lost[str(row["item"])].append(str(row["id"]))
    gone = {entity: list(fates(client, entity, lost[entity])) for entity in set(entities.values())}
    covered_until = read.until if read.until - read.since < KEPT else None
    # A number does not say which type of activity it was of: whoever had it knows.
    pages = {name: Page(gone=gone[entity], covered_until=covered_until) for name, entity in entities.items()}
    following = str(Place(found.cursor)) if found.cursor else ""
    return replace(pages.pop(read.object), next=following, beside=pages)


def is_without_data(row: Row) -> bool:
    """Gone, or hidden from the signed-in user: the record itself tells."""
    data = row.get("data")
    return not data or data.get("active_flag") is False or data.get("deleted") is True


def is_gone(row: Row) -> bool:
    return bool(row.get("is_deleted")) or row.get("active_flag") is False


def fates(client: PipedriveClient, entity: str, ids: Iterable[str]) -> Iterator[Gone]:
    """What may not be seen, or was deleted long ago, is merely missing, which proves nothing."""
    for number in ids:
        try:
            row = client.one(PLURALS[entity], number)
        except NotFound as missing:
            if missing.status == 410:
                yield Gone(number)
            continue
        if is_gone(row):
            yield Gone(number, moment(str(row[STAMP])) if row.get(STAMP) else None)
