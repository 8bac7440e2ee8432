"""What a customer is worth and who hangs on it: the figures that a move must leave as they were."""

from collections.abc import Collection, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q, Sum

from integrations.hub import revenue
from integrations.hub.models import Agreement, Contact, Customer, Interaction

MRR, CONTACTS, INTERACTIONS = "mrr", "contacts", "interactions"
SINCE = "since"
Figures = Mapping[str, Any]


def figures_of(ids: Collection[int], until: datetime | None = None) -> dict[int, dict[str, Any]]:
    """A constant number of statements. `until`: those that were here by then, and under `since` how many came later."""
    found: dict[int, dict[str, Any]] = {pk: {MRR: {}, CONTACTS: 0, INTERACTIONS: 0} for pk in ids}
    for customer, currency, mrr in _worth(ids):
        found[customer][MRR][currency] = str(revenue.cents(mrr))
    by_then = Q(created_at__lte=until) if until else Q(pk__isnull=False)
    for name, model in ((CONTACTS, Contact), (INTERACTIONS, Interaction)):
        rows = model._default_manager.filter(customer__in=ids).order_by().values_list("customer")
        for customer, number, of_all in rows.annotate(n=Count("pk", filter=by_then), of_all=Count("pk")):
            found[customer][name] = number
            if until:
                found[customer].setdefault(SINCE, {})[name] = of_all - number
    return found


def _worth(ids: Collection[int]) -> Any:
    return _active().filter(customer__in=ids).values_list("customer", "currency").annotate(Sum("mrr"))


def _active() -> Any:
    """In each currency as it was agreed: a rate that is typed anew changes nothing."""
    counted: Any = revenue.counted(Agreement.objects.filter(status=Agreement.Status.ACTIVE))
    return counted.filter(is_elsewhere=False, mrr__isnull=False).order_by()


def figures_now() -> dict[str, Any]:
    """Of all together; five statements."""
    mrr = {
        currency: str(revenue.cents(sum_)) for currency, sum_ in _active().values_list("currency").annotate(Sum("mrr"))
    }
    models = {"customers": Customer, CONTACTS: Contact, "agreements": Agreement, INTERACTIONS: Interaction}
    return {MRR: mrr, **{name: model._default_manager.count() for name, model in models.items()}}


def total_mrr(figures: Collection[Figures]) -> dict[str, Decimal]:
    total: dict[str, Decimal] = {}
    for one in figures:
        for currency, mrr in one.get(MRR, {}).items():
            total[currency] = total.get(currency, Decimal()) + Decimal(mrr)
    return total


def worth(mrr: Mapping[str, Any]) -> str:
    """ "1,200.00 EUR, 90.00 USD"."""
    return ", ".join(f"{Decimal(mrr[one]):,.2f} {one}".strip() for one in sorted(mrr)) or "0"
