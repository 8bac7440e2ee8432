"""What a run does about an error: wait, park, stop and say why, or try again and corner the record that crashes it."""

import logging
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone

from accounts import audit
from integrations.wire.errors import AuthExpired, NeedsSignIn, NotFound, RateLimited, Transient, WireError

from ..clock import from_now
from ..models import Connection, ConnectionState, PlannedChange, Run
from .context import Context
from .drifting import DriftStops
from .finishing import drop_stage, note_health, set_next_run
from .lease import LostLeaseError
from .step import CannotSetAsideError

logger = logging.getLogger(__name__)

FIRST_WAIT, LONGEST_WAIT = 1.0, 60.0
MOST_STARTS = 20
"""Enough to corner one record of a page of a thousand; what still crashes then is not one record's fault."""
DAILY_WAIT = timedelta(hours=1)
Health = ConnectionState.Health


def failed(context: Context, error: Exception) -> bool:
    """Whether the run wants another ring. Whoever lost the lease meanwhile says nothing."""
    try:
        with transaction.atomic():
            return _decided(context, error)
    except LostLeaseError:
        return False


def stopped(context: Context) -> None:
    """Cancelled, or its connection was paused or archived: no write after this."""
    live = Connection.objects.filter(pk=context.connection.pk).values_list("state", flat=True).first()
    # These two go on while their connection rests: what stops them is a person.
    goes_on = context.run.slot == Run.Slot.PREVIEW or context.run.kind == Run.Kind.UNDO
    code = "cancelled" if goes_on or live == Connection.State.ON else f"connection-{live}"
    try:
        with transaction.atomic():
            _end(context, Run.State.CANCELLED, code, {})
    except LostLeaseError:
        return


def _decided(context: Context, error: Exception) -> bool:
    match error:
        case NeedsSignIn() | AuthExpired():
            return _needs_sign_in(context, error)
        case RateLimited(daily=True):
            return _park(context, error)
        case RateLimited() | Transient():
            return _back_off(context, error)
        case WireError():
            return _misconfigured(context, error)
        case CannotSetAsideError():
            return _fail(context, "stuck", {"step": _step(context)})
    return _crashed(context, error)


def _back_off(context: Context, error: RateLimited | Transient) -> bool:
    """1, 2, 4 … 60 s; the run never gives up by itself, and its board says for how long nobody answers."""
    failures = int(context.run.cursor.get("failures", 0)) + 1
    context.run.cursor["failures"] = failures
    wait = max(error.after or 0.0, min(FIRST_WAIT * 2 ** (failures - 1), LONGEST_WAIT))
    if isinstance(error, Transient):
        note_health(context.connection.pk, Health.DOWN, error.code, error.message)
    code = "does-not-answer" if isinstance(error, Transient) else "too-many-calls"
    _wait(context, Run.State.QUEUED, from_now(wait), code, error)
    return True


def _park(context: Context, error: RateLimited) -> bool:
    until = error.until or timezone.now() + DAILY_WAIT
    note_health(context.connection.pk, Health.QUOTA, error.code, error.message, parked_until=until)
    _wait(context, Run.State.WAITING, until, "quota-spent", error)
    return True


def _needs_sign_in(context: Context, error: WireError) -> bool:
    if note_health(context.connection.pk, Health.SIGN_IN, error.code, error.message):
        audit.record(None, "needs sign-in", context.connection, note=str(error))
    _fail(context, "needs-sign-in", _said(context, error))
    # Its preview beside it would only meet the same wall.
    others = Run.objects.filter(connection=context.connection, state__in=Run.ACTIVE).exclude(pk=context.run.pk)
    others.update(cancel_asked=True)
    return False


def _misconfigured(context: Context, error: WireError) -> bool:
    note_health(context.connection.pk, Health.WRONG, error.code, error.message)
    if isinstance(error, DriftStops):
        # The page to repair it on is the one of that data type.
        return _fail(context, error.code, _said(context, error) | {"step": f"{error.object}.prepare"})
    code = {"view-gone": "view-gone"}.get(error.code, "not-found" if isinstance(error, NotFound) else "misconfigured")
    return _fail(context, code, _said(context, error))


def _crashed(context: Context, error: Exception) -> bool:
    logger.error("Run %s crashed in %s.", context.run.pk, _step(context), exc_info=error)
    if context.run.stuck >= MOST_STARTS:
        return _fail(context, "stuck", {"step": _step(context), "error": type(error).__name__})
    context.lease.release(
        state=Run.State.QUEUED, due_at=from_now(FIRST_WAIT), cursor=context.run.cursor, **_calls(context)
    )
    return True


def _fail(context: Context, code: str, params: dict[str, Any]) -> bool:
    _end(context, Run.State.FAILED, code, params)
    if context.run.slot == Run.Slot.REAL:
        set_next_run(context.connection)
    return False


def _end(context: Context, state: str, code: str, params: dict[str, Any]) -> None:
    """What was applied stays; what was only staged or planned goes."""
    said = {"system": context.system, **params}
    context.lease.release(
        state=state,
        finished_at=Now(),
        reason_code=code,
        reason_params=said,
        cursor=context.run.cursor,
        **_calls(context),
    )
    drop_stage(context.run.pk)
    planned = PlannedChange.objects.filter(run_id=context.run.pk)
    planned._raw_delete(planned.db)


def _wait(context: Context, state: str, due_at: Any, code: str, error: WireError) -> None:
    # The CRM's failure is no crash of ours: it must not set the cornering of a record going.
    context.lease.release(
        state=state, due_at=due_at, stuck=0, cursor=context.run.cursor, reason_code=code,
        reason_params=_said(context, error), **_calls(context),
    )  # fmt: skip


def _said(context: Context, error: WireError) -> dict[str, Any]:
    params = {"system": context.system, "code": error.code, "message": error.message, "step": _step(context)}
    names = {rule.crm_field: rule.crm_label for plan in context.plans.values() for rule in plan.rules}
    named = ", ".join(names.get(path) or path for path in error.fields)
    return params | {"view": named or error.message, "field": error.message or named, "label": named}


def _calls(context: Context) -> dict[str, Any]:
    calls = context.calls
    return {"calls": calls.total(), "calls_by_kind": dict(calls)}


def _step(context: Context) -> str:
    steps = context.run.cursor.get("steps") or ["prepare"]
    return str(steps[min(int(context.run.cursor.get("step", 0)), len(steps) - 1)])
