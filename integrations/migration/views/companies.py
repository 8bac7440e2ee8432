"""The customers to move and HubSpot's companies side by side, as the census found them; and who stays behind."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.sync.origin import record_url

from .. import checking, there
from ..acts.hubspot import declare_stays, take_stay_back
from ..census import DONE, MEASURED_BY_IT, census_of
from ..chapters import step_of
from ..models import Company, Move, Stay

Cell = tuple[str | Promise, str, str]
"""Head, value, address."""


@dataclass(frozen=True, slots=True)
class Shown:
    pk: int
    label: str
    url: str
    cells: Sequence[Cell]


@dataclass(frozen=True, slots=True)
class List:
    key: str
    label: str | Promise
    said: str | Promise
    rows: Callable[[Move], QuerySet[Any]]
    shown: Callable[[Move, Any], Shown]
    names: tuple[str, str]
    """Columns of the name and of the old ID."""
    heads: Sequence[str | Promise]
    is_company: bool = False


OLD_ID, STAGE = gettext_lazy("Old ID"), gettext_lazy("Lifecycle stage")
PERHAPS = gettext_lazy("Perhaps")
REASON, WHO = gettext_lazy("Why"), gettext_lazy("Said by")


class FindForm(forms.Form):
    q = forms.CharField(
        label=gettext_lazy("Name or old ID"), required=False, max_length=120,
        widget=forms.TextInput(attrs={"type": "search", "class": "form-control"}),
    )  # fmt: skip
    show = forms.CharField(widget=forms.HiddenInput, required=False)

    @property
    def asked(self) -> str:
        return str(self.data.get("q", "")).strip()


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def companies(request: SignedInRequest, pk: int) -> HttpResponse:
    move = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
    shown = next((one for one in LISTS if one.key == request.GET.get("show")), LISTS[0])
    search = FindForm({"q": request.GET.get("q", ""), "show": shown.key})
    found = _searched(shown, shown.rows(move), search.asked)
    census = census_of(move)
    is_listed = census.state == DONE
    page = Paginator(found, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "move": move, "census": census, "search": search, "page": page, "shown": shown.key,
        "said": shown.said, "heads": shown.heads, "is_company": shown.is_company,
        "rows": [shown.shown(move, row) for row in page], "is_listed": is_listed,
        "may_change": move.is_open and request.user.may(Permission.EDIT_INTEGRATIONS),
        "tabs": [
            {
                "url": f"{request.path}?{urlencode({'show': one.key})}", "label": one.label,
                "count": one.rows(move).count() if is_listed or one.key == "stays" else None,
                "current": one is shown,
            }
            for one in LISTS
        ],
    }  # fmt: skip
    return render(request, "migration/companies.html", context)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def stay(request: SignedInRequest, pk: int) -> HttpResponse:
    move = get_object_or_404(Move, pk=pk, state=Move.State.OPEN)
    reason = request.POST.get("reason", "").strip()
    chosen = [int(one) for one in request.POST.getlist("customer")[:PAGE_SIZE] if one.isdecimal() and len(one) < 19]
    if not reason or not chosen:
        messages.error(request, _("Choose customers and say why they stay behind. Nothing was changed."))
    else:
        messages.success(request, declare_stays(move, request.user, chosen, reason))
        _measure(request, move)
    return _back(move, "without")


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def unstay(request: SignedInRequest, pk: int) -> HttpResponse:
    move = get_object_or_404(Move, pk=pk, state=Move.State.OPEN)
    asked = request.POST.get("stay", "")
    found = get_object_or_404(Stay, move=move, pk=int(asked) if asked.isdecimal() and len(asked) < 19 else 0)
    take_stay_back(move, request.user, found)
    messages.success(request, _("%(name)s moves again.") % {"name": found.name})
    _measure(request, move)
    return _back(move, "stays")


def _measure(request: SignedInRequest, move: Move) -> None:
    """Who moves has changed, and with it what the steps say of them."""
    checking.check_all(move, [step_of(key) for key in MEASURED_BY_IT], request.user.label)


def _back(move: Move, show: str) -> HttpResponse:
    return redirect(f"{reverse('migration:companies', args=[move.pk])}?{urlencode({'show': show})}")


def _searched(shown: List, rows: QuerySet[Any], words: str) -> QuerySet[Any]:
    if not words:
        return rows
    name, old_id = shown.names
    has_name = Q(**{f"{name}__icontains": words})
    return rows.filter(has_name | Q(**{old_id: compared(Compare.ID, words)}) if old_id else has_name)


def _customer(move: Move, row: Any) -> Shown:
    old_id = vars(row)["old_id"]
    cells = [(OLD_ID, old_id, record_url(move.old, "customers", old_id))]
    return Shown(row.pk, row.name, reverse("hub:customer", args=[row.pk]), cells)


def _company(move: Move, row: Company) -> Shown:
    url = record_url(move.new, "customers", row.source_id) if move.new else ""
    return Shown(row.pk, str(row), url, [(OLD_ID, row.old_id, ""), (STAGE, row.stage, "")])


def _unknown(move: Move, row: Any) -> Shown:
    found, perhaps = _company(move, row), (PERHAPS, "", "")
    if row.may_be_mistyped:
        url = f"{reverse('migration:companies', args=[move.pk])}?{urlencode({'show': 'without', 'q': row.name})}"
        perhaps = (PERHAPS, _("mistyped: a customer of this name has no company"), url)
    return replace(found, cells=[*found.cells, perhaps])


def _stay(_move: Move, row: Stay) -> Shown:
    return Shown(
        row.pk, row.name, reverse("hub:customer", args=[row.hub_id]), [(REASON, row.reason, ""), (WHO, row.by, "")]
    )


def _of_company(key: str, label: Any, said: Any, rows: Callable[[Move], QuerySet[Any]]) -> List:
    return List(key, label, said, rows, _company, ("name", "old_key"), (OLD_ID, STAGE), is_company=True)


LISTS = (
    List(
        "without", gettext_lazy("Without a company"),
        gettext_lazy("Customers to move whose old ID no company holds: they would come in a second time."),
        lambda move: there.without(move).order_by("name", "pk"), _customer, ("name", "old_id"), (OLD_ID,),
    ),
    _of_company(
        "twins", gettext_lazy("Old ID twice"),
        gettext_lazy("Companies that share an old ID: nobody could tell which of them the customer is."), there.twins,
    ),
    List(
        "unknown", gettext_lazy("Unknown old ID"),
        gettext_lazy("Companies that hold an ID which nobody here has. Those that may be mistyped stand first; the others "
                     "were never customers here, and are no trouble as long as the filter leaves them out."),
        there.unknown, _unknown, ("name", "old_key"), (OLD_ID, STAGE, PERHAPS), is_company=True,
    ),
    _of_company(
        "outside", gettext_lazy("Outside the filter"),
        gettext_lazy("Companies of customers to move that would not come in."), there.outside,
    ),
    List(
        "stays", gettext_lazy("Stay behind"),
        gettext_lazy("Customers that do not move, and why. HubSpot need not have them."),
        lambda move: Stay.objects.filter(move=move).order_by("name", "pk"), _stay, ("name", ""), (REASON, WHO),
    ),
)  # fmt: skip
