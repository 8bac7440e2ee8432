"""Runs a reading to its end, as the runner does: by its page tokens alone, each with a connector of its own."""

from collections.abc import Iterator

from integrations.engine.records import Record
from integrations.salesforce.connector import SalesforceConnector
from integrations.sync.connector import Page, Read


def pages_of(connector: SalesforceConnector, read: Read) -> Iterator[Page]:
    token, seen = "", set()
    while True:
        page = connector.read(read, token)
        yield page
        token = page.next
        if not token:
            return
        assert token not in seen, "the reading goes round in a circle"
        seen.add(token)


def records_of(connector: SalesforceConnector, read: Read) -> dict[str, Record]:
    records = [record for page in pages_of(connector, read) for record in page.records]
    assert len(records) == len({record.source_id for record in records})
    return {record.source_id: record for record in records}


def ids_of(connector: SalesforceConnector, read: Read) -> set[str]:
    return {source_id for page in pages_of(connector, read) for source_id in page.ids}
