"""Reads the records of one data type page by page, with the fewest calls that Sellsy allows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from integrations.engine.mapping import Kind
from integrations.engine.records import Record
from integrations.sync.connector import CrmField, Gone, How, Page, Read
from integrations.wire.chunks import chunks

from . import gone, listing
from .affiliations import ID, Around, around, companies_of
from .client import BATCH, PAGE, Found, Line, SellsyClient
from .fields import EmailOf, customs_in, embeds_of, value_of
from .places import Place, place_of
from .scope import COMPANIES, CONTACTS, OPPORTUNITIES, Filters, Scope
from .values import moment, said

Raw = Mapping[str, Any]
PATHS = {"customers": COMPANIES, "scores": COMPANIES, "contacts": CONTACTS, "agreements": OPPORTUNITIES}
STAMPS = {"customers": "updated_at", "scores": "updated_at", "contacts": "updated"}
"""Three objects, three names for the time of the last change; opportunities have none at all."""
AHEAD = 3
"""Pages of ids that are listed beside the contacts of those before: with these, the companies of one page fill six batches."""
NOT_WON = ("open", "late", "lost", "cancelled", "closed")


@dataclass(frozen=True, slots=True)
class Source:
    """What the reader has to know of the connection."""

    scope: Callable[[], Scope]
    fields: Callable[[str, Sequence[str]], Mapping[str, CrmField]]
    """Of a data type, at least those of these paths."""
    email_of: EmailOf
    own_domains: Callable[[], Collection[str]]
    """Contacts with an address of these do not belong; empty: all belong."""
    known: gone.Known


class Reader:
    def __init__(self, client: SellsyClient, source: Source) -> None:
        self.client = client
        self.source = source

    @property
    def scope(self) -> Scope:
        return self.source.scope()

    def page(self, read: Read, token: str) -> Page:
        place = place_of(token)
        if read.how is How.DELETED:
            return self._gone(read, place)
        if read.how is How.BY_ID:
            return self._by_id(read)
        if read.object == "contacts":
            return self._contacts(read, place)
        if read.object == "agreements":
            return self._deals(read, place)
        if read.how is How.IDS:
            return self._ids_of_companies(place)
        filters = {"updated_at": span(read)} if read.how is How.CHANGED else self.scope.companies
        found = self._search(read, COMPANIES, filters, place)
        return self._answer(read, found.rows, _next(found), found.total)

    def _ids_of_companies(self, place: Place) -> Page:
        filters, total = self.scope.companies, None
        if listing.goes_on(place):
            told = self.client.ask(listing.lines_of(COMPANIES, filters, place, BATCH), kind="ids")
            ids, following = listing.read_on(told, place)
        else:
            ids, following = listing.begin(self.client, COMPANIES, filters)
            total = following.total
        is_last = not listing.goes_on(following)
        return Page(ids=[str(one) for one in ids], next="" if is_last else str(following), total=total)

    def first_rows(self, read: Read, path: str, filters: Filters, most: int) -> Sequence[Record]:
        """One page to look at, whoever belongs to whom."""
        found = self.client.search(path, filters, {"limit": most, **self._query(read)}, kind="samples")
        make = self._maker(read)
        return [make(row) for row in found.rows]

    # --- Contacts: company by company, for only so does anybody learn to whom they belong

    def _contacts(self, read: Read, place: Place) -> Page:
        if read.how is How.DEPENDENTS:
            parts = list(chunks([int(one) for one in read.ids if one.isdecimal()], PAGE))
            if not parts:
                return Page()
            found = self._around(read, parts[place.chunk])
            following = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
            return self._with_companies(read, list(found.rows.values()), found.companies, following)
        if read.how is How.CHANGED:
            return self._changed_contacts(read, place)
        return self._contacts_of_all(read, place)

    def _contacts_of_all(self, read: Read, place: Place) -> Page:
        """Which companies come next is asked for in the same batches as the contacts of these."""
        filters = self.scope.companies
        if not place.ids and not listing.goes_on(place):
            first, place = listing.begin(self.client, COMPANIES, filters)
            if not first:
                return Page()
            place = replace(place, ids=first)
        ids = list(place.ids)
        found = self._around(read, ids, listing.lines_of(COMPANIES, filters, place, AHEAD))
        rows = self._not_read_yet(found, ids, place.after)
        then, following = listing.read_on(found.beside, place)
        after = replace(following, ids=then, after=ids[-1] if ids else place.after)
        is_last = not then and not listing.goes_on(following)
        return self._with_companies(read, rows, found.companies, "" if is_last else str(after))

    def _changed_contacts(self, read: Read, place: Place) -> Page:
        """Those that changed, and those of companies that did: a new link stamps the company, never the contact."""
        people, firms = self._two_pages(
            place,
            self._line(CONTACTS, {"updated": span(read)}, self._query(read)),
            self._line(COMPANIES, {**self.scope.companies, "updated_at": span(read)}, ID),
        )
        links = companies_of(self.client, [int(row["id"]) for row in people.rows])
        found = self._around(read, [int(row["id"]) for row in firms.rows])
        beside = [row for row in found.rows.values() if not is_within(read, row.get("updated"))]
        return self._with_companies(read, [*people.rows, *beside], links | found.companies, _after_two(people, firms))

    def _around(self, read: Read, ids: Sequence[int], also: Sequence[Line] = ()) -> Around:
        query = ID if read.how is How.IDS else self._query(read)
        return around(self.client, ids, self.scope.contacts, query, also)

    def _not_read_yet(self, found: Around, ids: Sequence[int], after: int) -> list[Raw]:
        """A contact of several companies comes once: with the first of them that is in scope."""
        earlier = {one for companies in found.companies.values() for one in companies if one <= after}
        read_by = self._inside_of(sorted(earlier))
        return [row for number, row in found.rows.items() if not found.companies[number] & read_by]

    def _inside_of(self, ids: Sequence[int]) -> set[int]:
        inside: set[int] = set()
        for part in chunks(ids, PAGE):
            page = self.client.search(COMPANIES, {**self.scope.companies, "id": list(part)}, {"limit": PAGE, **ID})
            inside.update(int(row["id"]) for row in page.rows)
        return inside

    def _with_companies(self, read: Read, rows: Sequence[Raw], links: Mapping[int, set[int]], following: str) -> Page:
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in rows], next=following)
        inside = self._in_contact_view(read, rows)
        own = self.source.own_domains()
        make = self._maker(read)
        records = [
            make(
                row, customer_ids=tuple(str(one) for one in sorted(links.get(int(row["id"]), ()))),
                is_inside=row["id"] in inside and domain_of(row) not in own,
            )
            for row in rows
        ]  # fmt: skip
        return Page(records=records, next=following)

    def _in_contact_view(self, read: Read, rows: Sequence[Raw]) -> set[Any]:
        """Asked only where the question was not about those of the view alone."""
        ids = [row["id"] for row in rows]
        is_asked = read.how in {How.BY_ID, How.CHANGED} and self.scope.contacts
        if not is_asked:
            return set(ids)
        filters = self.scope.contacts
        pages = (
            self.client.search(CONTACTS, {**filters, "id": list(part)}, {"limit": PAGE, **ID})
            for part in chunks(ids, PAGE)
        )
        return {row["id"] for page in pages for row in page.rows}

    # --- Agreements: there is no filter by the last change, so all that are won are read each time

    def _deals(self, read: Read, place: Place) -> Page:
        scope = self.scope
        if read.how is How.DEPENDENTS:
            parts = list(chunks([int(one) for one in read.ids if one.isdecimal()], PAGE))
            if not parts:
                return Page()
            related = [{"type": "company", "id": one} for one in parts[place.chunk]]
            found = self._search(read, OPPORTUNITIES, {**scope.opportunities, "related_objects": related}, place)
            is_last = not found.offset and place.chunk + 1 == len(parts)
            following = Place(offset=found.offset, chunk=place.chunk + (0 if found.offset else 1))
            return self._answer(read, found.rows, "" if is_last else str(following), None)
        if read.how is not How.CHANGED:
            found = self._search(read, OPPORTUNITIES, scope.opportunities, place)
            return self._answer(read, found.rows, _next(found), found.total)
        # What is won no longer says so itself.
        lost = {"statuses": list(NOT_WON), "updated_status": span(read)}
        won, others = self._two_pages(
            place,
            self._line(OPPORTUNITIES, scope.opportunities, self._query(read)),
            self._line(OPPORTUNITIES, lost, self._query(read)),
        )
        return self._answer(read, [*won.rows, *others.rows], _after_two(won, others), None)

    # --- Named records, and what became of them

    def _by_id(self, read: Read) -> Page:
        ids = [int(one) for one in read.ids if one.isdecimal()]
        path, query = PATHS[read.object], self._query(read)
        if path == OPPORTUNITIES:
            told = self.client.ask([Line("GET", f"{path}/{one}", query) for one in ids], kind="named")
            rows: list[Raw] = [record for one in told if (record := one.record)]
        elif len(ids) <= PAGE:
            rows = list(self.client.search(path, {"id": ids}, {"limit": PAGE, **query}).rows) if ids else []
        else:
            lines = [
                Line("POST", f"{path}/search", {"limit": PAGE, **query}, {"filters": {"id": list(part)}})
                for part in chunks(ids, PAGE)
            ]
            rows = [row for one in self.client.ask(lines, kind="named") for row in one.rows]
        if read.object == "contacts":
            return self._with_companies(read, rows, companies_of(self.client, [int(row["id"]) for row in rows]), "")
        return self._answer(read, rows, "", None)

    def _gone(self, read: Read, place: Place) -> Page:
        path = PATHS[read.object]
        if read.ids:
            return Page(gone=[Gone(one) for one in gone.missing(self.client, path, read.ids)])
        if path == COMPANIES:
            # Every reading lists all clients, and asks by name about those that it misses.
            return Page(covered_until=read.until)
        # Opportunities are listed, all at once; of the others each is asked about.
        most = gone.LISTED_AT_ONCE if path == OPPORTUNITIES else gone.AT_ONCE
        known = self.source.known(read.object, place.after, most)
        ids = [source_id for _, source_id in known]
        if path == OPPORTUNITIES and ids:
            listed = gone.listed_ids(self.client, path, self.scope.opportunities, len(ids))
            ids = [one for one in ids if one not in listed]
        lost = gone.missing(self.client, path, ids) if ids else []
        following = str(Place(after=known[-1][0])) if len(known) == most else ""
        return Page(gone=[Gone(one) for one in lost], next=following, covered_until=read.until)

    # --- Questions and their answers

    def _two_pages(self, place: Place, one: Line, other: Line) -> tuple[Found, Found]:
        """Of two questions that make up one reading, as long as there is more to come of each."""
        offsets = {0: "", 1: ""} if not place.parts else dict(place.parts)
        asked = [(part, line) for part, line in enumerate((one, other)) if part in offsets]
        lines = [
            replace(line, query={**line.query, **({"offset": offsets[part]} if offsets[part] else {})})
            for part, line in asked
        ]
        told = {part: answer for (part, _), answer in zip(asked, self.client.ask(lines), strict=True)}
        found = [Found(told[part].rows, told[part].offset) if part in told else Found([]) for part in (0, 1)]
        return found[0], found[1]

    def _line(self, path: str, filters: Filters, query: Mapping[str, Any]) -> Line:
        return Line("POST", f"{path}/search", {"limit": PAGE, "order": "id", **query}, {"filters": dict(filters)})

    def _search(self, read: Read, path: str, filters: Filters, place: Place) -> Found:
        query = {"limit": PAGE, "order": "id", **(ID if read.how is How.IDS else self._query(read))}
        if place.offset:
            query["offset"] = place.offset
        return self.client.search(path, filters, query)

    def _query(self, read: Read) -> dict[str, Any]:
        embeds = embeds_of(read.fields)
        return {"embed": embeds} if embeds else {}

    def _answer(self, read: Read, rows: Sequence[Raw], following: str, total: int | None) -> Page:
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in rows], next=following, total=total)
        make = self._maker(read)
        if read.object == "agreements":
            scope = self.scope
            records = [
                make(row, customer_ids=customers_of(row), is_inside=scope.holds_deal(row)) for row in rows
            ]  # fmt: skip
        else:
            records = [make(row) for row in rows]
        return Page(records=records, next=following, total=total, counted_too=_outside(records))

    def _maker(self, read: Read) -> Callable[..., Record]:
        known, email_of, stamp = (
            self.source.fields(read.object, read.fields),
            self.source.email_of,
            STAMPS.get(read.object, ""),
        )
        fields = {path: known.get(path) or unknown(path) for path in read.fields}

        def make(row: Raw, *, customer_ids: tuple[str, ...] = (), is_inside: bool = True) -> Record:
            customs = customs_in(row)
            changed = row.get(stamp) if stamp else None
            return Record(
                source_id=str(row["id"]),
                values={path: value_of(row, path, one, email_of, customs) for path, one in fields.items()},
                modified_at=moment(changed) if changed else None,
                name=name_of(row),
                customer_ids=customer_ids,
                is_inside=is_inside,
            )

        return make


def _next(found: Found) -> str:
    return str(Place(offset=found.offset)) if found.offset else ""


def _after_two(one: Found, other: Found) -> str:
    parts = [(part, found.offset) for part, found in enumerate((one, other)) if found.offset]
    return str(Place(parts=parts)) if parts else ""


def span(read: Read) -> dict[str, str]:
    assert read.since is not None
    assert read.until is not None
    return {"start": said(read.since), "end": said(read.until)}


def is_within(read: Read, stamp: Any) -> bool:
    assert read.since is not None
    assert read.until is not None
    return bool(stamp) and read.since.replace(microsecond=0) <= moment(str(stamp)) <= read.until


def customers_of(row: Raw) -> tuple[str, ...]:
    """The first company that a deal is related to; an individual is no customer here."""
    company = row.get("company_id")
    return (str(company),) if company else ()


def name_of(row: Raw) -> str:
    if "last_name" in row:
        return " ".join(part for part in (row.get("first_name"), row.get("last_name")) if part)
    return str(row.get("name") or "")


def domain_of(row: Raw) -> str:
    return str(row.get("email") or "").rpartition("@")[2].lower()


def unknown(path: str) -> CrmField:
    """A field that was deleted since: its line learns it from the schema, its records meanwhile hold nothing."""
    return CrmField(path, path, "text", Kind.TEXT)


def _outside(records: Sequence[Record]) -> int:
    """The API counts what it lists: deals of other customers with it."""
    return sum(not record.is_inside for record in records)
