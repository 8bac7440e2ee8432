"""Reads accounts and contacts page by page, with the fewest calls that Salesforce allows."""

import time
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from integrations.engine.records import Record
from integrations.sync.connector import How, Page, Read, ReadingLost
from integrations.wire.errors import NotFound

from . import scope
from .client import MOST_IDS, SalesforceClient
from .counting import count_of
from .fields import convert, long_id, moment, value_at
from .gone import deleted_page
from .pages import QueryPage
from .parents import retrieve_with_parents
from .places import Place, place_of
from .replies import LocatorExpired
from .schema import Described
from .soql import IDS_PER_QUERY, fill, id_chunks, select

BULK_FROM = 50_000
"""From here on a bulk job costs fewer calls than pages of 2,000, and holds up no other query."""
BULK_ROWS = 5_000
BULK_PAUSES = (0.5, 1.0, 2.0, 2.0)
"""Seconds between looks at an unfinished job, within one page; then the runner gets an empty page and comes back."""


class Reader:
    def __init__(
        self,
        client: SalesforceClient,
        described: Callable[[str], Described],
        conditions: Callable[[str], str],
        *,
        needed: Callable[[str], Sequence[str]],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`conditions` gives the chosen view's condition of customers or contacts; empty: no view."""
        self.client = client
        self.described = described
        self.conditions = conditions
        self.needed = needed
        self.pause = pause

    def page(self, read: Read, token: str) -> Page:
        place = place_of(token)
        if read.how is not How.DELETED and read.how is not How.IDS and not place.types:
            place = Place(types=self.described(read.object).types(read.fields))
        try:
            return self._page(read, place)
        except LocatorExpired as lost:
            raise ReadingLost(str(lost)) from lost

    def _page(self, read: Read, place: Place) -> Page:
        match read.how:
            case How.DELETED:
                return deleted_page(self.client, scope.OBJECTS[read.object], read)
            case How.BY_ID:
                return self._by_id(read, place)
            case How.DEPENDENTS:
                return self._dependents(read, place)
            case How.CHANGED:
                return self._next(read, place, self._query(place, lambda: self._changed(read)))
        if place.job:
            return self._bulk(read, place)
        if read.object == "contacts" and not scope.fits_semi_join(self.conditions("customers")):
            return self._account_by_account(read, place)
        return self._in_scope(read, place)

    # --- Everything in scope

    def condition(self, object_name: str) -> str:
        """Of everything in scope; contacts are tied to their accounts by a semi-join, not account by account."""
        accounts = self.conditions("customers")
        if object_name == "customers":
            return accounts
        return scope.both(scope.of_accounts_in_view(accounts), self.conditions("contacts"))

    def _in_scope(self, read: Read, place: Place) -> Page:
        found = self._query(place, lambda: self._select(read, self.condition(read.object)))
        pays = found.total > BULK_FROM and not found.done and not place.next and not place.by_query
        if not pays:
            return self._next(read, place, found)
        # The total is known with the first page only. The job reads that page once more, which is harmless.
        job = self.client.bulk_query(self._select(read, self.condition(read.object)))
        return self._answer(read, place, found.records, str(place.moved(job=job)), found.total)

    def _bulk(self, read: Read, place: Place) -> Page:
        try:
            if not place.locator and not self._is_done(place.job):
                return Page(next=str(place.moved(job=place.job, polls=place.polls + 1)))
            results = self.client.bulk_results(place.job, place.locator, BULK_ROWS)
        except NotFound as gone:
            raise ReadingLost("The bulk job is gone.") from gone
        except BulkError:
            return self._in_scope(read, Place(types=place.types, by_query=True))
        following = str(place.moved(job=place.job, locator=results.next_locator)) if results.next_locator else ""
        return self._answer(read, place, list(results.rows), following, None)

    def _is_done(self, job: str) -> bool:
        for seconds in (*BULK_PAUSES, 0.0):
            state = self.client.bulk_state(job)
            if state.has_failed:
                raise BulkError(state.message)
            if state.is_done:
                return True
            if seconds:
                self.pause(seconds)
        return False

    def _account_by_account(self, read: Read, place: Place) -> Page:
        """For views whose condition may stand in no sub-select: some accounts of the view, then their contacts."""
        after = place.after
        if place.next:
            found = self.client.query_more(place.next)
        else:
            ids = self._accounts_after(after)
            if not ids:
                return Page()
            after = ids[-1]
            condition = scope.both(scope.of_accounts(ids), self.conditions("contacts"))
            found = self.client.query(self._select(read, condition))
        following = str(place.moved(next="" if found.done else found.next, after=after))
        return self._answer(read, place, found.records, following, None)

    def count_account_by_account(self, condition: str) -> int:
        total, ids = 0, self._accounts_after("")
        while ids:
            total += count_of(self.client, "Contact", scope.both(scope.of_accounts(ids), condition))
            ids = self._accounts_after(ids[-1])
        return total

    def _accounts_after(self, after: str) -> tuple[str, ...]:
        condition = scope.both(self.conditions("customers"), fill("Id > {after}", after=after) if after else "")
        order = f"Id LIMIT {IDS_PER_QUERY}"
        page = self.client.query(select(["Id"], "Account", condition, order))
        return tuple(row["Id"] for row in page.records)

    # --- Parts of it

    def _changed(self, read: Read) -> str:
        # >= and an overlap: many rows share one second, and a late commit shows an early stamp.
        stamps = fill("SystemModstamp >= {since} AND SystemModstamp < {until}", since=read.since, until=read.until)
        # Who left the account view is told by ids; of contacts a delta knows no ids, so their view is asked here.
        view = self.conditions("contacts") if read.object == "contacts" else ""
        return self._select(read, scope.both(stamps, view), "SystemModstamp, Id")

    def _by_id(self, read: Read, place: Place) -> Page:
        chunks = list(id_chunks(read.ids, MOST_IDS))
        if not chunks:
            return Page()
        described = self.described(read.object)
        obj, ids = scope.OBJECTS[read.object], chunks[place.chunk]
        rows = retrieve_with_parents(self.client, described, obj, ids, self._paths(read))
        return self._answer(read, place, rows, self._following_chunk(place, len(chunks)), len(read.ids))

    def _dependents(self, read: Read, place: Place) -> Page:
        chunks = list(id_chunks(read.ids))
        if not chunks:
            return Page()
        condition = scope.both(scope.of_accounts(chunks[place.chunk]), self.conditions("contacts"))
        found = self._query(place, lambda: self._select(read, condition))
        if found.done:
            following = self._following_chunk(place, len(chunks))
        else:
            following = str(place.moved(next=found.next, chunk=place.chunk))
        return self._answer(read, place, found.records, following, None)

    @staticmethod
    def _following_chunk(place: Place, chunks: int) -> str:
        return str(place.moved(chunk=place.chunk + 1)) if place.chunk + 1 < chunks else ""

    # --- Queries and their answers

    def _query(self, place: Place, first: Callable[[], str]) -> QueryPage:
        return self.client.query_more(place.next) if place.next else self.client.query(first())

    def _select(self, read: Read, condition: str, order_by: str = "") -> str:
        return select(self._paths(read), scope.OBJECTS[read.object], condition, order_by)

    def _paths(self, read: Read) -> list[str]:
        return ["Id"] if read.how is How.IDS else list(dict.fromkeys((*self.needed(read.object), *read.fields)))

    def _next(self, read: Read, place: Place, found: QueryPage) -> Page:
        following = "" if found.done else str(place.moved(next=found.next))
        return self._answer(read, place, found.records, following, found.total)

    def _answer(
        self, read: Read, place: Place, rows: Iterable[dict[str, Any]], following: str, total: int | None
    ) -> Page:
        if read.how is How.IDS:
            return Page(ids=[long_id(row["Id"]) for row in rows], next=following, total=total)
        records = [record_of(row, read, place) for row in rows]
        return Page(records=records, next=following, total=total)


class BulkError(Exception):
    """Salesforce gave the job up; the same question as a query may still be answered."""


def record_of(row: dict[str, Any], read: Read, place: Place) -> Record:
    stamp = row.get("SystemModstamp")
    account = row.get("AccountId") if read.object == "contacts" else None
    return Record(
        source_id=long_id(row["Id"]),
        values={path: convert(value_at(row, path), place.types[path]) for path in read.fields},
        modified_at=moment(stamp) if stamp else None,
        name=row.get("Name") or "",
        parent_id=long_id(row.get("ParentId") or ""),
        customer_ids=(long_id(account),) if account else (),
    )
