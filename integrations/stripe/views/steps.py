"""The steps of the set-up that ask for something of Stripe's own."""

from django.http import HttpRequest, HttpResponse

from integrations.setup.looks import Looks
from integrations.setup.views.frame import save_step, show

from ..forms.agreements import StripeAgreementsForm
from ..forms.customers import StripeCustomersForm


def customers(request: HttpRequest, looks: Looks) -> HttpResponse:
    form = StripeCustomersForm(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("do") != "look" and form.is_valid():
        return save_step(request, looks, "customers", form)
    return show(request, looks, "customers", form=form)


def agreements(request: HttpRequest, looks: Looks) -> HttpResponse:
    form = StripeAgreementsForm(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return save_step(request, looks, "agreements", form)
    return show(request, looks, "agreements", form=form)
