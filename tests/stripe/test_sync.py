"""Whole syncs: who is found, who waits, what is agreed, and how few calls a sync takes."""

from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from accounts.models import User
from integrations.hub.models import Agreement, Contact, Customer
from integrations.hub.revenue import counted
from integrations.rehearsal.practice_stripe import PracticeStripe
from integrations.rehearsal.world import slug, world
from integrations.stripe.models import StripeConnection
from integrations.sync.identity.rekey import choosing, file, working
from integrations.sync.identity.rekey.carrying import carriers
from integrations.sync.models import Block, Change, Connection, RecordLink, Run

from .conftest import signed_in
from .everyday import customer, later, set_up, subscribe, sync

pytestmark = pytest.mark.django_db


@pytest.fixture
def crm(small_crm: Callable[..., PracticeStripe]) -> PracticeStripe:
    return small_crm(0)


def states() -> dict[str, tuple[str, str]]:
    links = RecordLink.objects.filter(object="customers").order_by("source_id")
    return {link.source_id: (link.state, link.reason_code) for link in links}


def agreement(source_id: str) -> Agreement:
    return Agreement.objects.get(ref_id=source_id)


@pytest.mark.requirement("R185", "R186")
def test_found_by_name_or_domain_gets_its_id_beside_the_crms(crm: PracticeStripe, connection: StripeConnection) -> None:
    field = set_up(connection)
    by_name = customer("Alder", "alder.example", ref_id="001A", ref_writer=999)
    by_domain = customer("Birch & Sons", "birch.example")
    crm.create("customer", id="cus_1", name="ALDER", email="billing@gmail.com")
    crm.create("customer", id="cus_2", name="Birch (billing)", email="pay@birch.example")
    crm.create("customer", id="cus_3", name="Nobody", email="anna@gmail.com")

    sync(connection)

    by_name.refresh_from_db()
    by_domain.refresh_from_db()
    assert (by_name.custom, by_name.ref_id, by_name.ref_writer) == ({field.key: "cus_1"}, "001A", 999)
    assert (by_domain.custom, by_domain.name, by_domain.ref_id) == ({field.key: "cus_2"}, "Birch & Sons", "")
    assert states() == {
        "cus_1": ("linked", ""), "cus_2": ("linked", ""), "cus_3": ("excluded", "waits-for-row"),
    }  # fmt: skip
    assert Customer.objects.count() == 2
    assert not Contact.objects.exists()


@pytest.mark.requirement("R130", "R186", "R187")
def test_re_key_leaves_stripe_as_it_is(crm: PracticeStripe, connection: StripeConnection, admin_user: User) -> None:
    field = set_up(connection)
    known = customer("Alder", "alder.example", ref_id="001A")
    crm.create("customer", id="cus_1", name="Alder", email="pay@alder.example")
    sync(connection)
    last = Change.objects.latest("pk").pk
    job = choosing.prepare("customers", "file", admin_user, lines=[file.Line(1, "001A", "9001")])
    working.work(job.pk)
    job.refresh_from_db()
    [told] = carriers(job)
    assert (told.counted.links, "Stripe ID" in str(told.says)) == (1, True)

    working.confirm(job, admin_user, "HubSpot from Monday on")
    working.work(job.pk)
    later(crm, 3600)
    sync(connection, Run.Kind.FULL)

    known.refresh_from_db()
    assert (known.ref_id, known.custom, states()) == ("9001", {field.key: "cus_1"}, {"cus_1": ("linked", "")})
    assert list(Change.objects.filter(pk__gt=last).values_list("reason_code", flat=True)) == ["re-keyed"]


@pytest.mark.requirement("R186", "R187")
def test_matching_outlives_a_change_of_crm(crm: PracticeStripe, connection: StripeConnection) -> None:
    """Another CRM renames the customer and gives it another ID; the Stripe ID goes on, also in a new connection."""
    field = set_up(connection)
    known = customer("Alder", "alder.example", ref_id="001A", ref_writer=999)
    crm.create("customer", id="cus_1", name="Alder", email="pay@alder.example")
    crm.create("customer", id="cus_2", name="Other")
    sync(connection)
    Customer.objects.filter(pk=known.pk).update(
        name="Alder Group", name_key="alder group", domain="", domain_key="", ref_id="147000", ref_writer=1000
    )
    Connection.objects.filter(pk=connection.pk).update(state="archived")
    again = signed_in(crm, slug="again", name="Again", order=2)
    set_up(again)

    sync(again)

    link = RecordLink.objects.get(connection=again, source_id="cus_1", object="customers")
    known.refresh_from_db()
    assert (link.hub_id, known.custom, known.ref_id) == (known.pk, {field.key: "cus_1"}, "147000")
    first = Change.objects.filter(connection_id=again.pk, source_id="cus_1", action="link").get()
    assert first.reason_params["label"] == "Stripe ID"


@pytest.mark.requirement("R188")
def test_number_in_the_metadata_recognises_and_is_never_written(
    crm: PracticeStripe, connection: StripeConnection
) -> None:
    set_up(connection, own_id="metadata.customer_number")
    known = customer("Alder", ref_id="AV-1", ref_writer=999)
    blank = customer("Birch")
    crm.create("customer", id="cus_1", name="Acct 1", email="x@gmail.com", metadata={"customer_number": "AV-1"})
    crm.create("customer", id="cus_2", name="Birch", email="x@gmail.com", metadata={"customer_number": "AV-2"})

    sync(connection)

    known.refresh_from_db()
    blank.refresh_from_db()
    assert {link.hub_id for link in RecordLink.objects.filter(object="customers")} == {known.pk, blank.pk}
    assert (known.ref_id, known.ref_writer, blank.ref_id) == ("AV-1", 999, "")


def test_waits_are_taken_up_with_their_subscriptions_once_their_customer_is_here(
    crm: PracticeStripe, connection: StripeConnection
) -> None:
    set_up(connection)
    for number in range(4):
        one = crm.create("customer", id=f"cus_{number}", name=f"Company {number}", email=f"pay@c{number}.example")
        subscribe(crm, one)
    sync(connection)
    assert not Agreement.objects.exists()
    later(crm, 3600)
    sync(connection)
    crm.forget_calls()

    came = customer("Somebody else", "c2.example")
    run = sync(connection)

    assert states()["cus_2"] == ("linked", "")
    assert Agreement.objects.get().customer == came
    assert (run.kind, crm.calls()["customers"], crm.calls()["customers.one"]) == (Run.Kind.DELTA, 0, 1)
    assert crm.calls()["subscriptions"] == 1, "those of the one customer"


@pytest.mark.requirement("R185")
def test_lifelike_account_finds_most_and_says_who_waits(
    small_crm: Callable[..., PracticeStripe], crm: PracticeStripe
) -> None:
    whole = small_crm(None)
    connection = signed_in(whole)
    set_up(connection, own_id="metadata.customer_number")
    for one in world().companies():
        if one.relation in {"customer", "channel customer"} and one.name.isprintable():
            ref = one.customer_number or ""
            customer(one.name[:255], f"{slug(one.name)[:200]}.example" if slug(one.name) else "", ref_id=ref)

    here = Customer.objects.count()

    run = sync(connection)

    numbers = Counter(state for state, _why in states().values())
    assert run.state == Run.State.DONE
    assert numbers["linked"] > 200
    assert numbers["excluded"] >= 6, "private buyers and tests are nobody's"
    assert Customer.objects.count() == here, "nobody was made"
    assert Block.objects.get(connection=connection, object="customers").unexplained == 0
    assert set(Agreement.objects.values_list("currency", flat=True)) == {"EUR", "GBP", "USD", "JPY"}


# --- Agreements ------------------------------------------------------------------------------------------------------------
@pytest.fixture
def payer(crm: PracticeStripe, connection: StripeConnection) -> str:
    """Beside one who pays so much that no change of the other is a matter for the brake."""
    set_up(connection)
    customer("Alder", "alder.example")
    customer("Whale")
    subscribe(crm, crm.create("customer", id="cus_whale", name="Whale"), quantity=1000)
    return crm.create("customer", id="cus_1", name="Alder", email="pay@alder.example")


def test_subscription_is_one_agreement_with_its_mrr(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    one = subscribe(crm, payer, quantity=3, price="price_team_eur_year")

    sync(connection)

    found = agreement(one)
    assert (found.customer.name, found.amount, found.mrr, found.amount_format) == (
        "Alder", Decimal("122.50"), Decimal("122.50"), "MRR",
    )  # fmt: skip
    assert (found.currency, found.plan, found.status, found.auto_renew) == ("EUR", "Team", "ACTIVE", True)
    assert (found.start_date, found.end_date) == (timezone.localdate(), None)


@pytest.mark.parametrize(
    ("values", "status", "mrr"),
    [
        ({}, "ACTIVE", "49.00"),
        ({"status": "past_due"}, "ACTIVE", "49.00"),
        ({"status": "unpaid"}, "PAUSED", "0.00"),
        ({"status": "paused"}, "PAUSED", "0.00"),
        ({"pause_collection": {"behavior": "void"}}, "PAUSED", "0.00"),
        ({"status": "incomplete"}, "PENDING", "0.00"),
        ({"status": "incomplete_expired"}, "CANCELLED", "0.00"),
        ({"status": "canceled"}, "CANCELLED", "0.00"),
        ({"discounts": [{"id": "di_1", "coupon": "FOREVER20"}]}, "ACTIVE", "39.20"),
        ({"discounts": [{"id": "di_1", "coupon": "WELCOME50"}]}, "ACTIVE", "49.00"),
        ({"price": "price_seats_graduated", "quantity": 60}, "ACTIVE", "440.00"),
        ({"price": "price_seats_volume", "quantity": 60}, "ACTIVE", "320.00"),
        ({"price": "price_calls"}, "ACTIVE", "0.00"),
        ({"price": "price_team_jpy_month", "currency": "jpy", "quantity": 2}, "ACTIVE", "158.00"),
    ],
)
def test_each_case_is_decided(
    crm: PracticeStripe, connection: StripeConnection, payer: str, values: dict[str, object], status: str, mrr: str
) -> None:
    one = subscribe(crm, payer, **values)

    sync(connection)

    assert (agreement(one).status, agreement(one).mrr) == (status, Decimal(mrr))


def test_trial_starts_when_it_is_over_and_counts_from_then(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    ends = timezone.now() + timedelta(days=10)
    one = subscribe(crm, payer, status="trialing", trial_end=int(ends.timestamp()))
    sync(connection)
    tried = agreement(one)
    assert (tried.status, tried.mrr, tried.start_date) == ("VALIDATED", Decimal("0.00"), timezone.localdate(ends))

    crm.edit("subscription", one, status="active", trial_end=int(timezone.now().timestamp()))
    later(crm, 900)
    sync(connection)

    paid = agreement(one)
    assert (paid.status, paid.mrr, paid.start_date) == ("ACTIVE", Decimal("49.00"), timezone.localdate())


def test_cancelled_at_the_end_of_its_period_counts_until_then_and_may_go_on_after_all(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    one = subscribe(crm, payer, cancel_at_period_end=True)
    sync(connection)
    ending = agreement(one)
    assert (ending.status, ending.mrr, ending.auto_renew) == ("ACTIVE", Decimal("49.00"), False)
    assert ending.end_date is not None
    assert ending.end_date > timezone.localdate()

    crm.edit("subscription", one, cancel_at_period_end=False)
    later(crm, 900)
    sync(connection)

    assert (agreement(one).end_date, agreement(one).auto_renew) == (None, True)


def test_cancelled_subscription_stays_here_and_leaves_the_mrr(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    one = subscribe(crm, payer)
    sync(connection)
    crm.delete("subscription", one)
    later(crm, 900)

    run = sync(connection)

    found = agreement(one)
    assert (run.kind, found.status, found.end_date) == (Run.Kind.DELTA, "CANCELLED", timezone.localdate())
    assert (found.mrr, found.gone_at) == (Decimal("0.00"), None)


def test_where_the_crm_counts_stripes_are_shown_and_in_no_sum(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    one = subscribe(crm, payer)
    sync(connection)
    alder = Customer.objects.get(name="Alder")
    earlier = Connection.objects.create(system="salesforce", name="Salesforce", slug="salesforce", state="on", order=0)
    signed = Agreement.objects.create(customer=alder, status="ACTIVE", amount=500, mrr=500, currency="EUR")
    RecordLink.objects.create(
        connection=earlier, object="agreements", source_id="006A", state="linked", hub_id=signed.pk
    )

    rows: Any = counted(Agreement.objects.filter(customer=alder))

    assert {row.pk: row.is_counted for row in rows} == {signed.pk: True, agreement(one).pk: False}


# --- Changes ---------------------------------------------------------------------------------------------------------------
def test_sync_without_changes_takes_two_calls(crm: PracticeStripe, connection: StripeConnection, payer: str) -> None:
    subscribe(crm, payer)
    sync(connection)
    later(crm, 3600)
    sync(connection)
    later(crm, 7200)
    crm.forget_calls()

    run = sync(connection)

    assert (run.kind, dict(crm.calls())) == (Run.Kind.DELTA, {"account": 1, "events": 1})


def test_first_sync_takes_a_call_for_a_hundred(small_crm: Callable[..., PracticeStripe], crm: PracticeStripe) -> None:
    many = small_crm(250)
    connection = signed_in(many)
    set_up(connection)

    sync(connection)

    assert dict(many.calls()) == {"account": 1, "customers": 3, "subscriptions": 3}


@pytest.mark.parametrize("old", [False, True], ids=["pinned", "old version"])
def test_changes_come_by_events(crm: PracticeStripe, connection: StripeConnection, payer: str, old: bool) -> None:
    one = subscribe(crm, payer, discounts=[{"id": "di_1", "coupon": "FOREVER20"}])
    other = subscribe(crm, payer, price="price_seats_graduated", quantity=2)
    sync(connection)
    later(crm, 3600)
    crm.control(old_events=old)
    crm.edit("customer", payer, name="Alder Group")
    crm.edit("subscription", one, items=[{"price": "price_team_eur_month", "quantity": 5}])
    crm.edit("subscription", other, items=[{"price": "price_seats_graduated", "quantity": 60}])
    crm.edit("subscription", one, items=[{"price": "price_team_eur_month", "quantity": 10}])
    later(crm, 3900)
    crm.forget_calls()

    run = sync(connection)

    assert (run.kind, crm.calls()["events"], crm.calls()["customers.one"]) == (Run.Kind.DELTA, 1, 0)
    assert (agreement(one).mrr, agreement(other).mrr) == (Decimal("392.00"), Decimal("440.00"))
    assert RecordLink.objects.get(source_id=payer).name == "Alder Group"


def test_new_customer_and_subscription_come_with_the_next_sync(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    sync(connection)
    customer("Birch", "birch.example")
    later(crm, 3600)
    new = crm.create("customer", name="Birch", email="pay@birch.example")
    one = subscribe(crm, new)
    later(crm, 3700)

    sync(connection)

    assert agreement(one).customer.name == "Birch"


def test_deleted_customer_is_gone_and_its_row_stays(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    one = subscribe(crm, payer)
    sync(connection)
    later(crm, 3600)
    crm.delete("customer", payer)
    later(crm, 3700)

    run = sync(connection)

    assert run.kind == Run.Kind.DELTA
    assert states()[payer][0] == "gone"
    assert Customer.objects.filter(name="Alder").exists()
    # As everywhere: what was signed stays, and says that its record is not there any more.
    assert agreement(one).gone_at is not None


def test_beyond_thirty_days_everything_is_read(crm: PracticeStripe, connection: StripeConnection, payer: str) -> None:
    one = subscribe(crm, payer)
    type(connection).objects.filter(pk=connection.pk).update(full_every_hours=24 * 365)
    sync(connection)
    crm.edit("subscription", one, items=[{"price": "price_team_eur_month", "quantity": 2}])
    crm.control(forget_events=True)
    later(crm, 31 * 86_400)
    crm.forget_calls()

    run = sync(connection)

    assert (run.kind, crm.calls()["events"], crm.calls()["subscriptions"]) == (Run.Kind.DELTA, 0, 1)
    assert agreement(one).mrr == Decimal("98.00")


def test_deletion_that_no_event_tells_is_asked_for_by_name(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    crm.create("customer", name="Other")
    sync(connection)
    crm.delete("customer", payer)
    crm.control(forget_events=True)
    later(crm, 3600)

    sync(connection, "full")

    assert states()[payer][0] == "gone"


def test_two_of_stripe_for_one_customer_are_a_persons_to_tell_apart(
    crm: PracticeStripe, connection: StripeConnection, payer: str
) -> None:
    crm.create("customer", id="cus_2", name="Alder", email="pay@alder.example")

    sync(connection)

    assert {states()[one][0] for one in (payer, "cus_2")} == {"collision"}
