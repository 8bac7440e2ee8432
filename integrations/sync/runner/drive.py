"""Carries a run to its end in this process: for the command line without a worker, and for tests."""

import time

from ..models import Run
from .slice import run_slice

POLL_SECONDS = 0.2


def drive(run: Run, seconds: float = 3600.0) -> Run:
    """Slices until the run is over or the time is up; waits out back-offs and other workers' leases."""
    ends_at = time.monotonic() + seconds
    while True:
        goes_on = run_slice(run.pk)
        run.refresh_from_db()
        if not run.is_active or time.monotonic() >= ends_at:
            return run
        if not goes_on or run.due_at:
            time.sleep(POLL_SECONDS)


def wait_for(run: Run, seconds: float = 3600.0) -> Run:
    """Watches while workers do it."""
    ends_at = time.monotonic() + seconds
    while run.is_active and time.monotonic() < ends_at:
        time.sleep(POLL_SECONDS)
        run.refresh_from_db()
    return run
