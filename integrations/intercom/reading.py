"""Reads companies and contacts. A page token alone goes on after any crash, but for the scroll, which is watched over.

No search covers companies: they are scrolled through, all at every sync. A scroll gives each page once, whoever asks: a
process that died with a page in hand took it along. So the rows are counted, and one that comes up short begins anew.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from integrations.engine.records import Record
from integrations.sync.connector import CrmField, Gone, How, Page, Read, ReadingLost
from integrations.wire.chunks import chunks
from integrations.wire.errors import NotFound

from .client import SCROLL, Found, IntercomClient, Row
from .places import Place, place_of
from .replies import ScrollLost
from .schema import value_of
from .values import moment, seconds_of

FieldsOf = Callable[[str, Sequence[str]], Mapping[str, CrmField]]
NAMED_AT_ONCE = 25
"""Records that are asked for one by one in one page of a reading."""
SURELY_THE_DAY_BEFORE = timedelta(hours=25)
"""No day of any time zone is longer."""


@dataclass
class Reader:
    client: IntercomClient
    fields: FieldsOf
    _scrolled: tuple[str, int] | None = None
    """The scroll that this process holds, and how many rows of it came."""

    def page(self, read: Read, token: str) -> Page:
        place = place_of(token)
        match read.how:
            case How.DELETED:
                return self._gone(read, place)
            case How.BY_ID:
                return self._named(read, place)
            case How.DEPENDENTS:
                # Contacts are only linked: whose they are is known here, and they come in whatever becomes of a company.
                return Page()
        return self._companies(read, place) if read.object == "customers" else self._contacts(read, place)

    # --- Companies

    def _companies(self, read: Read, place: Place) -> Page:
        """All of them, whatever changed: nothing tells which did."""
        found, place = self._scroll(place)
        is_last = not found.after
        if is_last and place.handed_on and lacks_a_page(place):
            raise ReadingLost
        following = "" if is_last else str(place)
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in found.rows], next=following, total=place.total)
        total = place.total if read.how is How.ALL else None
        return Page(records=self.records(read, found.rows), next=following, total=total)

    def _scroll(self, place: Place) -> tuple[Found, Place]:
        if not place.after:
            place = Place(total=self.client.companies(1, rows=1).total or 0)
        elif self._scrolled != (place.after, place.rows):
            place = replace(place, handed_on=True)
        self._scrolled = None
        try:
            found = self.client.scroll(place.after)
        except ScrollLost as lost:
            raise ReadingLost from lost
        place = replace(place, after=found.after, rows=place.rows + len(found.rows))
        self._scrolled = (place.after, place.rows)
        return found, place

    # --- Contacts

    def _contacts(self, read: Read, place: Place) -> Page:
        if read.how is How.CHANGED:
            assert read.since is not None
            assert read.until is not None
            found = self.client.search_contacts(since_the_day_of(read.since), place.after)
            rows = [row for row in found.rows if is_within(row, read.since, read.until)]
        else:
            found = self.client.contacts(place.after)
            rows = list(found.rows)
        following = str(Place(after=found.after)) if found.after else ""
        total = found.total if read.how is not How.CHANGED else None
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in rows], next=following, total=total)
        return Page(records=self.records(read, rows), next=following, total=total)

    # --- Named ones, and those that are gone

    def _named(self, read: Read, place: Place) -> Page:
        parts = list(chunks(list(read.ids), NAMED_AT_ONCE))
        if not parts:
            return Page()
        following = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        rows = [row for one in parts[place.chunk] if (row := self.one(read.object, one))]
        return Page(records=self.records(read, rows), next=following)

    def _gone(self, read: Read, place: Place) -> Page:
        """Intercom tells of no deletions: those that a complete reading misses are asked about one by one."""
        parts = list(chunks(list(read.ids), NAMED_AT_ONCE))
        if not parts:
            return Page()
        following = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        missing = [one for one in parts[place.chunk] if self.one(read.object, one) is None]
        return Page(gone=[Gone(one) for one in missing], next=following)

    def one(self, object_name: str, record_id: str) -> Row | None:
        try:
            return self.client.company(record_id) if object_name == "customers" else self.client.contact(record_id)
        except NotFound:
            return None

    # --- Records

    def records(self, read: Read, rows: Sequence[Row]) -> list[Record]:
        known = self.fields(read.object, read.fields)
        return [record_of(read.object, row, read.fields, known) for row in rows]


def record_of(object_name: str, row: Row, paths: Sequence[str], known: Mapping[str, CrmField]) -> Record:
    return Record(
        source_id=str(row["id"]),
        # An attribute that is archived is not there at all, which is not the same as blank.
        values={path: value_of(row, path, known[path].kind) for path in paths if path in known},
        modified_at=moment(row["updated_at"]) if row.get("updated_at") else None,
        name=str(row.get("name") or row.get("email") or row.get("company_id") or ""),
        customer_ids=() if object_name == "customers" else companies_named(row),
    )


def lacks_a_page(place: Place) -> bool:
    """A page that went along with a dead process is a full one, or the last of all; a row or two come and go meanwhile."""
    missing = place.total - place.rows
    return missing >= SCROLL or (missing > 0 and place.rows % SCROLL == 0)


def companies_named(row: Mapping[str, Any]) -> tuple[str, ...]:
    """The first ten: whoever needs all asks for the rest."""
    return tuple(str(one["id"]) for one in (row.get("companies") or {}).get("data") or ())


def since_the_day_of(since: datetime) -> dict[str, Any]:
    """Dates of contacts are compared by the workspace's calendar day, and `>` begins with the day after the one that was
    named: so a moment is named that lies in a day before, in whichever zone."""
    return {"field": "updated_at", "operator": ">", "value": seconds_of(since - SURELY_THE_DAY_BEFORE)}


def is_within(row: Mapping[str, Any], since: datetime, until: datetime) -> bool:
    """Which of them it really is about, by the second."""
    return seconds_of(since) <= int(row["updated_at"]) <= seconds_of(until)
