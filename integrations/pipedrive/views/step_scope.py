from typing import Any

from django.http import HttpRequest, HttpResponse

from integrations.setup.looks import Looks
from integrations.setup.trouble import trouble_of
from integrations.setup.views.frame import save_step, show
from integrations.wire.errors import Misconfigured

from ..forms.scope import ScopeForm


def scope_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    form = ScopeForm(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        return save_step(request, looks, "scope", form)
    return show(request, looks, "scope", form=form, **numbers(looks))


def numbers(looks: Looks) -> dict[str, Any]:
    """How many come in, so that nobody is surprised; and what stands in the way where nobody may look."""
    try:
        return {"total": looks.count("customers", "").total, "children": looks.children(""), "unreadable": None}
    except Misconfigured as refused:
        return {"total": 0, "children": None, "unreadable": trouble_of(looks.guide, refused)}
