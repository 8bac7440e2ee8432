"""What people and schedules may ask of runs. Every verb checks that it may, writes, and rings; the work is the runner's."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count, Q, QuerySet
from django.db.models.functions import Now
from django.utils.functional import Promise
from django.utils.translation import gettext as _

from accounts import audit

from .models import Block, Connection, ConnectionState, DataType, PlannedChange, Run
from .paged_job import at_work_on, locked, standstill_of
from .registry import child_of, missing_scope
from .rules import HubTerms, Lines, lines_of, rules_hash
from .runner.finishing import drop_stage
from .runner.steps import RECHECK
from .tallies import DECIDED, SUPERSEDED
from .tasks import ring

must_wait: list[Callable[[Connection], str]] = []
"""Why a connection may not sync yet, as the apps above know it; each adds its question from its AppConfig.ready()."""


class RunRefused(Exception):  # noqa: N818 (an answer, not a fault)
    """The reason is a sentence for people; `run` is the active run that stands in the way, where one does."""

    def __init__(self, reason: str | Promise, run: Run | None = None) -> None:
        super().__init__(str(reason))
        self.reason = str(reason)
        self.run = run


class ScopeIsOpen(RunRefused):
    """Nobody has said which records come in."""


def request_run(connection: Connection, kind: str = Run.Kind.DELTA, *, by: str) -> Run:
    """`DELTA` asks for a sync: it becomes the first or a complete one where a delta would not do."""
    blocks = _enabled(connection)
    _require_state(connection, kind)
    if not blocks:
        raise RunRefused(_("Every data type of this connection is disabled. Nothing would be read."))
    return _insert(connection, _kind(connection, blocks, kind), by)


def apply_preview(preview: Run, by: str) -> Run:
    """Applies exactly the rows of the preview. A connection that was not on yet is turned on by it."""
    connection = preview.connection
    _require_applicable(preview)
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk, state=Connection.State.DRAFT).update(state=Connection.State.ON)
        connection.refresh_from_db(fields=["state"])
        _require_state(connection, Run.Kind.APPLY)
        return _insert(connection, Run.Kind.APPLY, by, preview=preview)


def discard(preview: Run, by: str) -> None:
    """Forgets what a preview planned; its counts stay readable."""
    if preview.is_active:
        cancel(preview, by)
    if preview.kind == Run.Kind.PREVIEW:
        _drop_planned(preview)


def cancel(run: Run, by: str) -> None:
    """A run that nobody works on ends at once; a working one within its slice, and writes nothing afterwards."""
    active = Run.objects.filter(pk=run.pk, state__in=Run.ACTIVE)
    if not active.update(cancel_asked=True):
        raise RunRefused(_("This run is over already. Nothing was stopped."))
    ended = active.filter(_idle()).update(
        state=Run.State.CANCELLED, finished_at=Now(), lease_owner="", lease_until=None, reason_code="cancelled",
        reason_params={"by": by},
    )  # fmt: skip
    if ended:
        drop_stage(run.pk)
        _drop_planned(run)
    run.refresh_from_db()


def try_now(run: Run, by: str) -> None:
    """A run that waits for its hour asks at once; where the CRM still refuses, it waits anew at the same place."""
    with transaction.atomic():
        waiting = Run.objects.filter(_idle(), pk=run.pk, state__in=[Run.State.QUEUED, Run.State.WAITING])
        if not waiting.filter(due_at__gt=Now(), cancel_asked=False).update(due_at=None):
            raise RunRefused(_("This run does not wait any more. Nothing was changed."))
        ConnectionState.objects.filter(pk=run.connection_id).update(parked_until=None)
        audit.record(None, "tried a waiting run", run.connection, note=f"run {run.pk}, {by}")
        ring(run.pk)
    run.refresh_from_db()


def release_held(run: Run, by: str) -> None:
    """Applies what the brake held, as far as the CRM still stands as it was decided."""
    _resume_held(run, {"released_by": by}, first=RECHECK)


def drop_held(run: Run, by: str) -> None:
    """Leaves both sides as they are; the links remember it, so that only another edit moves them."""
    _resume_held(run, {"dropped_by": by})


def pause(connection: Connection, by: str) -> None:
    with transaction.atomic():
        _hold_runs(connection)
        changed = _move(connection, Connection.State.PAUSED, [Connection.State.ON])
        if not changed:
            raise RunRefused(_("Only a connection that is on can be paused."))
        _stop_all(connection)
        audit.record(None, "paused", connection, note=by)


def resume(connection: Connection, by: str) -> None:
    """Turns the schedule on again; the next sync is due at once and continues from the cursor."""
    with transaction.atomic():
        if not _move(connection, Connection.State.ON, [Connection.State.PAUSED], next_run_at=Now()):
            raise RunRefused(_("Only a paused connection can be resumed."))
        audit.record(None, "resumed", connection, note=by)


def turn_on(connection: Connection, by: str) -> Run:
    """From draft to on, with its first sync."""
    with transaction.atomic():
        _move(connection, Connection.State.ON, [Connection.State.DRAFT, Connection.State.PAUSED])
        return request_run(connection, Run.Kind.DELTA, by=by)


def archive(connection: Connection, by: str) -> None:
    """Stops for good; history stays readable."""
    with transaction.atomic():
        _hold_runs(connection)
        _move(connection, Connection.State.ARCHIVED, [state for state in Connection.State if state != "archived"])
        _stop_all(connection)
        audit.record(None, "archived", connection, note=by)


def is_due(connection: Connection) -> bool:
    """Whether the schedule may start a run by itself."""
    is_locked_out = ConnectionState.objects.filter(pk=connection.pk, health=ConnectionState.Health.SIGN_IN).exists()
    return connection.is_live and not is_locked_out


def _insert(connection: Connection, kind: str, by: str, preview: Run | None = None) -> Run:
    _require_scope(connection)
    run = insert(connection, kind, by, preview=preview, totals=preview.totals if preview else {})
    if run.slot == Run.Slot.REAL:
        supersede(run)
    ring(run.pk)
    return run


def insert(connection: Connection, kind: str, by: str, **columns: Any) -> Run:
    """The row that makes a run; the database lets one be active in each slot."""
    slot = Run.Slot.PREVIEW if kind == Run.Kind.PREVIEW else Run.Slot.REAL
    try:
        with transaction.atomic():
            # As whoever archives it or starts a job locks it: one of the two sees the other.
            if locked(connection) == Connection.State.ARCHIVED:
                raise RunRefused(_("This connection is archived. Nothing was started."))
            if standstill := at_work_on(connection):
                raise RunRefused(standstill)
            if slot == Run.Slot.REAL:
                _require_no_wait(connection)
            return Run.objects.create(
                connection=connection,
                kind=kind,
                slot=slot,
                version=connection.version,
                requested_by=by[:160],
                **columns,
            )
    except IntegrityError:
        active = Run.objects.filter(connection=connection, slot=slot, state__in=Run.ACTIVE).first()
        raise RunRefused(
            _("Run %(number)s is still under way. Nothing else was started.")
            % {"number": active.pk if active else "–"},
            active,
        ) from None


def _require_no_wait(connection: Connection) -> None:
    if said := why_it_waits(connection):
        raise RunRefused(said)


def why_it_waits(connection: Connection) -> str:
    return next((said for why_not in must_wait if (said := why_not(connection))), "")


def supersede(run: Run) -> None:
    """A new run decides the held rows of an older one anew; two answers to one question would be one too many."""
    code = "dropped-by-undo" if run.kind == Run.Kind.UNDO else "superseded"
    held = Run.objects.filter(connection=run.connection_id, state=Run.State.HELD, pk__lt=run.pk)
    # No other run can come to be held: one alone is at work in a slot.
    if not held.exists():
        return
    with transaction.atomic():
        for older in held.order_by("pk").select_for_update():
            older.state, older.reason_code, older.reason_params = Run.State.DONE, code, {"run": run.pk}
            older.counts = _without_held(older)
            older.save(update_fields=["state", "reason_code", "reason_params", "counts"])
            _drop_planned(older)


def _without_held(run: Run) -> dict[str, int]:
    """What it held was never done; the records were decided on all the same, so its numbers go on adding up."""
    held = _planned(run).filter(is_held=True).order_by().values_list("object", "action").annotate(n=Count("pk"))
    counts = Counter(run.counts)
    for object_name, action, number in held:
        counts[f"{object_name}.{action}"] -= number
        if action in DECIDED:
            counts[f"{object_name}.{SUPERSEDED}"] += number
    return {name: max(0, number) for name, number in counts.items()}


def _kind(connection: Connection, blocks: Sequence[Block], kind: str) -> str:
    if kind in {Run.Kind.PREVIEW, Run.Kind.APPLY}:
        return kind
    if all(block.cursor is None for block in blocks):
        return Run.Kind.FIRST
    lines, terms = lines_of(connection.pk), HubTerms()
    if kind == Run.Kind.FULL or any(_needs_complete(block, lines, terms) for block in blocks):
        return Run.Kind.FULL
    return Run.Kind.FULL if _is_old(connection, blocks) else Run.Kind.DELTA


def _needs_complete(block: Block, lines: Lines, terms: HubTerms) -> bool:
    """Never read, or read under another mapping: unchanged records have to be decided anew."""
    return block.cursor is None or block.rules_hash != rules_hash(block, lines, terms)


def _is_old(connection: Connection, blocks: Sequence[Block]) -> bool:
    from .clock import from_now

    read = Q(full_read_at=None) | Q(full_read_at__lt=from_now(-connection.full_every_hours * 3600))
    return Block.objects.filter(read, pk__in=[block.pk for block in blocks]).exists()


def _enabled(connection: Connection) -> list[Block]:
    """Those that are read or written record by record; scores act with the customers."""
    return list(connection.blocks.exclude(mode="disabled").exclude(object=DataType.SCORES))


def _require_state(connection: Connection, kind: str) -> None:
    if connection.is_archived:
        raise RunRefused(_("This connection is archived. Nothing was started."))
    if kind == Run.Kind.PREVIEW:
        return
    if connection.state == Connection.State.DRAFT:
        raise RunRefused(_("This connection is not turned on yet. Preview it, or turn it on."))
    if connection.state == Connection.State.PAUSED:
        raise RunRefused(_("This connection is paused. Resume it first; nothing was started."))


def _require_scope(connection: Connection) -> None:
    """Without it the whole organisation would come in. What is taken back reads nothing, and is not asked."""
    if missing := missing_scope(child_of(connection)):
        raise ScopeIsOpen(_("%(missing)s Nothing was started.") % {"missing": missing})


def _require_applicable(preview: Run) -> None:
    if preview.kind != Run.Kind.PREVIEW or preview.state != Run.State.DONE:
        raise RunRefused(_("Only a finished preview can be applied."))
    if preview.version != preview.connection.version:
        raise RunRefused(_("The configuration has changed since this preview. Preview again; nothing was applied."))
    later = Run.objects.filter(connection=preview.connection_id, slot=Run.Slot.REAL, pk__gt=preview.pk)
    if later.filter(state__in=[Run.State.DONE, Run.State.HELD]).exists():
        raise RunRefused(_("A sync has run since this preview. Preview again; nothing was applied."))
    if not preview.counts or (_planned_number(preview) and not _planned(preview).exists()):
        raise RunRefused(_("The rows of this preview are gone. Preview again; nothing was applied."))


def _planned_number(preview: Run) -> int:
    return sum(number for key, number in preview.counts.items() if key.count(".") == 1 and key.endswith(".create"))


def _planned(run: Run) -> QuerySet[PlannedChange]:
    return PlannedChange.objects.filter(run_id=run.pk)


def _drop_planned(run: Run) -> None:
    rows = _planned(run)
    rows._raw_delete(rows.db)


def _resume_held(run: Run, word: dict[str, str], first: Sequence[str] = ()) -> None:
    """`first`: steps that it takes before it applies."""
    _require_state(run.connection, run.kind)
    steps = list(run.cursor["steps"])
    at = steps.index("apply")
    steps[at:at] = first
    cursor = {**run.cursor, **word, "steps": steps, "step": at}
    cursor.pop("at", None)
    try:
        with transaction.atomic():
            if standstill := standstill_of(run.connection):
                raise RunRefused(standstill)
            held = Run.objects.filter(pk=run.pk, state=Run.State.HELD)
            columns: dict[str, Any] = {"reason_code": "", "reason_params": {}, "finished_at": None, "due_at": None}
            if not held.update(state=Run.State.QUEUED, cursor=cursor, phase=Run.Phase.APPLY, **columns):
                raise RunRefused(_("Nothing of this run is held any more."))
            _planned(run).update(is_held=False)
            ring(run.pk)
    except IntegrityError:
        active = Run.objects.filter(connection=run.connection_id, slot=run.slot, state__in=Run.ACTIVE).first()
        raise RunRefused(_("Another run is under way. Wait for its end; nothing was applied."), active) from None
    run.refresh_from_db()


def _move(connection: Connection, to: str, among: Sequence[str], **columns: Any) -> int:
    number = Connection.objects.filter(pk=connection.pk, state__in=among).update(state=to, **columns)
    connection.refresh_from_db(fields=["state", "next_run_at"])
    return number


def _stop_all(connection: Connection) -> None:
    """Working runs notice at their next page; idle ones end here."""
    for run in Run.objects.filter(connection=connection, state__in=Run.ACTIVE):
        # One that came to its end a moment ago needs no stopping.
        with suppress(RunRefused):
            cancel(run, "")


def _hold_runs(connection: Connection) -> None:
    """Before the connection's own row: a run locks its row at each page, and the connection's at its end."""
    list(
        Run.objects.select_for_update().filter(connection=connection, state__in=Run.ACTIVE).order_by("pk").values("pk")
    )


def _idle() -> Q:
    return Q(lease_until=None) | Q(lease_until__lt=Now())
