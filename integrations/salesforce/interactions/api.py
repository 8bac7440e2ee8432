"""What the connector asks about interactions, beside reading and writing them: their fields, counts and samples."""

from collections.abc import Callable, Sequence
from datetime import date
from functools import cache

from integrations.setup.samples import distinct
from integrations.sync.connector import CrmField, Page, Read, Schema
from integrations.wire.errors import Misconfigured

from ..counting import SAMPLE_ROWS, holding
from ..schema import Described
from ..soql import select
from ..writing_client import WritingClient
from .offered import fields_of
from .reading import InteractionReader, archived_too, joined
from .records import records_of
from .sources import DOCUMENTS, SOURCES, source_of
from .writing import InteractionWriter


class Interactions:
    def __init__(
        self, client: WritingClient, *, accounts: Callable[[], str], floor: Callable[[str], date | None]
    ) -> None:
        self.client = client
        self._described: dict[str, Described] = {}
        self.reader = InteractionReader(client, accounts=accounts, floor=cache(floor), described=self.described)
        self.writer = InteractionWriter(client, self.reader.sources, self.described)

    def described(self, data_type: str) -> Described:
        """The first of its objects that the organisation has: there stand the fields of its own."""
        obj = self.reader.sources(data_type)[0].object
        if obj not in self._described:
            self._described[obj] = Described(self.client.describe(obj))
        return self._described[obj]

    def forget(self, data_type: str) -> None:
        """A field was added there."""
        self._described.pop(self.reader.sources(data_type)[0].object, None)

    def schema(self, data_type: str) -> Schema:
        source = self.reader.sources(data_type)[0]
        self.forget(data_type)
        found: tuple[CrmField, ...] = tuple(fields_of(data_type, source, self.described(data_type)))
        return Schema(data_type, found)

    def read(self, read: Read, token: str) -> Page:
        return self.reader.page(read, token)

    def count(self, data_type: str) -> int:
        return self.reader.count(data_type)

    def count_matching(self, data_type: str, path: str, values: Sequence[str]) -> int:
        source, described = self.reader.sources(data_type)[0], self.described(data_type)
        if path not in described.raw or source is DOCUMENTS:
            raise Misconfigured("NOT_COUNTABLE", f"Salesforce cannot count by {path}.", fields=(path,))
        return self.reader.counted(data_type, source, holding(described, path, values))

    def samples(self, data_type: str, paths: Sequence[str]) -> dict[str, tuple[str, ...]]:
        """Out of one page of the first object; of the others one learns from the first sync."""
        source = self.reader.sources(data_type)[0]
        shown = [path for path in paths if path in source.ways or self.described(data_type).has(path)]
        if not shown or source is DOCUMENTS:
            return {}
        types = self.described(data_type).types(path for path in shown if path not in source.ways)
        condition = archived_too(source, joined(source.belongs, source.inside, f"{source.customer} != null"))
        soql = f"{select(source.columns(tuple(shown)), source.object, condition)} LIMIT {SAMPLE_ROWS}"
        page = self.client.query_all(soql) if source.has_archive else self.client.query(soql)
        records = records_of(source, page.records, shown, types)
        return {path: distinct(record.values[path] for record in records) for path in shown}


def object_of(data_type: str, source_id: str) -> str:
    source = source_of(data_type, source_id)
    return source.object if source else SOURCES[data_type][0].object
