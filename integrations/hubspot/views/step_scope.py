from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from integrations.setup.looks import Looks
from integrations.setup.views.frame import frame, save_step, show

from ..connector import HubSpotConnector
from ..forms.scope import ScopeForm


@dataclass(frozen=True, slots=True)
class StageRow:
    value: str
    label: str
    number: int
    is_chosen: bool


def scope_step(request: HttpRequest, looks: Looks) -> HttpResponse:
    form = ScopeForm(looks, request.POST if request.method == "POST" else None)
    if request.GET.get("part") == "holds":
        context = frame(looks.connection, "scope") | held(looks, request.GET.getlist("stages"), form)
        return render(request, "hubspot/parts/holds.html", context)
    if request.method == "POST" and request.POST.get("do") != "look" and form.is_valid():
        return save_step(request, looks, "scope", form)
    return show(request, looks, "scope", form=form, **held(looks, form.chosen, form))


def held(looks: Looks, chosen: list[str], form: ScopeForm) -> dict[str, Any]:
    """How many companies each stage of the portal holds, and how many the chosen ones together."""
    numbers = stage_counts(looks)
    rows = [StageRow(one.value, one.label, numbers.get(one.value, 0), one.value in chosen) for one in form.known_stages]
    return {"stage_rows": rows, "total": sum(row.number for row in rows if row.is_chosen)}


def stage_counts(looks: Looks) -> dict[str, int]:
    connector = looks.connector
    assert isinstance(connector, HubSpotConnector)
    return looks.kept("stages", connector.stage_counts)
