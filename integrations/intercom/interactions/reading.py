"""Reads conversations, a page for all kinds at once. Their replies take a call each, and are read of the changed ones alone.

A conversation belongs to the companies of its contacts, which are asked about by one search for a page of conversations.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.engine.records import Record
from integrations.sync.connector import Gone, How, Page, Read
from integrations.wire.chunks import chunks
from integrations.wire.errors import NotFound

from ..client import PAGE, Found, IntercomClient, Row, everything
from ..places import Place, place_of
from ..reading import NAMED_AT_ONCE, companies_named
from ..values import moment, seconds_of
from .sources import FIELDS, PARTICIPANTS, TEXT, Told, contacts_in, kind_of, subject

WITH_REPLIES = 50
"""Conversations of one page where the replies of each may be read: so many calls at most before something is kept."""
IDS_OF_ONE_SEARCH = 50
OF_CONTACTS = 15
"""Contacts of one question about their conversations."""
SAMPLE_ROWS = 25
NEEDED = ("id", "email", "companies")
"""What is kept of a contact, to say who took part and whose a conversation is."""
KnownTexts = Callable[[str, Mapping[str, int]], Mapping[str, str]]
"""(data type, conversation → when it last changed) → texts that were read then, and still hold."""


@dataclass
class InteractionReader:
    client: IntercomClient
    floor: Callable[[str], datetime | None]
    """From which moment on a data type is read."""
    known_texts: KnownTexts
    linked: Callable[[Iterable[str]], frozenset[str]]
    """Which of these companies are somebody's here."""
    teammates: Callable[[], Mapping[str, str]]
    _people: dict[str, Row | None] = field(default_factory=dict)
    """Contacts that this process has met; None: Intercom does not know them any more."""
    _companies: dict[str, tuple[str, ...]] = field(default_factory=dict)

    def page(self, read: Read, token: str) -> Page:
        place = place_of(token)
        match read.how:
            case How.DELETED:
                return self._gone(read, place)
            case How.BY_ID:
                return self._named(read, place)
            case How.DEPENDENTS:
                return self._dependents(read, place)
        rows = WITH_REPLIES if self._wants_replies(read) else PAGE
        found = self.client.search_conversations(self._question(read), place.after, rows)
        return self._page_of(read, found.rows, str(Place(after=found.after)) if found.after else "")

    # --- What is asked

    def _question(self, read: Read) -> dict[str, Any]:
        """By the second, where contacts are compared by the day; both bounds are outside of what is asked."""
        if read.how is How.CHANGED:
            assert read.since is not None
            assert read.until is not None
            return both(after("updated_at", read.since), before("updated_at", read.until))
        floors = [self.floor(name) for name in (read.object, *read.beside)]
        known = [one for one in floors if one]
        return after("created_at", min(known)) if known and len(known) == len(floors) else EVERYTHING

    def _dependents(self, read: Read, place: Place) -> Page:
        """Of the contacts of each company, company by company."""
        ids = list(read.ids)
        if place.chunk >= len(ids):
            return Page()
        parts = list(chunks([str(row["id"]) for row in self._contacts_of(ids[place.chunk])], OF_CONTACTS))
        then = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(ids) else ""
        if place.part >= len(parts):
            return Page(next=then)
        question = {"field": "contact_ids", "operator": "IN", "value": list(parts[place.part])}
        found = self.client.search_conversations(question, place.after, WITH_REPLIES)
        if found.after:
            following = str(Place(after=found.after, chunk=place.chunk, part=place.part))
        else:
            following = str(Place(chunk=place.chunk, part=place.part + 1)) if place.part + 1 < len(parts) else then
        return self._page_of(read, found.rows, following)

    def _contacts_of(self, company_id: str) -> list[Row]:
        try:
            return list(everything(lambda number: self.client.contacts_of(company_id, number)))
        except NotFound:
            return []

    # --- Named ones, and those that are gone

    def _named(self, read: Read, place: Place) -> Page:
        parts = list(chunks(list(read.ids), NAMED_AT_ONCE))
        if not parts:
            return Page()
        following = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        rows = [row for one in parts[place.chunk] if (row := self._one(one)) and kind_of(row) == read.object]
        return Page(records=self._records(read, read.object, read.fields, rows), next=following)

    def _gone(self, read: Read, place: Place) -> Page:
        parts = list(chunks(list(read.ids), NAMED_AT_ONCE))
        if not parts:
            return Page()
        following = str(Place(chunk=place.chunk + 1)) if place.chunk + 1 < len(parts) else ""
        missing = [one for one in parts[place.chunk] if self._one(one) is None]
        return Page(gone=[Gone(one) for one in missing], next=following)

    def _one(self, number: str) -> Row | None:
        try:
            return self.client.conversation(number)
        except NotFound:
            return None

    # --- Answers

    def _page_of(self, read: Read, rows: Sequence[Row], following: str) -> Page:
        """Each kind its own: one walk serves all that were asked for, and one search all whom they are about."""
        if read.how is not How.IDS:
            asked = {read.object, *read.beside}
            self._meet(row for row in rows if kind_of(row) in asked)
        beside = {name: self._part_of(read, name, paths, rows, "") for name, paths in read.beside.items()}
        own = self._part_of(read, read.object, read.fields, rows, following)
        return Page(records=own.records, ids=own.ids, next=following, beside=beside)

    def _part_of(self, read: Read, name: str, paths: Sequence[str], rows: Sequence[Row], following: str) -> Page:
        floor = self.floor(name)
        own = [row for row in rows if kind_of(row) == name and not is_before(row, floor)]
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in own], next=following)
        return Page(records=self._records(read, name, paths, own), next=following)

    def _records(self, read: Read, name: str, paths: Sequence[str], rows: Sequence[Row]) -> list[Record]:
        self._meet(rows)
        texts = self._texts(read, name, rows) if TEXT in paths else {}
        teammates = self.teammates() if PARTICIPANTS in paths and rows else None
        return [self._record(row, paths, texts.get(str(row["id"])), teammates) for row in rows]

    def _record(
        self, row: Row, paths: Sequence[str], told_text: str | None, teammates: Mapping[str, str] | None
    ) -> Record:  # fmt: skip
        people = [one for number in contacts_in(row) if (one := self._people.get(number))]
        told = Told(row, people, teammates, told_text)
        return Record(
            source_id=str(row["id"]),
            values={path: FIELDS[path].value(told) for path in paths if path in FIELDS},
            modified_at=moment(row["updated_at"]),
            name=str(subject(told) or ""),
            customer_ids=self._customers_of(row),
        )

    # --- Replies

    def _wants_replies(self, read: Read) -> bool:
        return read.how is not How.IDS and any(TEXT in paths for paths in (read.fields, *read.beside.values()))

    def _texts(self, read: Read, name: str, rows: Sequence[Row]) -> dict[str, str]:
        """Conversation → its whole text: as it was read, where nothing has changed; else by a call."""
        stamps = {str(row["id"]): int(row["updated_at"]) for row in rows}
        texts = dict(self.known_texts(name, stamps)) if read.how in {How.ALL, How.CHANGED} else {}
        ours = self._ours(rows) if read.how is How.CHANGED else set(stamps)
        for row in rows:
            number = str(row["id"])
            if number in texts or "conversation_parts" in row or number not in ours or not has_replies(row):
                continue
            if whole := self._one(number):
                texts[number] = str(FIELDS[TEXT].value(Told(whole)) or "")
        return texts

    def _ours(self, rows: Sequence[Row]) -> set[str]:
        """What hangs on nobody here is left out: its replies are read with it, should its company come in."""
        companies = {str(row["id"]): self._customers_of(row) for row in rows}
        linked = self.linked({one for named in companies.values() for one in named})
        return {number for number, named in companies.items() if linked & set(named)}

    # --- Whose they are

    def _meet(self, rows: Iterable[Row]) -> None:
        """By one search for all contacts of a page; whom no search finds yet is asked for by name."""
        wanted = {number for row in rows for number in contacts_in(row)} - set(self._people)
        for part in chunks(sorted(wanted), IDS_OF_ONE_SEARCH):
            question = {"field": "id", "operator": "IN", "value": list(part)}
            found = {str(one["id"]): one for one in self.client.search_contacts(question).rows}
            for number in part:
                person = found.get(number) or self._contact(number)
                # Of a large workspace all of them would not fit into memory.
                self._people[number] = {name: person.get(name) for name in NEEDED} if person else None

    def _contact(self, number: str) -> Row | None:
        try:
            return self.client.contact(number)
        except NotFound:
            return None

    def _customers_of(self, row: Row) -> tuple[str, ...]:
        """The company that the conversation itself names, then those of its contacts, the first contact's first."""
        own = [str(row["company"]["id"])] if (row.get("company") or {}).get("id") else []
        people = (self._people.get(number) for number in contacts_in(row))
        named = [one for person in people if person for one in self._companies_of(person)]
        return tuple(dict.fromkeys([*own, *named]))

    def _companies_of(self, person: Row) -> tuple[str, ...]:
        if not (person.get("companies") or {}).get("has_more"):
            return companies_named(person)
        number = str(person["id"])
        if number not in self._companies:
            rows = everything(lambda page: self.client.companies_of(number, page))
            self._companies[number] = tuple(str(row["id"]) for row in rows)
        return self._companies[number]

    # --- For the pages

    def count(self, data_type: str, since: datetime | None) -> int:
        """Of all conversations: what each is about is not asked before anything is saved."""
        channels = CHANNELS[data_type]
        question = both(after("created_at", since) if since else EVERYTHING, channels)
        return self.client.search_conversations(question, rows=1).total or 0

    def samples(self, data_type: str, paths: Sequence[str]) -> list[Record]:
        question = both(self._question(Read(data_type, How.ALL)), CHANNELS[data_type])
        found: Found = self.client.search_conversations(question, rows=SAMPLE_ROWS)
        # One page, and no call for each: replies are not sampled.
        shown = [path for path in paths if path != PARTICIPANTS]
        told = [Told(row, text=None) for row in found.rows]
        return [
            Record(str(one.raw["id"]), {path: FIELDS[path].value(one) for path in shown if path in FIELDS})
            for one in told
        ]


def after(name: str, moment_: datetime) -> dict[str, Any]:
    return {"field": name, "operator": ">", "value": seconds_of(moment_) - 1}


def before(name: str, moment_: datetime) -> dict[str, Any]:
    return {"field": name, "operator": "<", "value": seconds_of(moment_) + 1}


def both(*parts: Mapping[str, Any]) -> dict[str, Any]:
    return {"operator": "AND", "value": [dict(one) for one in parts]}


EVERYTHING: dict[str, Any] = {"field": "created_at", "operator": ">", "value": 0}


def of_channel(operator: str, *channels: str) -> dict[str, Any]:
    return {"field": "source.type", "operator": operator, "value": list(channels)}


CHANNELS: Mapping[str, dict[str, Any]] = {
    "emails": of_channel("IN", "email"),
    "calls": of_channel("IN", "phone_call", "phone_switch"),
    "notes": of_channel("NIN", "email", "phone_call", "phone_switch"),
}


def has_replies(row: Mapping[str, Any]) -> bool:
    """Counted with the first message; where nothing is said, they are looked for."""
    number = (row.get("statistics") or {}).get("count_conversation_parts")
    return number is None or int(number) > 1


def is_before(row: Mapping[str, Any], floor: datetime | None) -> bool:
    return bool(floor) and int(row.get("created_at") or 0) < seconds_of(floor)  # type: ignore[arg-type]
