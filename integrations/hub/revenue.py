"""What revenue counts: one query that every page and every sum shares.

An agreement counts when it is active and comes from the one connection that its customer's revenue is taken from. It is
converted at the rate that was valid on its start: what was agreed then does not move with the market. Without a rate it
is listed as unconverted and is in no sum. One that the CRM no longer has counts until it ends, and says so.
"""

from collections.abc import Callable
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from typing import Any

from django.db.models import (
    BooleanField,
    Case,
    Count,
    DecimalField,
    ExpressionWrapper,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.expressions import Combinable
from django.db.models.functions import Coalesce
from django.utils import timezone

from .models import Agreement, ExchangeRate, MoneySettings

CENT = Decimal("0.01")
MONEY = DecimalField(max_digits=24, decimal_places=8)
Annotate = Callable[[QuerySet[Agreement]], QuerySet[Agreement]]
_sources: list[Annotate] = []


@dataclass(frozen=True, slots=True)
class Total:
    currency: str
    mrr: Decimal
    number: int
    unconverted: int
    """Active ones whose currency has no rate: in no sum."""
    unknown: int
    """Active ones whose amount is missing."""
    elsewhere: int
    """Active ones that another connection already counts."""


def register(annotate: Annotate) -> None:
    """The syncs know which connection an agreement comes from: `own_source` and `first_source` of each row."""
    _sources[:] = [annotate]


def counted(rows: QuerySet[Agreement], settings: MoneySettings | None = None) -> QuerySet[Agreement]:
    """Each row with `converted` (MRR in the reporting currency, None where it is not known) and `is_counted`."""
    into = (settings or MoneySettings.current()).currency
    rows = _with_sources(rows).annotate(converted=converted(F("mrr"), into))
    return rows.annotate(
        is_elsewhere=_flag(Q(own_source__isnull=False) & ~Q(own_source=F("first_source"))),
        is_unconverted=_flag(Q(mrr__isnull=False, converted__isnull=True)),
        is_counted=_flag(
            Q(status=Agreement.Status.ACTIVE)
            & Q(converted__isnull=False)
            & (Q(own_source__isnull=True) | Q(own_source=F("first_source")))
        ),
    )


def converted(amount: Combinable, into: str, currency: str = "currency") -> Case:
    """An amount in the agreement's currency at the rate that was valid on its start; None where there is no rate.

    `currency`: the column that says it.
    """
    rates = ExchangeRate.objects.filter(
        currency=OuterRef(currency), into=into, day__lte=Coalesce(OuterRef("start_date"), Value(timezone.localdate()))
    )
    rate = Subquery(rates.order_by("-day").values("rate")[:1], output_field=MONEY)
    return Case(
        When(**{f"{currency}__in": ["", into]}, then=amount),
        default=ExpressionWrapper(amount * rate, output_field=MONEY),
        output_field=MONEY,
    )


def cents(value: Decimal | int | None) -> Decimal:
    """Of a sum, which is None over no rows. Half-even, so that many roundings do not drift one way."""
    return Decimal(value or 0).quantize(CENT, ROUND_HALF_EVEN)


def total(rows: QuerySet[Agreement], settings: MoneySettings | None = None) -> Total:
    """One statement for the sum and for everything that is missing from it."""
    settings = settings or MoneySettings.current()
    active = Q(status=Agreement.Status.ACTIVE)
    here = active & Q(is_elsewhere=False)
    found: dict[str, Any] = (
        counted(rows, settings)
        .order_by()
        .aggregate(
            mrr_in_all=Sum("converted", filter=Q(is_counted=True)),
            number=Count("pk", filter=Q(is_counted=True)),
            unconverted=Count("pk", filter=here & Q(is_unconverted=True)),
            unknown=Count("pk", filter=here & Q(mrr__isnull=True)),
            elsewhere=Count("pk", filter=active & Q(is_elsewhere=True)),
        )
    )
    mrr = cents(found["mrr_in_all"])
    return Total(settings.currency, mrr, found["number"], found["unconverted"], found["unknown"], found["elsewhere"])


def _with_sources(rows: QuerySet[Agreement]) -> QuerySet[Agreement]:
    if _sources:
        return _sources[0](rows)
    nobody = Value(None, output_field=IntegerField())
    return rows.annotate(own_source=nobody, first_source=nobody)


def _flag(where: Q) -> Case:
    return Case(When(where, then=Value(True)), default=Value(False), output_field=BooleanField())
