"""How the shared world looks in a Stripe account: who pays, under which name, and for what.

Most are found by their name or by the domain of their e-mail, some only by the number in their metadata, and a few are nobody's
customers: private buyers and tests, as every account has them.
"""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from integrations.stripe.simulator import Store

from .stripe_prices import COUPONS, PRICES, PRODUCTS, Terms, terms_of
from .world import BEGINNING, Company, World, slug

Body = dict[str, Any]
Row = tuple[str, Body, datetime, datetime]
PAYING = frozenset({"customer", "channel customer", "former"})
STRANGERS = (
    ("Anna Lindqvist", "anna.lindqvist@gmail.com"), ("Test account", "qa@aldervale.example"), ("M. Oyelaran", "m.oyelaran@outlook.com"),
    ("Hiroko Tanaka", "hiroko@proton.me"), ("Workshop Saturday", "workshop@yahoo.fr"), ("Livia Conti", "livia.conti@libero.it"),
)  # fmt: skip
CURRENCIES = ("eur", "eur", "eur", "gbp", "usd", "jpy")
MONTH, YEAR = 2_629_800, 31_557_600


def fill(store: Store, world: World) -> None:
    with store.transaction():
        for kind, rows in (("product", PRODUCTS), ("price", PRICES), ("coupon", COUPONS)):
            store.load(
                kind, ((number, {**body, "created": _at(BEGINNING)}, BEGINNING, BEGINNING) for number, body in rows)
            )
        payers = list(_payers(world))
        store.load("customer", (_customer(one, is_plain=world.accounts is not None) for one in payers))
        store.load(
            "subscription", (row for n, one in enumerate(payers) for row in _subscriptions(store, n, one, world))
        )
        if world.accounts is None:
            store.load("customer", (_stranger(n, *one) for n, one in enumerate(STRANGERS)))


def _payers(world: World) -> Iterator[Company]:
    """Of the lifelike world four of five who pay; some are invoiced by hand. In the worlds of a size: all."""
    for one in world.companies():
        if world.accounts is not None or (one.relation in PAYING and one.number % 5):
            yield one


def _customer(one: Company, *, is_plain: bool) -> Row:
    domain = f"{slug(one.name) or 'nobody'}.example"
    body: Body = {
        "name": one.name[:250], "email": f"billing@{domain}", "phone": one.phone, "currency": CURRENCIES[one.number % 6],
        "created": _at(one.changed), "metadata": {}, "delinquent": one.number % 31 == 0,
        "address": {"city": one.city, "country": None, "line1": None, "line2": None, "postal_code": None, "state": None},
    }  # fmt: skip
    if not is_plain:
        body |= _as_somebody_typed_it(one, domain)
    return customer_id(one), body, one.changed, one.changed


def _as_somebody_typed_it(one: Company, domain: str) -> Body:
    """Found by the name alone, by the domain alone, or only by the number that the team wrote into the metadata."""
    number = {"customer_number": one.customer_number} if one.customer_number and one.number % 3 == 0 else {}
    if one.number % 13 == 0:
        return {"name": f"Acct {one.number}", "email": f"invoices{one.number}@gmail.com", "metadata": number}
    if one.number % 7 == 0:
        return {"name": f"{one.name[:200]} (billing)", "metadata": number | {"domain": domain}}
    if one.number % 11 == 0:
        return {"email": f"{slug(one.name)[:40] or 'x'}@gmail.com", "metadata": number}
    return {"metadata": number}


def _stranger(place: int, name: str, email: str) -> Row:
    at = BEGINNING + timedelta(days=200 + place)
    return f"cus_AVprivate{place}", {"name": name, "email": email, "metadata": {}, "created": _at(at)}, at, at


def _subscriptions(store: Store, place: int, one: Company, world: World) -> Iterator[Row]:
    for turn, terms in enumerate(terms_of(place, one, is_plain=world.accounts is not None)):
        yield _subscription(store, turn, one, terms)


def _subscription(store: Store, turn: int, one: Company, terms: Terms) -> Row:
    start = one.changed + timedelta(days=20 + turn)
    now = store.clock()
    start = min(start, now - timedelta(days=40))
    body: Body = {
        "customer": customer_id(one), "status": terms.status, "currency": terms.currency, "created": _at(start),
        "start_date": _at(start), "metadata": {}, "discounts": [
            {"id": f"di_AV{one.number}{turn}", "coupon": terms.coupon, "start": _at(start), "end": None}
        ] if terms.coupon else [],
        "items": [_item(one, turn, number, price, quantity, start, now) for number, (price, quantity) in enumerate(terms.items)],
    }  # fmt: skip
    body |= _course(terms, start, now)
    return f"sub_AV{one.number:06d}{turn}", body, start, start


def _course(terms: Terms, start: datetime, now: datetime) -> Body:
    """What is going on with it beside its status."""
    match terms.status:
        case "trialing":
            return {"trial_start": _at(now - timedelta(days=10)), "trial_end": _at(now + timedelta(days=20)),
                    "start_date": _at(now - timedelta(days=10)), "created": _at(now - timedelta(days=10))}  # fmt: skip
        case "canceled":
            ended = min(start + timedelta(days=300), now - timedelta(days=5))
            return {"ended_at": _at(ended), "canceled_at": _at(ended)}
    if terms.is_paused:
        return {"pause_collection": {"behavior": "void", "resumes_at": None}}
    return {"cancel_at_period_end": True, "canceled_at": _at(now - timedelta(days=3))} if terms.is_ending else {}


def _item(
    one: Company, turn: int, number: int, price: str, quantity: int | None, start: datetime, now: datetime
) -> Body:
    period = YEAR if dict(PRICES)[price]["recurring"]["interval"] == "year" else MONTH
    begun = _at(now) - (_at(now) - _at(start)) % period
    return {
        "id": f"si_AV{one.number}{turn}{number}", "price": price, "quantity": quantity,
        "current_period_start": begun, "current_period_end": begun + period,
    }  # fmt: skip


def customer_id(one: Company) -> str:
    return f"cus_AV{one.number:06d}"


def _at(moment: datetime) -> int:
    return int(moment.astimezone(UTC).timestamp())
