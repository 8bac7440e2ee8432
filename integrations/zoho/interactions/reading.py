"""Reads calls, meetings and notes: by queries of two thousand rows; notes, which no query covers, two hundred to a page."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from functools import cached_property
from itertools import islice
from typing import Any

from integrations.engine.records import Record
from integrations.engine.values import Value
from integrations.setup.history import start_of
from integrations.sync.colleagues import People
from integrations.sync.connector import How, Page, Read, ReadingLost, Schema
from integrations.sync.ways import field_of
from integrations.wire.chunks import unique_chunks
from integrations.wire.errors import Misconfigured

from ..client import PAGE, Row, ZohoClient
from ..coql import IDS_PER_QUERY, MOST_ROWS, all_of, any_of, compared, is_one_of, select
from ..counting import rows_of
from ..gone import deleted_page
from ..places import Place, place_of
from ..reading import require_progress
from ..replies import NoFurther, TokenLost
from ..schema import ID, Described
from ..scope import ACCOUNTS, CONTACTS, STAMP
from ..values import PERSON, id_of, moment, value_of
from .sources import ACCOUNT_OF_WHO, NOTES, PARENT, SOURCES, WHAT, WHO, Source, is_held, module_of_parent

CREATED, ACCOUNT = "Created_Time", "Account_Name"
FEW_ACCOUNTS = 20
"""Up to here the notes of each are asked for one by one; beyond, all notes are walked through once."""
LONG_AGO = datetime(1970, 1, 1, tzinfo=UTC)
NAMED_AT_ONCE = 50
"""Ids in one address: the vendor describes the parameter as a text of 1,024 characters."""
NOTE_COLUMNS = ("Note_Title", "Note_Content", PARENT, CREATED, STAMP, "$se_module")


@dataclass
class InteractionReader:
    client: ZohoClient
    people: People
    described: Callable[[str], Described]
    """By module."""
    accounts: Callable[[], str]
    """The condition of the accounts in scope; empty: all of them are."""
    floor: Callable[[str], date | None]
    """From which day on a data type is read."""

    def page(self, read: Read, token: str) -> Page:
        source, place = SOURCES[read.object], place_of(token)
        if read.how is How.DELETED:
            return deleted_page(self.client, source.module, read, place)
        if not token:
            own = [path for path in read.fields if path not in source.ways]
            place = Place(types=self.described(source.module).types(own) if own else {})
        if source is NOTES:
            return self._notes(read, place)
        return self._activities(read, source, place)

    def schema(self, data_type: str) -> Schema:
        source = SOURCES[data_type]
        described = self.described(source.module)
        known = [
            field_of(path, way, is_id=path == ID)
            for path, way in source.ways.items()
            if all(described.has(name) for name in way.columns)
        ]
        own = [field for field in described.fields if field.is_custom] if source is not NOTES else []
        return Schema(data_type, (*known, *own))

    def about(self, data_type: str) -> int:
        """For a page: of notes all that there are, for which of them hang on which account no count of Zoho tells."""
        return self.client.count(NOTES.module) if SOURCES[data_type] is NOTES else self.count(data_type)

    def count(self, data_type: str) -> int:
        """What a complete reading lists."""
        source = SOURCES[data_type]
        if source is NOTES:
            return self._count_of_notes(data_type)
        columns = self._columns(source, (), {})
        rows: Iterator[Any] = iter(rows_of(self.client, source.module, columns, self._since(data_type)))
        total = 0
        while page := list(islice(rows, MOST_ROWS)):
            total += len([row for row in self._belonging(page, self._deals(page)) if is_held(row)])
        return total

    def _count_of_notes(self, data_type: str) -> int:
        read, token, total = Read(data_type, How.IDS), "", 0
        while True:
            page = self.page(read, token)
            total += len(page.ids)
            token = page.next
            if not token:
                return total

    def samples(self, data_type: str, paths: Sequence[str]) -> list[Record]:
        """One page of rows."""
        read = Read(data_type, How.ALL, tuple(paths))
        return list(self.page(read, "").records)[:PAGE]

    # --- Calls and meetings

    def _activities(self, read: Read, source: Source, place: Place) -> Page:
        parts = list(unique_chunks((one for one in read.ids if one.isdecimal()), IDS_PER_QUERY))
        if read.how in {How.BY_ID, How.DEPENDENTS} and not parts:
            return Page()
        is_named = read.how is How.BY_ID
        condition = is_one_of(ID, parts[place.chunk]) if is_named else self._condition(read)
        behind = compared(ID, ">", place.after) if place.after else ""
        limit = PAGE if read.how is How.CHANGED and not place.after else MOST_ROWS
        columns = self._columns(source, read.fields, place.types)
        found = self.client.query(select(columns, source.module, all_of((condition, behind)), limit))
        last = require_progress(found, place.after)
        following = ""
        if found.has_more:
            following = str(place.moved(after=last, chunk=place.chunk))
        elif is_named and place.chunk + 1 < len(parts):
            following = str(place.moved(chunk=place.chunk + 1))
        rows: Sequence[Row] = found.rows
        is_listing = read.how in {How.ALL, How.IDS}
        deals = self._deals(rows) if read.how is not How.IDS or self.accounts() else {}
        if is_listing:
            rows = [row for row in self._belonging(rows, deals) if is_held(row)]
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in rows], next=following)
        if read.how is How.DEPENDENTS:
            asked = frozenset(read.ids)
            rows = [row for row in rows if asked & set(hangs_on(row, deals))]
        return Page(records=self._records(read, source, rows, place.types, deals), next=following)

    def _condition(self, read: Read) -> str:
        if read.how is How.DEPENDENTS:
            return all_of((self._of_accounts(read.ids), self._since(read.object)))
        if read.how is How.CHANGED:
            assert read.since is not None
            assert read.until is not None
            window = (compared(STAMP, ">=", read.since), compared(STAMP, "<", read.until))
            return all_of((*window, self._since(read.object)))
        return self._since(read.object)

    def _of_accounts(self, ids: Sequence[str]) -> str:
        """On the accounts, on their deals, or with their people; empty where these are more than a query can name."""
        if len(ids) > IDS_PER_QUERY:
            return ""
        tied = is_one_of(ACCOUNT, ids)
        people = [str(row["id"]) for row in rows_of(self.client, CONTACTS, (), tied)]
        whats = [*ids, *(self._account_of_each("Deals", (), tied))]
        if max(len(people), len(whats)) > IDS_PER_QUERY:
            return ""
        return any_of((is_one_of(WHAT, whats), is_one_of(WHO, people) if people else ""))

    def _since(self, data_type: str) -> str:
        """By the day of logging, which nobody edits: a record never drops out of the time that is read."""
        start = self._start(data_type)
        return compared(CREATED, ">=", start) if start else ""

    def _start(self, data_type: str) -> datetime | None:
        floor = self.floor(data_type)
        return start_of(floor)

    def _columns(self, source: Source, paths: Iterable[str], types: Mapping[str, str]) -> list[str]:
        described = self.described(source.module)
        needed = [name for name in source.needed if name not in source.optional or described.has(name)]
        asked = [name for path in paths if path in source.ways for name in source.ways[path].columns]
        own = [path.removesuffix(PERSON) for path in paths if path in types]
        return list(dict.fromkeys((*needed, source.name, STAMP, *asked, *own)))

    def _belonging(self, rows: Sequence[Row], deals: Mapping[str, str]) -> list[Row]:
        """Where accounts are chosen, what hangs on none of them is left out of a listing."""
        if not self.accounts():
            return list(rows)
        return [row for row in rows if self._accounts_in_scope & set(hangs_on(row, deals))]

    @cached_property
    def _accounts_in_scope(self) -> frozenset[str]:
        return frozenset(str(row["id"]) for row in rows_of(self.client, ACCOUNTS, (), self.accounts()))

    def _deals(self, rows: Sequence[Row]) -> Mapping[str, str]:
        """Deal → account, of what was logged on a deal and names nobody."""
        known = self._accounts_in_scope if self.accounts() else frozenset()
        whats = (id_of(row.get(WHAT)) for row in rows if not account_of(row))
        return self._account_of_each("Deals", [one for one in whats if one and one not in known])

    def _account_of_each(self, module: str, ids: Iterable[str], tied: str = "") -> Mapping[str, str]:
        """Record → account: of the named ones, or of all that hold the condition."""
        found: dict[str, str] = {}
        try:
            for condition in (tied,) if tied else (is_one_of(ID, part) for part in unique_chunks(ids, IDS_PER_QUERY)):
                for row in rows_of(self.client, module, [ACCOUNT], condition):
                    found[str(row["id"])] = id_of(row.get(ACCOUNT))
        except Misconfigured:
            # The module is hidden from the signed-in user: what hangs on its records hangs on nobody that is known.
            return found
        return found

    # --- Notes

    def _notes(self, read: Read, place: Place) -> Page:
        if read.how is How.BY_ID:
            return self._named_notes(read, place)
        if read.how is How.DEPENDENTS and len(read.ids) <= FEW_ACCOUNTS:
            return self._notes_of_an_account(read, place)
        since = read.since if read.how is How.CHANGED else self._start(read.object)
        # Always by the time of change: paging ends at 100,000 rows, and goes on from the last stamp.
        begun = datetime.fromisoformat(place.after) if place.after else since or LONG_AGO
        try:
            found = self.client.listed(NOTES.module, NOTE_COLUMNS, token=place.token, since=begun)
        except TokenLost as lost:
            raise ReadingLost(str(lost)) from lost
        except NoFurther:
            return Page(next=str(place.moved(after=place.reached)))
        reached = str(found.rows[-1][STAMP]) if found.rows else ""
        following = str(place.moved(token=found.next, after=place.after, reached=reached)) if found.has_more else ""
        return self._answer_of_notes(read, place, found.rows, following)

    def _named_notes(self, read: Read, place: Place) -> Page:
        parts = list(unique_chunks((one for one in read.ids if one.isdecimal()), NAMED_AT_ONCE))
        if not parts:
            return Page()
        found = self.client.named(NOTES.module, NOTE_COLUMNS, parts[place.chunk])
        following = str(place.moved(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        return self._answer_of_notes(read, place, found.rows, following)

    def _notes_of_an_account(self, read: Read, place: Place) -> Page:
        if not read.ids:
            return Page()
        account = read.ids[place.chunk]
        found = self.client.related(ACCOUNTS, account, NOTES.module, NOTE_COLUMNS, token=place.token)
        following = ""
        if found.has_more:
            following = str(place.moved(chunk=place.chunk, token=found.next))
        elif place.chunk + 1 < len(read.ids):
            following = str(place.moved(chunk=place.chunk + 1))
        # Below an account the parent may be told without its module.
        module = {"module": {"api_name": ACCOUNTS}}
        rows = [{**row, PARENT: {**(row.get(PARENT) or {}), **module, "id": account}} for row in found.rows]
        return self._answer_of_notes(read, place, rows, following)

    def _answer_of_notes(self, read: Read, place: Place, rows: Sequence[Row], following: str) -> Page:
        start = self._start(read.object)
        if start and read.how is not How.BY_ID:
            rows = [row for row in rows if not row.get(CREATED) or moment(row[CREATED]) >= start]
        parents = {
            module: self._account_of_each(
                module, (id_of(row[PARENT]) for row in rows if module_of_parent(row) == module)
            )
            for module in (CONTACTS, "Deals")
        }
        of_parents = {key: value for found in parents.values() for key, value in found.items()}
        known = [row for row in rows if module_of_parent(row) == ACCOUNTS or of_parents.get(id_of(row.get(PARENT)))]
        if read.how is How.BY_ID:
            known = list(rows)
        if self.accounts() and read.how in {How.ALL, How.IDS}:
            in_scope = self._accounts_in_scope
            known = [row for row in known if set(accounts_of_note(row, of_parents)) & in_scope]
        if read.how is How.DEPENDENTS:
            asked = frozenset(read.ids)
            known = [row for row in known if set(accounts_of_note(row, of_parents)) & asked]
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in known], next=following)
        return Page(records=self._records(read, NOTES, known, place.types, of_parents), next=following)

    # --- Records

    def _records(
        self, read: Read, source: Source, rows: Sequence[Row], types: Mapping[str, str], parents: Mapping[str, str]
    ) -> list[Record]:
        addresses = self.people.addresses if rows and any(path.endswith(PERSON) for path in read.fields) else {}

        def value(row: Row, path: str) -> Value:
            way = source.ways.get(path)
            return way.value(row) if way else value_of(row, path, types[path], addresses)

        return [
            Record(
                source_id=str(row["id"]),
                values={path: value(row, path) for path in read.fields if path in source.ways or path in types},
                modified_at=moment(row[STAMP]) if row.get(STAMP) else None,
                name=str(row.get(source.name) or ""),
                customer_ids=accounts_of_note(row, parents) if source is NOTES else hangs_on(row, parents),
                is_inside=is_held(row),
            )
            for row in rows
        ]


def account_of(row: Mapping[str, Any]) -> str:
    """Of the person who took part: told flat by the path of the question, or within the person."""
    flat: Any = row.get(ACCOUNT_OF_WHO)
    return id_of(flat if flat is not None else (row.get(WHO) or {}).get(ACCOUNT))


def hangs_on(row: Mapping[str, Any], deals: Mapping[str, str] | None = None) -> tuple[str, ...]:
    """The account itself or that of the deal, else that of the person; an id that is no account's is in no scope."""
    what = id_of(row.get(WHAT))
    found = ((deals or {}).get(what, what), account_of(row))
    return tuple(dict.fromkeys(one for one in found if one))


def accounts_of_note(row: Row, parents: Mapping[str, str]) -> tuple[str, ...]:
    parent = id_of(row.get(PARENT))
    account = parent if module_of_parent(row) == ACCOUNTS else parents.get(parent, "")
    return (account,) if account else ()
