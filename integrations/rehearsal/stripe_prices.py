"""What the team of the made-up world sells by Stripe: plans in four currencies, seats by tiers, calls by the meter."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from .world import Company

Body = dict[str, Any]
PLANS = {"Starter": 1900, "Team": 4900, "Business": 9900, "Enterprise": 29900}
RATES = {"eur": 100, "gbp": 88, "usd": 112, "jpy": 162}
"""Of a cent; yen have none, so that they are a hundred times less."""
YEARLY_MONTHS = 10
TIERS = [
    {"up_to": 10, "unit_amount": 900, "unit_amount_decimal": "900", "flat_amount": None, "flat_amount_decimal": None},
    {"up_to": 50, "unit_amount": 700, "unit_amount_decimal": "700", "flat_amount": None, "flat_amount_decimal": None},
    {"up_to": None, "unit_amount": 500, "unit_amount_decimal": "500", "flat_amount": 2000, "flat_amount_decimal": "2000"},
]  # fmt: skip
EVERY = ("month", "year")


@dataclass(frozen=True, slots=True)
class Terms:
    """One subscription: its items as price and quantity, and what is going on with it."""

    items: Sequence[tuple[str, int | None]]
    currency: str = "eur"
    status: str = "active"
    coupon: str = ""
    is_paused: bool = False
    is_ending: bool = False


def _recurring(interval: str, usage: str = "licensed") -> Body:
    return {"interval": interval, "interval_count": 1, "usage_type": usage, "meter": None, "trial_period_days": None}


def _amount(cents: int, currency: str, interval: str) -> int:
    amount = cents * RATES[currency] * (YEARLY_MONTHS if interval == "year" else 1) // 100
    return amount // 100 if currency == "jpy" else amount


def price_id(plan: str, currency: str, interval: str) -> str:
    return f"price_{plan.lower()}_{currency}_{interval}"


def _price(plan: str, cents: int, currency: str, interval: str) -> tuple[str, Body]:
    amount = _amount(cents, currency, interval)
    return price_id(plan, currency, interval), {
        "product": f"prod_{plan.lower()}", "currency": currency, "unit_amount": amount,
        "unit_amount_decimal": str(amount), "recurring": _recurring(interval),
    }  # fmt: skip


PRODUCTS: list[tuple[str, Body]] = [
    *((f"prod_{plan.lower()}", {"name": plan}) for plan in PLANS),
    ("prod_seats", {"name": "Seats"}), ("prod_calls", {"name": "API calls"}),
]  # fmt: skip
PRICES: list[tuple[str, Body]] = [
    *(_price(plan, cents, currency, every) for plan, cents in PLANS.items() for currency in RATES for every in EVERY),
    ("price_seats_graduated", {
        "product": "prod_seats", "currency": "eur", "billing_scheme": "tiered", "tiers_mode": "graduated",
        "tiers": TIERS, "recurring": _recurring("month"), "nickname": "Seats by steps",
    }),
    ("price_seats_volume", {
        "product": "prod_seats", "currency": "eur", "billing_scheme": "tiered", "tiers_mode": "volume", "tiers": TIERS,
        "recurring": _recurring("month"),
    }),
    ("price_calls", {
        "product": "prod_calls", "currency": "eur", "unit_amount": None, "unit_amount_decimal": "0.4",
        "recurring": _recurring("month", "metered"),
    }),
    ("price_fraction", {
        "product": "prod_seats", "currency": "eur", "unit_amount": None, "unit_amount_decimal": "1250.5",
        "recurring": _recurring("month"), "nickname": "Seats, old price",
    }),
]  # fmt: skip
COUPONS: list[tuple[str, Body]] = [
    ("FOREVER20", {"name": "20 % for partners", "percent_off": 20, "duration": "forever"}),
    ("WELCOME50", {"name": "Half price for three months", "percent_off": 50, "duration": "repeating", "duration_in_months": 3}),
    ("MINUS10", {"name": "10 euros off", "amount_off": 1000, "currency": "eur", "duration": "forever"}),
]  # fmt: skip
TEAM = price_id("Team", "eur", "month")
# The first ones who pay have what is seldom; everybody knows where to look for it.
SELDOM: tuple[Terms, ...] = (
    Terms([("price_seats_graduated", 60)]),
    Terms([("price_seats_volume", 20)]),
    Terms([(TEAM, 1), ("price_calls", None)]),
    Terms([(TEAM, 3)], status="trialing"),
    Terms([(TEAM, 2)], is_paused=True),
    Terms([(TEAM, 2)], coupon="FOREVER20"),
    Terms([(TEAM, 1)], coupon="WELCOME50"),
    Terms([(TEAM, 4)], is_ending=True),
    Terms([(TEAM, 1)], status="past_due"),
    Terms([(TEAM, 1)], status="canceled"),
    Terms([("price_fraction", 7)], coupon="MINUS10"),
    Terms([(TEAM, 1)], status="unpaid"),
    Terms([(TEAM, 1)], status="incomplete"),
)  # fmt: skip


def terms_of(place: int, one: Company, *, is_plain: bool) -> Iterator[Terms]:
    if is_plain:
        yield Terms([(TEAM, 1)])
        return
    if place < len(SELDOM):
        yield SELDOM[place]
        return
    plan, currency = list(PLANS)[one.number % 4], tuple(RATES)[(one.number // 4) % 4 if one.number % 3 == 0 else 0]
    ended = one.relation == "former"
    status = "canceled" if ended else "active"
    yield Terms([(price_id(plan, currency, EVERY[one.number % 2]), one.number % 9 + 1)], currency, status)
    if one.number % 17 == 0 and not ended:
        yield Terms([("price_seats_graduated", one.number % 70 + 1)])
