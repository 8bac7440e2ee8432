"""How far a run is: per object and phase, at what rate, and how long it will still take."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from .models import PlannedChange, Run, Staged
from .waiting import wait_in_words, waits_until

DECIDING = ("plan", "absent")


@dataclass(frozen=True, slots=True)
class ObjectProgress:
    read: int = 0
    total: int | None = None
    decided: int = 0
    applied: int = 0


@dataclass(frozen=True, slots=True)
class Progress:
    done: int
    total: int
    """Of the phase at hand; 0 where nobody knows."""
    rate_per_second: float | None
    seconds_left: float | None
    calls: int
    phase: str
    sentence: str
    per_object: Mapping[str, ObjectProgress] = field(default_factory=dict)


def progress_of(run: Run) -> Progress:
    objects = list(run.cursor.get("config", {}).get("blocks", {})) or sorted(run.totals)
    per_object = {name: _object(run, name) for name in objects}
    done, total = _of_phase(run, per_object)
    rate = _rate(run, per_object)
    left = (total - done) / rate if rate and total > done else None
    return Progress(done, total, rate, left, run.calls, run.phase, _sentence(run, done, total), per_object)


def _object(run: Run, name: str) -> ObjectProgress:
    counts = run.counts
    read = max(counts.get(f"{name}.read", 0), counts.get(f"{name}.ids", 0))
    decided = sum(number for key, number in counts.items() if _is_decision(key, name))
    applied = sum(number for key, number in counts.items() if key.startswith(f"{name}.applied."))
    return ObjectProgress(read, run.totals.get(name), decided, applied)


NOT_DECISIONS = {"read", "ids", "suspended", "retyped", "locked", "new-values", "newly-required"}


def _is_decision(key: str, name: str) -> bool:
    object_name, _, rest = key.partition(".")
    return object_name == name and "." not in rest and rest not in NOT_DECISIONS


def _of_phase(run: Run, per_object: Mapping[str, ObjectProgress]) -> tuple[int, int]:
    match run.phase:
        case Run.Phase.READ:
            known = [one for one in per_object.values() if one.total is not None]
            return sum(min(one.read, one.total or 0) for one in known), sum(one.total or 0 for one in known)
        case Run.Phase.DECIDE:
            staged = Staged.objects.filter(run_id=run.pk, payload__isnull=False).count()
            return min(sum(one.decided for one in per_object.values()), staged), staged
    if run.kind == Run.Kind.UNDO:
        return int(run.counts.get("applied", 0)), int(run.cursor.get("decisions", 0))
    left = PlannedChange.objects.filter(run_id=run.pk, is_held=False).count()
    done = int(run.counts.get("applied", 0))
    return done, done + left


def _rate(run: Run, per_object: Mapping[str, ObjectProgress]) -> float | None:
    """Over the whole run so far; waiting for quota is not working slowly, so a waiting run has none."""
    if run.started_at is None or run.state != Run.State.RUNNING:
        return None
    seconds = ((run.progress_at or timezone.now()) - run.started_at).total_seconds()
    steps = sum(one.read + one.decided + one.applied for one in per_object.values())
    return steps / seconds if seconds > 1 and steps else None


def _sentence(run: Run, done: int, total: int) -> str:
    said: dict[str, Any] = {"done": f"{done:,}", "total": f"{total:,}", "number": run.pk}
    now = timezone.now()
    if until := waits_until(run, now):
        return wait_in_words(run, until, now)
    if run.state == Run.State.QUEUED and run.started_at is None:
        return _("Waits for a worker.")
    if run.state == Run.State.WAITING:
        return _("Waits for quota. Goes on by itself at the same place.")
    if not run.is_active:
        return str(run.get_state_display())
    if not total:
        return _("Has begun.")
    match run.phase:
        case Run.Phase.READ:
            return _("Reading: %(done)s of %(total)s records.") % said
        case Run.Phase.DECIDE:
            return _("Deciding: %(done)s of %(total)s records.") % said
    if run.kind == Run.Kind.UNDO:
        return _("Taking back: %(done)s of %(total)s decisions.") % said
    return _("Applying: %(done)s of %(total)s decisions.") % said
