"""A run that waits for its hour: until when, and for what, in words."""

import math
from datetime import datetime

from django.utils.translation import gettext as _

from .durations import clock
from .models import Run


def waits_until(run: Run, now: datetime) -> datetime | None:
    """None where nothing but a worker is waited for."""
    is_resting = run.state in {Run.State.QUEUED, Run.State.WAITING} and run.due_at is not None and run.due_at > now
    return run.due_at if is_resting else None


def wait_in_words(run: Run, until: datetime, now: datetime) -> str:
    if run.state == Run.State.WAITING:
        return _("Waits for quota until %(time)s.") % {"time": clock(until, now)}
    said = {"seconds": math.ceil((until - now).total_seconds()), "system": run.reason_params.get("system", "")}
    if run.reason_code == "does-not-answer" and said["system"]:
        return _("Waits %(seconds)s s, %(system)s does not answer.") % said
    if run.reason_code == "too-many-calls" and said["system"]:
        return _("Waits %(seconds)s s, %(system)s takes no more calls for the moment.") % said
    return _("Waits %(seconds)s s, then tries again.") % said
