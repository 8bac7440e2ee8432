"""What a connector puts into a new record by itself, because the CRM takes none without: a title, a length of nothing.

It is ours and nobody's word. So it settles like a line's own default: it never comes back as data, and what somebody makes
of it in the CRM afterwards comes in like any edit.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from .fieldwise import FieldChange
from .mapping import FieldRule, Mode
from .merge import within
from .plan import Decision
from .reading import shown
from .reasons import Reason
from .records import HubRow, Pair
from .values import Value, is_blank
from .writing import outgoing, pair_of_ours

Placeholders = Callable[[Mapping[str, Value]], Mapping[str, Value]]
"""What is sent, by CRM field → what stands in the fields that it leaves blank. The same for the same values."""


def none(_sent: Mapping[str, Value]) -> Mapping[str, Value]:
    """The CRM takes a record as it is, or refuses it by its own word."""
    return {}


def filled(sent: Mapping[str, Value], placeholders: Placeholders) -> dict[str, Value]:
    """What a new record is made of: nothing that was sent gives way."""
    ours = {path: value for path, value in placeholders(sent).items() if is_blank(sent.get(path))}
    return {**sent, **ours}


def with_placeholders(
    decision: Decision,
    rules: Iterable[FieldRule],
    hub: HubRow,
    placeholders: Placeholders,
    *,
    mode: Mode,
    system: str = "the CRM",
) -> Decision:
    """Of a record that is to be made. A line that may not write it, or knows no way to, is settled all the same: it would
    take for the CRM's word what nobody said."""
    rules = tuple(rules)
    lines = {rule.hub_field: rule for rule in rules}
    sent = {
        lines[change.field].crm_field: outgoing(lines[change.field], change.after, creating=True).value
        for change in decision.outward
    }
    ours = filled(sent, placeholders)
    said: list[FieldChange] = []
    settled: dict[str, Pair] = {}
    for rule in rules:
        direction = rule.direction if rule.is_free else within(mode, rule.direction)
        if direction is None or not is_blank(sent.get(rule.crm_field)) or is_blank(ours.get(rule.crm_field)):
            continue
        value, here = ours[rule.crm_field], hub.values.get(rule.hub_field)
        if direction.writes_crm and is_blank(here):
            told = {"label": rule.hub_label, "value": shown(value), "system": system}
            said.append(FieldChange(rule.hub_field, None, None, Reason("hub-default", told)))
        settled[rule.hub_field] = pair_of_ours(rule, here, value)
    return replace(decision, outward=(*decision.outward, *said), settled={**decision.settled, **settled})


def with_erased(decision: Decision, rules: Iterable[FieldRule], placeholders: Placeholders) -> Decision:
    """Of a record that is there: a field that is emptied here, and that the CRM keeps filled, holds what is ours from then on."""
    lines = {rule.hub_field: rule for rule in rules}
    emptied = [lines[change.field] for change in decision.outward if is_blank(change.after)]
    ours = placeholders({rule.crm_field: None for rule in emptied}) if emptied else {}
    settled = {
        rule.hub_field: pair_of_ours(rule, None, ours[rule.crm_field])
        for rule in emptied
        if not is_blank(ours.get(rule.crm_field))
    }
    return replace(decision, settled={**decision.settled, **settled}) if settled else decision
