from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from ..forms.customers import CustomersForm
from ..forms.value_map import MAPPED_BY_VALUE
from ..looks import Looks
from .frame import frame, save_step, show


def customers_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    if (part := request.GET.get("part")) in MAPPED_BY_VALUE:
        return values_fragment(request, looks, str(part))
    form = CustomersForm(looks, request.POST if request.method == "POST" else None)
    wants_to_save = request.method == "POST" and request.POST.get("do") != "look"
    if wants_to_save and form.is_valid() and not form.asks_again and form.makes_key_field(request):
        return save_step(request, looks, "customers", form)
    return show(request, looks, "customers", form=form, asks_again=wants_to_save and bool(form.asks_again))


def values_fragment(request: HttpRequest, looks: Looks, name: str) -> HttpResponse:
    """The values of a field that was chosen just now, for a script; without one, the next page shows them."""
    form = CustomersForm(looks, request.GET)
    context = frame(looks.connection, "customers") | {"part": form.part(name)}
    return render(request, "setup/parts/values.html", context)
