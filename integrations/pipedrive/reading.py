"""Reads the records of one object page by page, with the fewest calls that Pipedrive allows."""

from collections.abc import Callable, Mapping, Sequence

from integrations.engine.records import Record
from integrations.sync.colleagues import People
from integrations.sync.connector import How, Page, Read, ReadingLost

from .client import MOST_IDS, Found, PipedriveClient, Row, paging_loop, parts_of, second
from .parents import Parents
from .places import Place, place_of
from .replies import CursorLost
from .schema import STAMP, Described
from .scope import WON_DEALS, Source
from .values import moment, value_of

PAGE_WITH_PARENTS = 50
"""One more call for each of them: a page has to end before its time is over."""


class Reader:
    def __init__(
        self,
        client: PipedriveClient,
        people: People,
        described: Callable[[str], Described],
        sources: Callable[[str], Source],
        parents: Callable[[], Parents | None],
        *,
        asks_for_parents: bool = False,
    ) -> None:
        self.client = client
        self.people = people
        self.described = described
        self.sources = sources
        self.parents = parents
        self.asks_for_parents = asks_for_parents

    def page(self, read: Read, token: str) -> Page:
        source, place = self.sources(read.object), place_of(token)
        lists = self._lists(read, source)
        if not lists:
            return Page()
        plural, params = lists[place.chunk]
        try:
            found = self.client.page(plural, {**params, **self._asked(read, source)}, place.cursor)
        except CursorLost as lost:
            raise ReadingLost(str(lost)) from lost
        return self._answer(read, source, found, following(place, found, len(lists)))

    def _lists(self, read: Read, source: Source) -> Sequence[tuple[str, Mapping[str, str]]]:
        """The lists that together hold what is asked for, one after the other."""
        match read.how:
            case How.BY_ID:
                numbers = [one for one in read.ids if one.isdecimal()]
                parts = [{"ids": ",".join(part)} for part in parts_of(numbers, MOST_IDS)]
            case How.DEPENDENTS if source.needs_won_deal:
                parts = [{"ids": ",".join(part)} for part in parts_of(read.ids, MOST_IDS)]
            case How.DEPENDENTS:
                parts = [{**source.params, "org_id": one} for one in read.ids]
            case How.CHANGED:
                assert read.since is not None
                assert read.until is not None
                # Whatever its state: a record that does not belong any more has changed too.
                parts = [{"updated_since": second(read.since), "updated_until": second(read.until)}]
            case _:
                parts = [dict(one) for one in source.asked]
        return [(plural, part) for part in parts for plural in source.lists]

    def _asked(self, read: Read, source: Source) -> Mapping[str, str | int]:
        optional = {WON_DEALS} if source.needs_won_deal else set()
        if read.how is not How.IDS:
            optional |= set(self.described(read.object).optional(read.fields))
        asked: dict[str, str | int] = {"include_fields": ",".join(sorted(optional))} if optional else {}
        if self.asks_for_parents and not source.customer and read.how is not How.IDS:
            asked["limit"] = PAGE_WITH_PARENTS
        return asked

    def _answer(self, read: Read, source: Source, found: Found, next_token: str) -> Page:
        rows = [row for row in found.rows if not row.get("is_deleted")]
        if read.how in {How.ALL, How.IDS, How.DEPENDENTS}:
            rows = [row for row in rows if source.belongs(row)]
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in rows], next=next_token)
        return Page(records=self._records(read, source, rows), next=next_token)

    def _records(self, read: Read, source: Source, rows: Sequence[Row]) -> list[Record]:
        described = self.described(read.object)
        people = self.people.addresses if described.has_people(read.fields) else {}
        above = self.parents() if not source.customer else None
        # What is not in scope needs no parent.
        parents = above([row for row in rows if source.belongs(row)]) if above else {}
        return [
            Record(
                source_id=str(row["id"]),
                values={path: value_of(row, path, described.field(path), people) for path in read.fields},
                # Null right after a record was made, and for ever in what an old import brought.
                modified_at=moment(str(row[STAMP])) if row.get(STAMP) else None,
                name=str(row.get(source.name) or ""),
                parent_id=parents.get(str(row["id"]), ""),
                customer_ids=(source.customer_of(row),) if source.customer_of(row) else (),
                # Of a customer the list of ids says it, as it does for everything that hangs on it.
                is_inside=not source.customer or source.belongs(row),
            )
            for row in rows
        ]


def following(place: Place, found: Found, lists: int) -> str:
    if found.cursor:
        if found.cursor == place.cursor:
            raise paging_loop()
        return str(Place(found.cursor, place.chunk))
    return str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < lists else ""
