"""The steps of the set-up that ask for something of Intercom's own."""

from django.http import HttpRequest, HttpResponse

from integrations.setup.looks import Looks
from integrations.setup.views.frame import save_step, show

from ..forms.ids import CompaniesForm, ContactsForm, IdsForm
from ..forms.move import MoveForm


def companies(request: HttpRequest, looks: Looks) -> HttpResponse:
    return _ids(request, looks, "customers", CompaniesForm)


def contacts(request: HttpRequest, looks: Looks) -> HttpResponse:
    return _ids(request, looks, "contacts", ContactsForm)


def _ids(request: HttpRequest, looks: Looks, step: str, form_class: type[IdsForm]) -> HttpResponse:
    form = form_class(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return save_step(request, looks, step, form)
    return show(request, looks, step, form=form, evidence=form.evidence)


def move(request: HttpRequest, looks: Looks) -> HttpResponse:
    form = MoveForm(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid() and form.makes_attributes():
        return save_step(request, looks, "move", form)
    return show(request, looks, "move", form=form)
