"""One slice of a run: take the lease, work page by page as long as there is time, leave the rest to the next ring."""

import logging
import random
import time
from collections.abc import Callable
from typing import Any

from django.db import DataError, IntegrityError, OperationalError, transaction
from django.db.models.functions import Now

from ..models import Run
from ..store.statistics import refresh
from .absence import AbsentStep
from .applying import Apply
from .braking import Brake
from .context import Context, open_context, page_size
from .failures import failed, stopped
from .finishing import Finish, note_quota
from .hanging import Hang
from .lease import LostLeaseError, StoppedError, take
from .matching import Discard, MatchStep
from .outgoing import Outgoing
from .planning import PlanStep
from .preparing import Prepare
from .reading import All, Changed, Deleted, Dependents, Entered, Evidence, Ids, Wanted
from .sending import SendStep
from .step import CannotSetAsideError, Step
from .undoing import Rewind, TakeBack
from .verifying import Adopt, Verify

logger = logging.getLogger(__name__)

STEPS: dict[str, Callable[[str], Step]] = {
    "prepare": Prepare,
    "all": All,
    "changed": Changed,
    "deleted": Deleted,
    "ids": Ids,
    "entered": Entered,
    "evidence": Evidence,
    "wanted": Wanted,
    "dependents": Dependents,
    "discard": Discard,
    "match": MatchStep,
    "plan": PlanStep,
    "hang": Hang,
    "absent": AbsentStep,
    "brake": Brake,
    "adopt": Adopt,
    "verify": Verify,
    "outgoing": Outgoing,
    "apply": Apply,
    "send": SendStep,
    "take-back": TakeBack,
    "rewind": Rewind,
    "finish": Finish,
}
STARTS_BEFORE_BISECTING = 3
WRITER_TRIES = 5
MOST_SET_ASIDE = 10


def run_slice(run_id: int) -> bool:
    """Whether the run wants another slice. Delivered twice, the second finds the lease taken and makes no call."""
    lease = take(run_id)
    if lease is None:
        return False
    run = Run.objects.select_related("connection").get(pk=run_id)
    context = open_context(run, lease)
    try:
        _isolate(context)
        return _work(context)
    except LostLeaseError:
        logger.info("Run %s is another worker's now.", run_id)
        return False
    except StoppedError:
        stopped(context)
        return False
    except Exception as error:  # noqa: BLE001 (every error ends in one of the decisions of failures.py)
        return failed(context, error)
    finally:
        if context.reader:
            context.reader.close()
            note_quota(run.connection_id, context.reader.connector.quota)


def _work(context: Context) -> bool:
    step, name = None, ""
    while context.has_time:
        if step is None or name != _name(context.run):
            name = _name(context.run)
            step = step_of(name)
        _page(context, step)
        if context.outcome:
            return False
    context.lease.release(state=Run.State.QUEUED, due_at=None)
    return True


def step_of(name: str) -> Step:
    object_name, _, kind = name.rpartition(".")
    return STEPS[kind](object_name)


def _name(run: Run) -> str:
    steps = run.cursor.get("steps") or ["prepare"]
    return str(steps[int(run.cursor.get("step", 0))])


def _page(context: Context, step: Step) -> None:
    """One page; a row that the database refuses is isolated here and now, by halving."""
    place = context.run.cursor.get("at") or {}
    fetched = step.fetch(context, place)
    counts = context.counts.copy()
    for tries in range(1, WRITER_TRIES + 1):
        try:
            with transaction.atomic():
                context.lease.hold()
                cursor = _advance(context, step, step.work(context, place, fetched))
        except OperationalError:
            # Another writer (deadlock, serialisation): the same page again, a little later.
            context.counts = counts.copy()
            if tries == WRITER_TRIES:
                raise
            time.sleep(random.uniform(0.05, 0.2) * tries)  # noqa: S311 (jitter)
        except (DataError, IntegrityError):
            context.counts = counts.copy()
            logger.exception("Run %s: a page of %s was refused by the database.", context.run.pk, _name(context.run))
            _halve(context, step)
            return
        else:
            # Only what is committed is true here too.
            context.run.cursor, context.run.phase = cursor, step.phase
            context.limit = page_size(cursor)
            if "at" not in cursor and step.fills_stage:
                refresh()
            return


def _halve(context: Context, step: Step) -> None:
    if context.limit > 1:
        context.limit = max(1, context.limit // 2)
        context.run.cursor["page"] = context.limit
        return
    _set_aside(context, step)


def _set_aside(context: Context, step: Step) -> None:
    counted = context.run.cursor
    counted["set_aside"] = int(counted.get("set_aside", 0)) + 1
    if counted["set_aside"] > MOST_SET_ASIDE:
        # So many poison records are none: something is wrong with the step itself.
        raise CannotSetAsideError
    with transaction.atomic():
        context.lease.hold()
        after = step.set_aside(context, context.run.cursor.get("at") or {})
        context.run.cursor.pop("page", None)
        context.limit = page_size({})
        cursor = _advance(context, step, after)
    context.run.cursor = cursor


def _isolate(context: Context) -> None:
    """A record that kills its worker, or crashes our code, is cornered over several starts: half the page each time."""
    run = context.run
    bisecting = "page" in run.cursor
    if run.stuck <= (1 if bisecting else STARTS_BEFORE_BISECTING):
        return
    if context.limit == 1 and bisecting:
        _set_aside(context, step_of(_name(run)))
        return
    run.cursor["page"] = context.limit = max(1, context.limit // 2)
    context.lease.write(cursor=run.cursor)


def _advance(context: Context, step: Step, place: dict[str, Any] | None) -> dict[str, Any]:
    """Cursor, counts and outcome in the page's own transaction: what is written and what is remembered never part."""
    run = context.run
    cursor = dict(run.cursor)
    if place is None:
        cursor["step"] = int(cursor.get("step", 0)) + 1
        cursor.pop("at", None)
        cursor.pop("page", None)
    else:
        cursor["at"] = place
    cursor.pop("failures", None)
    calls = context.calls
    columns: dict[str, Any] = {
        "cursor": cursor,
        "counts": dict(context.counts),
        "totals": context.totals,
        "calls": calls.total(),
        "calls_by_kind": dict(calls),
        "progress_at": Now(),
        "phase": step.phase,
        "stuck": 0,
    }
    if context.outcome:
        context.lease.release(**columns, finished_at=Now(), **context.outcome)
    else:
        context.lease.write(**columns)
    return cursor
