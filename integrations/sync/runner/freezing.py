"""Keeps how a field moved from run to run, and holds it still once it alternates."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from django.utils import timezone

from integrations.engine import freeze
from integrations.engine.plan import Action, Decision, FieldChange
from integrations.engine.reasons import Reason

from .context import Context


@dataclass(slots=True)
class Stilled:
    """A decision without the fields that it froze, and the columns of the link that remember it."""

    decision: Decision
    columns: dict[str, Any] = field(default_factory=dict)
    frozen: tuple[str, ...] = ()


def stilled(context: Context, decision: Decision, link: Mapping[str, Any] | None) -> Stilled:
    """`link`: the stored link's columns; a record without one has no past to alternate in."""
    if link is None or not (decision.changes or decision.outward):
        return Stilled(decision)
    waves, frozen = dict(link["waves"]), []
    for change in (*decision.changes, *decision.outward):
        wave = _wave(context, change, waves.get(change.field, ()))
        waves[change.field] = [list(step) for step in wave]
        if freeze.alternates(wave):
            frozen.append(change.field)
    columns = {"waves": waves}
    if frozen:
        columns["frozen"] = {**link["frozen"], **dict.fromkeys(frozen, timezone.now().isoformat())}
    return Stilled(_without(decision, frozen, context.system), columns, tuple(frozen))


def _wave(context: Context, change: FieldChange, wave: Any) -> freeze.Wave:
    # Of an outward change the CRM's value is `before`: seen from both sides the field went from it to `after`.
    return freeze.after(wave, context.run.pk, context.previous_run, change.before, change.after)


def _without(decision: Decision, frozen: list[str], system: str) -> Decision:
    if not frozen:
        return decision
    labels = {
        change.field: str(change.reason.params.get("label", change.field))
        for change in (*decision.changes, *decision.outward)
    }
    notes = tuple(Reason("frozen", {"label": labels[name], "system": system}) for name in frozen)
    former = {name: pair for name, pair in decision.settled.items() if name not in frozen}
    kept = replace(
        decision,
        changes=tuple(change for change in decision.changes if change.field not in frozen),
        outward=tuple(change for change in decision.outward if change.field not in frozen),
        settled=former,
        notes=(*decision.notes, *notes),
    )
    if kept.changes or kept.action is Action.LINK:
        return kept
    return replace(
        kept, action=Action.PUSH if kept.outward else Action.ASK, reason=kept.reason if kept.outward else notes[0]
    )
