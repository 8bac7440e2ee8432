"""The reporting currency and its exchange rates: for admins, each change in the audit trail."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit, toasts
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..forms.money import MoneyForm, RateForm
from ..models import Agreement, ExchangeRate, MoneySettings
from ..revenue import counted

RATES_SHOWN = 500


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def money(request: SignedInRequest) -> HttpResponse:
    settings = MoneySettings.current()
    before = {"currency": settings.currency, "shown_as": settings.shown_as}
    form = MoneyForm(request.POST or None, instance=settings)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        audit.record(
            request, audit.Verb.CHANGED, saved, before=before, after={name: getattr(saved, name) for name in before}
        )
        toasts.done(request, _("Sums are in %(currency)s from now on.") % {"currency": saved.currency})
        return redirect("hub:money")
    return _page(request, form, RateForm(into=before["currency"], asked=request.GET.get("currency", "")))


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def rate_new(request: SignedInRequest) -> HttpResponse:
    settings = MoneySettings.current()
    form = RateForm(request.POST, into=settings.currency)
    if not form.is_valid():
        return _page(request, MoneyForm(instance=settings), form, status=422)
    rate = form.save()
    audit.record(request, audit.Verb.CREATED, rate, after={"rate": str(rate.rate)})
    said = {"currency": rate.currency, "rate": rate.rate, "into": rate.into}
    toasts.done(request, _("1 %(currency)s is %(rate)s %(into)s from that day on.") % said)
    return redirect("hub:money")


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def rate_delete(request: SignedInRequest, rate: int) -> HttpResponse:
    row = get_object_or_404(ExchangeRate, pk=rate)
    audit.record(request, audit.Verb.DELETED, row, before={"rate": str(row.rate)})
    row.delete()
    toasts.done(request, _("The rate of that day was removed."))
    return redirect("hub:money")


def _page(request: SignedInRequest, form: MoneyForm, rate_form: RateForm, status: int = 200) -> HttpResponse:
    settings = MoneySettings.current()
    missing = (
        counted(Agreement.objects.all(), settings)
        .filter(Q(is_unconverted=True))
        .order_by("currency")
        .values("currency")
        .annotate(number=Count("pk"), active=Count("pk", filter=Q(status=Agreement.Status.ACTIVE)))
    )
    context = {
        "form": form,
        "rate_form": rate_form,
        "settings": settings,
        "rates": ExchangeRate.objects.filter(into=settings.currency)[:RATES_SHOWN],
        "missing": missing,
    }
    return render(request, "hub/money.html", context, status=422 if form.errors else status)
