"""Before a run is taken back: how many rows go where, what stays and why. Nothing happens before the button."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext
from django.views.decorators.http import require_http_methods

from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import undo as taking_back
from ..lines import Line, lines_of
from ..models import Change, Run
from ..models.journal import Action
from ..runs import RunRefused

WORDS = (
    (Action.UPDATE, gettext_lazy("Updated rows"), gettext_lazy("get their former values back")),
    (Action.CREATE, gettext_lazy("Created rows"), gettext_lazy("are removed; the records stay out until they change")),
    (Action.LINK, gettext_lazy("Linked rows"), gettext_lazy("are unlinked and get their former values back")),
    (Action.CHURN, gettext_lazy("Churned customers"), gettext_lazy("get their former stage back")),
    (Action.UNCHURN, gettext_lazy("Un-churned customers"), gettext_lazy("are churned again")),
    (Action.GONE, gettext_lazy("Rows marked as gone"), gettext_lazy("lose that mark")),
    (
        Action.DELETE,
        gettext_lazy("Rows deleted here"),
        gettext_lazy("come back, with their IDs and what hung on them; the CRM still has no record of them"),
    ),
    (Action.EXCLUDE, gettext_lazy("Records left out"), gettext_lazy("are decided anew by the next run")),
    (Action.COLLISION, gettext_lazy("Collisions listed"), gettext_lazy("are decided anew by the next run")),
    (Action.REFUSE, gettext_lazy("Records refused"), gettext_lazy("are decided anew by the next run")),
    (
        Action.PUSH,
        gettext_lazy("Writes to the CRM"),
        gettext_lazy("get their former values there as new writes; the hub keeps what it has"),
    ),
    (
        Action.CREATE_OUT,
        gettext_lazy("Records created in the CRM"),
        gettext_lazy("stay there, unless you say otherwise"),
    ),
    (Action.DELETE_OUT, gettext_lazy("Records deleted in the CRM"), gettext_lazy("stay deleted")),
)


@requires(Permission.SEE_RUNS, to_change=Permission.RUN_SYNC)
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: SignedInRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk)
    note = request.POST.get("note", "")
    if request.method == "POST":
        try:
            made = taking_back.request_undo(run, request.user, note, delete_out="delete_out" in request.POST)
        except RunRefused as refusal:
            messages.error(request, str(refusal))
            return _shown(request, run, note)
        messages.info(request, _("%(name)s is paused, and run %(number)s is being taken back.") % _said(run))
        return redirect("sync:run", pk=made.pk)
    return _shown(request, run, note)


def _shown(request: SignedInRequest, run: Run, note: str) -> HttpResponse:
    survey = taking_back.survey(run)
    left = taking_back.left_alone(run) if not survey.why_not else Change.objects.none()
    page = Paginator(left, PAGE_SIZE).get_page(request.GET.get("page"))
    context = {
        "run": run,
        "connection": run.connection,
        "survey": survey,
        "rows": _rows(survey),
        "page": page,
        "lines": _lines(list(page)),
        "verb": _verb(survey.total),
        "note": note,
        "longest": taking_back.NOTE,
    }
    return render(request, "sync/undo.html", context)


def _lines(rows: Sequence[Change]) -> list[Line]:
    """Each with why it stays, instead of why the run did it."""
    codes = [str(vars(row)["why_left"]) for row in rows]
    lines = zip(codes, lines_of(rows), strict=True)
    return [replace(line, code=code, params={}) for code, line in lines]


def _rows(survey: taking_back.Survey) -> list[dict[str, Any]]:
    return [
        {
            "what": what,
            "becomes": becomes,
            "did": survey.by_action[action],
            "stays": survey.left_of(action),
            "number": survey.by_action[action] - survey.left_of(action),
        }
        for action, what, becomes in WORDS
        if survey.by_action.get(action)
    ]


def _verb(number: int) -> str:
    shown = intcomma(number)
    return ngettext("Undo this run, %(shown)s row", "Undo this run, %(shown)s rows", number) % {"shown": shown}


def _said(run: Run) -> dict[str, Any]:
    return {"name": run.connection.name, "number": run.pk}
