"""The steps of the set-up that ask for something of Sellsy's own."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.setup.looks import Looks
from integrations.setup.views.frame import frame, save_step, show
from integrations.setup.views.step_agreements import agreements_step
from integrations.setup.views.step_contacts import contacts_step

from ..forms.agreements import SellsyAgreementsForm
from ..forms.contacts import SellsyContactsForm
from ..forms.scope import ScopeForm


def scope(request: HttpRequest, looks: Looks) -> HttpResponse:
    if request.GET.get("part") == "holds":
        form = ScopeForm(looks, request.GET)
        return render(request, "sellsy/parts/holds.html", frame(looks.connection, "scope") | {"form": form})
    form = ScopeForm(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("do") != "look" and form.is_valid():
        return save_step(request, looks, "scope", form)
    return show(request, looks, "scope", form=form)


def contacts(request: HttpRequest, looks: Looks) -> HttpResponse:
    return contacts_step(request, looks, SellsyContactsForm)


def agreements(request: HttpRequest, looks: Looks) -> HttpResponse:
    return agreements_step(request, looks, SellsyAgreementsForm)
