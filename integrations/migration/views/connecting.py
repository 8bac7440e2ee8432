"""Which HubSpot connection a move leads to: one that is there, or a new one by way of HubSpot's own set-up."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hubspot.models import SYSTEM
from integrations.setup.cautions import UNDERSTOOD
from integrations.sync.models import Connection
from integrations.sync.registry import system_of

from ..arriving import KEY, choose
from ..forms_steps import ConnectForm
from ..models import Move
from ..portal import choosable, still_there, taken
from ..steps import ActRefused


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
            request.session[KEY] = move.pk
            return redirect(reverse(system_of(SYSTEM).urls["start"]) + f"?{UNDERSTOOD}=1")
        try:
            messages.success(request, choose(move, next(one for one in drafts if one.slug == wanted), request.user))
        except ActRefused as refusal:
            messages.error(request, str(refusal))
        return redirect("migration:chapter", pk=pk, chapter="hubspot")
    is_there = move.old.state != Connection.State.ARCHIVED
    context = {
        "move": move, "form": form, "warning": still_there(move) if is_there else "", "taken": taken(move),
    }  # fmt: skip
    return render(request, "migration/connect.html", context, status=422 if form.errors else 200)
