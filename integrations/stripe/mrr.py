"""What a subscription is worth a month, and why: pure rules over Stripe's own JSON, without tax.

| What | Counts |
|---|---|
| active, past due | yes |
| to be cancelled at the end of its period | yes, until then |
| trialing; collection paused; any other status | 0 |
| metered items | 0: nobody knows beforehand what is used |
| tiered items | by their quantity, in all tiers (graduated) or in the one it falls into (volume) |
| coupons that last for ever | taken off |
| coupons that count once or for some months | not taken off: they end, the subscription goes on |
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from fractions import Fraction
from math import ceil, floor
from typing import Any

CENT = Decimal("0.01")
ZERO_DECIMAL = frozenset(
    ["bif", "clp", "djf", "gnf", "jpy", "kmf", "krw", "mga", "pyg", "rwf", "vnd", "vuv", "xaf", "xof", "xpf"]
)
THREE_DECIMAL = frozenset(["bhd", "jod", "kwd", "omr", "tnd"])
MONTHS = {"month": Fraction(1), "year": Fraction(12), "week": Fraction(12, 52), "day": Fraction(12, 365)}
COUNTING = frozenset({"active", "past_due"})
COLLECTION_PAUSED = "collection_paused"
FOREVER = "forever"
Raw = Mapping[str, Any]


class Why(StrEnum):
    """What about a subscription decides its MRR, beside price and quantity."""

    TRIAL = "trial"
    PAUSED = "paused"
    ENDING = "ending"
    METERED = "metered"
    TIERED = "tiered"
    COUPON = "coupon"
    COUPON_ENDS = "coupon-ends"
    UNKNOWN = "unknown"
    """A price that does not say what it costs: an amount that is missing is not nothing."""


@dataclass(frozen=True, slots=True)
class Worth:
    monthly: Decimal | None
    """Whatever its status, in units of the currency; None: unknown."""
    mrr: Decimal | None
    """0 where the status does not count."""
    why: tuple[Why, ...] = ()


def status_of(subscription: Raw) -> str:
    """Stripe's own, but for one whose payments are not collected for now: Stripe goes on calling it active."""
    status = str(subscription.get("status") or "")
    return COLLECTION_PAUSED if subscription.get("pause_collection") and status in COUNTING else status


def worth_of(subscription: Raw) -> Worth:
    why = list(dict.fromkeys(_reasons(subscription)))
    items: Sequence[Raw] = (subscription.get("items") or {}).get("data") or ()
    currency = str(subscription.get("currency") or "").lower()
    lasting = _lasting(subscription, currency)
    parts = [_of_item(item, currency) for item in items]
    known = [one for one in parts if one is not None]
    if len(known) < len(parts) or lasting is None:
        return Worth(None, None, (*why, Why.UNKNOWN))
    total = _less(sum(known, Fraction(0)), lasting, min(map(months_of, items), default=Fraction(1)))
    monthly = money(total, currency)
    return Worth(monthly, monthly if status_of(subscription) in COUNTING else Decimal("0.00"), tuple(why))


def needs_more(subscription: Raw) -> bool:
    """Whether what it is worth depends on what only an expanded answer says: tiers, and what a coupon takes off."""
    items: Sequence[Raw] = (subscription.get("items") or {}).get("data") or ()
    tiered = any(_is_tiered(_price(item)) and not _price(item).get("tiers") for item in items)
    held = [*(subscription.get("discounts") or ()), *(one for item in items for one in item.get("discounts") or ())]
    return tiered or any(not isinstance(coupon_of(one), Mapping) for one in held)


def coupon_of(discount: Any) -> Any:
    """Since 2025 under `source`; the coupon itself, its id, or nothing where only the discount's own id is known."""
    return (discount.get("source") or {}).get("coupon") if isinstance(discount, Mapping) else None


def months_of(item: Raw) -> Fraction:
    recurring = _price(item).get("recurring") or {}
    return MONTHS.get(str(recurring.get("interval")), Fraction(1)) * int(recurring.get("interval_count") or 1)


def money(smallest: Fraction, currency: str) -> Decimal:
    """Stripe counts in the smallest unit, which is the whole one in some currencies."""
    places = 0 if currency in ZERO_DECIMAL else 3 if currency in THREE_DECIMAL else 2
    units = smallest / 10**places
    return (Decimal(units.numerator) / Decimal(units.denominator)).quantize(CENT, ROUND_HALF_EVEN)


# --- Items ---------------------------------------------------------------------------------------------------------------
def _of_item(item: Raw, currency: str) -> Fraction | None:
    amount, lasting = _monthly(item, currency), _lasting(item, currency)
    return None if amount is None or lasting is None else _less(amount, lasting, months_of(item))


def _monthly(item: Raw, currency: str) -> Fraction | None:
    price = _price(item)
    if not price.get("recurring") or _is_metered(price):
        return Fraction(0)
    if str(price.get("currency") or currency).lower() != currency:
        # Never added to another currency.
        return None
    quantity = _packages(price, Fraction(str(item.get("quantity", 1) or 0)))
    amount = _tiered(price, quantity) if _is_tiered(price) else _each(price, quantity)
    return None if amount is None else amount / months_of(item)


def _each(price: Raw, quantity: Fraction) -> Fraction | None:
    """The decimal one also tells fractions of a cent, where the whole one is null."""
    unit = price.get("unit_amount_decimal")
    unit = price.get("unit_amount") if unit is None else unit
    return None if unit is None else Fraction(str(unit)) * quantity


def _packages(price: Raw, quantity: Fraction) -> Fraction:
    """Sold by the dozen, say: so many are charged as one."""
    by = price.get("transform_quantity") or {}
    if not by.get("divide_by"):
        return quantity
    parts = quantity / int(by["divide_by"])
    return Fraction(ceil(parts) if by.get("round") == "up" else floor(parts))


def _tiered(price: Raw, quantity: Fraction) -> Fraction | None:
    tiers: Sequence[Raw] = price.get("tiers") or ()
    if not tiers:
        return None
    total, below = Fraction(0), Fraction(0)
    is_volume = price.get("tiers_mode") == "volume"
    for tier in tiers:
        top = None if tier.get("up_to") in {None, "inf"} else Fraction(str(tier["up_to"]))
        is_last = top is None or quantity <= top
        if not is_volume or is_last:
            inside = quantity if is_volume or top is None or is_last else top
            total += _of_tier(tier, inside if is_volume else inside - below)
        if is_last:
            break
        below = top or below
    return total


def _of_tier(tier: Raw, quantity: Fraction) -> Fraction:
    unit = tier.get("unit_amount_decimal") or tier.get("unit_amount") or 0
    flat = tier.get("flat_amount_decimal") or tier.get("flat_amount") or 0
    # A tier that nothing falls into asks for no flat fee either, but for the first one.
    return Fraction(str(unit)) * quantity + Fraction(str(flat))


# --- Coupons -------------------------------------------------------------------------------------------------------------
def _lasting(holder: Raw, currency: str) -> tuple[Raw, ...] | None:
    """The coupons that count for ever; None where what one of them takes off is not known."""
    found = [coupon_of(one) for one in holder.get("discounts") or ()]
    if any(not isinstance(one, Mapping) for one in found):
        return None
    lasting = tuple(one for one in found if one.get("duration") == FOREVER)
    return None if any(_is_foreign(one, currency) for one in lasting) else lasting


def _is_foreign(coupon: Raw, currency: str) -> bool:
    """An amount in another currency: what it is in this one, the answer does not say."""
    return coupon.get("percent_off") is None and str(coupon.get("currency") or currency).lower() != currency


def _less(amount: Fraction, coupons: Iterable[Raw], months: Fraction) -> Fraction:
    left = amount
    for coupon in coupons:
        if coupon.get("percent_off") is not None:
            left -= left * Fraction(str(coupon["percent_off"])) / 100
        else:
            # An amount is taken off each invoice, so once a period.
            left -= Fraction(str(coupon.get("amount_off") or 0)) / months
    return max(left, Fraction(0))


# --- Why -----------------------------------------------------------------------------------------------------------------
def _reasons(subscription: Raw) -> Iterator[Why]:
    status = status_of(subscription)
    if status == "trialing":
        yield Why.TRIAL
    if status in {COLLECTION_PAUSED, "paused"}:
        yield Why.PAUSED
    if status in COUNTING and (subscription.get("cancel_at_period_end") or subscription.get("cancel_at")):
        yield Why.ENDING
    items: Sequence[Raw] = (subscription.get("items") or {}).get("data") or ()
    for item in items:
        if _is_metered(_price(item)):
            yield Why.METERED
        elif _is_tiered(_price(item)):
            yield Why.TIERED
    for holder in (subscription, *items):
        for one in holder.get("discounts") or ():
            coupon = coupon_of(one)
            if isinstance(coupon, Mapping):
                yield Why.COUPON if coupon.get("duration") == FOREVER else Why.COUPON_ENDS


def _price(item: Raw) -> Raw:
    price = item.get("price")
    return price if isinstance(price, Mapping) else {}


def _is_metered(price: Raw) -> bool:
    return (price.get("recurring") or {}).get("usage_type") == "metered"


def _is_tiered(price: Raw) -> bool:
    return price.get("billing_scheme") == "tiered"
