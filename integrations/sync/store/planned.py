"""Decisions as planned rows: what the preview shows, and what applying moves into the journal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from integrations.engine.mapping import FieldRule
from integrations.engine.plan import Action, Decision, FieldChange
from integrations.engine.reasons import Reason
from integrations.engine.records import Pair
from integrations.engine.values import Json, Value, to_json
from integrations.engine.writing import outgoing

from ..models import PlannedChange
from .bulk import upsert
from .links import pairs_to

IDENTITY = ("run_id", "object", "source_id")
COLUMNS = (
    "at", "connection_id", "system", "hub_id", "action", "outcome", "before", "after", "field_reasons", "reason_code",
    "reason_params", "notes", "fields", "erases", "actor", "rank", "name", "is_held", "link", "settled", "source_hash",
    "modified_at", "outward", "asks",
)  # fmt: skip
TOP, CHILD, CONTACT, HANGING, LISTED, LAST = 0, 1, 2, 3, 5, 8
RANKS = {"customers": TOP, "contacts": CONTACT}
LISTING = {Action.EXCLUDE, Action.COLLISION, Action.REFUSE, Action.ASK, Action.DELETE_OUT}
LEAVING = {Action.CHURN, Action.GONE, Action.DELETE, Action.MISS}


@dataclass(slots=True)
class Planned:
    object: str
    source_id: str
    action: str
    hub_id: int | None
    reason: Reason
    link: dict[str, Any]
    """Columns of the link that this decision sets."""
    settled: dict[str, Json] = field(default_factory=dict)
    before: dict[str, Json] = field(default_factory=dict)
    after: dict[str, Json] = field(default_factory=dict)
    field_reasons: dict[str, Json] = field(default_factory=dict)
    notes: list[Json] = field(default_factory=list)
    name: str = ""
    source_hash: str = ""
    modified_at: datetime | None = None
    erases: bool = False
    rank: int = TOP
    outward: dict[str, Json] = field(default_factory=dict)
    """hub field → [the CRM's value, the hub's value, reason, the pair that holds once confirmed, CRM field, CRM value,
    what the CRM holds letter by letter where its value does not say all of it]."""
    asks: dict[str, Json] = field(default_factory=dict)

    def add(self, change: FieldChange) -> None:
        self.before[change.field] = to_json(change.before)
        self.after[change.field] = to_json(change.after)
        self.field_reasons[change.field] = said(change.reason)
        self.erases = self.erases or change.erases

    def settle(self, name: str, pair: Pair) -> None:
        self.settled |= pairs_to({name: pair})

    def send(self, change: FieldChange, pair: Pair | None, rule: FieldRule, value: Value) -> None:
        stored = pairs_to({change.field: pair})[change.field] if pair else None
        self.outward[change.field] = [
            to_json(change.before), to_json(change.after), said(change.reason), stored, rule.crm_field, to_json(value),
            *([] if change.raw is None else [to_json(change.raw)]),
        ]  # fmt: skip
        self.erases = self.erases or change.erases

    @property
    def asks_too(self) -> bool:
        """A field waits for a person while others are written."""
        return bool(self.asks) and self.action != Action.ASK.value

    def ask(self, change: FieldChange) -> None:
        self.asks[change.field] = [to_json(change.before), to_json(change.after), said(change.reason)]

    def note(self, reason: Reason) -> None:
        self.notes.append(said(reason))


def planned(
    object_name: str,
    decision: Decision,
    link: Mapping[str, Any],
    *,
    former: Mapping[str, Pair] | None = None,
    rules: Sequence[FieldRule] = (),
    **more: Any,
) -> Planned:
    """`former`: what was settled before this decision; `rules` say what an outward value is in the CRM."""
    outward = {change.field for change in decision.outward}
    row = Planned(
        object=object_name,
        source_id=decision.source_id,
        action=decision.action.value,
        hub_id=decision.hub_id,
        reason=decision.reason,
        link={"state": decision.link_state.value, **link},
        settled=pairs_to({name: pair for name, pair in decision.settled.items() if name not in outward}),
        notes=[said(note) for note in _notes(decision)],
        rank=rank_of(object_name, decision.action),
        **more,
    )
    # What goes out is settled once the CRM has confirmed it: until then the former pair holds.
    row.settled |= {name: pair for name, pair in pairs_to(former or {}).items() if name in outward}
    for change in (*decision.changes, *decision.refused):
        row.add(change)
    by_field = {rule.hub_field: rule for rule in rules}
    for change in decision.outward:
        rule = by_field[change.field]
        value = outgoing(rule, change.after, creating=decision.action is Action.CREATE_OUT).value
        row.send(change, decision.settled.get(change.field), rule, value)
    for change in decision.asks:
        row.ask(change)
    return row


def _notes(decision: Decision) -> Sequence[Reason]:
    """What waits for a person is said beside what is written; where nothing is, the decision itself says it."""
    asked = [] if decision.action is Action.ASK else [change.reason for change in decision.asks]
    return [*decision.notes, *(reason for reason in asked if reason not in decision.notes)]


def rank_of(object_name: str, action: Action) -> int:
    if action in LEAVING:
        return LAST
    if action in LISTING:
        return LISTED
    return RANKS.get(object_name, HANGING)


def said(reason: Reason) -> dict[str, Json]:
    return {"code": reason.code, "params": dict(reason.params)}


def write_planned(run_id: int, connection_id: int, system: str, rows: Sequence[Planned], now: datetime) -> None:
    values = [
        (
            run_id, row.object, row.source_id, now, connection_id, system, row.hub_id, row.action,
            PlannedChange.Outcome.PLANNED.value, row.before, row.after, row.field_reasons, row.reason.code,
            dict(row.reason.params), row.notes, fields_column({**row.after, **row.outward, **row.asks}), row.erases, "",
            row.rank, row.name[:255], False, row.link, row.settled, row.source_hash, row.modified_at, row.outward, row.asks,
        )
        for row in rows
    ]  # fmt: skip
    upsert(PlannedChange, [*IDENTITY, *COLUMNS], values, conflict=IDENTITY, update=COLUMNS)


def fields_column(names: Iterable[str]) -> str:
    """Each name between spaces, so that the field search finds whole names; cut between names, never inside one."""
    text = " "
    for name in sorted(names):
        if len(text) + len(name) + 1 > 500:
            break
        text += f"{name} "
    return text if text.strip() else ""
