"""What a subscription is worth a month: rules over Stripe's own JSON."""

from decimal import Decimal
from typing import Any

import pytest

from integrations.stripe.mrr import Why, needs_more, status_of, worth_of


def price(amount: Any = "1000", interval: str = "month", count: int = 1, **more: Any) -> dict[str, Any]:
    recurring = {"interval": interval, "interval_count": count, "usage_type": more.pop("usage", "licensed")}
    return {
        "unit_amount_decimal": amount,
        "currency": "eur",
        "billing_scheme": "per_unit",
        "recurring": recurring,
    } | more


def subscription(*items: Any, status: str = "active", currency: str = "eur", **more: Any) -> dict[str, Any]:
    data = [
        {"price": {**one, "currency": currency}, "quantity": quantity} if quantity is not None else {"price": one}
        for one, quantity in items
    ]
    return {"status": status, "currency": currency, "items": {"data": data}, **more}


def mrr(*items: Any, **more: Any) -> Decimal | None:
    return worth_of(subscription(*items, **more)).mrr


def coupon(duration: str = "forever", **more: Any) -> dict[str, Any]:
    return {"id": "di_1", "source": {"type": "coupon", "coupon": {"duration": duration, **more}}}


@pytest.mark.parametrize(
    ("interval", "count", "expected"),
    [
        ("month", 1, "10.00"), ("month", 3, "3.33"), ("year", 1, "0.83"), ("year", 2, "0.42"), ("week", 1, "43.33"),
        ("week", 2, "21.67"), ("day", 1, "304.17"), ("day", 30, "10.14"),
    ],
)  # fmt: skip
def test_amount_of_any_interval_is_told_a_month(interval: str, count: int, expected: str) -> None:
    assert mrr((price(interval=interval, count=count), 1)) == Decimal(expected)


@pytest.mark.parametrize(
    ("currency", "expected"),
    [("eur", "30.00"), ("jpy", "3000.00"), ("krw", "3000.00"), ("xof", "3000.00"), ("kwd", "3.00")],
)
def test_smallest_unit_is_the_whole_one_in_some_currencies(currency: str, expected: str) -> None:
    assert mrr((price(), 3), currency=currency) == Decimal(expected)


@pytest.mark.parametrize(
    ("status", "counts"),
    [
        ("active", True), ("past_due", True), ("trialing", False), ("unpaid", False), ("canceled", False),
        ("incomplete", False), ("incomplete_expired", False), ("paused", False),
    ],
)  # fmt: skip
def test_only_active_and_past_due_count(status: str, counts: bool) -> None:
    worth = worth_of(subscription((price(), 2), status=status))

    assert (worth.monthly, worth.mrr) == (Decimal("20.00"), Decimal("20.00") if counts else Decimal("0.00"))


def test_items_are_summed_and_fractions_of_a_cent_kept_until_the_end() -> None:
    assert mrr((price("0.5"), 1), (price("0.5"), 1), (price("1250.5"), 7)) == Decimal("87.54")


def test_whole_amount_serves_where_the_decimal_one_is_missing() -> None:
    assert mrr((price(None, unit_amount=500), 2)) == Decimal("10.00")


def test_paused_collection_counts_nothing_and_is_no_longer_active() -> None:
    told = subscription((price(), 1), pause_collection={"behavior": "void"})

    assert status_of(told) == "collection_paused"
    assert (worth_of(told).mrr, worth_of(told).why) == (Decimal("0.00"), (Why.PAUSED,))


def test_what_is_to_end_with_its_period_counts_until_then() -> None:
    worth = worth_of(subscription((price(), 1), cancel_at_period_end=True))

    assert (worth.mrr, worth.why) == (Decimal("10.00"), (Why.ENDING,))


def test_metered_item_counts_nothing_beside_the_others() -> None:
    worth = worth_of(subscription((price(), 1), (price("0.4", usage="metered"), None)))

    assert (worth.mrr, worth.why) == (Decimal("10.00"), (Why.METERED,))


TIERS = [
    {"up_to": 10, "unit_amount_decimal": "900"}, {"up_to": 50, "unit_amount_decimal": "700"},
    {"up_to": None, "unit_amount_decimal": "500", "flat_amount_decimal": "2000"},
]  # fmt: skip


@pytest.mark.parametrize(
    ("mode", "quantity", "expected"),
    [
        ("graduated", 10, "90.00"), ("graduated", 11, "97.00"), ("graduated", 60, "440.00"), ("volume", 10, "90.00"),
        ("volume", 11, "77.00"), ("volume", 60, "320.00"), ("graduated", 0, "0.00"),
    ],
)  # fmt: skip
def test_tiers_add_up_or_the_one_that_is_reached_holds(mode: str, quantity: int, expected: str) -> None:
    tiered = price(None, billing_scheme="tiered", tiers_mode=mode, tiers=TIERS)

    assert mrr((tiered, quantity)) == Decimal(expected)


def test_price_that_does_not_say_what_it_costs_is_unknown_and_not_nothing() -> None:
    told = subscription((price(), 1), (price(None, billing_scheme="tiered", tiers_mode="volume"), 4))

    assert (worth_of(told).mrr, worth_of(told).why) == (None, (Why.TIERED, Why.UNKNOWN))
    assert needs_more(told)


@pytest.mark.parametrize(
    ("discounts", "expected", "why"),
    [
        ([coupon(percent_off=20)], "32.00", Why.COUPON),
        ([coupon(amount_off=1000, currency="eur")], "30.00", Why.COUPON),
        ([coupon(percent_off=50), coupon(amount_off=500, currency="eur")], "15.00", Why.COUPON),
        ([coupon(amount_off=999_999, currency="eur")], "0.00", Why.COUPON),
        ([coupon("once", percent_off=50)], "40.00", Why.COUPON_ENDS),
        ([coupon("repeating", percent_off=50)], "40.00", Why.COUPON_ENDS),
    ],
)  # fmt: skip
def test_coupons_that_last_for_ever_are_taken_off(discounts: Any, expected: str, why: Why) -> None:
    worth = worth_of(subscription((price(), 4), discounts=discounts))

    assert (worth.mrr, worth.why) == (Decimal(expected), (why,))


def test_amount_off_is_taken_off_once_a_period() -> None:
    yearly = subscription((price("12000", "year"), 1), discounts=[coupon(amount_off=1200, currency="eur")])

    assert worth_of(yearly).mrr == Decimal("9.00")


def test_coupon_that_nobody_opened_leaves_the_amount_unknown() -> None:
    told = subscription((price(), 1), discounts=["di_1"])

    assert (worth_of(told).mrr, needs_more(told)) == (None, True)


def test_coupon_of_an_item_that_nobody_opened_leaves_the_amount_unknown() -> None:
    """Stripe opens no more than four levels: an item's discount is told, its coupon only named."""
    told = subscription((price(), 4), (price("500"), 1))
    told["items"]["data"][1]["discounts"] = [{"id": "di_1", "source": {"type": "coupon", "coupon": "TEN"}}]

    assert (worth_of(told).mrr, worth_of(told).why) == (None, (Why.UNKNOWN,))


def test_coupon_of_an_item_is_taken_off_that_item() -> None:
    told = subscription((price(), 4), (price("500"), 1))
    told["items"]["data"][1]["discounts"] = [coupon(percent_off=20)]

    assert worth_of(told).mrr == Decimal("44.00")


def test_amount_off_in_another_currency_is_not_taken_for_nothing() -> None:
    told = subscription((price(), 4), discounts=[coupon(amount_off=1000, currency="usd")])

    assert worth_of(told).mrr is None


def test_what_is_sold_by_the_dozen_is_counted_so() -> None:
    dozen = price(transform_quantity={"divide_by": 12, "round": "up"})

    assert (mrr((dozen, 12)), mrr((dozen, 13))) == (Decimal("10.00"), Decimal("20.00"))


def test_currencies_are_never_added() -> None:
    told = subscription((price(), 1))
    told["items"]["data"][0]["price"]["currency"] = "usd"

    assert worth_of(told).mrr is None


def test_subscription_without_items_is_worth_nothing() -> None:
    assert worth_of({"status": "active", "currency": "eur", "items": {"data": []}}).mrr == Decimal("0.00")
