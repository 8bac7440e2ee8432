from django.http import HttpRequest, HttpResponse

from ..forms.interactions import InteractionsForm
from ..looks import Looks
from .frame import save_step, show


def interactions_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    form = InteractionsForm(looks, request.POST if request.method == "POST" else None)
    wants_to_save = request.method == "POST" and request.POST.get("do") != "look"
    if wants_to_save and form.is_valid() and form.makes_key_field(request):
        return save_step(request, looks, "interactions", form)
    return show(request, looks, "interactions", form=form)
