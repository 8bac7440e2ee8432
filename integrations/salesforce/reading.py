"""Reads the records of one object page by page, with the fewest calls that Salesforce allows."""

import time
from collections.abc import Callable, Container, Iterable, Sequence
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
from .parents import asks_users, retrieve_with_parents
from .places import Place, place_of
from .replies import LocatorExpired
from .schema import Described
from .scope import Source
from .soql import IDS_PER_QUERY, fill, id_chunks, select

EDITOR = "LastModifiedBy.Name"
"""Of the whole record: Salesforce keeps no editor for each field where nobody turned its history on."""
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
        sources: Callable[[str], Source],
        *,
        needed: Callable[[str], Sequence[str]],
        pause: Callable[[float], None] = time.sleep,
    ) -> None:
        """`sources` says where the records of a data type stand and which of them belong."""
        self.client = client
        self.described = described
        self.sources = sources
        self.needed = needed
        self.pause = pause

    def page(self, read: Read, token: str) -> Page:
        place = place_of(token)
        if read.how is not How.DELETED and read.how is not How.IDS and not place.types:
            described = self.described(read.object)
            place = Place(types=described.types((*read.fields, *editor(read, described))))
        try:
            return self._page(read, place)
        except LocatorExpired as lost:
            raise ReadingLost(str(lost)) from lost

    def _page(self, read: Read, place: Place) -> Page:
        match read.how:
            case How.DELETED:
                return deleted_page(self.client, self.sources(read.object), read)
            case How.BY_ID:
                return self._by_id(read, place)
            case How.DEPENDENTS:
                return self._dependents(read, place)
            case How.CHANGED:
                return self._next(read, place, self._query(place, lambda: self._changed(read, place)))
        if place.job:
            return self._bulk(read, place)
        if not scope.fits_one_query(self.sources(read.object), self.accounts):
            return self._account_by_account(read, place)
        return self._in_scope(read, place)

    # --- Everything in scope

    @property
    def accounts(self) -> str:
        """The condition of the customers, on whom everything else hangs."""
        return self.sources("customers").condition

    def condition(self, source: Source) -> str:
        return scope.of_everything(source, self.accounts)

    def _in_scope(self, read: Read, place: Place) -> Page:
        found = self._query(place, lambda: self._select(read, place, self.condition(self.sources(read.object))))
        pays = found.total > BULK_FROM and not found.done and not place.next and not place.by_query
        if not pays:
            return self._next(read, place, found)
        # The total is known with the first page only. The job reads that page once more, which is harmless.
        job = self.client.bulk_query(self._select(read, place, self.condition(self.sources(read.object))))
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
        """For views whose condition may stand in no sub-select: some accounts of the view, then what hangs on them."""
        after = place.after
        if place.next:
            found = self.client.query_more(place.next)
        else:
            ids = self._accounts_after(after)
            if not ids:
                return Page()
            after = ids[-1]
            condition = self._of_accounts(read.object, ids)
            found = self.client.query(self._select(read, place, condition))
        following = str(place.moved(next="" if found.done else found.next, after=after))
        return self._answer(read, place, found.records, following, None)

    def count(self, source: Source, condition: str = "") -> int:
        """Of everything in scope, or of those of it that hold the condition too."""
        if scope.fits_one_query(source, self.accounts):
            return count_of(self.client, source.object, scope.both(self.condition(source), condition))
        total, ids = 0, self._accounts_after("")
        asked = scope.both(source.condition, condition)
        while ids:
            tied = scope.of_accounts(source.customer, ids)
            total += count_of(self.client, source.object, scope.both(tied, asked))
            ids = self._accounts_after(ids[-1])
        return total

    def _accounts_after(self, after: str) -> tuple[str, ...]:
        condition = scope.both(self.accounts, fill("Id > {after}", after=after) if after else "")
        order = f"Id LIMIT {IDS_PER_QUERY}"
        page = self.client.query(select(["Id"], "Account", condition, order))
        return tuple(row["Id"] for row in page.records)

    # --- Parts of it

    def _changed(self, read: Read, place: Place) -> str:
        # >= and an overlap: many rows share one second, and a late commit shows an early stamp.
        stamps = fill("SystemModstamp >= {since} AND SystemModstamp < {until}", since=read.since, until=read.until)
        # Whatever its condition says: a record that does not belong any more has changed too.
        return self._select(read, place, stamps, "SystemModstamp, Id")

    def _by_id(self, read: Read, place: Place) -> Page:
        described = self.described(read.object)
        # Whoever chooses another object still has links to records of the former one: Salesforce refuses their ids.
        own = (one for one in read.ids if one.startswith(described.prefix))
        chunks = list(id_chunks(own, MOST_IDS))
        if not chunks:
            return Page()
        obj = self.sources(read.object).object
        rows = retrieve_with_parents(self.client, described, obj, chunks[place.chunk], self._paths(read, place))
        return self._answer(read, place, rows, self._following_chunk(place, len(chunks)), len(read.ids))

    def _dependents(self, read: Read, place: Place) -> Page:
        chunks = list(id_chunks(read.ids))
        if not chunks:
            return Page()
        condition = self._of_accounts(read.object, chunks[place.chunk])
        found = self._query(place, lambda: self._select(read, place, condition))
        if found.done:
            following = self._following_chunk(place, len(chunks))
        else:
            following = str(place.moved(next=found.next, chunk=place.chunk))
        return self._answer(read, place, found.records, following, None)

    def _of_accounts(self, object_name: str, ids: tuple[str, ...]) -> str:
        source = self.sources(object_name)
        return scope.both(scope.of_accounts(source.customer, ids), source.condition)

    @staticmethod
    def _following_chunk(place: Place, chunks: int) -> str:
        return str(place.moved(chunk=place.chunk + 1)) if place.chunk + 1 < chunks else ""

    # --- Queries and their answers

    def _query(self, place: Place, first: Callable[[], str]) -> QueryPage:
        return self.client.query_more(place.next) if place.next else self.client.query(first())

    def _select(self, read: Read, place: Place, condition: str, order_by: str = "") -> str:
        return select(self._paths(read, place), self.sources(read.object).object, condition, order_by)

    def _paths(self, read: Read, place: Place) -> list[str]:
        if read.how is How.IDS:
            return ["Id"]
        who = [EDITOR] if EDITOR in place.types else []
        return list(dict.fromkeys((*self.needed(read.object), *read.fields, *who)))

    def _next(self, read: Read, place: Place, found: QueryPage) -> Page:
        following = "" if found.done else str(place.moved(next=found.next))
        return self._answer(read, place, found.records, following, found.total)

    def _answer(
        self, read: Read, place: Place, rows: Iterable[dict[str, Any]], following: str, total: int | None
    ) -> Page:
        if read.how is How.IDS:
            return Page(ids=[long_id(row["Id"]) for row in rows], next=following, total=total)
        found, source = list(rows), self.sources(read.object)
        inside = self._inside(read, source, found)
        records = [record_of(row, read, place, source, inside) for row in found]
        return Page(records=records, next=following, total=total)

    def _inside(self, read: Read, source: Source, rows: Sequence[dict[str, Any]]) -> Container[str]:
        """Which of the rows belong, where the question did not ask for those alone."""
        ids = [row["Id"] for row in rows]
        is_asked = read.how in {How.CHANGED, How.BY_ID} and source.customer and source.condition
        if not is_asked:
            return frozenset(ids)
        if source.marks:
            return frozenset(row["Id"] for row in rows if all(row[mark] for mark in source.marks))
        asked = (scope.both(fill("Id IN {ids}", ids=part), source.condition) for part in id_chunks(ids))
        pages = (page for one in asked for page in self.client.pages(select(["Id"], source.object, one)))
        return frozenset(row["Id"] for page in pages for row in page.records)


def editor(read: Read, described: Described) -> tuple[str, ...]:
    """Some objects know no last editor. Of named records users are a call of their own: they are asked only if others are."""
    if not read.asks_who or not described.has(EDITOR):
        return ()
    return () if read.how is How.BY_ID and not asks_users(described, read.fields) else (EDITOR,)


class BulkError(Exception):
    """Salesforce gave the job up; the same question as a query may still be answered."""


def record_of(row: dict[str, Any], read: Read, place: Place, source: Source, inside: Container[str]) -> Record:
    stamp = row.get(scope.STAMP)
    account = row.get(source.customer) if source.customer else None
    return Record(
        source_id=long_id(row["Id"]),
        values={path: convert(value_at(row, path), place.types[path]) for path in read.fields},
        modified_at=moment(stamp) if stamp else None,
        name=row.get(source.name) or "",
        parent_id="" if source.customer else long_id(row.get("ParentId") or ""),
        customer_ids=(long_id(account),) if account else (),
        is_inside=row["Id"] in inside,
        changed_by=str(value_at(row, EDITOR) or "") if read.asks_who else "",
    )
