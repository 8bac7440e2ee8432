"""What was deleted. Pipedrive lists no deletions: among what changed lately some records have no data any more, and asked
for by its number a deleted record says it itself, for thirty days."""

from collections.abc import Iterable, Iterator
from datetime import timedelta

from integrations.sync.connector import Gone, Page, Read
from integrations.wire.errors import NotFound

from .client import PipedriveClient, Row
from .places import Place
from .schema import STAMP
from .scope import Source
from .values import moment

KEPT = timedelta(days=30)
"""Older changes are left out of the list without a word."""


def deleted_page(client: PipedriveClient, source: Source, read: Read, place: Place) -> Page:
    """`covered_until` is missing where part of the time is not known any more: only comparing all ids helps then."""
    if read.ids:
        return Page(gone=list(fates(client, source, read.ids)))
    assert read.since is not None
    assert read.until is not None
    if not source.customer:
        # All numbers of customers are compared at every sync, and the missing ones asked for.
        return Page()
    found = client.recents(source.entity, read.since, start=int(place.cursor or 0))
    gone = list(fates(client, source, (str(row["id"]) for row in found.rows if is_without_data(row))))
    following = str(Place(found.cursor)) if found.cursor else ""
    is_covered = read.until - read.since < KEPT
    return Page(gone=gone, next=following, covered_until=read.until if is_covered else None)


def is_without_data(row: Row) -> bool:
    """Gone, or hidden from the signed-in user: the record itself tells."""
    data = row.get("data")
    return not data or data.get("active_flag") is False or data.get("deleted") is True


def fates(client: PipedriveClient, source: Source, ids: Iterable[str]) -> Iterator[Gone]:
    """What may not be seen, or was deleted long ago, is merely missing, which proves nothing."""
    for number in ids:
        try:
            row = client.one(source.plural, number)
        except NotFound as missing:
            if missing.status == 410:
                yield Gone(number)
            continue
        if row.get("is_deleted"):
            stamp = row.get(STAMP)
            yield Gone(number, moment(str(stamp)) if stamp else None)
