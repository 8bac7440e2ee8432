"""The whole way of agreements: won opportunities of the chosen pipelines become agreements of their customers."""

from collections.abc import Callable
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest

from integrations.hub.models import Agreement
from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.connector import SellsyConnector
from integrations.sellsy.models import SellsyConnection
from integrations.sync.blocks import AgreementSource
from integrations.sync.connector import How, Read
from integrations.sync.models import RecordLink, Run

from .conftest import signed_in
from .everyday import add_block, client, gone, records, sync

PATHS = ("id", "name", "amount.value", "amount.currency")


@pytest.fixture
def crm(small_crm: Callable[..., PracticeSellsy]) -> PracticeSellsy:
    return small_crm(0)


@pytest.fixture
def connection(db: None, crm: PracticeSellsy) -> SellsyConnection:
    connection = signed_in(crm, state="on")
    client(crm, "Customer")
    add_block(connection, "customers")
    return connection


def deal(crm: PracticeSellsy, company: str = "1", **more: Any) -> str:
    told = {
        "name": "A plan", "pipeline": 1, "step": 9, "status": "won", "amount": "12000.00", "currency": "EUR",
        "related": [{"id": int(company), "type": "company"}], **more,
    }  # fmt: skip
    return crm.create("opportunity", **told)


def path(connection: SellsyConnection, name: str) -> str:
    fields = SellsyConnector(connection).schema("agreements").fields
    return next(field.path for field in fields if field.label == name)


def read_from(connection: SellsyConnection, pipelines: str = "", **lines: str) -> None:
    settings = AgreementSource("opportunity", "company_id", pipelines).settings
    add_block(
        connection, "agreements",
        {
            "ref_id": "id", "amount_format": "=ARR", "amount": "amount.value", "currency": "amount.currency",
            "start_date": path(connection, "Contract start"), "auto_renew": "=no", **lines,
        },
        settings=settings,
    )  # fmt: skip


def values(crm: PracticeSellsy, connection: SellsyConnection, **by_name: Any) -> dict[str, Any]:
    return {path(connection, name.replace("_", " ")).removeprefix("cf."): value for name, value in by_name.items()}


@pytest.mark.requirement("R1", "R38", "R40", "R42", "R43", "R46", "R47", "R50", "R52")
def test_won_opportunity_becomes_an_agreement_with_its_terms(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    def own(name: str) -> str:
        return path(connection, name)

    plan = next(
        one for one in SellsyConnector(connection).fields("agreements")[own("Plan")].choices
    )  # fmt: skip
    deal(
        crm,
        cf=values(
            crm, connection, Contract_start="2026-02-01", Term_in_months="12", Notice_date="2026-10-31",
            Setup_fee={"amount": "500.00", "currency": "EUR"}, Plan=int(plan.value),
        ),
    )  # fmt: skip
    deal(crm, status="open")
    deal(crm, status="lost")
    read_from(
        connection, plan=f"{own('Plan')}.label", fee=own("Setup fee"), engagement=own("Term in months"),
        engagement_period="=MONTH", notice_date=own("Notice date"), auto_renew=f"{own('Notice date')} is-filled",
    )  # fmt: skip

    run = sync(connection)

    row = Agreement.objects.get()
    assert run.state == Run.State.DONE
    assert (row.customer.name, row.plan, row.currency) == ("Customer", plan.label, "EUR")
    assert (row.amount, row.mrr, row.fee) == (Decimal(12_000), Decimal(1_000), Decimal(500))
    assert (row.start_date, row.end_date, row.notice_date) == (date(2026, 2, 1), date(2027, 1, 31), date(2026, 10, 31))
    assert row.auto_renew


@pytest.mark.requirement("R126")
def test_only_the_chosen_pipelines_come_in(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    first, second = deal(crm), deal(crm, pipeline=2, step=12)

    def found(view: str) -> set[str]:
        connector = SellsyConnector(connection)
        connector.kept = {"agreements": AgreementSource("opportunity", "company_id", view).settings}
        every = connector.read(Read("agreements", How.ALL, PATHS)).records
        assert connector.count("agreements").total == len(every)
        return {one.source_id for one in every}

    assert (found("2"), found("1,2"), found("")) == ({second}, {first, second}, {first, second})


def test_change_of_a_won_one_arrives_though_nothing_filters_by_it(
    connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    number = deal(crm, cf=values(crm, connection, Contract_start="2026-02-01"))
    read_from(connection)
    sync(connection)
    crm.control(clock_offset=7200)
    crm.edit("opportunity", number, amount="12600.00")
    crm.control(clock_offset=7300)

    sync(connection)

    assert Agreement.objects.get().mrr == Decimal(1_050)


@pytest.mark.parametrize("how", ["deleted", "lost again"])
def test_what_is_won_no_longer_stays_flagged(connection: SellsyConnection, crm: PracticeSellsy, how: str) -> None:
    number = deal(crm, cf=values(crm, connection, Contract_start="2026-02-01"))
    deal(crm, cf=values(crm, connection, Contract_start="2026-03-01"))
    read_from(connection)
    sync(connection)
    crm.control(clock_offset=7200)
    if how == "deleted":
        crm.delete("opportunity", number)
    else:
        crm.edit(
            "opportunity", number, status="lost", updated_status=SellsyConnector(connection).whoami().clock.isoformat()
        )
    crm.control(clock_offset=7300)

    sync(connection)

    link = RecordLink.objects.get(object="agreements", source_id=number)
    assert Agreement.objects.count() == 2
    assert link.state == ("gone" if how == "deleted" else "excluded")


def test_deal_of_a_prospect_is_left_out_with_its_reason(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    prospect = crm.create("company", name="Prospect", type="prospect")
    deal(crm, prospect, cf=values(crm, connection, Contract_start="2026-02-01"))
    read_from(connection)

    sync(connection)

    assert not Agreement.objects.exists()
    assert RecordLink.objects.get(object="agreements").state == "excluded"


def test_deals_are_read_by_customer_and_by_name_too(connection: SellsyConnection, crm: PracticeSellsy) -> None:
    one, two = deal(crm), deal(crm, status="open")
    other = deal(crm, client(crm, "Other"))
    connector = SellsyConnector(connection)

    named = records(connector, Read("agreements", How.BY_ID, PATHS, ids=(one, two, other, "999")))
    around = records(connector, Read("agreements", How.DEPENDENTS, PATHS, ids=("1",)))
    lost = gone(connector, Read("agreements", How.DELETED, ids=(one, "999")))

    assert {number: record.is_inside for number, record in named.items()} == {one: True, two: False, other: True}
    assert (set(around), [record.source_id for record in lost]) == ({one}, ["999"])


def test_known_ones_that_are_gone_are_found_without_a_call_for_each(
    connection: SellsyConnection, crm: PracticeSellsy
) -> None:
    numbers = [deal(crm, cf=values(crm, connection, Contract_start="2026-02-01")) for _ in range(120)]
    read_from(connection)
    sync(connection)
    crm.delete("opportunity", numbers[7])
    now = SellsyConnector(connection).whoami().clock
    crm.forget_calls()

    found = gone(
        SellsyConnector(connection), Read("agreements", How.DELETED, since=now - timedelta(hours=1), until=now)
    )

    assert [one.source_id for one in found] == [numbers[7]]
    # All of them in one batch, and one question about the one that is missing.
    assert crm.calls() == {"batch": 2}
