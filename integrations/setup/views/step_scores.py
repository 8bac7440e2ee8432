from django.http import HttpRequest, HttpResponse

from ..forms.scores import ScoresForm
from ..looks import Looks
from .frame import save_step, show


def scores_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    form = ScoresForm(looks, request.POST if request.method == "POST" else None)
    wants_to_save = request.method == "POST" and request.POST.get("do") != "look"
    if wants_to_save and form.is_valid() and form.makes_fields():
        return save_step(request, looks, "scores", form)
    return show(request, looks, "scores", form=form)
