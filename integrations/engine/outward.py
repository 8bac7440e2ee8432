"""What of a decision can be sent at all, by the lines that would write it."""

from collections.abc import Iterable
from dataclasses import replace

from .fieldwise import FieldChange
from .mapping import FieldRule
from .plan import Action, Decision
from .writing import outgoing


def with_way_back(
    decision: Decision, rules: Iterable[FieldRule], *, creating: bool = False, system: str = "the CRM"
) -> Decision:
    """The decision without what cannot be sent; what was settled of it stays as it was, and a person is asked.

    Of a record that is only to be made there is nothing to choose from: it is said beside the rest.
    """
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
    if creating:
        return kept
    asks = tuple(
        FieldChange(change.field, change.after, change.before if change.raw is None else change.raw, reason)
        for change in decision.outward
        if (reason := refused.get(change.field))
    )
    kept = replace(kept, asks=(*kept.asks, *asks))
    is_nothing_left = not kept.outward and kept.action is Action.PUSH
    return replace(kept, action=Action.ASK, reason=asks[0].reason) if is_nothing_left else kept
