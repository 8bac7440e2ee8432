"""Which HubSpot connection a move leads to: one that is there, or a new one by way of HubSpot's own set-up."""

from django.contrib import messages
from django.db import IntegrityError, transaction
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hubspot.models import SYSTEM
from integrations.setup.cautions import UNDERSTOOD
from integrations.sync.models import Connection
from integrations.sync.registry import system_of

from .. import checking
from ..chapters import place_of
from ..forms_steps import ConnectForm
from ..models import Move
from ..portal import choosable, still_there, taken


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def connect(request: SignedInRequest, pk: int) -> HttpResponse:
    move = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
    if request.method == "POST" and not move.is_open:
        raise Http404
    drafts = choosable(move)
    form = ConnectForm(move, drafts, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        wanted = form.cleaned_data["connection"]
        if wanted == ConnectForm.NEW:
            return redirect(reverse(system_of(SYSTEM).urls["start"]) + f"?{UNDERSTOOD}=1")
        _choose(request, move, next(one for one in drafts if one.slug == wanted))
        return redirect("migration:chapter", pk=pk, chapter="hubspot")
    is_there = move.old.state != Connection.State.ARCHIVED
    context = {
        "move": move, "form": form, "warning": still_there(move) if is_there else "", "taken": taken(move),
    }  # fmt: skip
    return render(request, "migration/connect.html", context, status=422 if form.errors else 200)


def _choose(request: SignedInRequest, move: Move, chosen: Connection) -> None:
    if move.new is not None and move.new.links.exists():
        messages.error(request, _("%(name)s has synced already. It stays the one.") % {"name": move.new})
        return
    if move.new is not None and move.passages.exists():
        text = _("A stage of %(name)s is saved. Withdraw its stage first: another connection knows nothing of it.")
        messages.error(request, text % {"name": move.new})
        return
    try:
        with transaction.atomic():
            Move.objects.filter(pk=move.pk, state=Move.State.OPEN).update(new=chosen)
    except IntegrityError:
        messages.error(request, " ".join(taken(move)))
        return
    move.refresh_from_db()
    audit.record(request, "chose the HubSpot connection of a move", move, after={"connection": chosen.name})
    place = place_of("reached")
    checking.check(move, place.step, request.user.label)
    checking.wake(move, place.chapter.steps, request.user.label)
    messages.success(request, _("%(name)s it is. It reads only, until stage A is saved.") % {"name": chosen})
