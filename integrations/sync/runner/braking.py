"""Marks the harmful part of what a run would do, where it is more than a few; the rest goes on."""

from collections.abc import Mapping
from typing import Any

from django.db.models import Q

from integrations.engine.brake import UNNAMED, Harm, held, revenue_held
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason

from ..models import PlannedChange, RecordLink, Run
from ..store.revenue_moves import OBJECT, moves_of, standing_revenue
from .context import Context
from .step import Place, Step

KINDS: Mapping[str, Q] = {
    "churned": Q(action=Action.CHURN.value),
    "emptied": Q(erases=True),
    "deleted": Q(action=Action.GONE.value),
    "rekeyed": Q(action=Action.UPDATE.value, fields__contains=" ref_id ") & ~Q(before__ref_id=""),
}

PAGE = 1000


class Brake(Step):
    phase = Run.Phase.DECIDE

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        reasons = [reason for name in context.plans for reason in brake(context, name)]
        if OBJECT in context.plans and context.run.kind != Run.Kind.FIRST:
            reasons += _revenue(context)
        context.run.cursor["held"] = [{"code": reason.code, "params": dict(reason.params)} for reason in reasons]
        return None


def brake(context: Context, object_name: str) -> list[Reason]:
    rows = PlannedChange.objects.filter(run_id=context.run.pk, object=object_name)
    harm = Harm(**{kind: rows.filter(where).count() for kind, where in KINDS.items()})
    linked = RecordLink.objects.filter(
        connection=context.connection, object=object_name, state=RecordLink.State.LINKED
    ).count()
    reasons = held(
        harm, linked, first_run=context.run.kind == Run.Kind.FIRST,
        floor=context.connection.brake_floor, percent=context.connection.brake_percent,
    )  # fmt: skip
    for reason in reasons:
        rows.filter(KINDS[reason.code.removeprefix("brake-")]).update(is_held=True)
    return list(reasons)


def _revenue(context: Context) -> list[Reason]:
    """Holds every agreement that would move the MRR of a currency which moves too far."""
    moves = moves_of(context.run.pk, context.connection.pk, context.limit)
    reasons = revenue_held(
        standing_revenue(context.connection.pk), moves.total, percent=context.connection.brake_mrr_percent
    )
    for reason in reasons:
        currency = str(reason.params["currency"])
        pks = moves.rows["" if currency == UNNAMED else currency]
        for start in range(0, len(pks), PAGE):
            PlannedChange.objects.filter(pk__in=pks[start : start + PAGE]).update(is_held=True)
    return list(reasons)
