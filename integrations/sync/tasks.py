"""The queue is a doorbell: a task carries an id, and what it finds in the tables is the truth."""

from functools import partial

from django.db import transaction
from django.db.models.functions import Now
from django_q.tasks import async_task

from .models import Heartbeat
from .runner.slice import run_slice

CANARY = "canary"


def ring(run_id: int) -> None:
    """After the commit; a bell that cannot be rung is logged, and the sweeper rings again."""
    transaction.on_commit(partial(async_task, "integrations.sync.tasks.answer", run_id), robust=True)


def answer(run_id: int) -> None:
    if run_slice(run_id):
        ring(run_id)
    # Its situation asks for the workers, which are known by this module.
    from .alerts.watch import watch

    # Each stop of a run may be news; one that is missed here is seen by the sweeper.
    watch()


def paged(label: str, job_id: int) -> None:
    # It starts nothing of ours, but what starts runs looks at it.
    from . import paged_job

    if paged_job.do(label, job_id):
        paged_job.bell(label, job_id)


def ring_canary() -> None:
    async_task("integrations.sync.tasks.sing")


def sing() -> None:
    Heartbeat.objects.filter(name=CANARY).update(answered_at=Now())
