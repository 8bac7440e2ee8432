"""What customers have signed: listed with what counts in MRR and what does not, each with its fields' biography."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET

from accounts.models import User
from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.agreements import arr

from .. import panels, revenue, shown
from ..agreement_search import SORTS, AgreementSearch
from ..models import Agreement, Customer, MoneySettings
from ..search import order_of
from ..sources import sources_of
from ..visibility import editable_agreements, visible_agreements, visible_customers


@dataclass(frozen=True, slots=True)
class AgreementLine:
    row: Agreement
    revenue: Decimal | None
    """In the reporting currency, per month or per year as the team wants to see it."""
    remark: str | Promise
    """Why it is in no sum, or what is odd about it; empty: nothing."""
    sources: Sequence[shown.SourceLine]


@requires(Permission.SEE_HUB)
@require_GET
def agreements(request: SignedInRequest) -> HttpResponse:
    money = MoneySettings.current()
    seen = visible_agreements(request.user)
    search = AgreementSearch(request.GET)
    found = search.matching(revenue.counted(seen, money)).select_related("customer")
    page = Paginator(found.order_by(*order_of(request.GET.get("sort", ""), SORTS)), PAGE_SIZE).get_page(
        request.GET.get("page")
    )
    context = {
        "search": search,
        "page": page,
        "rows": lines(page.object_list, money),
        "money": money,
        "default_sort": "-start",
        "customer": _customer(request.user, search),
        **totals(seen, money),
    }
    return render(request, "hub/agreements.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def agreement(request: SignedInRequest, pk: int) -> HttpResponse:
    money = MoneySettings.current()
    row = get_object_or_404(revenue.counted(visible_agreements(request.user), money).select_related("customer"), pk=pk)
    story = panels.desk().story("agreements", pk)
    [line] = lines([row], money)
    context = {
        "agreement": row,
        "may_edit": editable_agreements(request.user).filter(pk=pk).exists(),
        "line": line,
        "money": money,
        "tab": "changes" if request.GET.get("show") == "changes" else "fields",
        "lines": shown.lines_of("agreements", row, story),
        "opened": request.GET.get("field", ""),
        "story": story,
        "sources": shown.source_lines(sources_of("agreements", [pk]).get(pk, ()), story.arrivals),
    }
    return render(request, "hub/agreement.html", context)


def of_customer(customer: Customer) -> dict[str, Any]:
    """What the customer's page shows of its agreements."""
    money = MoneySettings.current()
    rows = Agreement.objects.filter(customer=customer)
    number = rows.count()
    newest = revenue.counted(rows, money).order_by("-start_date", "-pk")[:PAGE_SIZE] if number else []
    return {
        "agreements": lines(newest, money),
        "agreements_number": number,
        "money": money,
        **(totals(rows, money) if number else {}),
    }


def lines(rows: Iterable[Agreement], money: MoneySettings) -> list[AgreementLine]:
    listed = list(rows)
    sources = sources_of("agreements", [row.pk for row in listed])
    return [
        AgreementLine(row, shown_revenue(row, money), remark(row), shown.source_lines(sources.get(row.pk, ())))
        for row in listed
    ]


def totals(rows: QuerySet[Agreement], money: MoneySettings) -> dict[str, Any]:
    total = revenue.total(rows, money)
    return {"total": total, "total_revenue": arr(total.mrr) if money.shows_year else total.mrr}


def shown_revenue(row: Any, money: MoneySettings) -> Decimal | None:
    if row.converted is None:
        return None
    monthly = Decimal(row.converted)
    shown_as = arr(monthly) if money.shows_year else monthly
    return revenue.cents(shown_as)


def remark(row: Any) -> str | Promise:
    if row.mrr is None:
        return _("no amount: in no sum")
    if row.is_unconverted:
        return _("no exchange rate: in no sum")
    if row.is_elsewhere:
        return _("not counted: another connection is the customer’s revenue source")
    return ""


def _customer(user: User, search: AgreementSearch) -> Customer | None:
    asked = search.asked.get("customer")
    return visible_customers(user).filter(pk=asked).first() if asked else None
