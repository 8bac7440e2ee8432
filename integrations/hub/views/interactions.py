"""What happened with customers: listed, typed by hand, changed and deleted by whoever may edit the customer."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import toasts
from accounts.models import User
from accounts.paging import newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..door import Refusal, door
from ..forms.interaction import DATA_TYPES, InteractionForm
from ..models import Customer, Interaction
from ..visibility import editable_customers, visible_customers

ORIGINS = Interaction.Origin.choices


@requires(Permission.SEE_HUB)
@require_GET
def interactions(request: SignedInRequest) -> HttpResponse:
    asked = {name: request.GET.get(name, "") for name in ("type", "origin", "q")}
    rows = _matching(visible_interactions(request.user), asked)
    page = newest_first(
        rows.select_related("customer"), before=request.GET.get("before", ""), after=request.GET.get("after", "")
    )
    context = {"page": page, "asked": asked, "types": Interaction.Type.choices, "origins": ORIGINS}
    return render(request, "hub/interactions.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def interaction(request: SignedInRequest, pk: int) -> HttpResponse:
    rows = visible_interactions(request.user).select_related("customer").prefetch_related("contacts")
    row = get_object_or_404(rows, pk=pk)
    may_edit = row.origin == Interaction.Origin.HAND and _may_edit(request.user, row.customer)
    return render(request, "hub/interaction.html", {"row": row, "may_edit": may_edit})


@requires(Permission.EDIT_HUB)
@require_http_methods(["GET", "HEAD", "POST"])
def interaction_new(request: SignedInRequest, customer: int) -> HttpResponse:
    found = get_object_or_404(visible_customers(request.user), pk=customer)
    _require(request.user, found)
    form = InteractionForm(request.POST or None, customer=found, type_=request.GET.get("type", ""))
    if request.method == "POST" and form.is_valid():
        [made] = door().create(form.data_type, [{"customer": found.pk, **form.values}], by=request.user.label)
        if not isinstance(made, Refusal):
            toasts.done(request, _("Kept with %(name)s.") % {"name": found.name})
            return _to_customer(found)
        form.refuse(made)
    return render(request, "hub/interaction_edit.html", {"form": form, "customer": found})


@requires(Permission.EDIT_HUB)
@require_http_methods(["GET", "HEAD", "POST"])
def interaction_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _typed(request.user, pk)
    form = InteractionForm(request.POST or None, customer=row.customer, row=row)
    if request.method == "POST" and form.is_valid():
        refusals = door().edit(DATA_TYPES[row.type], {row.pk: form.values}, by=request.user.label)
        if not refusals:
            toasts.done(request, _("Changed. What you changed is kept in the journal."))
            return redirect("hub:interaction", pk)
        for refusal in refusals:
            form.refuse(refusal)
    return render(request, "hub/interaction_edit.html", {"form": form, "customer": row.customer, "row": row})


@requires(Permission.EDIT_HUB)
@require_POST
def interaction_delete(request: SignedInRequest, pk: int) -> HttpResponse:
    row = _typed(request.user, pk)
    door().delete(DATA_TYPES[row.type], [row.pk], by=request.user.label)
    toasts.done(request, _("Deleted here. All that it said is kept in the journal."))
    return _to_customer(row.customer)


def visible_interactions(user: User) -> QuerySet[Interaction]:
    rows = Interaction.objects.all()
    return rows.filter(customer__in=visible_customers(user)) if user.role_of.sees_only_own_customers else rows


def _matching(rows: QuerySet[Interaction], asked: dict[str, str]) -> QuerySet[Interaction]:
    if asked["type"]:
        rows = rows.filter(type=asked["type"])
    if asked["origin"]:
        rows = rows.filter(origin=asked["origin"])
    return rows.filter(subject__icontains=asked["q"]) if asked["q"] else rows


def _typed(user: User, pk: int) -> Interaction:
    """Only what somebody typed here: the rest belongs to where it was captured."""
    row = get_object_or_404(visible_interactions(user).select_related("customer"), pk=pk)
    if row.origin != Interaction.Origin.HAND:
        raise PermissionDenied
    _require(user, row.customer)
    return row


def _may_edit(user: User, customer: Customer) -> bool:
    return editable_customers(user).filter(pk=customer.pk).exists()


def _require(user: User, customer: Customer) -> None:
    if not _may_edit(user, customer):
        raise PermissionDenied


def _to_customer(customer: Customer) -> Any:
    answer = redirect("hub:customer", customer.pk)
    answer["Location"] += "?show=interactions"
    return answer
