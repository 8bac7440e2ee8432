from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.setup.looks import Looks
from integrations.setup.trouble import trouble_of
from integrations.setup.views.frame import frame, save_step, show
from integrations.wire.errors import Misconfigured

from ..forms.scope import ScopeForm

LONGEST_BAR = 200
PARTS = {"values": "zoho/parts/filter_values.html", "holds": "zoho/parts/holds.html"}


def scope_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    if template := PARTS.get(request.GET.get("part", "")):
        form = ScopeForm(looks, request.GET)
        form.only_shows()
        return render(request, template, frame(looks.connection, "scope") | context_of(looks, form))
    form = ScopeForm(looks, request.POST if request.method == "POST" else None)
    if request.method == "POST" and request.POST.get("do") != "look" and form.is_valid() and not form.unreadable:
        return save_step(request, looks, "scope", form)
    return show(request, looks, "scope", **context_of(looks, form))


def context_of(looks: Looks, form: ScopeForm) -> dict[str, Any]:
    most = max((row.number for row in form.rows), default=0) or 1
    bars = [(row, max(1, round(LONGEST_BAR * row.number / most)) if row.number else 0) for row in form.rows]
    unreadable = trouble_of(looks.guide, form.unreadable) if form.unreadable else None
    return {"form": form, "bars": bars, "children": children(looks), "unreadable": unreadable}


def children(looks: Looks) -> int | None:
    """Of the accounts as they are chosen at present; None where parents are hidden."""
    try:
        return looks.children(looks.connector.scope_key)
    except Misconfigured:
        return None
