"""Marks the harmful part of what a run would do, where it is more than a few; the rest goes on."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django.db.models import Count, Q

from integrations.engine.brake import Harm, code_of, held, revenue_held
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason

from ..models import PlannedChange, RecordLink, Run
from ..store.revenue_moves import OBJECT, moves_of, moving, standing_moves, standing_revenue
from .context import Context
from .step import Place, Step

KINDS: Mapping[str, Q] = {
    "churned": Q(action=Action.CHURN.value),
    "emptied": Q(erases=True),
    "deleted": Q(action__in=[Action.GONE.value, Action.DELETE.value], hub_id__isnull=False),
    "deleted_out": Q(action=Action.DELETE_OUT.value),
    # Also a linked row that another record takes over; what the keys found was linked to nothing.
    "rekeyed": Q(fields__contains=" ref_id ")
    & (Q(action=Action.UPDATE.value) | Q(action=Action.LINK.value, link__has_key="former"))
    & ~Q(before__ref_id=""),
}

BY_CODE: Mapping[str, Q] = {code_of(kind): where for kind, where in KINDS.items()}


class Brake(Step):
    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        if OBJECT in context.plans and not _is_first(context) and not place.get("weighed"):
            return _weigh(context, place)
        reasons = [*_revenue(context, place.get("moved", {}))]
        reasons += [reason for name in context.plans for reason in brake(context, name)]
        context.run.cursor["held"] = [{"code": reason.code, "params": dict(reason.params)} for reason in reasons]
        return None


def _is_first(context: Context) -> bool:
    """A preview marks what a sync in its place would hold: before anything was read, that is the first one."""
    was_read = any(context.run.since.values())
    return context.run.kind == Run.Kind.FIRST or (context.is_preview and not was_read)


def brake(context: Context, object_name: str) -> list[Reason]:
    rows = PlannedChange.objects.filter(run_id=context.run.pk, object=object_name)
    harm = Harm(**rows.aggregate(**{kind: Count("pk", filter=where) for kind, where in KINDS.items()}))
    if harm == Harm():
        return []
    linked = RecordLink.objects.filter(
        connection=context.connection, object=object_name, state=RecordLink.State.LINKED
    ).count()
    reasons = held(
        harm, linked, first_run=_is_first(context),
        floor=context.connection.brake_floor, percent=context.connection.brake_percent,
    )  # fmt: skip
    for reason in reasons:
        rows.filter(BY_CODE[reason.code]).update(is_held=True)
    return list(reasons)


def _weigh(context: Context, place: Mapping[str, Any]) -> Place:
    """Marks the agreements that would move MRR, a page at a time; whether they stay marked is known after the last."""
    moves = moves_of(context.run.pk, context.connection.pk, int(place.get("after", 0)), context.limit)
    PlannedChange.objects.filter(pk__in=moves.rows).update(is_held=True)
    moved = standing_moves(place.get("moved", {}), moves.total)
    return {"after": moves.last, "moved": moved, "weighed": not moves.last}


def _revenue(context: Context, moved: Mapping[str, str]) -> list[Reason]:
    """Of one currency that moves too far, all agreements wait that move MRR: they were read with the same mapping."""
    reasons = revenue_held(
        standing_revenue(context.connection.pk) if moved else {},
        {currency: Decimal(text) for currency, text in moved.items()},
        percent=context.connection.brake_mrr_percent,
    )
    if moved and not reasons:
        moving(context.run.pk).update(is_held=False)
    return list(reasons)
