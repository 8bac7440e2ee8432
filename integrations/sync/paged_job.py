"""Work on many hub rows in the background: a page at a time, each in one transaction that proves the lease first.

Delivered twice, the second worker finds the lease taken; killed anywhere, the next one goes on at the page that was not
committed. While such a job changes rows, no sync of the connections concerned starts, and it starts while none runs.
"""

import logging
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from .clock import from_now
from .models import Connection, Run
from .models.paged_job import PagedJob

logger = logging.getLogger(__name__)

STARTS = 3
"""Starts in a row without a page done, and a person looks."""
J = TypeVar("J", bound=PagedJob)
Errors = tuple[type[Exception], ...]


@dataclass(frozen=True, slots=True)
class _Kind:
    model: type[PagedJob]
    page: Callable[[Any], None]
    hopeless: Errors


_kinds: dict[str, _Kind] = {}
"""By the label of the model: each app says from its AppConfig.ready() how a page of its jobs is done."""


class Refused(Exception):  # noqa: N818 (a sentence for a person)
    """Nothing was done, and why."""


class Lost(Exception):  # noqa: N818 (something that happened)
    """Another worker has it."""


def register(model: type[J], page: Callable[[J], None], *, hopeless: Errors = ()) -> None:
    """`hopeless`: what no second try would cure."""
    _kinds[model._meta.label] = _Kind(model, page, hopeless)


# --- Beside the syncs


def require_quiet(connections: Sequence[int] | None = None) -> None:
    """No run of these connections (None: of any) and no other job is under way; asked within a transaction."""
    # Whoever starts a run locks its connection too: one of the two sees the other.
    list(Connection.objects.select_for_update().order_by("pk").values_list("pk"))
    runs = Run.objects.filter(state__in=Run.ACTIVE)
    if connections is not None:
        runs = runs.filter(connection__in=connections)
    if run := runs.first():
        text = _("Run %(run)s of %(name)s is under way. Wait for its end, or cancel it. Nothing was changed.")
        raise Refused(text % {"run": run.pk, "name": run.connection.name})
    if other := _at_work():
        text = _("%(job)s %(n)s is under way. Wait for its end. Nothing was changed.")
        raise Refused(text % {"job": _named(other), "n": other.pk})


def standstill_of(connection: Connection) -> str:
    """Why no run of the connection may start now; empty: it may. Asked within the transaction that makes the run."""
    locked(connection)
    return at_work_on(connection)


def locked(connection: Connection) -> str:
    """Its state, once its row is this transaction's."""
    return Connection.objects.select_for_update().values_list("state", flat=True).get(pk=connection.pk)


def at_work_on(connection: Connection) -> str:
    """The same without a lock: for whoever only shows it, or has the lock."""
    job = _at_work(connection.pk)
    if job is None:
        return ""
    text = _("%(job)s %(n)s is under way. No sync starts before its end; the schedule goes on by itself.")
    return text % {"job": _named(job), "n": job.pk}


def _at_work(connection: int | None = None) -> PagedJob | None:
    for kind in _kinds.values():
        for job in kind.model._default_manager.filter(state__in=kind.model.STILL):
            if connection is None or job.stills is None or connection in job.stills:
                return job
    return None


def _named(job: PagedJob) -> str:
    name = str(job._meta.verbose_name)
    return name[:1].upper() + name[1:]


# --- At work


def ring(job: PagedJob) -> None:
    """Calls a worker, once what it is to do is committed."""
    bell(job._meta.label, job.pk)


def bell(label: str, job_id: int) -> None:
    transaction.on_commit(partial(async_task, "integrations.sync.tasks.paged", label, job_id), robust=True)


def ring_waiting() -> None:
    """For every job that nobody works on."""
    for label, kind in _kinds.items():
        for job_id in waiting(kind.model).values_list("pk", flat=True):
            bell(label, job_id)


def do(label: str, job_id: int) -> bool:
    """One slice, as the job's app registered it. Whether it wants another."""
    kind = _kinds[label]
    return work(kind.model, job_id, kind.page, hopeless=kind.hopeless)


def waiting(model: type[J]) -> QuerySet[J]:
    """At work by their state, and nobody works on them."""
    is_free = Q(lease_until=None) | Q(lease_until__lt=Now())
    return model._default_manager.filter(is_free, state__in=model.ACTIVE, trouble="")


def work(model: type[J], job_id: int, page: Callable[[J], None], *, hopeless: Errors = ()) -> bool:
    """One slice of pages. Whether it wants another."""
    free = waiting(model).filter(pk=job_id)
    if not free.update(
        lease_until=from_now(settings.SYNC_LEASE_SECONDS), fence=F("fence") + 1, stuck=F("stuck") + 1
    ):  # fmt: skip
        return False
    job = model._default_manager.get(pk=job_id)
    # Apart from the job: a page that fails takes its own zero back in the table, and not in memory.
    stuck = job.stuck
    if stuck > STARTS:
        return _stopped(job, _("Its worker ended %(n)s times without a word: it may lack memory.") % {"n": STARTS})
    ends_at = time.monotonic() + settings.SYNC_SLICE_SECONDS
    try:
        is_first = True
        while is_first or (job.is_active and time.monotonic() < ends_at):
            is_first = False
            with transaction.atomic():
                write(job, lease_until=from_now(settings.SYNC_LEASE_SECONDS), stuck=0, progress_at=Now())
                job.refresh_from_db(fields=["cancel_asked"])
                page(job)
            stuck = 0
            job.refresh_from_db()
        write(job, lease_until=None)
    except Lost:
        return False
    except hopeless as error:
        return _stopped(job, str(error))
    except Exception as error:
        logger.exception("%s %s failed in a page.", _named(job), job.pk)
        if stuck >= STARTS:
            return _stopped(job, f"{type(error).__name__}: {error}")
        _mine(job).update(lease_until=None)
        # What the page said of its own end went back with it.
        return True
    return job.is_active


def write(job: PagedJob, **columns: Any) -> None:
    """By the one who holds the lease; whoever lost it writes nothing more."""
    if not _mine(job).update(**columns):
        raise Lost
    for name, value in columns.items():
        if not hasattr(value, "resolve_expression"):
            setattr(job, name, value)


def go_on(job: PagedJob) -> None:
    """Again from the page at which it stopped."""
    stopped = type(job)._default_manager.filter(pk=job.pk, state__in=job.ACTIVE).exclude(trouble="")
    if not stopped.update(trouble="", stuck=0, lease_until=None):
        raise Refused(_("It is not stopped. Nothing was started."))
    ring(job)


def stop(job: PagedJob, states: Sequence[str]) -> None:
    """At the end of the page that is under way."""
    at_work = type(job)._default_manager.filter(pk=job.pk, state__in=states)
    # One that is in trouble ends as well: nobody else would ever free the syncs that wait for it.
    if not at_work.update(cancel_asked=True, trouble="", stuck=0):
        raise Refused(_("It is over already. Nothing was stopped."))
    ring(job)


def _mine(job: J) -> QuerySet[J]:
    return type(job)._default_manager.filter(pk=job.pk, fence=job.fence)


def _stopped(job: PagedJob, why: str) -> bool:
    _mine(job).update(trouble=why[:2000], lease_until=None)
    return False
