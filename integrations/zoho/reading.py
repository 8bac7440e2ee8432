"""Reads the records of one module page by page, by queries of two thousand rows that go on behind the last id."""

from collections.abc import Callable, Container, Mapping, Sequence
from typing import Any

from integrations.engine.records import Record
from integrations.sync.colleagues import People
from integrations.sync.connector import How, Page, Read
from integrations.wire.chunks import unique_chunks
from integrations.wire.errors import Misconfigured

from .client import PAGE, Found, Row, ZohoClient
from .coql import IDS_PER_QUERY, MOST_COLUMNS, MOST_ROWS, all_of, compared, is_one_of, select
from .gone import deleted_page
from .places import Place, place_of
from .schema import ID, Described
from .scope import ITSELF, PARENT, STAMP, Source
from .values import PERSON, id_of, moment, name_of, value_of

EDITOR = "Modified_By"
"""Of the whole record: Zoho names no editor for each field."""
CUT_AT = 500
"""Characters of a rich text that a list or a query shows."""


class Reader:
    def __init__(
        self,
        client: ZohoClient,
        people: People,
        described: Callable[[str], Described],
        sources: Callable[[str], Source],
        *,
        in_scope: Callable[[str], str],
        needed: Callable[[str], Sequence[str]],
    ) -> None:
        """`sources` says where the records of a data type stand; `in_scope` the condition of those that belong."""
        self.client = client
        self.people = people
        self.described = described
        self.sources = sources
        self.in_scope = in_scope
        self.needed = needed

    def page(self, read: Read, token: str) -> Page:
        place = place_of(token)
        if read.how is How.DELETED:
            return deleted_page(self.client, self.sources(read.object).module, read, place)
        if read.how is not How.IDS and not token:
            described = self.described(read.object)
            who = [EDITOR] if read.asks_who and described.has(EDITOR) else []
            place = Place(types=described.types((*read.fields, *who)))
        match read.how:
            case How.CHANGED:
                # What is quiet costs one credit: rows beyond the first two hundred cost three, and are asked for then.
                return self._next(read, place, self._window(read), MOST_ROWS if place.after else PAGE)
            case How.BY_ID:
                return self._chunk(read, place, lambda ids: is_one_of(ID, ids))
            case How.DEPENDENTS:
                source = self.sources(read.object)
                tie = source.customer or ITSELF
                return self._chunk(read, place, lambda ids: all_of((is_one_of(tie, ids), source.condition)))
        return self._next(read, place, self.in_scope(read.object))

    # --- What is asked

    def _window(self, read: Read) -> str:
        """In scope or not: a record that does not belong any more has changed too."""
        assert read.since is not None
        assert read.until is not None
        # >= and an overlap: many rows share one second, and Zoho's clock knows nothing finer.
        return all_of((compared(STAMP, ">=", read.since), compared(STAMP, "<", read.until)))

    def _chunk(self, read: Read, place: Place, condition: Callable[[Sequence[str]], str]) -> Page:
        parts = list(unique_chunks((one for one in read.ids if one.isdecimal()), IDS_PER_QUERY))
        if not parts:
            return Page()
        page = self._next(read, place, condition(parts[place.chunk]), chunk=place.chunk)
        if not page.next and place.chunk + 1 < len(parts):
            return Page(records=page.records, next=str(place.moved(chunk=place.chunk + 1)))
        return page

    def _next(self, read: Read, place: Place, condition: str, limit: int = MOST_ROWS, chunk: int = 0) -> Page:
        module = self.sources(read.object).module
        columns = self._columns(read, place)
        first, *others = [columns[start : start + MOST_COLUMNS] for start in range(0, len(columns), MOST_COLUMNS)] or [
            []
        ]
        behind = compared(ID, ">", place.after) if place.after else ""
        found = self.client.query(select(first, module, all_of((condition, behind)), limit))
        rows = found.rows
        last = require_progress(found, place.after)
        for part in others:
            # A module with more fields than a query shows at once: the same rows again, with the next of them.
            up_to = all_of((condition, behind, compared(ID, "<=", last))) if last else ""
            rows = beside(rows, self.client.query(select(part, module, up_to, limit)).rows) if last else rows
        following = str(place.moved(after=last, chunk=chunk)) if found.has_more else ""
        return self._answer(read, place, rows, following)

    def _columns(self, read: Read, place: Place) -> list[str]:
        if read.how is How.IDS:
            return []
        asked = dict.fromkeys((*self.needed(read.object), *read.fields))
        columns = list(dict.fromkeys(path.removesuffix(PERSON) for path in asked if path != ID))
        # One column more than fits is one query more for every page.
        has_room = EDITOR not in columns and len(columns) % MOST_COLUMNS
        return [*columns, EDITOR] if EDITOR in place.types and has_room else columns

    # --- What is answered

    def _answer(self, read: Read, place: Place, rows: Sequence[Row], following: str) -> Page:
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in rows], next=following)
        source = self.sources(read.object)
        addresses = self.people.addresses if rows and any(path.endswith(PERSON) for path in read.fields) else {}
        rows = self._in_full(read, source.module, rows)
        inside = self._inside(read, source, rows)
        records = [record_of(row, read, place.types, source, addresses, inside) for row in rows]
        return Page(records=records, next=following)

    def _in_full(self, read: Read, module: str, rows: Sequence[Row]) -> Sequence[Row]:
        """One call for each record whose rich text was cut: half a text would be taken for an edit, and sent back."""
        described = self.described(read.object) if any(map(is_cut, (v for row in rows for v in row.values()))) else None
        rich = [path for path in read.fields if described and described.is_rich(path)]
        return [self._row_in_full(module, row, [path for path in rich if is_cut(row.get(path))]) for row in rows]

    def _row_in_full(self, module: str, row: Row, cut: Sequence[str]) -> Row:
        return {**row, **self.client.whole(module, str(row["id"]), cut)} if cut else row

    def _inside(self, read: Read, source: Source, rows: Sequence[Row]) -> Container[str]:
        """Which of the rows belong, where the question did not ask for those alone."""
        ids = [str(row["id"]) for row in rows]
        if read.how not in {How.CHANGED, How.BY_ID} or not source.condition:
            return frozenset(ids)
        if source.mark:
            return frozenset(str(row["id"]) for row in rows if row.get(source.mark) in source.marked)
        asked = (all_of((is_one_of(ID, part), source.condition)) for part in unique_chunks(ids, IDS_PER_QUERY))
        return frozenset(
            str(row["id"]) for one in asked for row in self.client.query(select([], source.module, one)).rows
        )


def require_progress(found: Found, after: str) -> str:
    """The last id of a page: behind it the next one begins."""
    last = str(found.rows[-1]["id"]) if found.rows else ""
    if found.has_more and (not last or (after and int(last) <= int(after))):
        raise Misconfigured("PAGING_LOOP", "Zoho names rows as the next ones that were read already.")
    return last


def beside(rows: Sequence[Row], more: Sequence[Row]) -> list[Row]:
    """Whoever left in between is left out: its change comes with the next reading."""
    known = {str(row["id"]): row for row in more}
    return [{**known[str(row["id"])], **row} for row in rows if str(row["id"]) in known]


def is_cut(value: Any) -> bool:
    return isinstance(value, str) and len(value) >= CUT_AT


def record_of(
    row: Row, read: Read, types: Mapping[str, str], source: Source, addresses: Mapping[str, str], inside: Container[str]
) -> Record:
    record_id, stamp = str(row["id"]), row.get(STAMP)
    account = record_id if source.customer == ITSELF else id_of(row.get(source.customer)) if source.customer else ""
    return Record(
        source_id=record_id,
        values={path: value_of(row, path, types[path], addresses) for path in read.fields},
        modified_at=moment(stamp) if stamp else None,
        name=str(row.get(source.name) or ""),
        parent_id="" if source.customer else id_of(row.get(PARENT)),
        customer_ids=(account,) if account else (),
        is_inside=record_id in inside,
        changed_by=name_of(row.get(EDITOR)) if read.asks_who else "",
    )
