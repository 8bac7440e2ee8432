"""One page of what is done with a snapshot in the background; at its end the step is measured, for nobody waits there."""

from . import checking, restoring, snapshot
from .models import KeptJob
from .snapshot_step import SNAPSHOT


def page(job: KeptJob) -> None:
    if job.kind == KeptJob.Kind.RESTORE:
        restoring.page(job)
        return
    snapshot.page(job)
    if job.state == KeptJob.State.DONE:
        job.move.refresh_from_db()
        checking.check(job.move, SNAPSHOT)
