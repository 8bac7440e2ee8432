"""The size of a page decides nothing: neither the result, nor the number of statements that one takes."""

from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

import pytest
from django.db import connection as database
from django.db import transaction

from integrations.hub.models import Contact, Customer, Stage
from integrations.sync.models import Change, Connection, RecordLink, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runs import request_run
from tests.sync.fakes import PaperCrm

HOLD = 'UPDATE "sync_run" SET "lease_until"'


def fill(crm: PaperCrm, number: int) -> None:
    """Groups of three levels, twins, blanks, contacts with one and two companies."""
    for place in range(number):
        name = f"A{place:03}"
        parent = f"A{place // 3:03}" if place % 5 else ""
        twin = f"{'twin' if place % 7 == 0 else name}.example"
        crm.company(
            name, parent=parent if parent != name else "", Website=twin, Owner__Email=f"csm{place % 3}@x.example"
        )
        companies = [name] if place % 7 == 0 else [name, f"A{(place + 1) % number:03}"]
        crm.person(f"C{place:03}", companies, Email=f"p{place}@{twin}")


@pytest.fixture
def grouped(connection: Connection, crm: PaperCrm) -> PaperCrm:
    Connection.objects.update(keep_hierarchy=True)
    for place in (0, 4):
        Customer.objects.create(
            name=f"Known {place}", domain_key="twin.example" if place else "A004.example".lower(),
            stage=Stage.objects.get(name="run"),
        )  # fmt: skip
    return crm


def everything() -> tuple[Any, ...]:
    return (
        sorted(Customer.objects.values_list("ref_id", "name", "parent__ref_id", "csm__email", "domain")),
        sorted(Contact.objects.values_list("ref_id", "customer__ref_id", "email")),
        sorted(RecordLink.objects.values_list("source_id", "state", "reason_code", "top_id", "customer_id")),
        sorted(Change.objects.values_list("source_id", "action", "reason_code", "outcome")),
    )


@contextmanager
def undone() -> Iterator[None]:
    """Whatever happens inside leaves no row behind."""
    with transaction.atomic():
        yield
        transaction.set_rollback(True)


@pytest.mark.requirement("R21")
def test_any_page_size_and_order_gives_the_same_result(grouped: PaperCrm, settings, sync) -> None:
    fill(grouped, 30)
    found = []
    for page, order in ((1000, 1), (7, -1), (1, 1)):
        settings.SYNC_PAGE_SIZE = grouped.page_size = page
        for name, records in grouped.records.items():
            grouped.records[name] = dict(list(records.items())[::order])
        with undone():
            sync()
            found.append(everything())

    assert found[0] == found[1] == found[2]
    assert {state for _, state, *_ in found[0][2]} == {"linked", "collision", "excluded"}


@pytest.fixture
def statements_per_page(
    connection: Connection, crm: PaperCrm, settings, monkeypatch: pytest.MonkeyPatch
) -> Callable[[int], dict[str, int]]:
    """The most statements that a page of each step took, for records enough to fill two pages."""
    # Each step by itself, or the sum would depend on which ones are short enough to share a transaction.
    monkeypatch.setattr("integrations.sync.runner.slice.BRIEF_SECONDS", 0)

    def measure(page: int) -> dict[str, int]:
        settings.SYNC_PAGE_SIZE = crm.page_size = page
        most: Counter[str] = Counter()
        run = request_run(connection, by="test")
        with database.execute_wrapper(counting(most)):
            run = drive(run, 60)
        assert run.state == Run.State.DONE
        return dict(most)

    return measure


def counting(most: Counter[str]) -> Callable[..., Any]:
    """A page begins with the statement that renews the lease."""
    page: list[str] = []

    def count(execute: Any, sql: str, params: Any, many: bool, context: Any) -> Any:
        if sql.startswith(HOLD):
            page.clear()
        page.append(sql)
        most["page"] = max(most["page"], len(page))
        return execute(sql, params, many, context)

    return count


def test_statements_of_a_page_are_as_many_for_ten_records_as_for_a_hundred(
    connection: Connection, crm: PaperCrm, statements_per_page: Callable[[int], dict[str, int]]
) -> None:
    Connection.objects.update(keep_hierarchy=True)
    connection.refresh_from_db()
    fill(crm, 200)

    with undone():
        small = statements_per_page(10)
    large = statements_per_page(100)

    assert Customer.objects.count() > 100
    assert small == large
    assert large["page"] < 60


def test_changed_records_take_as_few_statements(
    connection: Connection, crm: PaperCrm, statements_per_page: Callable[[int], dict[str, int]]
) -> None:
    fill(crm, 200)
    statements_per_page(1000)
    found = []

    for page in (10, 100):
        crm.later(60)
        for place in range(150):
            crm.edit("customers", f"A{place:03}", Name=f"Renamed {page} {place}")
        found.append(statements_per_page(page)["page"])

    assert found[0] == found[1]
