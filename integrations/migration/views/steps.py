"""What one does with a step: have it measured, let the software do it, sign it; and a gate, opened with a reason."""

from collections.abc import Callable, Mapping
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.wire.errors import WireError

from .. import checking, gates
from ..chapters import CHAPTERS, all_steps, place_of, step_of
from ..models import Move
from ..steps import Act, ActRefused, Chapter, Step
from .moves import shown


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def check(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    move, step = _move(pk), _step(key)
    checking.check(move, step, request.user.label)
    return _back(move, step)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def check_all(request: SignedInRequest, pk: int) -> HttpResponse:
    move = _move(pk)
    found = checking.check_all(move, [step for step in all_steps() if step.check], request.user.label)
    failed = sum(state.state == state.State.FAILED for state in found)
    messages.success(
        request, _("%(n)s steps were measured; %(failed)s do not hold.") % {"n": len(found), "failed": failed}
    )
    return _to_chapter(request, pk)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def act(request: SignedInRequest, pk: int, key: str, act: str) -> HttpResponse:
    move, step = _move(pk), _step(key)
    wanted = next((one for one in step.acts if one.key == act), None)
    if wanted is None:
        raise Http404
    _require_unlocked(move, step)
    form = wanted.form(move, request.POST) if wanted.form else None
    if form is not None and not form.is_valid():
        return shown(request, move, _chapter_of(step), status=422, wrong={f"{key}.{act}": form})
    try:
        said = _do(request, move, step, wanted, form.cleaned_data if form else {})
    except (ActRefused, WireError) as refused:
        if form is None:
            messages.error(request, _why_not(refused))
            return _back(move, step)
        # What was typed stays where it was typed.
        form.add_error(None, _why_not(refused))
        return shown(request, move, _chapter_of(step), status=422, wrong={f"{key}.{act}": form})
    messages.success(request, said)
    return _back(move, step)


@requires(Permission.EDIT_HUB)
@require_POST
def sign(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    """Whoever works on customers and sees the checklist may say what they saw; only an Admin changes an integration."""
    _require_sight(request)
    move, step = _move(pk), _step(key)
    _require_unlocked(move, step)
    form = step.form(move, request.POST) if step.form else None
    if form is not None and not form.is_valid():
        return shown(request, move, _chapter_of(step), status=422, wrong={key: form})
    cleaned = form.cleaned_data if form else {}
    _tried(request, lambda: checking.sign(move, step, request.user, cleaned, request.POST.get("note", "")))
    return _back(move, step)


@requires(Permission.EDIT_HUB)
@require_POST
def unsign(request: SignedInRequest, pk: int, key: str) -> HttpResponse:
    _require_sight(request)
    move, step = _move(pk), _step(key)
    _tried(request, lambda: checking.unsign(move, step, request.user))
    return _back(move, step)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def open_gate(request: SignedInRequest, pk: int, gate: str) -> HttpResponse:
    move = _move(pk)
    if gate not in {one.key for one in gates.GATES}:
        raise Http404
    opened = _tried(request, lambda: gates.open_anyway(move, gate, request.user, request.POST.get("reason", "")))
    if opened:
        messages.success(
            request,
            _("%(gate)s: opened. Your name and the reason stand in the report.") % {"gate": gates.gate_of(gate).title},
        )
    return _to_chapter(request, pk) if request.POST.get("chapter") else redirect(f"migration:stage-{gate}", pk=pk)


def _do(request: SignedInRequest, move: Move, step: Step, wanted: Act, cleaned: Mapping[str, Any]) -> str:
    said = wanted.do(move, request.user, cleaned)
    audit.record(request, "did a step of a move", move, after={"step": str(step.title), "done": said})
    move.refresh_from_db()
    checking.check(move, step, request.user.label)
    checking.wake(move, _chapter_of(step).steps, request.user.label)
    return said


def _tried(request: SignedInRequest, act: Callable[[], Any]) -> Any:
    try:
        return act()
    except (ActRefused, WireError) as refused:
        messages.error(request, _why_not(refused))
    return None


def _why_not(refused: ActRefused | WireError) -> str:
    if isinstance(refused, WireError):
        return _("The CRM refused: %(why)s Nothing was changed.") % {"why": refused}
    return str(refused)


def _require_sight(request: SignedInRequest) -> None:
    if not request.user.may(Permission.SEE_INTEGRATIONS):
        raise PermissionDenied


def _require_unlocked(move: Move, step: Step) -> None:
    if step.needs and not gates.standing(move, gates.gate_of(step.needs)).is_open:
        raise Http404


def _to_chapter(request: SignedInRequest, pk: int) -> HttpResponse:
    """Where the person was."""
    key = request.POST.get("chapter", "")
    if key in {chapter.key for chapter in CHAPTERS}:
        return redirect("migration:chapter", pk=pk, chapter=key)
    return redirect("migration:move", pk=pk)


def _move(pk: int) -> Move:
    """Only one that is under way: what was signed stays as it was signed."""
    return get_object_or_404(Move.objects.select_related("old", "new"), pk=pk, state=Move.State.OPEN)


def _step(key: str) -> Step:
    try:
        return step_of(key)
    except KeyError:
        raise Http404 from None


def _chapter_of(step: Step) -> Chapter:
    return place_of(step.key).chapter


def _back(move: Move, step: Step) -> HttpResponse:
    answer = redirect("migration:chapter", pk=move.pk, chapter=_chapter_of(step).key)
    answer["Location"] += f"#{step.key}"
    return answer
