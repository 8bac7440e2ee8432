"""Agreements by hand: made and changed through the one door, with a look at what follows before anything is kept."""

from collections.abc import Mapping
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.engine.agreements import COUNTED
from integrations.engine.values import Value

from .. import panels
from ..door import Refusal, door
from ..fields import CHOICES
from ..forms.agreement import NEW, AgreementForm, followed, values_of
from ..models import Agreement
from ..visibility import editable_agreements, editable_customers, visible_agreements, visible_customers
from .edit import METHODS, data, made, require, saved, says

ENTITY = "agreements"
LOOK = "look"
"""Posted by the eye: shows what follows, and writes nothing."""


@requires(Permission.EDIT_HUB)
@require_http_methods(METHODS)
def agreement_new(request: SignedInRequest, customer: int) -> HttpResponse:
    row = get_object_or_404(visible_customers(request.user), pk=customer)
    require(editable_customers(request.user), customer, row)
    form = AgreementForm(data(request), values=NEW)
    if _is_look(request):
        return _page(request, form, {"customer": row}, _looked(form, None))
    if request.method == "POST" and form.is_valid() and (new := made(request, form, ENTITY, {"customer": row.pk})):
        return redirect("hub:agreement", new)
    return _page(request, form, {"customer": row}, {})


@requires(Permission.EDIT_HUB)
@require_http_methods(METHODS)
def agreement_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    row = get_object_or_404(visible_agreements(request.user).select_related("customer"), pk=pk)
    require(editable_agreements(request.user), pk, row.customer)
    writers = panels.desk().story(ENTITY, pk).writers
    form = AgreementForm(data(request), values=values_of(row), writers=writers)
    context = {"customer": row.customer, "agreement": row, "says": says(writers)}
    if _is_look(request):
        return _page(request, form, context, _looked(form, row))
    if request.method == "POST" and form.is_valid() and saved(request, form, ENTITY, pk, str(row)):
        return redirect("hub:agreement", pk)
    return _page(request, form, context, followed(row))


def _is_look(request: SignedInRequest) -> bool:
    return request.method == "POST" and LOOK in request.POST


def _looked(form: AgreementForm, row: Agreement | None) -> Mapping[str, Value]:
    """What the same save would come to; a mistake stands beside its field."""
    if not form.is_valid():
        return {}
    answer = door().look(ENTITY, row.pk if row else None, form.values)
    if isinstance(answer, Refusal):
        form.refuse(answer)
        return {}
    return answer


def _page(
    request: SignedInRequest, form: AgreementForm, context: dict[str, Any], follows: Mapping[str, Value]
) -> HttpResponse:
    status = str(follows.get("status") or "")
    panel = {
        **follows,
        "status": dict(CHOICES["status"]).get(status, status),
        "is_counted": status == COUNTED and follows.get("mrr") is not None,
        "currency": form["currency"].value(),
        "is_shown": bool(follows),
    }
    looks = _is_look(request)
    refused = form.is_bound and not looks
    return render(
        request,
        "hub/agreement_edit.html",
        {"form": form, "follows": panel, "looks": looks, **context},
        status=422 if refused else 200,
    )
