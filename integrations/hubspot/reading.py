"""Reads the records of one object page by page, with the fewest calls that HubSpot allows."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from integrations.engine.mapping import Kind
from integrations.engine.records import Record
from integrations.engine.values import Value
from integrations.sync.connector import CrmField, How, Page, Read
from integrations.wire.chunks import chunks

from .client import ASSOCIATED, BATCH, Found, HubSpotClient
from .counting import SAMPLE_ROWS, count_of
from .gone import deleted_page
from .hanging import Bonds, Group, bonds_of, hanging_on
from .interactions.sources import CONTACTS, Activity
from .owners import Owners
from .places import Place, place_of
from .schema import ID
from .scope import PARENT, Groups, Source, after, both, since, where
from .values import moment, typed, written
from .ways_of_reading import SEARCHED, TIED, calls_by_search, calls_by_ties, is_worth_asking

Raw = Mapping[str, Any]
Fields = Mapping[str, CrmField]
REMEMBERED = 50_000
"""Companies whose ids are kept for what hangs on them; of more they are asked for once again."""


class Reader:
    def __init__(
        self,
        client: HubSpotClient,
        fields: Callable[[str], Fields],
        sources: Callable[[str], Source],
        conditions: Callable[[str], Groups],
        belongs: Callable[[str, Raw], bool],
        owners: Owners,
        *,
        needed: Callable[[str], Sequence[str]],
        floor: Callable[[str], datetime | None] = lambda _object_name: None,
    ) -> None:
        """`sources` says where the records of a data type stand, `conditions` which of them belong, `floor` since when."""
        self.client = client
        self.fields = fields
        self.sources = sources
        self.conditions = conditions
        self.belongs = belongs
        self.owners = owners
        self.needed = needed
        self.floor = floor
        self._companies: list[str] | None = None
        self._seen: list[str] | None = []
        self._number = 0
        self._group: tuple[object, Group] = (None, Group())

    def page(self, read: Read, token: str) -> Page:
        place = place_of(token)
        if read.fields and not place.kinds:
            known = self.fields(read.object)
            kinds = {name: known[name].kind.value for name in read.fields if name in known}
            place = Place(kinds=kinds)
        source = self.sources(read.object)
        match read.how:
            case How.DELETED:
                return deleted_page(self.client, source, read)
            case How.BY_ID:
                return self._by_id(read, source, place)
            case How.DEPENDENTS:
                return self._dependents(read, source, place)
            case How.CHANGED:
                return self._changed(read, source, place)
        return self._everything(read, source, place)

    def _everything(self, read: Read, source: Source, place: Place) -> Page:
        if source.is_company:
            return self._companies_in_scope(read, source, place)
        if not source.hangs:
            return self._searched(read, source, place, self.conditions(read.object))
        if not place.way:
            place = replace(place, way=self._way(read, source))
        if place.way == TIED:
            return self._hanging(read, source, place)
        return self._searched(read, source, place, self.conditions(read.object))

    def _way(self, read: Read, source: Source) -> str:
        """Told by the first thousand companies, for all of them."""
        companies = self.companies_after("")
        if not companies or read.how is How.IDS:
            return TIED
        number = self._number or len(companies)
        records = len(self._group_of(source, companies).ids) * number / len(companies)
        if not is_worth_asking(records, number):
            return TIED
        everywhere = count_of(self.client, source.object, self.conditions(read.object))
        return SEARCHED if calls_by_search(everywhere) < calls_by_ties(records, number) else TIED

    # --- Companies

    def _companies_in_scope(self, read: Read, source: Source, place: Place) -> Page:
        names = self._names(read)
        found = self._search(source, self.conditions(read.object), names, place.after)
        ids = [str(row["id"]) for row in found.results]
        self._remember(place.after, ids, is_last=not found.after)
        following = str(place.moved(after=ids[-1])) if found.after else ""
        total = found.total if not place.after else None
        self._number = total or self._number
        if read.how is How.IDS:
            return Page(ids=[f"{source.prefix}{one}" for one in ids], next=following, total=total)
        bonds = self._bonds(source, ids)
        return Page(self._records(read, source, place, found.results, bonds), next=following, total=total)

    def _remember(self, after_id: str, ids: Sequence[str], *, is_last: bool) -> None:
        """A reading that went by whole in this process spares what hangs on the companies to ask for them again."""
        if not after_id:
            self._seen = []
        if self._seen is None or (self._seen[-1] if self._seen else "") != after_id:
            self._seen = None
            return
        self._seen += ids
        if len(self._seen) > REMEMBERED:
            self._seen = None
        elif is_last:
            self._companies = self._seen

    def companies_after(self, company: str) -> list[str]:
        """The next thousand in scope, by number."""
        if self._companies is None:
            self._ask_for_companies()
        if self._companies is not None:
            start = int(company or 0)
            return [one for one in self._companies if int(one) > start][:ASSOCIATED]
        found: list[str] = []
        while len(found) < ASSOCIATED:
            page = self._search(
                self.sources("customers"), self.conditions("customers"), (), found[-1] if found else company
            )
            found += [str(row["id"]) for row in page.results]
            if not page.after:
                break
        return found[:ASSOCIATED]

    def _ask_for_companies(self) -> None:
        last = ""
        while True:
            found = self._search(self.sources("customers"), self.conditions("customers"), (), last)
            self._number = self._number or found.total or 0
            if not last and found.total and found.total > REMEMBERED:
                return
            ids = [str(row["id"]) for row in found.results]
            self._remember(last, ids, is_last=not found.after)
            if not found.after:
                return
            last = ids[-1]

    # --- What hangs on them

    def _hanging(self, read: Read, source: Source, place: Place) -> Page:
        companies = self.companies_after(place.group)
        if not companies:
            return Page()
        group = self._group_of(source, companies)
        ids = group.after(place.after)
        rows = [] if read.how is How.IDS else self._read(source, ids, self._names(read))
        if len(ids) == BATCH:
            following = str(place.moved(group=place.group, after=ids[-1]))
        else:
            following = str(place.moved(group=companies[-1])) if len(companies) == ASSOCIATED else ""
        if read.how is How.IDS:
            return Page(ids=ids, next=following)
        return Page(self._inside(read, source, place, rows, group.bonds), next=following)

    def _dependents(self, read: Read, source: Source, place: Place) -> Page:
        parts = list(chunks(read.ids, ASSOCIATED))
        if not parts:
            return Page()
        companies = parts[place.chunk]
        if source.is_company:
            group = Group(tuple(sorted(companies, key=int)), lambda: self._bonds(source, companies))
        else:
            group = self._group_of(source, companies)
        ids = group.after(place.after)
        rows = self._read(source, ids, self._names(read))
        if len(ids) == BATCH:
            following = str(place.moved(chunk=place.chunk, after=ids[-1]))
        else:
            following = str(place.moved(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        return Page(self._inside(read, source, place, rows, group.bonds), next=following)

    def _inside(self, read: Read, source: Source, place: Place, rows: Sequence[Raw], bonds: Bonds) -> list[Record]:
        floor = self.floor(read.object)
        recent = [row for row in rows if not floor or moment(str(row["createdAt"])) >= floor]
        return [record for record in self._records(read, source, place, recent, bonds) if record.is_inside]

    def _group_of(self, source: Source, companies: Sequence[str]) -> Group:
        """Its pages come one after the other: what ties them is asked once for all of them."""
        key = (source.object, tuple(companies))
        if self._group[0] != key:
            self._group = (key, hanging_on(self.client, source, companies))
        return self._group[1]

    def count_hanging(self, obj: str) -> int:
        """Different records that hang on the companies in scope, without their values."""
        found: set[str] = set()
        last = ""
        while companies := self.companies_after(last):
            ties = self.client.associated("companies", obj, companies)
            found |= {str(tie["toObjectId"]) for those in ties.values() for tie in those}
            last = companies[-1]
            if len(companies) < ASSOCIATED:
                break
        return len(found)

    # --- Found by a search

    def _changed(self, read: Read, source: Source, place: Place) -> Page:
        assert read.since is not None
        assert read.until is not None
        window = (
            where(source.modified, "GTE", written(read.since)),
            where(source.modified, "LT", written(read.until)),
        )
        # Companies that left are missing among the ids; of the others also those that do not belong any more are told.
        belong = self.conditions("customers") if source.is_company else since(source, self.floor(read.object))
        return self._searched(read, source, place, both(belong, *window))

    def _searched(self, read: Read, source: Source, place: Place, groups: Groups) -> Page:
        rows: list[Raw] = []
        last, total = place.after, None
        # As many as one question about their companies takes.
        while len(rows) < ASSOCIATED:
            found = self._search(source, groups, () if read.how is How.IDS else self._names(read), last)
            if not last and not source.hangs:
                # Of what hangs on companies also those of others were counted.
                total = found.total
            rows += found.results
            is_last = not found.after
            if is_last:
                break
            last = str(found.results[-1]["id"])
            if source.is_company:
                break
        following = "" if is_last else str(place.moved(after=last))
        if read.how is How.IDS:
            return Page(ids=[f"{source.prefix}{row['id']}" for row in rows], next=following, total=total)
        bonds = self._bonds(source, [str(row["id"]) for row in rows])
        if place.way:
            # Of the whole portal: what hangs on no company at all is nobody's.
            rows = [row for row in rows if bonds.companies.get(str(row["id"]))]
        return Page(self._records(read, source, place, rows, bonds), next=following, total=total)

    def _bonds(self, source: Source, ids: Sequence[str]) -> Bonds:
        if source.is_company:
            return Bonds({one: (one,) for one in ids})
        return bonds_of(self.client, source, ids)

    def _by_id(self, read: Read, source: Source, place: Place) -> Page:
        # Whoever chooses another object still has links to records of the former one.
        own = [one.removeprefix(source.prefix) for one in read.ids if is_of(source, one)]
        parts = list(chunks(own, BATCH))
        if not parts:
            return Page()
        asked = parts[place.chunk]
        # One that was merged answers under another id, and is read under that one.
        rows = [row for row in self._read(source, asked, self._names(read)) if str(row["id"]) in asked]
        following = str(place.moved(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        bonds = self._bonds(source, [str(row["id"]) for row in rows])
        return Page(self._records(read, source, place, rows, bonds), next=following)

    def samples(self, read: Read) -> list[Record]:
        """One page of the whole portal."""
        source, place = self.sources(read.object), place_of("")
        rows = self.client.search(
            source.object, self.conditions(read.object), self._names(read), limit=SAMPLE_ROWS
        ).results
        return self._records(read, source, place, rows, Bonds())

    # --- Wire and values

    def _search(self, source: Source, groups: Groups, names: Sequence[str], last: str) -> Found:
        return self.client.search(source.object, both(groups, after(last)), names or [ID], sort=ID)

    def _read(self, source: Source, ids: Sequence[str], names: Sequence[str]) -> list[Raw]:
        return list(self.client.read(source.object, ids, names)["results"]) if ids else []

    def _names(self, read: Read) -> tuple[str, ...]:
        if read.how is How.IDS:
            return ()
        needed = self.needed(read.object)
        source = self.sources(read.object)
        if isinstance(source, Activity):
            return source.columns(read.fields)
        return tuple(dict.fromkeys((*needed, *read.fields)))

    def _records(
        self,
        read: Read,
        source: Source,
        place: Place,
        rows: Sequence[Raw],
        bonds: Bonds,
    ) -> list[Record]:
        kinds = {name: Kind(kind) for name, kind in place.kinds.items()}
        return [self._record(read, source, kinds, row, bonds) for row in rows]

    def _record(self, read: Read, source: Source, kinds: Mapping[str, Kind], row: Raw, bonds: Bonds) -> Record:
        held, record_id = row["properties"], str(row["id"])
        stamp = held.get(source.modified) or row.get("updatedAt")
        return Record(
            source_id=f"{source.prefix}{record_id}",
            values=self._values(read, source, kinds, row, bonds),
            modified_at=moment(stamp) if stamp else None,
            name=source.title(held),
            parent_id=str(held.get(PARENT) or "") if read.object == "customers" else "",
            customer_ids=bonds.companies.get(record_id, ()) if read.object != "customers" else (),
            is_inside=self.belongs(read.object, held),
        )

    def _values(
        self, read: Read, source: Source, kinds: Mapping[str, Kind], row: Raw, bonds: Bonds
    ) -> dict[str, Value]:
        """What the answer leaves out is unknown, not empty: a property that was archived, or never was."""
        held = row["properties"]
        ways = source.ways if isinstance(source, Activity) else {}
        told = {**held, ID: row["id"], CONTACTS: bonds.contacts.get(str(row["id"]), ())} if ways else held
        found = {name: self._value(held[name], kinds.get(name)) for name in read.fields if name in held}
        return found | {name: ways[name].value(told) for name in read.fields if name in ways}

    def _value(self, raw: Any, kind: Kind | None) -> Value:
        if raw is None or raw == "":
            return None
        if kind is Kind.PERSON:
            return self.owners.address(str(raw))
        try:
            return typed(str(raw), kind or Kind.TEXT)
        except (ValueError, ArithmeticError):
            # It stays the text it is: the engine refuses it on its own record, by name.
            return str(raw)


def is_of(source: Source, source_id: str) -> bool:
    return source_id.startswith(source.prefix) and source_id.removeprefix(source.prefix).isdecimal()
