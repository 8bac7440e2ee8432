"""Ends a run that went through: completeness, how far the source is read, health, the next appointment, the stage."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Case, Count, Exists, OuterRef, Q, QuerySet, When
from django.db.models.functions import Now
from django.utils import timezone

from integrations.engine.completeness import Tally
from integrations.engine.mapping import Mode
from integrations.engine.records import LinkState
from integrations.wire.quota import Quota

from ..clock import from_now
from ..models import Block, Connection, ConnectionState, HubMark, PlannedChange, RecordLink, Run, Staged, StagedKey
from ..models.journal import Action
from ..people import name_owners
from ..tallies import tallies_from
from .context import Context
from .holding import HELD, held_rows, keep_due
from .step import ASKS, Place, Step

COMPLETE = (Run.Kind.FIRST, Run.Kind.FULL)


class Finish(Step):
    phase = Run.Phase.APPLY

    def at_hand(self, context: Context, place: Mapping[str, Any]) -> Any:
        """A run that wrote no customer asks nobody."""
        wrote = any(context.counts.get(f"customers.{action}") for action in ("create", "link", "update"))
        return ASKS if context.run.slot == Run.Slot.REAL and wrote else None

    def fetch(self, context: Context, place: Mapping[str, Any]) -> None:
        """Colleagues who came in with this run get their names."""
        if self.at_hand(context, place) is ASKS:
            name_owners(context.connection, context.connector)

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        is_second_end = bool(context.run.cursor.get("released_by") or context.run.cursor.get("dropped_by"))
        if context.run.slot == Run.Slot.REAL and not is_second_end:
            # Before anything is counted: a record that is held has its place among those that were not taken.
            keep_due(context)
            # After a person's word on held rows the blocks may have moved on long ago.
            for name in context.plans:
                _move_block(context, name)
            set_next_run(context.connection)
            _forget_asked(context)
            _give_up_unanswered(context)
        elif is_second_end:
            _forget_kept(context)
        note_health(context.connection.pk, ConnectionState.Health.OK)
        drop_stage(context.run.pk)
        context.outcome = _outcome(context)
        return None


def _forget_asked(context: Context) -> None:
    """What this run looked at needs no looking at again; what came later is for the next."""
    seen = context.marked_at
    marks = HubMark.objects.filter(connection=context.connection, object__in=context.plans)
    marks.filter(seen_by__in=[context.run.pk, context.run.preview_id]).exclude(_is_held_unread(context)).delete()
    quiet = [name for name, plan in context.plans.items() if not plan.writes]
    # Nobody looks at these: what changed before a data type is sent stays as it is.
    marks.filter(object__in=quiet, at__lte=seen).delete()
    wanted = RecordLink.objects.filter(connection=context.connection, object__in=context.plans, wanted_at__lte=seen)
    wanted.update(wanted_at=None)


def _is_held_unread(context: Context) -> Q:
    """Rows that the brake holds and no reading brings back: another run decides them anew by their marks, or nobody does."""
    unread = [name for name, plan in context.plans.items() if not plan.reads]
    held = held_rows(context).filter(hub_id__isnull=False)
    rows = Q(object__in=unread, hub_id__in=held.filter(object__in=unread).values("hub_id"))
    return rows | _is_held_deletion(held)


def _is_held_deletion(held: QuerySet[PlannedChange]) -> Q:
    """The row is gone: only its mark still says that its record is to go too."""
    going = held.filter(action=Action.DELETE_OUT.value, object=OuterRef("object"), hub_id=OuterRef("hub_id"))
    return Q(Exists(going), kind=HubMark.Kind.DELETED)


def _forget_kept(context: Context) -> None:
    """A person has spoken about what was held; an edit since then has taken the sign of this run off its mark."""
    HubMark.objects.filter(connection=context.connection, seen_by=context.run.pk).delete()


def _reading(context: Context) -> list[str]:
    return [name for name, plan in context.plans.items() if plan.reads]


def _give_up_unanswered(context: Context) -> None:
    """What was due and is still due was asked for by its id, and the CRM sent nothing: there is nothing to try."""
    reading = _reading(context)
    held = held_rows(context).filter(object__in=reading)
    due = RecordLink.objects.filter(
        connection=context.connection, object__in=reading, next_try_at__lte=context.marked_at, paused_at__isnull=True
    ).exclude(source_id__in=held.values("source_id"))
    # Listed for the question alone, and its record is no more.
    due.filter(reason_code=HELD, hub_id=None).delete()
    is_failing = Q(state=RecordLink.State.FAILING)
    due.update(next_try_at=None, given_up_at=Case(When(is_failing, then=Now()), default=None))


def _outcome(context: Context) -> dict[str, Any]:
    if context.run.kind != Run.Kind.PREVIEW and (number := held_rows(context).count()):
        reasons = context.run.cursor.get("held") or [{"code": HELD, "params": {}}]
        first = reasons[0]
        params = {**first["params"], "held": number, "system": context.system}
        return {"state": Run.State.HELD, "reason_code": first["code"], "reason_params": params}
    empty = [name for name in context.plans if context.totals.get(name) == 0]
    if "customers" in empty and context.run.kind != Run.Kind.APPLY:
        return {"state": Run.State.DONE, "reason_code": "empty-scope", "reason_params": {"system": context.system}}
    return {"state": Run.State.DONE, "reason_code": "", "reason_params": {}}


def _move_block(context: Context, name: str) -> None:
    until = context.run.until if context.run.preview is None else context.run.preview.until
    columns: dict[str, Any] = {"cursor": until, "caught_up_at": Now()}
    # Of what only goes out no reading is whole or not: its linked rows were asked about anew as soon as its lines changed.
    if context.run.kind != Run.Kind.DELTA or context.plans[name].mode is Mode.OUTPUT:
        columns["rules_hash"] = context.plans[name].rules_hash
    if context.run.kind in COMPLETE:
        tally = tally_of(context, name)
        columns |= {"counted": tally.counted, "unexplained": tally.missing, "full_read_at": Now()}
    elif context.run.kind == Run.Kind.APPLY:
        # The preview was the complete reading; its numbers came over with its rows.
        columns |= {"full_read_at": Now(), **_counted_by_preview(context, name)}
    Block.objects.filter(connection=context.connection, object=name).update(**columns)


def _counted_by_preview(context: Context, name: str) -> dict[str, int]:
    for tally in tallies_from(context.counts, context.totals):
        if tally.object == name and tally.total is not None:
            return {"counted": tally.total, "unexplained": tally.missing}
    return {}


def tally_of(context: Context, name: str) -> Tally:
    """Of the records that this run saw in scope: in which state is each?"""
    seen = Staged.objects.filter(run_id=context.run.pk, object=name, evidence="")
    # IN, not EXISTS: PostgreSQL hashes the one and probes the other row by row.
    links = RecordLink.objects.filter(
        source_id__in=seen.values("source_id"), connection=context.connection, object=name
    )
    counted = (
        links.order_by().values("state", "reason_code").annotate(n=Count("pk")).values_list("state", "reason_code", "n")
    )
    numbers: dict[str, int] = {}
    excluded: dict[str, int] = {}
    for state, code, number in counted:
        numbers[state] = numbers.get(state, 0) + number
        if state == LinkState.EXCLUDED.value:
            excluded[code] = excluded.get(code, 0) + number
    read = seen.count()
    return Tally(
        counted=context.totals.get(name, read),
        linked=numbers.get(LinkState.LINKED.value, 0),
        excluded=excluded,
        failing=numbers.get(LinkState.FAILING.value, 0),
        collisions=numbers.get(LinkState.COLLISION.value, 0),
    )


def set_next_run(connection: Connection) -> None:
    Connection.objects.filter(pk=connection.pk, state=Connection.State.ON).update(
        next_run_at=from_now(connection.every_minutes * 60)
    )


def note_health(
    connection_id: int, health: str, code: str = "", message: str = "", parked_until: datetime | None = None
) -> bool:
    """Whether this is news: of many runs that meet the same wall, one tells the people."""
    known, _made = ConnectionState.objects.get_or_create(connection_id=connection_id)
    said = (health, code[:120], message, parked_until)
    if said == (known.health, known.health_code, known.health_message, known.parked_until):
        return False
    states = ConnectionState.objects.filter(pk=connection_id)
    news = states.exclude(health=health).update(
        health=health,
        health_since=timezone.now(),
        health_code=code[:120],
        health_message=message,
        parked_until=parked_until,
    )
    if not news:
        states.exclude(health_code=code[:120], health_message=message, parked_until=parked_until).update(
            health_code=code[:120], health_message=message, parked_until=parked_until
        )
    return bool(news)


def note_quota(connection_id: int, quota: Quota | None) -> None:
    """The newest word of the CRM wins, whoever asked it: the gauge shows the whole organisation's use."""
    if quota is None:
        return
    older = Q(quota_at=None) | Q(quota_at__lt=quota.at)
    ConnectionState.objects.filter(older, pk=connection_id).update(
        quota_used=quota.used, quota_limit=quota.limit, quota_at=quota.at
    )


def drop_stage(run_id: int) -> None:
    for model in (Staged, StagedKey):
        rows = model._default_manager.filter(run_id=run_id)
        rows._raw_delete(rows.db)
