"""From what a CRM says its agreements are worth to what the hub counts, step by step, each with the rows behind it.

All sums are per month, in the reporting currency. The steps add up: read, plus what was changed here, minus what is not
counted, is what counts.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any
from urllib.parse import urlencode

from django.db.models import Case, CharField, Count, F, FloatField, OuterRef, Q, QuerySet, Subquery, Sum, Value, When
from django.db.models.fields.json import KeyTextTransform, KeyTransform
from django.db.models.functions import Cast, Coalesce, NullIf
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.hub import revenue
from integrations.hub.models import Agreement, MoneySettings
from integrations.hub.revenue import CENT, MONEY, cents

from .models import Connection, FieldMapping, RecordLink
from .revenue import FIRST, OBJECT

Status = Agreement.Status
UNCOUNTED = {
    Status.PENDING: gettext_lazy("Proposed, not signed."),
    Status.VALIDATED: gettext_lazy("Signed, not started yet."),
    Status.PAUSED: gettext_lazy("Paused, here or where it comes from."),
    Status.CANCELLED: gettext_lazy("Cancelled, here or where it comes from."),
    Status.FINISHED: gettext_lazy("Ended."),
}
LISTED = (RecordLink.State.EXCLUDED, RecordLink.State.COLLISION, RecordLink.State.FAILING)
"""Of records that are no agreement here, or not as the CRM has them."""


@dataclass(frozen=True, slots=True)
class Step:
    label: str
    number: int
    mrr: Decimal | None = None
    """None: these rows are worth what nobody can say in one currency."""
    url: str = ""
    is_sum: bool = False
    remark: str = ""


@dataclass(frozen=True, slots=True)
class Bridge:
    steps: Sequence[Step]
    read: Decimal
    counted: Decimal
    currency: str

    @property
    def difference(self) -> Decimal:
        return self.counted - self.read


def bridge_of(connection: Connection, money: MoneySettings | None = None) -> Bridge:
    """Three statements, however many agreements there are."""
    money = money or MoneySettings.current()
    links = RecordLink.objects.filter(connection=connection, object=OBJECT)
    states = dict(links.order_by().values_list("state").annotate(Count("pk")))
    held = Agreement.objects.filter(pk__in=links.exclude(hub_id=None).values("hub_id"))
    rows = as_read(held, links, money)
    kept = kept_of(rows)
    source = {"source": connection.slug}
    read, counted = kept["mrr_read"], kept["mrr_counted"]
    steps = [
        Step(_("Known to %(name)s") % {"name": connection.name}, sum(states.values()), url=records(connection), is_sum=True),
        *_outside(connection, states),
        Step(_("In the hub, as %(name)s says") % {"name": connection.name}, kept["number"], read, listed(source), is_sum=True),
        *lost_on_the_way(source, kept, rows),
        Step(_("Counted in the hub"), kept["counted"], counted, listed(source, revenue="counted"), is_sum=True),
        *still_counted(source, kept),
    ]  # fmt: skip
    return Bridge(steps, read, counted, money.currency)


def as_read(rows: QuerySet[Agreement], links: QuerySet[RecordLink], money: MoneySettings) -> QuerySet[Agreement]:
    """Each with `as_read`: its MRR by the amount, format and currency that the CRM last showed, converted at the hub's rates.

    From there to `here`, what the row itself says, one thing changes at a time: the format (`in_format`), then the currency
    (`in_currency`), then the amount. Of one that was typed here, what was typed is what was read.
    """
    into = money.currency
    amount = KeyTextTransform("n", KeyTransform(1, KeyTransform("amount", "settled")))
    shown = links.filter(hub_id=OuterRef("pk")).order_by(*FIRST).annotate(shown=Cast(amount, MONEY)).values("shown")
    counted = revenue.counted(rows, money).annotate(
        shown=Subquery(shown[:1], output_field=MONEY),
        shown_format=_shown(links, "amount_format"),
        shown_currency=_shown(links, "currency"),
    )
    return counted.annotate(
        monthly_there=_unless_typed(monthly("shown", "shown_format")),
        monthly=_unless_typed(monthly("shown")),
        as_read=revenue.converted(F("monthly_there"), into, "shown_currency"),
        in_format=revenue.converted(F("monthly"), into, "shown_currency"),
        in_currency=revenue.converted(F("monthly"), into),
        here=revenue.converted(F("mrr"), into),
    )


def monthly(amount: str, amount_format: str = "amount_format") -> Case:
    """Of an amount in the agreement's format; `amount_format`: the column that says it."""
    # Not exact, but to the cent: SQLite divides whole numbers to whole numbers.
    year = Cast(Cast(amount, FloatField()) / Value(12.0), MONEY)
    return Case(When(**{amount_format: Agreement.Format.ARR}, then=year), default=F(amount), output_field=MONEY)


def kept_of(rows: QuerySet[Agreement]) -> dict[str, Any]:
    """One statement for all sums of a bridge, over rows as `as_read` made them."""
    return {
        name: cents(value) if name.startswith("mrr_") else value for name, value in rows.aggregate(**_sums()).items()
    }


def lost_on_the_way(source: Mapping[str, str], kept: Mapping[str, Any], rows: QuerySet[Agreement]) -> list[Step]:
    """From what was read to what counts. `source`: what narrows the list of agreements to these rows."""
    return [*_without_worth(source, kept, rows), *_uncounted(source, kept)]


def still_counted(source: Mapping[str, str], kept: Mapping[str, Any]) -> list[Step]:
    if not kept["gone"]:
        return []
    remark, url = _("They count until they end."), listed(source, gone="yes")
    return [Step(_("Of these, gone from the CRM"), kept["gone"], kept["mrr_gone"], url, remark=remark)]


def _unless_typed(shown: Case) -> Case:
    return Case(When(own_source=None, then=F("mrr")), default=shown, output_field=MONEY)


def _shown(links: QuerySet[RecordLink], name: str) -> Coalesce:
    """What the CRM last said of a field; where it is silent, or no line asks it any more, the row's own column."""
    asked = FieldMapping.objects.filter(block__object=OBJECT, hub_field=name).values("block__connection")
    text = KeyTextTransform(1, KeyTransform(name, "settled"))
    # SQLite would read a JSON null as the word "null".
    is_silent = Q(**{f"settled__{name}__1": None}) | ~Q(connection__in=asked)
    said = Case(When(is_silent, then=None), default=Cast(text, CharField()), output_field=CharField())
    shown = links.filter(hub_id=OuterRef("pk")).order_by(*FIRST).annotate(said=said).values("said")
    return Coalesce(NullIf(Subquery(shown[:1]), Value("")), F(name), output_field=CharField())


def _sums() -> dict[str, Any]:
    found: dict[str, Any] = {
        "number": Count("pk"),
        "mrr_read": Sum("as_read"),
        "mrr_in_format": Sum("in_format"),
        "mrr_in_currency": Sum("in_currency"),
        "mrr_here": Sum("here"),
        "unknown": Count("pk", filter=Q(mrr__isnull=True)),
        "unconverted": Count("pk", filter=Q(is_unconverted=True)),
        "reformatted": Count("pk", filter=_is_shown() & ~Q(shown_format=F("amount_format"))),
        "redenominated": Count("pk", filter=_is_shown() & ~Q(shown_currency=F("currency"))),
        "edited": Count("pk", filter=Q(mrr__isnull=False, monthly__isnull=False) & ~_is_rounding()),
        "elsewhere": Count("pk", filter=_elsewhere()),
        "mrr_elsewhere": Sum("here", filter=_elsewhere()),
        "counted": Count("pk", filter=Q(is_counted=True)),
        "mrr_counted": Sum("here", filter=Q(is_counted=True)),
        "gone": Count("pk", filter=Q(is_counted=True, gone_at__isnull=False)),
        "mrr_gone": Sum("here", filter=Q(is_counted=True, gone_at__isnull=False)),
    }
    for status in UNCOUNTED:
        found[f"number_{status}"] = Count("pk", filter=Q(status=status))
        found[f"mrr_{status}"] = Sum("here", filter=Q(status=status))
    return found


def _is_rounding() -> Q:
    """A twelfth of a year's amount seldom has whole cents."""
    return Q(mrr__gte=F("monthly") - CENT, mrr__lte=F("monthly") + CENT)


def _is_shown() -> Q:
    """Format and currency of no amount are worth nothing."""
    return Q(own_source__isnull=False, shown__isnull=False)


def _elsewhere() -> Q:
    return Q(status=Status.ACTIVE, is_elsewhere=True)


def _outside(connection: Connection, states: Mapping[str, int]) -> list[Step]:
    labels = (_("Left out, each with its reason"), _("Collisions"), _("Refused"))
    return [
        Step(label, states[state], url=records(connection, state))
        for state, label in zip(LISTED, labels, strict=True)
        if states.get(state)
    ]


def _without_worth(source: Mapping[str, str], kept: Mapping[str, Any], rows: QuerySet[Agreement]) -> list[Step]:
    found = []
    if kept["unknown"]:
        found.append(Step(_("Without an amount"), kept["unknown"], url=listed(source, revenue="unknown")))
    if kept["unconverted"]:
        each = rows.filter(Q(is_unconverted=True)).order_by("currency").values_list("currency").annotate(Sum("mrr"))
        remark = ", ".join(f"{cents(mrr):,} {currency}" for currency, mrr in each)
        url = listed(source, revenue="unconverted")
        found.append(Step(_("Without an exchange rate"), kept["unconverted"], url=url, remark=remark))
    found += _differing(source, kept)
    moved = kept["mrr_here"] - kept["mrr_in_currency"]
    if kept["edited"]:
        remark = _("Somebody or another connection wrote another amount here, or the CRM’s came later.")
        found.append(Step(_("Another amount here"), kept["edited"], moved, listed(source), remark=remark))
    elif moved:
        found.append(Step(_("Rounded to cents"), kept["number"], moved))
    return found


def _differing(source: Mapping[str, str], kept: Mapping[str, Any]) -> list[Step]:
    """What the CRM's own amount becomes by another format or currency than the CRM says."""
    found = []
    if kept["reformatted"]:
        remark = _("Here the amount is taken as per month where the CRM says per year, or the other way round.")
        moved = kept["mrr_in_format"] - kept["mrr_read"]
        found.append(Step(_("Another format here"), kept["reformatted"], moved, listed(source), remark=remark))
    if kept["redenominated"]:
        remark = _("Here the amount is taken in another currency than the CRM says.")
        moved = kept["mrr_in_currency"] - kept["mrr_in_format"]
        found.append(Step(_("Another currency here"), kept["redenominated"], moved, listed(source), remark=remark))
    return found


def _uncounted(source: Mapping[str, str], kept: Mapping[str, Any]) -> list[Step]:
    found = [
        Step(
            _("Not counted: %(status)s") % {"status": status.label}, kept[f"number_{status}"], -kept[f"mrr_{status}"],
            listed(source, status=status.value), remark=str(remark),
        )
        for status, remark in UNCOUNTED.items()
        if kept[f"number_{status}"]
    ]  # fmt: skip
    if kept["elsewhere"]:
        label = _("Counted by another connection")
        found.append(Step(label, kept["elsewhere"], -kept["mrr_elsewhere"], listed(source, revenue="elsewhere")))
    return found


def listed(source: Mapping[str, str], **filters: str) -> str:
    asked = {**source, **filters}
    return f"{reverse('hub:agreements')}?{urlencode(asked)}" if asked else reverse("hub:agreements")


def records(connection: Connection, state: str = "") -> str:
    address = reverse("sync:records", args=[connection.slug, OBJECT])
    return f"{address}?{urlencode({'state': state})}" if state else address
