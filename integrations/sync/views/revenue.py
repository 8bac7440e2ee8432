"""What all agreements are worth: by the CRMs and by the hub, why the two differ, and how it moved between two days."""

import csv
from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.core.paginator import Paginator
from django.db.models import QuerySet
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.agreements import arr
from integrations.hub.models import Agreement, MoneySettings
from integrations.hub.visibility import visible_agreements

from ..forms_revenue import Days
from ..movements import KINDS, behind, between, movement
from ..revenue_overview import names_of_connections, overview_of, why_not
from ..search.export import CHUNK, Echo, safe

ORDER = ("customer__name_key", "customer", "pk")


@requires(Permission.SEE_HUB)
@require_GET
def revenue(request: SignedInRequest) -> HttpResponse:
    money, seen, form = MoneySettings.current(), visible_agreements(request.user), Days(request.GET)
    since, until = form.days
    rows = between(seen, since, until, money)
    overview = overview_of(seen, money, with_records=request.user.may(Permission.SEE_RUNS))
    kind = request.GET.get("move", "")
    context = {
        "money": money,
        "overview": overview,
        "yearly": arr(overview.bridge.counted),
        "form": form,
        "kept_days": settings.JOURNAL_DAYS,
        "movement": movement(rows, since, until),
        **(_behind(request, rows, kind) if kind in KINDS else {}),
    }
    return render(request, "sync/revenue.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def revenue_csv(request: SignedInRequest) -> StreamingHttpResponse:
    """Every agreement with what it is worth, why it does not count, and what it was worth on both days."""
    money, form = MoneySettings.current(), Days(request.GET)
    since, until = form.days
    rows = between(visible_agreements(request.user), since, until, money).select_related("customer").order_by(*ORDER)
    kind = request.GET.get("move", "")
    rows = behind(rows, kind) if kind in KINDS else rows
    answer = StreamingHttpResponse(_lines(rows, money, form), content_type="text/csv; charset=utf-8")
    answer["Content-Disposition"] = f'attachment; filename="revenue-{since}-{until}.csv"'
    return answer


def _behind(request: SignedInRequest, rows: QuerySet[Agreement], kind: str) -> dict[str, Any]:
    found = behind(rows, kind).select_related("customer").order_by(*ORDER)
    return {
        "kind": kind,
        "kind_label": KINDS[kind][0],
        "page": Paginator(found, PAGE_SIZE).get_page(request.GET.get("page")),
    }


def _lines(rows: QuerySet[Agreement], money: MoneySettings, form: Days) -> Iterator[str]:
    names, writer = names_of_connections(), csv.writer(Echo())
    since, until = form.days
    # The mark tells spreadsheets that the file is UTF-8.
    yield "\ufeff" + writer.writerow([safe(cell) for cell in _head(money, since, until)])
    for row in rows.iterator(chunk_size=CHUNK):
        yield writer.writerow([safe(cell) for cell in _cells(row, names)])


def _head(money: MoneySettings, since: Any, until: Any) -> list[str]:
    into = {"currency": money.currency}
    return [
        _("Customer"), _("Customer, hub ID"), _("Plan"), _("External ID"), _("Agreement, hub ID"), _("Comes from"),
        _("Status"), _("Start"), _("End"), _("Amount as read"), _("Amount is"), _("Currency"), _("MRR"),
        _("MRR, %(currency)s") % into, _("Counted"), _("Why not"),
        _("MRR on %(day)s, %(currency)s") % {**into, "day": since},
        _("MRR on %(day)s, %(currency)s") % {**into, "day": until},
    ]  # fmt: skip


def _cells(row: Any, names: dict[int | None, str]) -> list[Any]:
    return [
        row.customer.name, row.customer_id, row.plan, row.ref_id, row.pk, names.get(row.own_source, ""),
        row.get_status_display(), row.start_date, row.end_date, row.amount, row.amount_format, row.currency, row.mrr,
        _cents(row.converted), _("yes") if row.is_counted else _("no"), why_not(row), _cents(row.worth_then),
        _cents(row.worth_now),
    ]  # fmt: skip


def _cents(value: Any) -> str:
    return "" if value is None else f"{value:.2f}"
