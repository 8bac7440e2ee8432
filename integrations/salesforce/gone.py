"""What was deleted, and into what it was merged: Salesforce keeps both for some days only, and says so."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from integrations.sync.connector import Gone, Page, Read
from integrations.wire.errors import Rejected

from .client import SalesforceClient
from .fields import long_id, moment
from .scope import Source
from .soql import fill, id_chunks, select

KEPT = timedelta(days=15)
SHORTEST = timedelta(minutes=2)
"""Seconds do not count, and a span of a minute or less is refused."""
UNKNOWN_DATES = frozenset({"INVALID_REPLICATION_DATE", "EXCEEDED_MAX_SIZE_REQUEST"})


def deleted_page(client: SalesforceClient, source: Source, read: Read) -> Page:
    """`covered_until` is missing where part of the time is not known any more: only comparing all ids helps then."""
    if read.ids:
        return fate_of(client, source, read.ids)
    since, end = read.since, read.until
    assert since is not None
    assert end is not None
    kept_since = end - KEPT + SHORTEST
    start = max(since, kept_since)
    try:
        found = client.deleted(source.object, min(start, end - SHORTEST), end)
    except Rejected as refused:
        if refused.code not in UNKNOWN_DATES:
            raise
        return Page()
    has_gap = since < max(kept_since, found.earliest)
    winners = merged_into(client, source.object, start) if found.records and source.merges else {}
    gone = [Gone(long_id(row.id), row.at, winners.get(long_id(row.id), "")) for row in found.records]
    return Page(gone=gone, covered_until=None if has_gap else found.covered_until)


def fate_of(client: SalesforceClient, source: Source, ids: Sequence[str]) -> Page:
    """Which of the named records lie in the recycle bin: the list of deletions lags by up to a minute, the bin does not."""
    gone: list[Gone] = []
    columns = ["Id", "SystemModstamp", *(["MasterRecordId"] if source.merges else [])]
    for part in id_chunks(ids):
        condition = fill("IsDeleted = true AND Id IN {ids}", ids=part)
        soql = select(columns, source.object, condition)
        for page in client.pages(soql, with_deleted=True):
            gone += [
                Gone(long_id(row["Id"]), moment(row["SystemModstamp"]), long_id(row.get("MasterRecordId") or ""))
                for row in page.records
            ]
    return Page(gone=gone)


def merged_into(client: SalesforceClient, obj: str, since: datetime) -> dict[str, str]:
    """Loser → winner, out of the recycle bin; asked only when something was deleted at all."""
    condition = fill("IsDeleted = true AND MasterRecordId != null AND SystemModstamp >= {since}", since=since)
    soql = select(["Id", "MasterRecordId"], obj, condition)
    rows = (row for page in client.pages(soql, with_deleted=True) for row in page.records)
    return {long_id(row["Id"]): long_id(row["MasterRecordId"]) for row in rows}
