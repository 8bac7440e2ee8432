"""Which interactions were deleted. Objects that serve several data types are asked about once."""

from collections.abc import Sequence
from datetime import datetime

from integrations.sync.connector import Gone, Page, Read
from integrations.wire import errors

from .. import pages
from ..client import SalesforceClient
from ..fields import long_id, moment
from ..gone import KEPT, SHORTEST, UNKNOWN_DATES
from ..soql import fill, id_chunks, select
from .sources import Source


class Deletions:
    def __init__(self, client: SalesforceClient) -> None:
        self.client = client
        self._known: dict[tuple[str, datetime, datetime], pages.Deletions | None] = {}

    def since(self, sources: Sequence[Source], read: Read) -> Page:
        """`covered_until` is missing where a part of the time is not known any more: only comparing all ids helps then."""
        since, end = read.since, read.until
        assert since is not None
        assert end is not None
        kept_since = end - KEPT + SHORTEST
        start = min(max(since, kept_since), end - SHORTEST)
        found = [self._of(listed_as(source), start, end) for source in sources]
        known = [one for one in found if one is not None]
        gone = [
            Gone(long_id(row.id), row.at)
            for source, one in zip(sources, found, strict=True)
            if one is not None
            for row in one.records
            if row.id.startswith(source.prefix)
        ]
        has_gap = len(known) < len(found) or any(since < max(kept_since, one.earliest) for one in known)
        return Page(gone=gone, covered_until=None if has_gap else min(one.covered_until for one in known))

    def fate(self, sources: Sequence[Source], ids: Sequence[str]) -> Page:
        """Which of the named records lie in the recycle bin: the list of deletions lags by up to a minute, the bin does not."""
        gone: list[Gone] = []
        for source in sources:
            for part in id_chunks(one for one in ids if one.startswith(source.prefix)):
                condition = fill("IsDeleted = true AND Id IN {ids}", ids=part)
                soql = select(["Id", "SystemModstamp"], listed_as(source), condition)
                for page in self.client.pages(soql, with_deleted=True):
                    gone += [Gone(long_id(row["Id"]), moment(row["SystemModstamp"])) for row in page.records]
        return Page(gone=gone)

    def _of(self, obj: str, start: datetime, end: datetime) -> pages.Deletions | None:
        key = (obj, start, end)
        if key not in self._known:
            try:
                self._known[key] = self.client.deleted(obj, start, end)
            except errors.Rejected as refused:
                if refused.code not in UNKNOWN_DATES:
                    raise
                self._known[key] = None
        return self._known[key]


def listed_as(source: Source) -> str:
    return source.deleted_as or source.object
