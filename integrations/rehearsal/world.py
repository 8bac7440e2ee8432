"""The made-up world that every practice CRM is filled from: the same seed, the same rows, in any size.

It is neutral: companies, people and colleagues as values. Each practice CRM says in a file of its own how they look there.
"""

import random
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from .people import (
    COLLEAGUES,
    COMPANY_HEADS,
    COMPANY_TAILS,
    FIRST_NAMES,
    LAST_NAMES,
    PLACES,
    TITLES,
    TRADES,
)  # fmt: skip

SEED = 20_251_101
OWN_DOMAIN = "aldervale.example"
RELATIONS = ("customer", "channel customer", "prospect", "former", "partner")
STAGES = ("Onboarding", "Adoption", "Adoption", "Growth", "Growth", "Growth", "Renewal", "At risk", "Paused")
SEGMENTS = ("Strategic", "Enterprise", "Mid-market", "Mid-market", "Small business", "Small business")
ROLES = ("Ambassador", "Sponsor", "Key user", "Key user", "End user", "End user", "End user", None, None)
# All in the past of any machine that runs this: a stamp in the future would never be read by a delta.
BEGINNING = datetime(2022, 1, 10, 8, 0, tzinfo=UTC)
DAYS = 1350
CUSTOMER_SUCCESS = (2, 3, 4, 5, 6)
SALES = (1, 7, 8, 9, 10, 11, 12)


@dataclass(frozen=True, slots=True)
class Colleague:
    number: int
    first: str
    last: str
    email: str
    profile: str
    active: bool


@dataclass(frozen=True, slots=True)
class Company:
    number: int
    name: str
    relation: str
    website: str | None = None
    parent: int | None = None
    owner: int = 1
    manager: int | None = None
    stage: str | None = None
    segment: str | None = None
    customer_number: str | None = None
    industry: str | None = None
    city: str | None = None
    country: str | None = None
    phone: str | None = None
    notes: str | None = None
    renewal: date | None = None
    spend: Decimal | None = None
    strategic: bool = False
    viewed: bool = False
    changed: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class Person:
    number: int
    company: int | None
    first: str | None
    last: str
    email: str | None
    title: str | None = None
    phone: str | None = None
    role: str | None = None
    contact_number: str | None = None
    owner: int = 1
    changed: datetime = BEGINNING


@dataclass(frozen=True, slots=True)
class World:
    """`accounts` None is the lifelike world with all its awkward cases; a number gives that many plain companies."""

    accounts: int | None = None
    contacts_per: int = 3
    signed: bool = False
    """Of a world of a size: every company pays, has won one deal, and some hang under another."""

    @property
    def colleagues(self) -> tuple[Colleague, ...]:
        return tuple(
            Colleague(n, first, last, f"{slug(first)}.{slug(last)}@{OWN_DOMAIN}", profile, active)
            for n, (first, last, profile, active) in enumerate(COLLEAGUES, 1)
        )

    def companies(self) -> Iterator[Company]:
        from .awkward import COMPANIES

        rng = random.Random(SEED)
        plain = LIFELIKE if self.accounts is None else self.accounts
        for number in range(1, plain + 1):
            one = company(rng, number, groups=self.accounts is None)
            yield replace(one, relation="customer", parent=parent_of(number)) if self.signed else one
        if self.accounts is None:
            yield from COMPANIES

    def people(self) -> Iterator[Person]:
        from .awkward import PEOPLE

        rng = random.Random(SEED + 1)
        number = 0
        for company_number, domain in self._domains():
            count = self.contacts_per if self.accounts is not None else rng.choice((0, 3, 3, 4, 5, 6))
            for _ in range(count):
                number += 1
                yield person(rng, number, company_number, domain)
        if self.accounts is None:
            yield from PEOPLE

    def _domains(self) -> Iterator[tuple[int, str]]:
        plain = LIFELIKE if self.accounts is None else self.accounts
        return ((number, f"{slug(company_name(number))}.example") for number in range(1, plain + 1))


LIFELIKE = 370


def world(accounts: int | None = None, contacts_per: int = 3) -> World:
    return World(accounts, contacts_per)


def parent_of(number: int) -> int | None:
    """Two levels: of ten neighbours the last hangs under the first."""
    return number - 9 if number % 10 == 0 else None


def slug(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return "".join(c for c in plain if c.isalnum())


def company_name(number: int) -> str:
    head = COMPANY_HEADS[number % len(COMPANY_HEADS)]
    tail = COMPANY_TAILS[number // len(COMPANY_HEADS) % len(COMPANY_TAILS)]
    combinations = len(COMPANY_HEADS) * len(COMPANY_TAILS)
    trade = TRADES[(number // combinations + number) % len(TRADES)][0]
    series = number // (combinations * len(TRADES))
    return f"{head}{tail} {trade}" + (f" {series + 1}" if series else "")


def company(rng: random.Random, number: int, *, groups: bool) -> Company:
    relation = rng.choices(RELATIONS, (54, 17, 17, 7, 5))[0]
    is_customer = "customer" in relation
    segment = rng.choice(SEGMENTS)
    city, country = rng.choice(PLACES)
    name = company_name(number)
    stage = rng.choice(STAGES) if is_customer else "Former customer" if relation == "former" else None
    has_parent = groups and number > 20 and rng.random() < 0.1
    return Company(
        number, name, relation, website(rng, slug(name)), rng.randrange(1, 20) if has_parent else None, rng.choice(SALES),
        rng.choice(CUSTOMER_SUCCESS) if is_customer else None, stage, segment,
        f"AV-{10_000 + number}" if is_customer or relation == "former" else None,
        next(i for t, i in TRADES if t in name), city, country, f"+33 1 55 {number // 100 % 100:02d} {number % 100:02d} 00",
        "Kick-off held; first report agreed." if stage == "Onboarding" else None,
        date(2025, 12, 1) + timedelta(days=rng.randrange(720)) if is_customer else None,
        Decimal(rng.randrange(20, 2400)) * 100 if is_customer else None, segment == "Strategic", rng.random() < 0.06,
        moment(rng),
    )  # fmt: skip


def website(rng: random.Random, domain: str) -> str | None:
    forms = (
        "{}.example",
        "www.{}.example",
        "https://www.{}.example",
        "http://{}.example/en/home",
        "https://{}.example/",
    )
    return None if rng.random() < 0.04 else rng.choice(forms).format(domain)


def person(rng: random.Random, number: int, company_number: int, domain: str) -> Person:
    first, last = rng.choice(FIRST_NAMES), rng.choice(LAST_NAMES)
    email = f"{slug(first)}.{slug(last)}{number}@{domain}"
    return Person(
        number, company_number, first, last, email if rng.random() > 0.03 else None, rng.choice(TITLES),
        f"+33 6 12 {number // 100 % 100:02d} {number % 100:02d} 34", rng.choice(ROLES), f"P-{50_000 + number}", rng.choice(SALES),
        moment(rng),
    )  # fmt: skip


def moment(rng: random.Random) -> datetime:
    return BEGINNING + timedelta(days=rng.randrange(DAYS), seconds=rng.randrange(36_000))
