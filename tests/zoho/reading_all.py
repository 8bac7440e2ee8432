"""Runs a reading to its end, as the runner does: by its page tokens alone, each with a connector of its own."""

from collections.abc import Iterator

from integrations.engine.records import Record
from integrations.sync.connector import How, Page, Read
from integrations.zoho.connector import ZohoConnector


def pages_of(connector: ZohoConnector, read: Read) -> Iterator[Page]:
    token, seen = "", set()
    while True:
        page = ZohoConnector(connector.connection).read(read, token)
        yield page
        token = page.next
        if not token:
            return
        assert token not in seen, "the reading goes round in a circle"
        seen.add(token)


def records_of(connector: ZohoConnector, read: Read) -> dict[str, Record]:
    records = [record for page in pages_of(connector, read) for record in page.records]
    assert len(records) == len({record.source_id for record in records})
    return {record.source_id: record for record in records}


def ids_of(connector: ZohoConnector, object_name: str) -> set[str]:
    return {one for page in pages_of(connector, Read(object_name, How.IDS)) for one in page.ids}


def all_of(connector: ZohoConnector, object_name: str, *fields: str) -> Read:
    return Read(object_name, How.ALL, (*connector.fields_needed(object_name), *fields))
