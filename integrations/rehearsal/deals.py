"""What the companies of the made-up world have signed, or are about to sign, as a salesperson of the team would note it."""

import random
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from .world import SEED, Company, World

PLANS = ("Starter", "Team", "Team", "Business", "Business", "Enterprise")
RENEWALS = ("Renews by itself", "Renews by itself", "Renews by itself", "Ends at its term", "To be negotiated")
CURRENCIES = ("EUR", "EUR", "EUR", "EUR", "GBP", "USD")
STEPS = 8
"""Of a deal before it is decided."""
TERMS = (12, 12, 12, 24, 36)


@dataclass(frozen=True, slots=True)
class Deal:
    company: Company
    is_won: bool
    step: int
    """How far an open one has come."""
    closed: date
    starts: date
    months: int
    plan: str
    yearly: Decimal | None
    fee: Decimal | None
    notice_months: int | None
    renewal: str
    currency: str

    @property
    def monthly(self) -> Decimal | None:
        return None if self.yearly is None else round(self.yearly / 12, 2)

    @property
    def ends(self) -> date:
        return first_of(self.starts, self.months) - timedelta(days=1)

    @property
    def notice(self) -> date | None:
        return None if self.notice_months is None else first_of(self.starts, self.months - self.notice_months)


def deals(world: World) -> Iterator[Deal]:
    """One for every third company that pays or may pay; in the worlds of a size for all that signed, else for none."""
    if world.accounts is not None and not world.signed:
        return
    rng = random.Random(SEED + 3)
    for company in world.companies():
        if world.signed or (company.relation in {"customer", "prospect"} and company.number % 3 == 0):
            yield deal(rng, company)


def deal(rng: random.Random, company: Company) -> Deal:
    closed = (company.changed + timedelta(days=30)).date()
    return Deal(
        company, company.relation == "customer", company.number // 3 % STEPS, closed,
        # Signed in the middle of a month, begun with a later one: the day of closing is not the start.
        first_of(closed, rng.choice((1, 1, 2, 3))), rng.choice(TERMS), rng.choice(PLANS), company.spend,
        rng.choice((None, None, Decimal(500), Decimal("1250.50"))), rng.choice((None, 1, 3, 3, 3)), rng.choice(RENEWALS),
        rng.choice(CURRENCIES),
    )  # fmt: skip


def first_of(day: date, months: int) -> date:
    """The first of the month so many months later."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, 1)
