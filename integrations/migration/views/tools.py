"""Tools that used the old ID: listed, signed by whoever updated them, taken back, removed. By all who work on customers."""

from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from accounts import audit
from accounts.layout import ConsoleFormHelper
from accounts.paging import as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import checking, words
from ..chapters import step_of
from ..checks.tools import NONE, OTHER
from ..models import Move, Tool

VERBS = {"sign", "unsign", "remove", "some", NONE}


class ToolForm(forms.ModelForm):
    class Meta:
        model = Tool
        fields = ("name", "key")

    def __init__(self, data: Any, move: Move) -> None:
        super().__init__(data, instance=Tool(move=move))
        self.helper = ConsoleFormHelper()

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"]).strip()
        if Tool.objects.filter(move=self.instance.move_id, name=name).exists():
            raise forms.ValidationError(_("It is listed already."))
        return name


@requires(Permission.SEE_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def tools(request: SignedInRequest, pk: int) -> HttpResponse:
    move = get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
    form = ToolForm(request.POST if request.method == "POST" else None, move)
    if request.method == "POST":
        _require_work(request, move)
        if form.is_valid():
            tool = form.save()
            audit.record(request, "listed a tool", move, after={"tool": tool.name})
            return _measured(request, move)
    context = {
        "move": move,
        "form": form,
        "tools": Tool.objects.filter(move=move),
        "none": words.words_on(move, OTHER, NONE).first(),
        "may_work": move.is_open and request.user.may(Permission.EDIT_HUB),
    }
    return render(request, "migration/tools.html", context, status=422 if form.errors else 200)


@requires(Permission.EDIT_HUB)
@require_POST
def tool(request: SignedInRequest, pk: int, verb: str) -> HttpResponse:
    """`sign` and `unsign` one, `remove` one, or say that there are `none` (`some`: take that back)."""
    move = get_object_or_404(Move, pk=pk)
    _require_work(request, move)
    if verb not in VERBS:
        raise Http404
    one = Tool.objects.filter(move=move, pk=as_id(request.POST.get("tool", ""))).first()
    if verb == NONE:
        words.say(move, OTHER, request.user, request.POST.get("note", ""), NONE)
    elif verb == "some":
        words.words_on(move, OTHER, NONE).delete()
    elif one is None:
        messages.error(request, _("This tool is not listed any more. Nothing was changed."))
        return redirect("migration:tools", pk=pk)
    elif verb == "sign":
        signed = {
            "signed_by": request.user.label[:160],
            "signed_at": timezone.now(),
            "note": request.POST.get("note", "")[:500],
        }
        Tool.objects.filter(pk=one.pk).update(**signed)
    elif verb == "unsign":
        Tool.objects.filter(pk=one.pk).update(signed_by="", signed_at=None, note="")
    elif verb == "remove":
        one.delete()
    audit.record(request, "worked on a tool", move, after={"tool": one.name if one else "", "did": verb})
    return _measured(request, move)


def _require_work(request: SignedInRequest, move: Move) -> None:
    """Whoever works on customers and sees the checklist, while the move is under way."""
    if not (request.user.may(Permission.EDIT_HUB) and request.user.may(Permission.SEE_INTEGRATIONS)):
        raise PermissionDenied
    if not move.is_open:
        raise PermissionDenied(_("This move is over. Its checklist stays as it was signed."))


def _measured(request: SignedInRequest, move: Move) -> HttpResponse:
    checking.check(move, step_of(OTHER), request.user.label)
    return redirect("migration:tools", pk=move.pk)
