"""Whether workers work: the heartbeat that only a real task can advance, and what waits in line."""

from typing import Any

from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_GET, require_safe
from django_q.brokers import get_broker

from accounts.permissions import Permission, public, requires

from .. import workers as heartbeat
from ..durations import spoken
from ..models import Run
from .runs import listed


@requires(Permission.SEE_RUNS)
@require_GET
def workers(request: HttpRequest) -> HttpResponse:
    active = Run.objects.filter(state__in=Run.ACTIVE).select_related("connection").order_by("pk")
    now = timezone.now()
    return render(
        request,
        "sync/workers.html",
        {
            "health": heartbeat.health(),
            "waiting_tasks": get_broker().queue_size(),
            "rows": [{**listed(run), "lease": _lease(run, now)} for run in active],
        },
    )


def _lease(run: Run, now: Any) -> str:
    if run.lease_until is None or run.lease_until < now:
        return ""
    return spoken(run.lease_until - now)


@public
@require_safe
@never_cache
def healthz(_request: HttpRequest) -> HttpResponse:
    """For a probe that has no account: alive or not, and nothing else."""
    try:
        alive = heartbeat.health().is_alive
    except DatabaseError:
        alive = False
    return HttpResponse("ok" if alive else "not ok", status=200 if alive else 503, content_type="text/plain")
