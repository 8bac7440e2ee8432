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
from .sending import AnswersStep, SendStep
from .step import ASKS, CannotSetAsideError, Step
from .undoing import LetGo, Rewind, TakeBack
from .verifying import Adopt, Returned, Verify

logger = logging.getLogger(__name__)

STEPS: dict[str, Callable[[str], Step]] = {
    "prepare": Prepare,
    "answers": AnswersStep,
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
    "returned": Returned,
    "outgoing": Outgoing,
    "apply": Apply,
    "send": SendStep,
    "let-go": LetGo,
    "take-back": TakeBack,
    "rewind": Rewind,
    "finish": Finish,
}
STARTS_BEFORE_BISECTING = 3
WRITER_TRIES = 5
MOST_SET_ASIDE = 10
BRIEF_SECONDS = 0.1
"""A transaction that took longer is not shared: others wait for what it locks."""


def run_slice(run_id: int) -> bool:
    """Whether the run wants another slice. Delivered twice, the second finds the lease taken and makes no call."""
    lease = take(run_id)
    if lease is None:
        return False
    run = Run.objects.select_related("connection").get(pk=run_id)
    context = open_context(run, lease)
    try:
        _require_living(run)
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
            context.recording.write(run.pk)


def _require_living(run: Run) -> None:
    # Every page asks anew under its lease, but only after it has asked the CRM.
    if run.connection.is_archived:
        raise StoppedError


def _work(context: Context) -> bool:
    step, is_first = step_of(_name(context.run)), True
    # However slowly it began: a slice that does no page would look like one that crashed.
    while is_first or context.has_time or step.owes:
        is_first = False
        step = _page(context, _following(context, step))
        if context.outcome:
            return False
    context.lease.release(state=Run.State.QUEUED, due_at=None)
    return True


def step_of(name: str) -> Step:
    object_name, _, kind = name.rpartition(".")
    step = STEPS[kind](object_name)
    step.name = name
    return step


def _name(run: Run) -> str:
    steps = run.cursor.get("steps") or ["prepare"]
    return str(steps[int(run.cursor.get("step", 0))])


def _page(context: Context, step: Step) -> Step:
    """One page, and those behind it that have little to do; a row that the database refuses is isolated by halving.

    Returns the step that it came to: it may remember what is its own, as long as it goes on.
    """
    run, place = context.run, context.run.cursor.get("at") or {}
    fetched = step.fetch(context, place)
    cursor, phase, last = run.cursor, run.phase, step
    counts, totals = context.counts.copy(), dict(context.totals)
    for tries in range(1, WRITER_TRIES + 1):
        try:
            with transaction.atomic():
                context.lease.hold()
                last = _go_on(context, step, place, fetched)
        except BaseException as error:
            # Only what is committed is true here too.
            run.cursor, run.phase = cursor, phase
            context.counts, context.totals = counts.copy(), dict(totals)
            context.outcome, context.merged, context.heads_to_be = {}, {}, None
            was_alone, context.alone = context.alone, True
            last = step
            if isinstance(error, OperationalError) and tries < WRITER_TRIES:
                # Another writer (deadlock, serialisation): the same page again, a little later.
                time.sleep(random.uniform(0.05, 0.2) * tries)  # noqa: S311 (jitter)
            elif isinstance(error, DataError | IntegrityError):
                if not was_alone:
                    # Which of the pages it was shows once each is by itself.
                    continue
                logger.exception("Run %s: a page of %s was refused by the database.", run.pk, _name(run))
                _halve(context, step)
                break
            else:
                raise
        else:
            if "at" not in run.cursor and last.fills_stage:
                refresh()
            break
    return last


def _go_on(context: Context, step: Step, place: dict[str, Any], fetched: Any) -> Step:
    """Pages for which nobody is asked share the transaction of the one before them, as long as it stays a short one."""
    ends_at = time.monotonic() + BRIEF_SECONDS
    # After a crash, each page is by itself, so that it shows which one it was.
    alone = context.alone or context.run.stuck > 1 or not {"failures", "page"}.isdisjoint(context.run.cursor)
    _advance(context, step, step.work(context, place, fetched))
    while not (alone or context.outcome or step.fills_stage or step.must_commit) and time.monotonic() < ends_at:
        following, place = _following(context, step), context.run.cursor.get("at") or {}
        fetched = following.at_hand(context, place)
        if fetched is ASKS:
            break
        step = following
        _advance(context, step, step.work(context, place, fetched))
    _remember(context)
    return step


def _following(context: Context, step: Step) -> Step:
    name = _name(context.run)
    return step if step.name == name else step_of(name)


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
        _advance(context, step, after)
        _remember(context)


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


def _advance(context: Context, step: Step, place: dict[str, Any] | None) -> None:
    cursor = dict(context.run.cursor)
    if place is None:
        cursor["step"] = int(cursor.get("step", 0)) + 1
        cursor.pop("at", None)
        cursor.pop("page", None)
    else:
        cursor["at"] = place
    cursor.pop("failures", None)
    context.run.cursor, context.run.phase = cursor, step.phase
    context.limit = page_size(cursor)


def _remember(context: Context) -> None:
    """Cursor, counts and outcome in the page's own transaction: what is written and what is remembered never part."""
    calls = context.calls
    columns: dict[str, Any] = {
        "cursor": context.run.cursor,
        "counts": dict(context.counts),
        "totals": context.totals,
        "calls": calls.total(),
        "calls_by_kind": dict(calls),
        "progress_at": Now(),
        "phase": context.run.phase,
        "version": context.run.version,
        "until": context.run.until,
        "since": context.run.since,
        "stuck": 0,
    }
    if context.outcome:
        context.lease.release(**columns, finished_at=Now(), **context.outcome)
    else:
        context.lease.write(**columns)
