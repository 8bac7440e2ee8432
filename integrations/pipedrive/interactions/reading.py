"""Reads activities and notes five hundred to a call. Pipedrive lists all types of activity together."""

from collections import Counter
from collections.abc import Callable, Container, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, time
from itertools import islice

from django.utils import timezone

from integrations.engine.records import Record
from integrations.setup.samples import distinct
from integrations.sync.connector import How, Page, Read, ReadingLost, Schema
from integrations.sync.ways import field_of
from integrations.wire.errors import NotFound

from ..client import MOST_IDS, Found, PipedriveClient, Row, parts_of, second
from ..gone import is_gone
from ..places import Place, place_of
from ..reading import following
from ..replies import CursorLost
from ..schema import ID, MADE, STAMP
from ..values import moment
from .sources import NOTE, ORGANIZATION, SOURCES, Source

SAMPLE_ROWS = 500
NOTES_AT_ONCE = 25
"""Notes that are asked for by their numbers: one call each."""


@dataclass(frozen=True, slots=True)
class InteractionReader:
    client: PipedriveClient
    floor: Callable[[str], date | None]
    """From which day on a data type is read."""

    def schema(self, data_type: str) -> Schema:
        return Schema(
            data_type,
            tuple(field_of(path, way, is_id=path == ID) for path, way in SOURCES[data_type].ways.items()),
        )

    def page(self, read: Read, token: str) -> Page:
        source, place = SOURCES[read.object], place_of(token)
        if read.how is How.BY_ID and source.entity == NOTE:
            return self._named_notes(read, source, place)
        lists = self._lists(read, source)
        if not lists:
            return Page()
        try:
            found = self._ask(source, lists[place.chunk], place.cursor)
        except CursorLost as lost:
            raise ReadingLost(str(lost)) from lost
        return self._answer(read, source, found.rows, following(place, found, len(lists)))

    def counts(self, entity: str, organizations: Container[str]) -> Counter[str]:
        """By data type, those of the organizations. Pipedrive counts nothing itself, but shows all types at once."""
        found: Counter[str] = Counter()
        names = [name for name, source in SOURCES.items() if source.entity == entity]
        for rows in self._pages(SOURCES[names[0]]):
            for name in names:
                kept = self._kept(Read(name, How.ALL), SOURCES[name], rows)
                found[name] += sum(1 for row in kept if str(row[ORGANIZATION]) in organizations)
        return found

    def samples(self, data_type: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        source, read = SOURCES[data_type], Read(data_type, How.ALL)
        everything = (row for rows in self._pages(source) for row in self._kept(read, source, rows))
        rows, ways = list(islice(everything, SAMPLE_ROWS)), source.ways
        return {path: distinct(ways[path].value(row) for row in rows) for path in paths if path in ways}

    # --- Which

    def _lists(self, read: Read, source: Source) -> Sequence[Mapping[str, str]]:
        if read.how is How.BY_ID:
            return [{"ids": ",".join(part)} for part in parts_of([i for i in read.ids if i.isdecimal()], MOST_IDS)]
        if read.how is How.DEPENDENTS:
            return [{ORGANIZATION: one} for one in read.ids]
        if read.how is How.CHANGED:
            assert read.since is not None
            assert read.until is not None
            window = {"updated_since": second(read.since)}
            # Version 1 knows no end of the window; what is newer comes once more with the next reading.
            return [window if source.entity == NOTE else {**window, "updated_until": second(read.until)}]
        return [{}]

    def _ask(self, source: Source, params: Mapping[str, str], cursor: str) -> Found:
        if source.entity == NOTE:
            return self.client.notes(params, start=int(cursor or 0))
        return self.client.page(source.plural, params, cursor)

    def _named_notes(self, read: Read, source: Source, place: Place) -> Page:
        parts = list(parts_of([one for one in read.ids if one.isdecimal()], NOTES_AT_ONCE))
        if not parts:
            return Page()
        rows = [row for one in parts[place.chunk] if (row := self._one(source, one))]
        next_token = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        return self._answer(read, source, rows, next_token)

    def _one(self, source: Source, number: str) -> Row | None:
        try:
            return self.client.one(source.plural, number)
        except NotFound:
            return None

    def _pages(self, source: Source) -> Iterator[Sequence[Row]]:
        cursor = ""
        while True:
            found = self._ask(source, {}, cursor)
            yield found.rows
            cursor = found.cursor
            if not cursor:
                return

    # --- What they say

    def _kept(self, read: Read, source: Source, rows: Sequence[Row]) -> list[Row]:
        alive = [row for row in rows if not is_gone(row) and source.holds(row)]
        if read.how is How.BY_ID:
            return alive
        start = self._start(read.object)
        # By the day of logging, which nobody edits: a record never drops out of the time that is read.
        fresh = [row for row in alive if not start or not row.get(MADE) or moment(str(row[MADE])) >= start]
        if read.how is How.CHANGED:
            return fresh
        return [row for row in fresh if row.get(ORGANIZATION) and source.belongs(row)]

    def _start(self, data_type: str) -> datetime | None:
        floor = self.floor(data_type)
        return datetime.combine(floor, time(), timezone.get_default_timezone()) if floor else None

    def _answer(self, read: Read, source: Source, rows: Sequence[Row], next_token: str) -> Page:
        """The rows of this data type, and of the others that were asked for with it."""
        others = {
            name: self._answer(replace(read, object=name, fields=fields, beside={}), SOURCES[name], rows, "")
            for name, fields in read.beside.items()
        }
        kept = self._kept(read, source, rows)
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in kept], next=next_token)
        return Page(records=[record_of(row, read, source) for row in kept], next=next_token, beside=others)


def record_of(row: Row, read: Read, source: Source) -> Record:
    organization = row.get(ORGANIZATION)
    return Record(
        source_id=str(row["id"]),
        values={path: source.ways[path].value(row) for path in read.fields if path in source.ways},
        modified_at=moment(str(row[STAMP])) if row.get(STAMP) else None,
        name=str(row.get("subject") or ""),
        customer_ids=(str(organization),) if organization else (),
        is_inside=source.belongs(row),
    )
