from collections.abc import Callable
from typing import Any

import pytest

from integrations.rehearsal.practice import PracticeSalesforce
from integrations.salesforce import reading
from integrations.salesforce.connector import SalesforceConnector
from integrations.salesforce.pages import BulkJob, BulkPage, QueryPage
from integrations.salesforce.reading import Reader
from integrations.salesforce.schema import Described
from integrations.salesforce.scope import Source
from integrations.sync.connector import How, Read, ReadingLost
from integrations.wire.errors import NotFound

from .conftest import signed_in
from .reading_all import ids_of, pages_of, records_of

NAMES = Read("customers", How.ALL, ("Name",))


def test_many_records_come_by_a_bulk_job_with_the_same_values(
    small_practice: Callable[..., PracticeSalesforce], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    practice = small_practice(2001, contacts_per=0)
    connector = SalesforceConnector(signed_in(practice))
    paths = ("Name", "Owner.Email", "Annual_Spend__c", "Is_Strategic__c", "CreatedDate", "NumberOfEmployees", "Website")
    by_query = records_of(connector, Read("customers", How.ALL, paths))
    monkeypatch.setattr(reading, "BULK_FROM", 2000)
    monkeypatch.setattr(reading, "BULK_ROWS", 900)
    practice.forget_calls()

    pages = list(pages_of(connector, Read("customers", How.ALL, paths)))

    # The first page of the query told the total; the job's three pages bring everything once more.
    assert [len(page.records) for page in pages] == [2000, 900, 900, 201]
    assert {record.source_id: record for page in pages[1:] for record in page.records} == by_query
    assert ids_of(connector, Read("customers", How.IDS)) == set(by_query)


class FakeJobs:
    """The border: an organisation whose bulk job is told what to do."""

    def __init__(self, *states: str | None) -> None:
        self.states = list(states)
        self.queries: list[str] = []

    def query(self, soql: str) -> QueryPage:
        self.queries.append(soql)
        return QueryPage([row(1)], "/services/data/v66.0/query/0r8-1", 100_000, done=False)

    def query_more(self, path: str) -> QueryPage:
        return QueryPage([row(2)], "", 100_000, done=True)

    def bulk_query(self, soql: str) -> str:
        return "750A"

    def bulk_state(self, job: str) -> BulkJob:
        state = self.states.pop(0)
        if state is None:
            raise NotFound("NOT_FOUND")
        return BulkJob(job, state, 1, "no room")

    def bulk_results(self, job: str, locator: str, most: int) -> BulkPage:
        return BulkPage(iter([row(3)]), "")


def row(number: int) -> dict[str, Any]:
    return {"Id": f"00100000000000{number}AAA", "Name": f"Account {number}", "SystemModstamp": None}


def reader_of(jobs: FakeJobs, waited: list[float]) -> Reader:
    described = Described({"fields": [{"name": "Name", "label": "Name", "type": "string"}]})
    needed = ("Id", "Name", "SystemModstamp")
    return Reader(jobs, lambda _: described, lambda _: Source("Account"), needed=lambda _: needed, pause=waited.append)  # type: ignore[arg-type]


def test_a_job_that_takes_its_time_gives_an_empty_page_and_another_token() -> None:
    waited: list[float] = []
    reader = reader_of(FakeJobs(*["InProgress"] * 10, "JobComplete"), waited)
    first = reader.page(NAMES, "")

    second = reader.page(NAMES, first.next)
    third = reader.page(NAMES, second.next)
    last = reader.page(NAMES, third.next)

    assert (second.records, third.records) == ((), ())
    assert len({first.next, second.next, third.next}) == 3
    assert waited == [*reading.BULK_PAUSES, *reading.BULK_PAUSES]
    assert ([record.name for record in last.records], last.next) == (["Account 3"], "")


def test_a_failed_job_is_read_by_query_and_never_by_a_job_again() -> None:
    jobs = FakeJobs("Failed")
    reader = reader_of(jobs, [])
    first = reader.page(NAMES, "")

    again = reader.page(NAMES, first.next)
    last = reader.page(NAMES, again.next)

    assert [page.records[0].name for page in (first, again, last)] == ["Account 1", "Account 1", "Account 2"]
    assert len(jobs.queries) == 2


def test_a_job_that_is_gone_asks_to_begin_again() -> None:
    reader = reader_of(FakeJobs(None), [])
    first = reader.page(NAMES, "")

    with pytest.raises(ReadingLost):
        reader.page(NAMES, first.next)
