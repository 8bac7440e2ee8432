from django.http import HttpRequest, HttpResponse

from ..forms.agreements import AgreementsForm
from ..looks import Looks
from .frame import save_step, show


def agreements_step(
    request: HttpRequest, looks: Looks, form_class: type[AgreementsForm] = AgreementsForm
) -> HttpResponse:
    """`form_class`: of a system that asks otherwise which ones come in."""
    form = form_class(looks, request.POST if request.method == "POST" else None)
    wants_to_save = request.method == "POST" and request.POST.get("do") != "look"
    if form.shows_another:
        # What was posted is about the fields of another object: this one begins with what is proposed for it.
        form = form_class(looks, before=form)
        return show(request, looks, "agreements", form=form, asks_again=wants_to_save)
    if wants_to_save and form.is_valid():
        return save_step(request, looks, "agreements", form)
    return show(request, looks, "agreements", form=form)
