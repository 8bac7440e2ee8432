"""The revenue page: what the CRMs say, what counts, why the rest does not, and what moved between two days."""

import csv
import io
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection as database
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from pytest_django import Settings

from accounts.permissions import Role
from integrations.hub.door import door
from integrations.hub.models import Agreement, Customer, ExchangeRate, MoneySettings
from integrations.sync.models import Change, Connection, RecordLink
from integrations.sync.movements import between, movement
from integrations.sync.revenue_overview import overview_of
from tests.hub.factories import CsmOwnerFactory, CustomerFactory
from tests.signed_in import ClientAs, SignedIn
from tests.today import TODAY

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E8"), pytest.mark.usefixtures("one_day")]
LONG_AGO, SINCE, UNTIL = date(2020, 1, 1), date(2025, 3, 31), date(2025, 4, 30)
MONEY = MoneySettings(pk=1, currency="EUR")


@pytest.fixture
def manager(client_as: ClientAs) -> SignedIn:
    return client_as(Role.MANAGER)


def signed(mrr: str | None, *, customer: Customer | None = None, **more: Any) -> Agreement:
    amount = None if mrr is None else Decimal(mrr)
    values = {"currency": "EUR", "status": "ACTIVE", "start_date": LONG_AGO} | more
    return Agreement.objects.create(customer=customer or CustomerFactory.create(), amount=amount, mrr=amount, **values)


def connection(slug: str, order: int) -> Connection:
    return Connection.objects.create(system="salesforce", name=slug, slug=slug, order=order, state="on")


def linked(one: Connection, row: Agreement | None, says: str | None = None, state: str = "linked") -> None:
    settled = {} if says is None else {"amount": [{"n": says}, {"n": says}]}
    RecordLink.objects.create(
        connection=one, object="agreements", source_object="Opportunity", state=state, settled=settled,
        source_id=f"006{row.pk if row else RecordLink.objects.count() + 1000}", hub_id=row.pk if row else None,
    )  # fmt: skip


def steps() -> dict[str, tuple[int, Decimal | None]]:
    overview = overview_of(Agreement.objects.all(), MONEY, with_records=True)
    return {step.label: (step.number, step.mrr) for step in overview.bridge.steps}


def moved(since: date = SINCE, until: date = UNTIL) -> dict[str, tuple[int, Decimal]]:
    found = movement(between(Agreement.objects.all(), since, until, MONEY), since, until)
    assert found.was + sum(move.mrr for move in found.moves) == found.now
    return {move.kind: (move.customers, move.mrr) for move in found.moves if move.customers}


def test_every_connection_and_every_reason_has_its_step() -> None:
    first, second = connection("one", 1), connection("two", 2)
    shared = CustomerFactory.create()
    linked(first, signed("100", customer=shared), says="100")
    linked(second, signed("70", customer=shared), says="70")
    linked(second, signed("45"), says="50")
    linked(first, signed("9", status="FINISHED"), says="9")
    linked(first, signed(None))
    linked(first, None, state="excluded")
    signed("30", currency="USD")
    signed("5")

    assert steps() == {
        "one says": (3, Decimal("109.00")),
        "two says": (2, Decimal("120.00")),
        "Typed here, or held by no connection": (2, Decimal("5.00")),
        "In the hub, as read": (7, Decimal("234.00")),
        "Without an amount": (1, None),
        "Without an exchange rate": (1, None),
        "Another amount here": (1, Decimal("-5.00")),
        "Not counted: Finished": (1, Decimal("-9.00")),
        "Counted by another connection": (1, Decimal("-70.00")),
        "Counted in the hub": (3, Decimal("150.00")),
        "one: left out, each with its reason": (1, None),
    }


def test_steps_add_up() -> None:
    one = connection("one", 1)
    for number, status in enumerate(Agreement.Status.values):
        linked(one, signed(str(10 + number), status=status), says=str(11 + number))

    bridge = overview_of(Agreement.objects.all(), MONEY, with_records=True).bridge

    between_the_sums = [step.mrr for step in bridge.steps if not step.is_sum and "says" not in step.label]
    assert bridge.read + sum(mrr for mrr in between_the_sums if mrr) == bridge.counted


def test_parts_by_currency_plan_and_status() -> None:
    ExchangeRate.objects.create(currency="USD", into="EUR", day=LONG_AGO, rate="0.5")
    signed("100", plan="Gold")
    signed("100", plan="Gold", currency="USD")
    signed("7", plan="Silver", currency="CHF")
    signed("9", plan="Silver", status="PAUSED")

    overview = overview_of(Agreement.objects.all(), MONEY, with_records=True)

    assert [(one.label, one.counted, one.own, one.mrr) for one in overview.currencies] == [
        ("EUR", 1, 100, 100),
        ("USD", 1, 100, 50),
        ("CHF", 0, 7, 0),
    ]
    assert [(one.label, one.number, one.mrr) for one in overview.plans] == [("Gold", 2, 150)]
    assert [(str(one.label), one.number, one.mrr) for one in overview.statuses] == [
        ("Active", 3, 150),
        ("Paused", 1, 0),
    ]


def test_customers_move_in_one_of_four_ways() -> None:
    signed("10")
    signed("20", start_date=UNTIL)
    growing, shrinking, left = CustomerFactory.create_batch(3)
    signed("30", customer=growing)
    signed("5", customer=growing, start_date=date(2025, 4, 1))
    signed("40", customer=shrinking)
    signed("8", customer=shrinking, end_date=SINCE)
    signed("50", customer=left, end_date=date(2025, 4, 29))
    signed("99", end_date=date(2025, 3, 30))
    signed("99", start_date=date(2025, 5, 1))

    assert moved() == {
        "new": (1, Decimal(20)),
        "expansion": (1, Decimal(5)),
        "contraction": (1, Decimal(-8)),
        "churn": (1, Decimal(-50)),
    }


def test_renewal_that_replaces_an_agreement_is_no_movement() -> None:
    one = CustomerFactory.create()
    signed("10.10", customer=one, end_date=date(2025, 4, 10), status="FINISHED")
    signed("0.20", customer=one)
    signed("10.10", customer=one, start_date=date(2025, 4, 11))

    assert moved() == {}


@pytest.mark.parametrize(("when", "kind"), [("2025-04-15", "churn"), ("2025-05-15", None), ("2025-03-15", None)])
@pytest.mark.parametrize("status", ["PAUSED", "CANCELLED"])
def test_stopped_one_counted_until_a_person_stopped_it(status: str, when: str, kind: str | None) -> None:
    signed("10", status=status, touched={"status": f"{when}T12:00:00+00:00"})

    assert list(moved()) == ([kind] if kind else [])


def test_what_never_counted_moves_nothing() -> None:
    signed("10", status="PENDING", start_date=UNTIL)
    signed("10", status="CANCELLED", start_date=UNTIL)
    signed("10", currency="CHF", start_date=UNTIL)
    signed(None, start_date=UNTIL)

    assert moved() == {}


def test_amount_that_changed_meanwhile_is_remembered_by_the_journal() -> None:
    [pk] = door().create("agreements", [{"customer": CustomerFactory.create().pk, "amount": "1200",
        "amount_format": "ARR", "currency": "EUR", "start_date": "2020-01-01"}], by="Tom")  # fmt: skip
    assert isinstance(pk, int)
    for amount, day in (("2400", 10), ("3600", 20)):
        door().edit("agreements", {pk: {"amount": amount}}, by="Tom")
        Change.objects.filter(pk=Change.objects.latest("pk").pk).update(at=datetime(2025, 4, day, tzinfo=UTC))

    assert moved() == {"expansion": (1, Decimal(200))}
    assert moved(until=date(2025, 4, 15)) == {"expansion": (1, Decimal(100))}
    assert moved(since=date(2025, 4, 25)) == {}
    assert moved(until=TODAY) == {"expansion": (1, Decimal(200))}


def test_today_is_what_counts_today(manager: SignedIn) -> None:
    signed("10")
    signed("20", start_date=TODAY + timedelta(days=9), status="VALIDATED")

    page = manager.get(reverse("sync:mrr")).context

    assert page["movement"].now == page["overview"].bridge.counted == 10
    assert page["movement"].until == TODAY
    later = manager.get(reverse("sync:mrr"), {"until": (TODAY + timedelta(days=9)).isoformat()}).context["movement"]
    assert later.now == 30


def test_movement_leads_to_its_agreements(manager: SignedIn) -> None:
    signed("10", plan="Old")
    signed("20", plan="Fresh", start_date=UNTIL)
    days = {"since": SINCE.isoformat(), "until": UNTIL.isoformat()}

    page = manager.get(reverse("sync:mrr"), {**days, "move": "new"})

    assert [row.plan for row in page.context["page"]] == ["Fresh"]
    assert "New customers: the agreements behind it" in page.content.decode()
    assert f"{reverse('sync:mrr-csv')}?since=2025-03-31&amp;until=2025-04-30&amp;move=new" in page.content.decode()
    assert "page" not in manager.get(reverse("sync:mrr"), {**days, "move": "sideways"}).context


@pytest.mark.parametrize(
    "asked",
    [
        {"since": "soon"},
        {"since": "2025-04-30", "until": "2025-04-01"},
        {"until": "9999-12-31"},
        {"since": "0001-01-01"},
        {"since": "31.12.2024"},
    ],
)
def test_days_that_cannot_be_compared_are_named(manager: SignedIn, asked: dict[str, str]) -> None:
    page = manager.get(reverse("sync:mrr"), asked)

    assert page.status_code == 200
    assert page.context["form"].errors
    assert page.context["movement"].until == TODAY
    assert manager.get(reverse("sync:mrr-csv"), asked).status_code == 200


def test_day_before_the_log_says_that_amounts_of_then_may_be_unknown(manager: SignedIn, settings: Settings) -> None:
    """Today's amount would stand for what it was then, and nothing would seem to have moved."""
    settings.JOURNAL_DAYS = 10
    asked = {"since": (TODAY - timedelta(days=11)).isoformat(), "until": TODAY.isoformat()}
    said = "The sync log is kept for 10 days"

    assert said in manager.get(reverse("sync:mrr"), asked).content.decode()
    kept = asked | {"since": (TODAY - timedelta(days=10)).isoformat()}
    assert said not in manager.get(reverse("sync:mrr"), kept).content.decode()
    settings.JOURNAL_DAYS = 0
    assert "The sync log is kept" not in manager.get(reverse("sync:mrr"), asked).content.decode()


def lines(client: SignedIn, **asked: str) -> list[dict[str, str]]:
    answer = client.get(reverse("sync:mrr-csv"), asked)
    content: Iterator[bytes] = answer.streaming_content  # type: ignore[attr-defined]
    text = b"".join(content).decode("utf-8-sig")
    return list(csv.DictReader(io.StringIO(text)))


def test_csv_has_every_agreement_with_its_reason(manager: SignedIn) -> None:
    MoneySettings.objects.create(pk=1, currency="EUR")
    one = connection("one", 1)
    customer = CustomerFactory.create(name="=Aldervale")
    linked(one, signed("10", customer=customer, plan="Gold", start_date=UNTIL))
    signed("20", customer=customer, status="PAUSED")
    signed("30", customer=customer, currency="CHF")

    found = lines(manager, since=SINCE.isoformat(), until=UNTIL.isoformat())

    assert [(row["MRR"], row["Counted"], row["Why not"], row["Comes from"]) for row in found] == [
        ("10.00", "yes", "", "one"),
        ("20.00", "no", "Paused, here or where it comes from.", "Typed here"),
        ("30.00", "no", "No exchange rate from CHF.", "Typed here"),
    ]
    assert found[0]["Customer"] == "'=Aldervale"
    assert (found[0]["MRR on 2025-03-31, EUR"], found[0]["MRR on 2025-04-30, EUR"]) == ("0.00", "10.00")
    assert [row["Plan"] for row in lines(manager, since="2025-03-31", until="2025-04-30", move="new")] == ["Gold"]


@pytest.mark.requirement("R206")
def test_restricted_csm_sums_only_what_they_see(client_as: ClientAs) -> None:
    csm = client_as(Role.RESTRICTED_CSM)
    one = connection("one", 1)
    own = CustomerFactory.create(csm=CsmOwnerFactory.create(email=csm.user.email))
    linked(one, signed("10", customer=own), says="10")
    linked(one, signed("99"), says="99")
    linked(one, None, state="excluded")

    page = csm.get(reverse("sync:mrr"))

    assert page.context["overview"].bridge.read == page.context["movement"].now == 10
    assert "left out" not in page.content.decode()
    assert len(lines(csm)) == 1


@pytest.mark.requirement("R206")
@pytest.mark.parametrize("role", list(Role))
def test_everybody_who_sees_customers_reads_it(client_as: ClientAs, role: Role) -> None:
    signed("10")

    assert client_as(role).get(reverse("sync:mrr")).status_code == 200


def test_page_costs_the_same_for_one_row_and_for_three(manager: SignedIn) -> None:
    days = {"since": SINCE.isoformat(), "until": UNTIL.isoformat(), "move": "new"}

    def cost() -> int:
        with CaptureQueriesContext(database) as made:
            assert manager.get(reverse("sync:mrr"), days).status_code == 200
            return len(made)

    linked(connection("one", 1), signed("10", start_date=UNTIL))
    signed("10", currency="USD")
    first = cost()
    for number, currency in ((2, "USD"), (3, "CHF")):
        linked(connection(str(number), number), signed("10", start_date=UNTIL, currency=currency, plan=currency))
        signed("4", status="PAUSED", start_date=UNTIL)

    assert cost() == first


def test_page_says_that_no_renewal_is_assumed_and_none_is_counted(manager: SignedIn) -> None:
    signed("100", end_date=TODAY - timedelta(days=1), status="FINISHED", auto_renew=True)

    page = manager.get(reverse("sync:mrr"))

    assert page.context["overview"].bridge.counted == 0
    assert "No renewal is assumed: an agreement counts until its end" in page.content.decode()
