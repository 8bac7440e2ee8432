"""How MRR moved between two days, customer by customer: new, more, less, gone; each with the agreements behind it.

What an agreement was worth on a day follows from its dates, from when a person paused or cancelled it, and from the
amount that the journal says it had. Rates, tacit renewal and revenue sources are those of today.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from typing import Any

from django.db.models import Case, Count, F, OuterRef, Q, QuerySet, Subquery, Sum, TextField, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.hub import revenue
from integrations.hub.models import Agreement, MoneySettings
from integrations.hub.revenue import CENT, MONEY, cents

from .models import Change
from .models.journal import Action
from .reconciliation import monthly
from .revenue import OBJECT

NOTHING = Value(Decimal(0), output_field=MONEY)
HALF = CENT / 2
"""Sums of many parts differ by less than this where nothing moved."""
STOPPED = (Agreement.Status.PAUSED, Agreement.Status.CANCELLED)
CHANGING = (Action.UPDATE, Action.LINK, Action.RESTORE)
"""What a contract was worth before it was typed in is no question: what makes a row is left out."""
_BOTH = ~Q(was=0) & ~Q(now=0)
KINDS: dict[str, tuple[str | Promise, Q]] = {
    "new": (_("New customers"), Q(was=0) & ~Q(now=0)),
    "expansion": (_("Expansion"), _BOTH & Q(now__gt=F("was") + HALF)),
    "contraction": (_("Contraction"), _BOTH & Q(now__lt=F("was") - HALF)),
    "churn": (_("Churn"), ~Q(was=0) & Q(now=0)),
}


@dataclass(frozen=True, slots=True)
class Move:
    kind: str
    label: str | Promise
    customers: int
    mrr: Decimal


@dataclass(frozen=True, slots=True)
class Movement:
    since: date
    until: date
    was: Decimal
    now: Decimal
    moves: Sequence[Move]


def between(seen: QuerySet[Agreement], since: date, until: date, money: MoneySettings) -> QuerySet[Agreement]:
    """Each agreement with `worth_then` and `worth_now`: its MRR on the evening of each day, 0 where it did not count."""
    return _worth(_worth(revenue.counted(seen, money), since, money, "worth_then"), until, money, "worth_now")


def movement(rows: QuerySet[Agreement], since: date, until: date) -> Movement:
    """One statement, over rows as `between` made them."""
    asked: dict[str, Any] = {"was_all": Sum("was"), "now_all": Sum("now")}
    for kind, (_label, where) in KINDS.items():
        asked[f"{kind}_customers"] = Count("customer", filter=where)
        asked[f"{kind}_mrr"] = Sum(F("now") - F("was"), filter=where)
    found: Mapping[str, Any] = _customers(rows).aggregate(**asked)
    moves = [
        Move(kind, label, found[f"{kind}_customers"], cents(found[f"{kind}_mrr"]))
        for kind, (label, _where) in KINDS.items()
    ]
    return Movement(since, until, cents(found["was_all"]), cents(found["now_all"]), moves)


def behind(rows: QuerySet[Agreement], kind: str) -> QuerySet[Agreement]:
    """The agreements that moved, of the customers that moved so."""
    moved = _customers(rows).filter(KINDS[kind][1]).values("customer")
    return rows.filter(customer__in=moved).exclude(Q(worth_then=F("worth_now")))


def _customers(rows: QuerySet[Agreement]) -> QuerySet[Any, Any]:
    return rows.order_by().values("customer").annotate(was=Sum("worth_then"), now=Sum("worth_now"))


def _worth(rows: QuerySet[Agreement], day: date, money: MoneySettings, name: str) -> QuerySet[Agreement]:
    if day == timezone.localdate():
        today = Case(When(Q(is_counted=True), then=F("converted")), default=NOTHING, output_field=MONEY)
        return rows.annotate(**{name: today})
    evening = timezone.make_aware(datetime.combine(day + timedelta(days=1), time()))
    rows = rows.annotate(stopped=Cast(KeyTextTransform("status", "touched"), TextField()))
    began = Q(start_date__lte=day) | Q(start_date=None, created_at__lt=evening)
    runs = Q(end_date=None) | Q(end_date__gte=day)
    # The moment is kept as a text of one form, which sorts as the moments do.
    stopped_later = Q(status__in=STOPPED, stopped__gte=evening.astimezone(UTC).isoformat())
    by_dates = ~Q(status__in=[*STOPPED, Agreement.Status.PENDING])
    where = began & runs & (stopped_later | by_dates) & Q(is_elsewhere=False)
    rows, amount = _with_amount(rows, evening, name)
    worth = Coalesce(revenue.converted(amount, money.currency), NOTHING)
    return rows.annotate(**{name: Case(When(where, then=worth), default=NOTHING, output_field=MONEY)})


def _with_amount(rows: QuerySet[Agreement], evening: datetime, name: str) -> tuple[QuerySet[Agreement], Case]:
    """The MRR of that evening: what the first change after it says stood before, else what stands."""
    later = Change.objects.filter(
        object=OBJECT, at__gte=evening, outcome=Change.Outcome.DONE, action__in=CHANGING, fields__contains=" amount "
    )
    former = KeyTextTransform("n", KeyTransform("amount", "before"))
    first = later.filter(hub_id=OuterRef("pk")).order_by("pk").annotate(former=Cast(former, MONEY)).values("former")
    column = f"{name}_amount"
    rows = rows.annotate(**{column: Subquery(first[:1], output_field=MONEY)})
    is_changed = Q(pk__in=later.filter(hub_id__isnull=False).values("hub_id"))
    return rows, Case(When(is_changed, then=monthly(column)), default=F("mrr"), output_field=MONEY)
