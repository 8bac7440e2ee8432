"""Readings, page by page: whole lists, what events tell, and records by name, by the way that takes fewer calls."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from integrations.engine.records import Record
from integrations.sync.connector import Gone, How, Page, Read, ReadingLost
from integrations.wire.errors import NotFound, Rejected

from . import rows
from .changes import Change, Changes, Events
from .client import Found, StripeClient
from .mrr import needs_more
from .replies import MISSING

LISTS = {"customers": "customers", "agreements": "subscriptions"}
ONE_BY_ONE = 20
"""Up to so many records are asked for by name; of more, the list is read, a hundred of them in a call."""
MOST_GONE = 100
EVERYTHING = "all:"
"""Begins the token of a reading that turned from the changes to the whole list."""
Row = Mapping[str, Any]


class Reader:
    def __init__(self, client: StripeClient, now: Callable[[], datetime]) -> None:
        self.client = client
        self.events = Events(client)
        self.now = now

    def page(self, read: Read, token: str) -> Page:
        match read.how:
            case How.ALL | How.IDS:
                return self._listed(read, token)
            case How.CHANGED if token.startswith(EVERYTHING):
                return self._listed(read, token.removeprefix(EVERYTHING), EVERYTHING)
            case How.CHANGED:
                return self._changed(read)
            case How.DELETED:
                return Page(gone=self._gone_of(read, read.ids) if read.ids else self._deleted(read))
            case How.BY_ID:
                return Page(records=[self._record(read, row) for row in self._named(read, read.ids)])
            case How.DEPENDENTS:
                return self._dependents(read, token)

    # --- Lists
    def _listed(self, read: Read, token: str, way: str = "") -> Page:
        found = self._page(read, token)
        following = f"{way}{found.next}" if found.next else ""
        if read.how is How.IDS:
            return Page(ids=[str(row["id"]) for row in found.rows], next=following)
        return Page(records=[self._record(read, row) for row in found.rows], next=following)

    def _page(self, read: Read, after: str, **more: Any) -> Found:
        try:
            return self.client.page(LISTS[read.object], {**query_of(read), **more}, after=after)
        except (Rejected, NotFound) as refused:
            if after and refused.code == MISSING:
                # The record behind which the page begins was deleted meanwhile.
                raise ReadingLost from refused
            raise

    def _record(self, read: Read, row: Row, changed: datetime | None = None) -> Record:
        make = rows.customer if read.object == "customers" else rows.subscription
        return make(row, read.fields, changed)

    # --- Changes
    def _changes(self, read: Read) -> Changes:
        return self.events.between(read.since or self.now(), read.until, self.now())

    def _changed(self, read: Read) -> Page:
        changes = self._changes(read)
        if not changes.is_whole:
            return self._listed(read, "", EVERYTHING)
        told = changes.customers if read.object == "customers" else changes.subscriptions
        living = {one: change for one, change in told.items() if not change.is_deletion}
        found = self._completed(read, living)
        return Page(records=[self._record(read, row, living[str(row["id"])].at) for row in found])

    def _completed(self, read: Read, changes: Mapping[str, Change]) -> Iterable[Row]:
        """As they are told, where that is enough; the others as they are now."""
        lacking = [one for one, change in changes.items() if not is_enough(change, read)]
        whole = {str(row["id"]): row for row in self._named(read, lacking)}
        return [whole.get(one, change.object) for one, change in changes.items()]

    def _deleted(self, read: Read) -> Sequence[Gone]:
        if read.object != "customers":
            return ()
        changes = self._changes(read)
        return [Gone(one, change.at) for one, change in changes.customers.items() if change.is_deletion]

    # --- By name
    def _named(self, read: Read, ids: Sequence[str]) -> list[Row]:
        """Those that are there."""
        if len(ids) > ONE_BY_ONE:
            return list(self._out_of_the_list(read, set(ids)))
        found = (self._one(read, one) for one in ids)
        return [row for row in found if row is not None and not row.get("deleted")]

    def _out_of_the_list(self, read: Read, wanted: set[str]) -> Iterable[Row]:
        after = ""
        while wanted:
            found = self._page(read, after)
            yield from (row for row in found.rows if row["id"] in wanted)
            wanted = wanted - {str(row["id"]) for row in found.rows}
            after = found.next
            if not after:
                return

    def _one(self, read: Read, record_id: str) -> Row | None:
        try:
            return self.client.one(LISTS[read.object], record_id, one_of(query_of(read)))
        except NotFound:
            return None

    def _gone_of(self, read: Read, ids: Sequence[str]) -> Sequence[Gone]:
        """Of more than can be asked for, nothing is said: who is missing from two complete lists is gone as well."""
        if len(ids) > MOST_GONE:
            return ()
        bare = Read(read.object, How.BY_ID)
        return [Gone(one) for one in ids if (row := self._one(bare, one)) is None or row.get("deleted")]

    # --- What hangs on customers
    def _dependents(self, read: Read, token: str) -> Page:
        if len(read.ids) > ONE_BY_ONE:
            return self._of_these(self._listed(read, token), read.ids)
        place, _, after = token.partition(":")
        number = int(place or 0)
        found = self._page(read, after, customer=read.ids[number])
        following = f"{number}:{found.next}" if found.next else f"{number + 1}:" if number + 1 < len(read.ids) else ""
        return Page(records=[self._record(read, row) for row in found.rows], next=following)

    def _of_these(self, page: Page, customers: Sequence[str]) -> Page:
        asked = set(customers)
        return Page(records=[one for one in page.records if asked & set(one.customer_ids)], next=page.next)


def query_of(read: Read) -> dict[str, Any]:
    """The cancelled ones too; expanded as far as the mapped fields need it, which costs no call."""
    if read.object == "customers":
        return {}
    expand, wanted = [], set(read.fields)
    if wanted & rows.OF_WORTH:
        expand += ["data.discounts.source.coupon", "data.items.data.price.tiers"]
        expand += ["data.items.data.discounts"]
    if "plan" in wanted:
        expand.append("data.items.data.price.product")
    return {"status": "all", **({"expand": expand} if expand else {})}


def one_of(query: Mapping[str, Any]) -> dict[str, Any]:
    """The same of a single record: there the paths begin a level lower, and every status comes."""
    expand = [path.removeprefix("data.") for path in query.get("expand", ())]
    return {"expand": expand} if expand else {}


def is_enough(change: Change, read: Read) -> bool:
    if not change.is_alone:
        return False
    if read.object == "customers":
        # They look alike in all versions.
        return True
    if not change.is_current:
        return False
    wanted = set(read.fields)
    lacks_worth = bool(wanted & rows.OF_WORTH) and needs_more(change.object)
    return not lacks_worth and ("plan" not in wanted or rows.names_products(change.object))
