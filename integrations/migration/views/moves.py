"""The list of moves, the beginning of one, and its chapters."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import board, gates, snapshot
from ..chapters import CHAPTERS, chapter_of, places
from ..checking import states_of
from ..forms import MoveForm, movable
from ..models import Move, Presence, StepState
from ..people import present
from ..steps import ActRefused, Chapter

SIGNED = 8
"""Signatures that stand beside the steps, the latest first."""


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def moves(request: SignedInRequest) -> HttpResponse:
    found = list(Move.objects.select_related("old", "new"))
    counted = zip(found, board.totals(found), strict=True)
    rows = [{"move": one, "met": met, "total": total} for one, (met, total) in counted]
    return render(request, "migration/moves.html", {"rows": rows, "can_begin": movable().exists()})


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: SignedInRequest) -> HttpResponse:
    form = MoveForm(request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid() and (made := form.begin(request.user)):
        audit.record(request, "began a move", made)
        return redirect("migration:move", pk=made.pk)
    context = {"form": form, "chapters": CHAPTERS, "can_begin": movable().exists()}
    return render(request, "migration/new.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def move(_request: SignedInRequest, pk: int) -> HttpResponse:
    """The chapter where the work is."""
    found = get_object_or_404(Move, pk=pk)
    standing = board.progress(states_of(found))
    at = next((one for one in standing if not one.is_done), standing[-1])
    return redirect("migration:chapter", pk=pk, chapter=at.chapter.key)


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def chapter(request: SignedInRequest, pk: int, chapter: str) -> HttpResponse:
    found = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
    return shown(request, found, _chapter(chapter))


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def live(request: SignedInRequest, pk: int, chapter: str) -> HttpResponse:
    """What stands beside the steps, anew. The steps stay as they are: what is typed there must not be lost."""
    found, one = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk), _chapter(chapter)
    return render(request, "migration/beside.html", _beside(request, found, one, states_of(found)))


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def stop(request: SignedInRequest, pk: int) -> HttpResponse:
    found = get_object_or_404(Move, pk=pk)
    if Move.objects.filter(pk=pk, state=Move.State.OPEN).update(state=Move.State.STOPPED):
        with suppress(ActRefused):
            # Nothing of a move that is over holds a sync back.
            snapshot.give_up(found)
        audit.record(request, "stopped a move", found)
        messages.success(request, _("The move is stopped. Its checklist stays readable; no connection was changed."))
    return redirect("migration:moves")


def shown(request: SignedInRequest, found: Move, one: Chapter, *, status: int = 200, **more: Any) -> HttpResponse:
    return render(request, "migration/chapter.html", {**_context(request, found, one), **more}, status=status)


def _context(request: SignedInRequest, found: Move, one: Chapter) -> dict[str, Any]:
    states = states_of(found)
    standings = gates.standings(found, states)
    return {
        **_beside(request, found, one, states),
        "sections": board.sections(found, one, states, standings),
        "next": board.next_place(states, standings),
    }


def _beside(
    request: SignedInRequest, found: Move, one: Chapter, states: Mapping[str, StepState]
) -> dict[str, Any]:  # fmt: skip
    Presence.objects.update_or_create(
        move=found, user=request.user, defaults={"chapter": one.key, "seen_at": timezone.now()}
    )
    standing, stamp = board.progress(states), board.stamp(states)
    signed = sorted((one for one in states.values() if one.signed_by), key=_signed_at, reverse=True)
    titles = {place.step.key: place for place in places()}
    return {
        "move": found,
        "chapter": one,
        "progress": standing,
        "met": sum(each.met for each in standing),
        "total": sum(each.total for each in standing),
        "present": present(found, request.user),
        "stamp": stamp,
        "is_stale": request.GET.get("seen", stamp) != stamp,
        "signed": [
            {"number": titles[state.step].number, "title": titles[state.step].step.title, "state": state}
            for state in signed[:SIGNED] if state.step in titles
        ],
    }  # fmt: skip


def _signed_at(state: StepState) -> float:
    return state.signed_at.timestamp() if state.signed_at else 0.0


def _chapter(key: str) -> Chapter:
    try:
        return chapter_of(key)
    except KeyError:
        raise Http404 from None
