"""Finds what fell by the wayside: runs nobody works on, schedules that are due, stages of runs that are over."""

from collections.abc import Callable

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now

from .alerts.delivery import ring_due
from .alerts.watch import watch
from .models import Connection, PlannedChange, Run, Staged
from .open_scope import forget_chosen_scopes, note_open_scope
from .paged_job import ring_waiting
from .retention import forget_old
from .runner.finishing import drop_stage, set_next_run
from .runner.lease import rung
from .runs import RunRefused, ScopeIsOpen, is_due, request_run
from .store.agreements import advance_daily
from .tasks import ring

also: list[Callable[[], object]] = []
"""What the apps above have lying by the wayside; each adds its own from its AppConfig.ready()."""


def sweep() -> int:
    """Returns for how many runs it rang."""
    forget_chosen_scopes()
    start_due()
    forget_abandoned()
    forget_old()
    advance_daily()
    watch()
    ring_due()
    for look in also:
        look()
    ring_waiting()
    waiting = list(rung().values_list("pk", flat=True))
    for run_id in waiting:
        ring(run_id)
    return len(waiting)


def start_due() -> None:
    for connection in Connection.objects.filter(state=Connection.State.ON, next_run_at__lte=Now()):
        if not is_due(connection):
            continue
        try:
            request_run(connection, Run.Kind.DELTA, by="")
        except ScopeIsOpen:
            note_open_scope(connection)
            set_next_run(connection)
        except RunRefused:
            # A run is under way, which sets the next appointment at its end, or nothing is enabled.
            set_next_run(connection)


def forget_abandoned() -> None:
    for run_id in _over().filter(Exists(Staged.objects.filter(run_id=OuterRef("pk")))).values_list("pk", flat=True):
        drop_stage(run_id)
    planned = Exists(PlannedChange.objects.filter(run_id=OuterRef("pk")))
    kept = _over().exclude(state=Run.State.HELD).filter(planned)
    for run in kept:
        if run.kind != Run.Kind.PREVIEW or run.state != Run.State.DONE or _is_outdated(run):
            rows = PlannedChange.objects.filter(run_id=run.pk)
            rows._raw_delete(rows.db)


def _over() -> QuerySet[Run]:
    return Run.objects.exclude(state__in=Run.ACTIVE)


def _is_outdated(preview: Run) -> bool:
    newer = Run.objects.filter(connection=preview.connection_id, kind=Run.Kind.PREVIEW, state=Run.State.DONE)
    return newer.filter(pk__gt=preview.pk).exists()
