"""Whole readings, as the runner does them: by page tokens alone, each with a connector of its own."""

from collections.abc import Iterator

from integrations.engine.records import Record
from integrations.hubspot.connector import HubSpotConnector
from integrations.sync.connector import Page, Read


def pages_of(connector: HubSpotConnector, read: Read) -> Iterator[Page]:
    token = ""
    while True:
        page = HubSpotConnector(connector.connection).read(read, token)
        yield page
        token = page.next
        if not token:
            return


def records_of(connector: HubSpotConnector, read: Read) -> dict[str, Record]:
    found = [record for page in pages_of(connector, read) for record in page.records]
    assert len(found) == len({record.source_id for record in found})
    return {record.source_id: record for record in found}
