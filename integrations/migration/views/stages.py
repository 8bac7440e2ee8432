"""One stage: choose, look at what would change, save as a draft that rests, look at its preview, run exactly that."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods, require_POST

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.setup.saving import Data
from integrations.sync.configuration import Labels, parted, snapshot
from integrations.sync.models import Run

from .. import board, checking, gates
from ..chapters import Place, all_steps
from ..models import Move, Passage
from ..stages import saving
from ..stages.forms import FORMS, StageForm
from ..stages.overwrites import overwrites_of
from ..steps import ActRefused

TITLES = {
    "a": gettext_lazy("Stage A: find the existing customers"),
    "b": gettext_lazy("Stage B: keep what the hub holds"),
    "c": gettext_lazy("Stage C: let both sides write"),
}
SAID = {
    "a": gettext_lazy(
        "Four things alone: the ID, the filter, the merge keys, and Input only. HubSpot’s ID takes the place of the old one; "
        "no other value that the hub holds is touched."
    ),
    "b": gettext_lazy(
        "What the hub holds goes out to HubSpot. Output only: whatever HubSpot says, the hub keeps its value."
    ),
    "c": gettext_lazy("Where both sides agree by now, both may write. The rest stays Output only."),
}
TOLD = ("create", "link", "update", "push", "settle", "exclude", "collision", "refuse", "ask")
UNKNOWN_BEFORE = ("create", "link", "exclude", "collision", "refuse")


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def stage(request: SignedInRequest, pk: int, stage: str) -> HttpResponse:
    move = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
    if request.method != "POST":
        return _shown(request, move, stage, _form(move, stage))
    if not move.is_open:
        raise Http404
    form = _form(move, stage, request.POST)
    if isinstance(form, ActRefused) or not form.is_valid():
        return _shown(request, move, stage, form, status=422)
    try:
        data = form.draft()
        if "save" not in request.POST:
            return _shown(request, move, stage, form, data=data)
        saving.save(move, stage, data, request.user, expected=_expected(request))
    except ActRefused as refusal:
        messages.error(request, str(refusal))
        return _shown(request, move, stage, form, status=422)
    _measure(move, stage)
    messages.success(request, _("Saved. The preview shows what it does; nothing runs before you say so."))
    return redirect(f"migration:stage-{stage}", pk=pk)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def act(request: SignedInRequest, pk: int, stage: str, verb: str) -> HttpResponse:
    move = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk, state=Move.State.OPEN)
    passage = saving.passage_of(move, stage)
    verbs: dict[str, Any] = {"preview": saving.preview, "run": saving.begin_run, "withdraw": saving.withdraw}
    if passage is None or verb not in verbs:
        raise Http404
    try:
        verbs[verb](passage, request.user)
    except ActRefused as refusal:
        messages.error(request, str(refusal))
    else:
        _measure(move, stage)
    return redirect(f"migration:stage-{stage}", pk=pk)


def _measure(move: Move, stage: str) -> None:
    """What the checklist says of it, at once."""
    move.refresh_from_db()
    checking.check_all(move, [step for step in all_steps() if step.key.startswith(f"{stage}-") and step.check])


def _form(move: Move, stage: str, data: Any = None) -> StageForm | ActRefused:
    """The refusal where HubSpot cannot be asked for its fields: the page says it."""
    try:
        return FORMS[stage](move, data)
    except ActRefused as refusal:
        return refusal


def _shown(
    request: SignedInRequest,
    move: Move,
    stage: str,
    form: StageForm | ActRefused,
    *,
    data: Data | None = None,
    status: int = 200,
) -> HttpResponse:
    passage = saving.passage_of(move, stage)
    gate = gates.standing(move, gates.gate_of(stage))
    parts = parted(snapshot(move.new), data, Labels(move.new)) if data and move.new else []
    context = {
        "move": move,
        "stage": stage,
        "title": TITLES[stage],
        "said": SAID[stage],
        "form": None if isinstance(form, ActRefused) else form,
        "trouble": str(form) if isinstance(form, ActRefused) else "",
        "gate": gate,
        "is_locked": not gate.is_open and passage is None,
        "data": data,
        "parts": parts,
        "changes": sum(len(part.said) for part in parts),
        "version": move.new.version if move.new else 0,
        "passage": passage,
        "may": request.user.may(Permission.EDIT_INTEGRATIONS) and move.is_open,
        **(_standing(move, passage) if passage else {}),
    }
    return render(request, "migration/stage.html", context, status=status)


def _standing(move: Move, passage: Passage) -> dict[str, Any]:
    runs = Run.objects.in_bulk([pk for pk in (passage.preview_id, passage.run_id) if pk])
    preview, run = runs.get(passage.preview_id or 0), runs.get(passage.run_id or 0)
    is_ready = preview is not None and preview.state == Run.State.DONE and run is None
    return {
        "preview": preview,
        "run": run,
        "is_working": any(one is not None and one.is_active for one in (preview, run)),
        "is_ready": is_ready,
        "figures": _figures(preview) if preview and preview.state == Run.State.DONE else [],
        "overwrites": overwrites_of(preview, move.old_id_field) if is_ready and preview else None,
        "is_outdated": saving.is_outdated(move, passage),
        "next": _next(move) if run and run.state == Run.State.DONE else None,
    }


def _next(move: Move) -> Place | None:
    states = checking.states_of(move)
    return board.next_place(states, gates.standings(move, states))


def _figures(preview: Run) -> list[dict[str, Any]]:
    return [
        _figures_of(preview, name, label)
        for name, label in (("customers", _("Customers")), ("contacts", _("Contacts")))
    ]


def _figures_of(preview: Run, name: str, label: str) -> dict[str, Any]:
    read = preview.totals.get(name) or preview.counts.get(f"{name}.read", 0)
    told = {one: preview.counts.get(f"{name}.{one}", 0) for one in TOLD}
    known = max(0, read - sum(told[one] for one in UNKNOWN_BEFORE))
    return {"object": name, "label": label, "read": read, "known": known, **told}


def _expected(request: SignedInRequest) -> int:
    typed = request.POST.get("version", "")
    return int(typed) if typed.isdecimal() and len(typed) < 10 else -1
