"""The migration day: planned, put into calendars, and one page for the room that all look at."""

from datetime import datetime
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.timezone import localtime
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_http_methods

from accounts import audit
from accounts.layout import ConsoleFormHelper
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import appointment
from ..models import Move
from ..room import columns as columns_of
from ..room import in_three

MOMENT = "%Y-%m-%dT%H:%M"
MOST = 50
FIRST_YEAR, LAST_YEAR = 2000, 2200


class DayForm(forms.Form):
    day = forms.DateTimeField(
        label=gettext_lazy("Day and time"), required=False, input_formats=[MOMENT, "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        help_text=gettext_lazy("Best a quiet morning. Empty: no day is planned."),
    )  # fmt: skip
    attendees = forms.CharField(
        label=gettext_lazy("Who takes part"), required=False, widget=forms.Textarea(attrs={"rows": 5}),
        help_text=gettext_lazy("One a line, with an e-mail address where they get the appointment: Ana Ruiz, ana@example.com."),
    )  # fmt: skip

    def __init__(self, move: Move, data: Any = None) -> None:
        day = localtime(move.day) if move.day else None
        super().__init__(data, initial={"day": day, "attendees": "\n".join(str(one) for one in move.attendees)})
        self.helper = ConsoleFormHelper()

    def clean_day(self) -> datetime | None:
        day: datetime | None = self.cleaned_data["day"]
        if day is not None and not FIRST_YEAR <= day.year <= LAST_YEAR:
            raise forms.ValidationError(_("This is no year in which anybody meets."))
        return day

    def clean_attendees(self) -> list[str]:
        lines = [line.strip() for line in str(self.cleaned_data["attendees"]).splitlines() if line.strip()]
        if len(lines) > MOST:
            raise forms.ValidationError(_("At most %(n)s people.") % {"n": MOST})
        if any(len(line) > 200 for line in lines):
            raise forms.ValidationError(_("A name and an address: at most 200 characters a line."))
        return lines


@requires(Permission.SEE_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def day(request: SignedInRequest, pk: int) -> HttpResponse:
    move = _move(pk)
    form = DayForm(move, request.POST if request.method == "POST" else None)
    if request.method == "POST":
        if not request.user.may(Permission.EDIT_INTEGRATIONS):
            raise PermissionDenied
        if not move.is_open:
            raise PermissionDenied(_("This move is over. Its checklist stays as it was signed."))
        if form.is_valid():
            planned = {"day": form.cleaned_data["day"], "attendees": form.cleaned_data["attendees"]}
            Move.objects.filter(pk=pk).update(**planned)
            audit.record(request, "planned a migration day", move, after={"day": str(planned["day"] or "")})
            messages.success(request, _("The day is planned.") if planned["day"] else _("No day is planned."))
            return redirect("migration:day", pk=pk)
    context = {"move": move, "form": form, "may_plan": move.is_open and request.user.may(Permission.EDIT_INTEGRATIONS)}
    return render(request, "migration/day.html", context, status=422 if form.errors else 200)


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def calendar(request: SignedInRequest, pk: int) -> HttpResponse:
    move = _move(pk)
    if move.day is None:
        messages.error(request, _("No day is planned yet."))
        return redirect("migration:day", pk=pk)
    file = appointment.calendar(move, request.build_absolute_uri(reverse("migration:move", args=[pk])))
    response = HttpResponse(file, content_type="text/calendar; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="move-{move.pk}.ics"'
    return response


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def room(request: SignedInRequest, pk: int, part: str = "") -> HttpResponse:
    """Every chapter and step on one page, for a screen that all see. `part`: only what moves."""
    if part not in {"", "live"}:
        raise Http404
    move = _move(pk)
    columns, locks = columns_of(move, request.user)
    context = {
        "move": move,
        "stacks": in_three(columns),
        "locks": locks,
        "met": sum(one.met for one in columns),
        "total": sum(len(one.lines) for one in columns),
    }
    return render(request, "migration/room_live.html" if part else "migration/room.html", context)


def _move(pk: int) -> Move:
    return get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)
