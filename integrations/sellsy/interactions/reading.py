"""Reads interactions a hundred at a time. What names only a contact belongs to that contact's companies."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from integrations.engine.records import Record
from integrations.engine.values import Value
from integrations.setup.samples import samples_of
from integrations.sync.connector import Gone, How, Page, Read
from integrations.wire.chunks import chunks

from .. import gone
from ..affiliations import ID, companies_of, to_the_end
from ..client import PAGE, Found, Line, SellsyClient
from ..counting import LONGEST_SAMPLE
from ..places import Place, place_of
from ..reading import is_within
from ..scope import CONTACTS as ALL_CONTACTS
from ..values import moment
from .sources import EMAILS, SOURCES, Filters, Raw, Row, Source, companies_in, contacts_of

SAMPLE_ROWS = 25
EMAIL = "/emails"


@dataclass(frozen=True, slots=True)
class Around:
    """What the reader has to know of the connection."""

    floor: Callable[[str], datetime | None]
    """From which moment on a data type is read."""
    is_colleague: Callable[[str], bool]
    known: gone.Known


class InteractionReader:
    def __init__(self, client: SellsyClient, around: Around) -> None:
        self.client = client
        self.around = around

    def count(self, data_type: str, floor: datetime | None) -> int:
        """Of the index of activities: every row, also where several tell of one e-mail."""
        source = SOURCES[data_type]
        return self.client.count(source.path, source.since(floor))

    def samples(self, data_type: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        source = SOURCES[data_type]
        shown = [path for path in paths if path in source.fields]
        page = self._search(source, source.since(self.around.floor(data_type)), Place(), SAMPLE_ROWS)
        rows, _ = self._of_page(source, page)
        return samples_of((self._values(source, row, shown) for row in rows), shown, longest=LONGEST_SAMPLE)

    def page(self, read: Read, token: str) -> Page:
        source, place = SOURCES[read.object], place_of(token)
        match read.how:
            case How.DELETED:
                return self._gone(read, source, place)
            case How.BY_ID:
                return self._answer(read, source, self._named(source, read.ids), "")
            case How.DEPENDENTS:
                return self._dependents(read, source, place)
            case How.CHANGED:
                return self._changed(read, source, place)
        found = self._search(source, source.since(self.around.floor(read.object)), place)
        return self._page_of(read, source, found, str(Place(offset=found.offset)) if found.offset else "")

    # --- What is asked

    def _search(self, source: Source, filters: Filters, place: Place, limit: int = PAGE) -> Found:
        query: dict[str, Any] = {"limit": limit, "order": source.order}
        if place.offset:
            query["offset"] = place.offset
        return self.client.search(source.path, filters, query)

    def _changed(self, read: Read, source: Source, place: Place) -> Page:
        assert read.since is not None
        assert read.until is not None
        asked = source.changed(read.since, read.until)
        filters = {**source.always, **asked[place.part]}
        found = self._search(source, filters, place)
        following = Place(offset=found.offset, part=place.part + (0 if found.offset else 1))
        is_last = not found.offset and place.part + 1 == len(asked)
        return self._page_of(read, source, found, "" if is_last else str(following), place.part)

    def _dependents(self, read: Read, source: Source, place: Place) -> Page:
        """Of the companies first, then of their contacts, where whoever wrote it down named the contact alone."""
        parts = list(chunks([int(one) for one in read.ids if one.isdecimal()], PAGE))
        if not parts:
            return Page()
        companies, floor = parts[place.chunk], source.since(self.around.floor(read.object))
        then = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        if source is EMAILS:
            return self._answer(read, source, self._emails_around(companies, floor), then)
        if place.part == 0:
            found = self._search(source, {**floor, "companies": list(companies)}, place)
            following = Place(offset=found.offset, chunk=place.chunk, part=0 if found.offset else 1)
            return self._page_of(read, source, found, str(following))
        contacts = self._contacts_of(companies)
        if not contacts:
            return Page(next=then)
        found = self._search(source, {**floor, "contacts": contacts}, place)
        again = str(Place(offset=found.offset, chunk=place.chunk, part=1)) if found.offset else then
        return self._page_of(read, source, found, again)

    def _contacts_of(self, companies: Sequence[int]) -> list[int]:
        found, offset = [], ""
        while True:
            query = {"limit": PAGE, "order": "id", **ID, **({"offset": offset} if offset else {})}
            page = self.client.search(ALL_CONTACTS, {"companies": list(companies)}, query, kind="links")
            found += [int(row["id"]) for row in page.rows]
            offset = page.offset
            if not offset:
                return found

    def _emails_around(self, companies: Sequence[int], floor: Filters) -> list[Raw]:
        """The index can be asked about one object at a time; so all of them are asked about in batches."""
        near = [("company", one) for one in companies]
        near += [("contact", one) for one in self._contacts_of(companies)]
        asked = [
            (
                number,
                Line(
                    "POST", f"{EMAILS.path}/search", {"limit": PAGE, "order": EMAILS.order},
                    {"filters": {**floor, "object_related": {"type": type_, "id": number}}},
                ),
            )
            for type_, number in near
        ]  # fmt: skip
        told = self.client.ask([line for _, line in asked], kind="activities")
        return self._emails([row for _, row in to_the_end(self.client, asked, told)])

    # --- Named ones, and those that are gone

    def _named(self, source: Source, ids: Sequence[str]) -> list[Raw]:
        path = EMAIL if source is EMAILS else source.path
        told = self.client.ask([Line("GET", f"{path}/{one}") for one in ids if one.isalnum()], kind="named")
        return [record for one in told if (record := one.record)]

    def _gone(self, read: Read, source: Source, place: Place) -> Page:
        if read.ids:
            return Page(gone=[Gone(one) for one in self._missing(source, read.ids)])
        known = self.around.known(read.object, place.after, gone.AT_ONCE)
        ids = [source_id for _, source_id in known]
        if ids:
            listed = self._listed(source, source.since(self.around.floor(read.object)))
            ids = self._missing(source, [one for one in ids if one not in listed])
        following = str(Place(after=known[-1][0])) if len(known) == gone.AT_ONCE else ""
        return Page(gone=[Gone(one) for one in ids], next=following, covered_until=read.until)

    def _listed(self, source: Source, filters: Filters) -> set[str]:
        rows = gone.all_rows(self.client, source.path, filters, source.order, IDS.get(source.path, ID["field"]))
        return {str((row["object"] if source is EMAILS else row)["id"]) for row in rows}

    def _missing(self, source: Source, ids: Sequence[str]) -> list[str]:
        path, asked = EMAIL if source is EMAILS else source.path, [one for one in ids if one.isalnum()]
        told = self.client.ask([Line("GET", f"{path}/{one}") for one in asked], kind="ids")
        return [one for one, answer in zip(asked, told, strict=True) if answer.is_gone]

    # --- Answers

    def _page_of(self, read: Read, source: Source, found: Found, following: str, part: int = 0) -> Page:
        rows, beside = self._of_page(source, found)
        if read.how is How.CHANGED:
            # Written down today about a day before the first that is read: a complete reading would not list it.
            floor = self.around.floor(read.object)
            rows = [row for row in rows if not source.is_before(row, floor) and not self._came_already(read, row, part)]
        return self._answer(read, source, rows, following, beside)

    @staticmethod
    def _came_already(read: Read, row: Raw, part: int) -> bool:
        """The first question of several asks for those that were made lately."""
        return part > 0 and is_within(read, row.get("created"))

    def _of_page(self, source: Source, found: Found) -> tuple[list[Raw], int]:
        """The records of a page, and how many of its rows told of one that came already."""
        if source is not EMAILS:
            return list(found.rows), 0
        rows = self._emails(found.rows)
        return rows, len(found.rows) - len(rows)

    def _emails(self, activities: Sequence[Raw]) -> list[Raw]:
        """Several rows may tell of one: that it was sent, that it was opened. The first tells of the e-mail itself."""
        told: dict[str, Raw | None] = {}
        for row in activities:
            if row["event"] in SENT_OR_RECEIVED:
                target = row["object"]
                told[str(target["id"])] = target.get("model")
        whole = {number: model for number, model in told.items() if model and "content" in model}
        missing = [number for number in told if number not in whole]
        whole |= {str(one["id"]): one for one in self._named(EMAILS, missing)}
        return [whole[number] for number in told if number in whole]

    def _answer(self, read: Read, source: Source, rows: Sequence[Raw], following: str, beside: int = 0) -> Page:
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in rows], next=following)
        links = companies_of(
            self.client, sorted({one for row in rows if not companies_in(row) for one in contacts_of(row)})
        )
        records = [self._record(source, row, read.fields, links) for row in rows]
        outside = sum(not record.is_inside for record in records)
        return Page(records=records, next=following, counted_too=outside + beside)

    def _record(self, source: Source, raw: Raw, paths: Sequence[str], links: Mapping[int, set[int]]) -> Record:
        stamp = raw.get("updated")
        values = self._values(source, raw, paths)
        return Record(
            source_id=str(raw["id"]),
            values=values,
            modified_at=moment(str(stamp)) if stamp else None,
            name=str(raw.get("subject") or raw.get("title") or ""),
            customer_ids=customers_of(raw, links),
            is_inside=source.inside(raw),
        )

    def _values(self, source: Source, raw: Raw, paths: Sequence[str]) -> dict[str, Value]:
        row = Row(raw, self.around.is_colleague)
        return {path: source.fields[path].value(row) if path in source.fields else None for path in paths}


SENT_OR_RECEIVED = frozenset({"emailengine.sent", "emailengine.received"})
IDS = {EMAILS.path: ["object.id"]}


def customers_of(raw: Raw, links: Mapping[int, set[int]]) -> tuple[str, ...]:
    """The companies that it names; where it names none, those of its contacts."""
    named = companies_in(raw)
    if named:
        return tuple(str(one) for one in named)
    return tuple(str(one) for one in sorted({company for one in contacts_of(raw) for company in links.get(one, ())}))
