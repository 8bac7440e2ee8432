"""The report of a move: read, signed, written anew, closed; and the checklist as a file."""

import csv
from collections.abc import Callable, Iterator
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.sync.search.export import Echo, safe

from .. import report
from ..models import Move, Signature
from ..steps import ActRefused


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def shown(request: SignedInRequest, pk: int) -> HttpResponse:
    move = _move(pk)
    now = report.build(move) if move.is_open or not move.report else move.report
    told = move.report or now
    signatures = list(Signature.objects.filter(move=move))
    context = {
        "move": move,
        "told": told,
        "is_frozen": bool(move.report),
        "is_stale": bool(move.report) and move.is_open and report.mark(now) != report.mark(told),
        "missing": now["missing"],
        "signatures": signatures,
        "mine": next((one for one in signatures if one.user_id == request.user.pk), None),
    }
    return render(request, "migration/report.html", context)


@requires(Permission.EDIT_HUB)
@require_POST
def sign(request: SignedInRequest, pk: int) -> HttpResponse:
    _require_sight(request)
    return _done(request, pk, lambda move: report.sign(move, request.user, request.POST.get("said", "")))


@requires(Permission.EDIT_HUB)
@require_POST
def unsign(request: SignedInRequest, pk: int) -> HttpResponse:
    _require_sight(request)
    return _done(request, pk, lambda move: report.unsign(move, request.user))


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def anew(request: SignedInRequest, pk: int) -> HttpResponse:
    return _done(request, pk, lambda move: report.anew(move, request.user))


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def close(request: SignedInRequest, pk: int) -> HttpResponse:
    return _done(request, pk, lambda move: report.close(move, request.user))


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def checklist(_request: SignedInRequest, pk: int) -> StreamingHttpResponse:
    move = _move(pk)
    response = StreamingHttpResponse(_lines(move.report or report.build(move)), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="checklist-{move.pk}.csv"'
    return response


def _lines(told: report.Told) -> Iterator[str]:
    writer = csv.writer(Echo())
    head = [_("Chapter"), _("Number"), _("Step"), _("State"), _("Met"), _("Evidence"), _("Signed by"), _("Signed"),
            _("Note"), _("Measured"), _("Why it need not be met")]  # fmt: skip
    yield "\ufeff" + writer.writerow(head)
    for chapter in told["chapters"]:
        for one in chapter["steps"]:
            cells: list[Any] = [
                chapter["title"], one["number"], one["title"], one["word"], _("yes") if one["is_met"] else _("no"),
                one["said"], one["by"], one["signed"], one["note"], one["measured"], one["excuse"],
            ]  # fmt: skip
            yield writer.writerow([safe(cell) for cell in cells])


def _done(request: SignedInRequest, pk: int, act: Callable[[Move], None]) -> HttpResponse:
    move = _move(pk)
    try:
        act(move)
    except ActRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("migration:report", pk=pk)


def _require_sight(request: SignedInRequest) -> None:
    if not request.user.may(Permission.SEE_INTEGRATIONS):
        raise PermissionDenied


def _move(pk: int) -> Move:
    return get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
