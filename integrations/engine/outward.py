"""What of a decision can be sent at all, by the lines that would write it."""

from collections.abc import Iterable
from dataclasses import replace

from .mapping import FieldRule
from .plan import Action, Decision
from .writing import outgoing


def with_way_back(
    decision: Decision, rules: Iterable[FieldRule], *, creating: bool = False, system: str = "the CRM"
) -> Decision:
    """The decision without what cannot be sent, which is said; what was settled of it stays as it was."""
    by_field = {rule.hub_field: rule for rule in rules}
    refused = {
        change.field: reading.refused
        for change in decision.outward
        if (reading := outgoing(by_field[change.field], change.after, creating=creating, system=system)).refused
    }
    if not refused:
        return decision
    kept = replace(
        decision,
        outward=tuple(change for change in decision.outward if change.field not in refused),
        settled={name: pair for name, pair in decision.settled.items() if name not in refused},
        notes=(*decision.notes, *(reason for reason in refused.values() if reason)),
    )
    return kept if kept.outward or kept.action is not Action.PUSH else replace(kept, action=Action.SETTLE)
