"""Calls a worker for a re-key, once what it is to do is committed."""

from functools import partial

from django.db import transaction
from django_q.tasks import async_task


def ring(job_id: int) -> None:
    transaction.on_commit(partial(async_task, "integrations.sync.tasks.rekey", job_id), robust=True)
