"""Whether a mailbox and a calendar fill the hub: for admins, each change in the audit trail."""

from django.db.models import Count, Q
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from accounts import audit, toasts
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..forms.capture import CaptureForm
from ..models import CaptureSettings, Interaction

Origin = Interaction.Origin


@requires(Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def capture(request: SignedInRequest) -> HttpResponse:
    settings = CaptureSettings.current()
    former = _said(settings)
    form = CaptureForm(request.POST or None, instance=settings)
    if request.method == "POST" and form.is_valid():
        saved = form.save()
        before, after = audit.changes(former, _said(saved))
        if after:
            audit.record(request, audit.Verb.CHANGED, saved, before=before, after=after)
        toasts.done(request, _("Saved. Connections ask by it from now on."))
        return redirect("hub:capture")
    return render(request, "hub/capture.html", {"form": form, "kinds": _kinds()})


def _said(settings: CaptureSettings) -> dict[str, bool]:
    return {name: getattr(settings, name) for name in ("mailbox_connected", "calendar_connected")}


def _kinds() -> list[tuple[str, str, int, int]]:
    """Type, its name, how many were captured, how many typed here."""
    numbers = Interaction.objects.order_by().values("type").annotate(
        captured=Count("pk", filter=Q(origin=Origin.CAPTURED)), typed=Count("pk", filter=Q(origin=Origin.HAND))
    )  # fmt: skip
    found = {row["type"]: row for row in numbers}
    return [
        (value, str(label), found[value]["captured"], found[value]["typed"])
        for value, label in Interaction.Type.choices
        if value in found
    ]
