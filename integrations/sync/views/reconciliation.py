"""What a connection's agreements are worth by the CRM and by the hub, and every step between."""

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_GET

from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from ..models import Connection, Run
from ..reconciliation import bridge_of


@requires(Permission.SEE_RUNS)
@require_GET
def reconciliation(request: SignedInRequest, slug: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    context = {
        "connection": connection,
        "bridge": bridge_of(connection),
        "run": Run.objects.filter(connection=connection, slot=Run.Slot.REAL, finished_at__isnull=False).first(),
    }
    return render(request, "sync/reconciliation.html", context)
