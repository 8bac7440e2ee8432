"""Editing and creating by hand, through the one door: journaled with who, and marked for the CRMs that are written to."""

from collections.abc import Mapping
from typing import Any

from django.db.models import QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from accounts import toasts
from accounts.models import User
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import panels
from ..door import Refusal, door
from ..forms import contact as contact_forms
from ..forms import customer as customer_forms
from ..forms.contact import ContactForm
from ..forms.customer import CustomerForm
from ..forms.row import RowForm
from ..models import Customer, Stage
from ..visibility import editable_contacts, editable_customers, not_theirs, visible_contacts, visible_customers

METHODS = ["GET", "POST"]


@requires(Permission.EDIT_HUB)
@require_http_methods(METHODS)
def customer_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(visible_customers(request.user).select_related("stage", "profile", "csm"), pk=pk)
    require(editable_customers(request.user), pk, row)
    writers = panels.desk().story("customers", pk).writers
    form = CustomerForm(data(request), values=customer_forms.values_of(row), writers=writers)
    if request.method == "POST" and form.is_valid() and saved(request, form, "customers", pk, row.name):
        return redirect("hub:customer", pk)
    return _page(request, form, {"customer": row, "name": row.name, "says": says(writers)})


@requires(Permission.EDIT_HUB)
@require_http_methods(METHODS)
def contact_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(visible_contacts(request.user).select_related("customer"), pk=pk)
    require(editable_contacts(request.user), pk, row.customer)
    writers = panels.desk().story("contacts", pk).writers
    form = ContactForm(data(request), values=contact_forms.values_of(row), writers=writers)
    if request.method == "POST" and form.is_valid() and saved(request, form, "contacts", pk, str(row)):
        return redirect("hub:contact", pk)
    return _page(request, form, {"contact": row, "name": str(row), "says": says(writers)})


@requires(Permission.EDIT_HUB)
@require_http_methods(METHODS)
def customer_new(request: SignedInRequest) -> HttpResponse:
    stage = Stage.objects.filter(is_default=True).values_list("name", flat=True).first()
    owner = "" if request.user.role_of.edits_all_customers else request.user.email
    form = CustomerForm(data(request), values={"stage": stage}, owner=owner)
    if request.method == "POST" and form.is_valid() and (new := made(request, form, "customers", {})):
        return redirect("hub:customer", new)
    return _page(request, form, {"is_customer": True})


@requires(Permission.EDIT_HUB)
@require_http_methods(METHODS)
def contact_new(request: SignedInRequest, customer: int) -> HttpResponse:
    row = get_object_or_404(visible_customers(request.user), pk=customer)
    require(editable_customers(request.user), customer, row)
    form = ContactForm(data(request), values={})
    if request.method == "POST" and form.is_valid() and (new := made(request, form, "contacts", {"customer": row.pk})):
        return redirect("hub:contact", new)
    return _page(request, form, {"customer": row})


def may_edit(user: User, row: Customer) -> bool:
    return editable_customers(user).filter(pk=row.pk).exists()


def data(request: SignedInRequest) -> Any:
    return request.POST if request.method == "POST" else None


def require(rows: QuerySet[Any], pk: int, customer: Customer) -> None:
    """Seen, but somebody else's to change: said so, for a page that is not found would be a lie."""
    if not rows.filter(pk=pk).exists():
        raise not_theirs(customer)


def saved(request: SignedInRequest, form: RowForm, entity: str, pk: int, name: str) -> bool:
    values = form.values
    refusals = door().edit(entity, {pk: values}, by=request.user.label) if values else []
    for refusal in refusals:
        form.refuse(refusal)
    if refusals:
        return False
    if not values:
        toasts.done(request, _("Nothing was changed on %(name)s.") % {"name": name})
        return True
    said = ngettext("%(n)s field of %(name)s changed.", "%(n)s fields of %(name)s changed.", len(values))
    toasts.done(request, said % {"n": len(values), "name": name}, panels.desk().undo_url(entity, pk))
    return True


def made(request: SignedInRequest, form: RowForm, entity: str, more: Mapping[str, Any]) -> int | None:
    [answer] = door().create(entity, [{**form.values, **more}], by=request.user.label)
    if isinstance(answer, Refusal):
        form.refuse(answer)
        return None
    toasts.done(request, _("Created here."))
    return answer


def says(writers: Mapping[str, panels.Writer]) -> str:
    names = sorted({one.label for one in writers.values() if one.direction != "in" and not one.is_resting})
    if not names:
        return _("Your changes stay here: no connection sends them out.")
    return _("Changed fields that go out reach %(names)s with the next sync.") % {"names": ", ".join(names)}


def _page(request: SignedInRequest, form: RowForm, context: dict[str, Any]) -> HttpResponse:
    status = 422 if form.is_bound else 200
    return render(request, "hub/edit.html", {"form": form, **context}, status=status)
