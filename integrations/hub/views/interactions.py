"""What happened with customers: listed, typed by hand, changed and deleted by whoever may edit the customer."""

from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import toasts
from accounts.models import User
from accounts.paging import latest_first
from accounts.permissions import Permission, requires
from accounts.refused import NotByHand
from accounts.requests import SignedInRequest

from .. import panels, shown
from ..door import Refusal, door
from ..forms.interaction import DATA_TYPES, InteractionForm
from ..interaction_search import InteractionSearch
from ..models import Customer, Interaction
from ..sources import sources_of
from ..visibility import editable_customers, not_theirs, visible_customers, visible_interactions


@requires(Permission.SEE_HUB)
@require_GET
def interactions(request: SignedInRequest) -> HttpResponse:
    search = InteractionSearch(request.GET)
    page = latest_first(
        search.matching(visible_interactions(request.user)).select_related("customer"),
        "starts_at",
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    context = {"page": page, "search": search, "customer": _customer(request.user, search)}
    return render(request, "hub/interactions.html", context)


@requires(Permission.SEE_HUB)
@require_GET
def interaction(request: SignedInRequest, pk: int) -> HttpResponse:
    rows = visible_interactions(request.user).select_related("customer").prefetch_related("contacts")
    row = get_object_or_404(rows, pk=pk)
    # Tickets are of no data type yet: nothing syncs them.
    data_type = DATA_TYPES.get(row.type, "")
    story = panels.desk().story(data_type, pk)
    context = {
        "row": row,
        "may_edit": row.origin == Interaction.Origin.HAND and _may_edit(request.user, row.customer),
        "story": story,
        "sources": shown.source_lines(sources_of(data_type, [pk]).get(pk, ()), story.arrivals),
    }
    return render(request, "hub/interaction.html", context)


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


def _customer(user: User, search: InteractionSearch) -> Customer | None:
    asked = search.asked.get("customer")
    return visible_customers(user).filter(pk=asked).first() if asked else None


def _typed(user: User, pk: int) -> Interaction:
    """Only what somebody typed here: the rest belongs to where it was captured."""
    row = get_object_or_404(visible_interactions(user).select_related("customer"), pk=pk)
    if row.origin != Interaction.Origin.HAND:
        raise NotByHand(
            _("It was captured, so nobody changes it here: it stays as its mailbox, calendar or CRM has it.")
        )
    _require(user, row.customer)
    return row


def _may_edit(user: User, customer: Customer) -> bool:
    return editable_customers(user).filter(pk=customer.pk).exists()


def _require(user: User, customer: Customer) -> None:
    if not _may_edit(user, customer):
        raise not_theirs(customer)


def _to_customer(customer: Customer) -> Any:
    answer = redirect("hub:customer", customer.pk)
    answer["Location"] += "?show=interactions"
    return answer
