"""Reads interactions: one object of a data type after the other, by as few calls as Salesforce allows.

Activities go to an archive after a year, which plain queries hide: where there is one, deleted and archived rows are asked
for together and the deleted ones left out.
"""

from collections.abc import Callable, Iterator, Sequence
from datetime import date
from typing import Any

from integrations.engine.records import Record
from integrations.sync.connector import How, Page, Read, ReadingLost

from .. import scope
from ..client import SalesforceClient
from ..fields import long_id
from ..pages import QueryPage
from ..reading import BULK_FROM
from ..replies import LocatorExpired
from ..schema import Described
from ..soql import IDS_PER_QUERY, fill, id_chunks, literal, select
from . import emails, notes
from .bulk import JobFailed, Jobs
from .deletions import Deletions
from .records import records_of
from .sources import DOCUMENTS, EMAILS, LOGGED_EMAILS, SOURCES, Source, since
from .spot import Spot, spot_of

Rows = Sequence[dict[str, Any]]


class InteractionReader:
    def __init__(
        self,
        client: SalesforceClient,
        *,
        accounts: Callable[[], str],
        floor: Callable[[str], date | None],
        described: Callable[[str], Described],
    ) -> None:
        """`accounts`: the condition of the chosen account view. `floor`: from which day on a data type is read."""
        self.client = client
        self.accounts = accounts
        self.floor = floor
        self.described = described
        self.deletions = Deletions(client)
        self.jobs = Jobs(client)
        self._present: frozenset[str] = frozenset()

    def page(self, read: Read, token: str) -> Page:
        if read.how is How.DELETED:
            sources = self.sources(read.object)
            return self.deletions.fate(sources, read.ids) if read.ids else self.deletions.since(sources, read)
        spot = spot_of(token) or self._start(read)
        source = next(one for one in SOURCES[read.object] if one.object == spot.parts[spot.part])
        step = self._documents if source is DOCUMENTS else self._rows
        try:
            records, following = step(read, source, spot)
        except LocatorExpired as lost:
            raise ReadingLost(str(lost)) from lost
        token = str(following or spot.next_part() or "")
        if read.how is How.IDS:
            return Page(ids=[record.source_id for record in records], next=token)
        return Page(records=records, next=token)

    def _start(self, read: Read) -> Spot:
        sources = self.sources(read.object)
        own = [path for path in read.fields if all(path not in one.ways for one in sources)]
        types = self.described(read.object).types(own) if own else {}
        return Spot(parts=tuple(one.object for one in sources), types=types)

    # --- What there is

    def sources(self, data_type: str) -> tuple[Source, ...]:
        found = SOURCES[data_type]
        if not any(one.is_optional for one in found):
            return found
        return tuple(one for one in found if not one.is_optional or one.object in self.present())

    def present(self) -> frozenset[str]:
        """The organisation's objects; one call in the life of this reader."""
        if not self._present:
            self._present = frozenset(str(one["name"]) for one in self.client.sobjects())
        return self._present

    def count(self, data_type: str) -> int:
        """What a complete reading lists: an e-mail that is kept twice counts once."""
        sources = self.sources(data_type)
        total = sum(
            self._count(source, self._inside(data_type, source)) for source in sources if source is not DOCUMENTS
        )
        if EMAILS in sources:
            total -= self._count(EMAILS, joined(self._inside(data_type, EMAILS), "ActivityId != null"))
        if DOCUMENTS in sources:
            parts = (notes.linked_to(self.client, ids, self._since(data_type)) for ids in self._accounts())
            total += len({document for part in parts for document in part})
        return total

    def counted(self, data_type: str, source: Source, condition: str) -> int:
        return self._count(source, joined(self._inside(data_type, source), condition))

    def _count(self, source: Source, condition: str) -> int:
        return sum(
            self._ask(source, select(["COUNT()"], source.object, archived_too(source, joined(tied, condition)))).total
            for tied in self._tied(source)
        )

    def _tied(self, source: Source) -> Iterator[str]:
        """The accounts in scope as conditions: one where a sub-select is allowed, else one for some accounts at a time."""
        accounts = self.accounts()
        if scope.fits_semi_join(accounts):
            yield of_view(source, accounts)
        else:
            yield from (of(source, ids) for ids in self._accounts())

    def _accounts(self) -> Iterator[tuple[str, ...]]:
        ids = self._accounts_after("")
        while ids:
            yield ids
            ids = self._accounts_after(ids[-1])

    def _accounts_after(self, after: str) -> tuple[str, ...]:
        condition = joined(self.accounts(), fill("Id > {after}", after=after) if after else "")
        page = self.client.query(select(["Id"], "Account", condition, f"Id LIMIT {IDS_PER_QUERY}"))
        return tuple(row["Id"] for row in page.records)

    def _inside(self, data_type: str, source: Source) -> str:
        return joined(source.belongs, source.inside, self._since(data_type))

    def _since(self, data_type: str) -> str:
        floor = self.floor(data_type)
        return since(floor) if floor else ""

    # --- The rows of one object

    def _rows(self, read: Read, source: Source, spot: Spot) -> tuple[list[Record], Spot | None]:
        if spot.job:
            return self._of_job(read, source, spot)
        if spot.next:
            found = self.client.query_more(spot.next)
        else:
            condition, spot = self._question(read, source, spot)
            if not condition:
                return [], None
            order = f"{source.stamp}, Id" if read.how is How.CHANGED else ""
            columns = source.columns(() if read.how is How.IDS else paths_of(source, read, spot))
            soql = select(columns, source.object, archived_too(source, condition), order)
            found = self._ask(source, soql)
            is_whole = read.how in {How.ALL, How.IDS} and not spot.after
            if is_whole and found.total > BULK_FROM and not found.done and not spot.by_query:
                # The total is known with the first page only. The job reads that page once more, which is harmless.
                job = self.client.bulk_query(soql, with_deleted=source.has_archive)
                return self._records(read, source, found.records, spot), spot.moved(job=job)
        following = self._following(read, source, spot) if found.done else spot.moved(
            next=found.next, chunk=spot.chunk, after=spot.after
        )  # fmt: skip
        return self._records(read, source, found.records, spot), following

    def _of_job(self, read: Read, source: Source, spot: Spot) -> tuple[list[Record], Spot | None]:
        try:
            rows, following = self.jobs.page(spot)
        except JobFailed:
            return [], spot.moved(by_query=True)
        return self._records(read, source, rows, spot), following

    def _question(self, read: Read, source: Source, spot: Spot) -> tuple[str, Spot]:
        """The condition of the next query, and the spot that it leads to; an empty one: nothing is left to ask."""
        inside = self._inside(read.object, source)
        match read.how:
            case How.BY_ID:
                chunks = self._chunks(read, source)
                return (fill("Id IN {ids}", ids=chunks[spot.chunk]) if chunks else ""), spot
            case How.DEPENDENTS:
                chunks = self._chunks(read, source)
                return (joined(of(source, chunks[spot.chunk]), inside) if chunks else ""), spot
            case How.CHANGED:
                # What ceased to count (a call that is open again) is read too: the record says so itself.
                return joined(
                    self._of_scope(source), self._stamps(read, source), source.belongs, self._since(read.object)
                ), spot
        if scope.fits_semi_join(self.accounts()):
            return joined(self._of_scope(source), inside), spot
        ids = self._accounts_after(spot.after)
        return (joined(of(source, ids), inside), spot.moved(after=ids[-1])) if ids else ("", spot)

    def _following(self, read: Read, source: Source, spot: Spot) -> Spot | None:
        if read.how in {How.BY_ID, How.DEPENDENTS}:
            return spot.moved(chunk=spot.chunk + 1) if spot.chunk + 1 < len(self._chunks(read, source)) else None
        return spot.moved(after=spot.after) if spot.after else None

    def _chunks(self, read: Read, source: Source) -> list[tuple[str, ...]]:
        is_named = read.how is How.BY_ID
        return list(id_chunks(one for one in read.ids if not is_named or one.startswith(source.prefix)))

    def _stamps(self, read: Read, source: Source) -> str:
        # >= and an overlap: many rows share one second, and a late commit shows an early stamp.
        asked = f"{source.stamp} >= {{since}} AND {source.stamp} < {{until}}"
        return fill(asked, since=read.since, until=read.until)

    def _of_scope(self, source: Source) -> str:
        accounts = self.accounts()
        return of_view(source, accounts) if scope.fits_semi_join(accounts) else f"{source.customer} != null"

    def _records(self, read: Read, source: Source, rows: Rows, spot: Spot) -> list[Record]:
        def made(source: Source, rows: Rows) -> list[Record]:
            return records_of(source, rows, paths_of(source, read, spot), spot.types)

        if source is EMAILS:
            return made(source, emails.with_task(self.client, rows, read.fields))
        if source is LOGGED_EMAILS and read.how is not How.BY_ID and EMAILS.object in spot.parts:
            alone, twins = emails.apart(self.client, rows, EMAILS.columns(paths_of(EMAILS, read, spot)))
            return made(source, alone) + made(EMAILS, twins)
        return made(source, rows)

    # --- Documents

    def _documents(self, read: Read, source: Source, spot: Spot) -> tuple[list[Record], Spot | None]:
        """Each may take a call of its own, so that a page reads some of those that were found and keeps the rest."""
        waiting = spot.waiting
        if not waiting:
            found, spot = self._document_ids(read, source, spot)
            if found is None:
                return [], None
            waiting = tuple(found)
        now, later = waiting[: notes.AT_ONCE], waiting[notes.AT_ONCE :]
        if read.how is How.IDS:
            now, later = waiting, ()
        rows = [{"Id": one} for one in now] if read.how is How.IDS else notes.rows(self.client, now, read.fields)
        following = spot.moved(waiting=later, next=spot.next, chunk=spot.chunk, after=spot.after) if later else (
            spot if spot.next else self._following(read, source, spot)
        )  # fmt: skip
        return records_of(source, rows, paths_of(source, read, spot), spot.types), following

    def _document_ids(self, read: Read, source: Source, spot: Spot) -> tuple[Sequence[str] | None, Spot]:
        floor = self._since(read.object)
        if read.how is How.CHANGED:
            condition = joined(self._stamps(read, source), floor)
            found = self.client.query_more(spot.next) if spot.next else self.client.query(
                select(["Id"], source.object, condition, f"{source.stamp}, Id")
            )  # fmt: skip
            return [long_id(row["Id"]) for row in found.records], spot.moved(next="" if found.done else found.next)
        if read.how in {How.BY_ID, How.DEPENDENTS}:
            chunks = self._chunks(read, source)
            if not chunks:
                return None, spot
            chunk = chunks[spot.chunk]
            return (chunk if read.how is How.BY_ID else notes.linked_to(self.client, chunk, floor)), spot
        ids = self._accounts_after(spot.after)
        return (notes.linked_to(self.client, ids, floor), spot.moved(after=ids[-1])) if ids else (None, spot)

    def _ask(self, source: Source, soql: str) -> QueryPage:
        return self.client.query_all(soql) if source.has_archive else self.client.query(soql)


def paths_of(source: Source, read: Read, spot: Spot) -> tuple[str, ...]:
    """The organisation's own fields stand on the first of the objects; of the others they are not asked."""
    is_first = source.object == spot.parts[0]
    return tuple(path for path in read.fields if path in source.ways or is_first)


def of(source: Source, accounts: tuple[str, ...]) -> str:
    return f"{source.customer} IN {literal(accounts)}"


def of_view(source: Source, account_condition: str) -> str:
    return f"{source.customer} IN ({select(['Id'], 'Account', account_condition)})"


def archived_too(source: Source, condition: str) -> str:
    return joined(condition, "IsDeleted = false") if source.has_archive else condition


def joined(*conditions: str) -> str:
    """A sub-select is allowed on the outermost level only: it goes without parentheses."""
    parts = [part for part in conditions if part]
    if len(parts) < 2:
        return "".join(parts)
    return " AND ".join(part if scope.has_sub_select(part) else f"({part})" for part in parts)
