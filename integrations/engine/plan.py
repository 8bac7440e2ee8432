"""Decides one record, all facts given: link it, create it, update it, leave it, list it for a person."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from enum import StrEnum

from .fieldwise import (
    FieldChange,
    Fields,
    Line,
    created,
    line_of,
    lines_as_settled,
    merged,
    refused,
    with_stage_restored,
)
from .mapping import Direction, FieldRule, Mode
from .match import WAITS, Match
from .merge import within
from .reasons import Reason
from .records import HubRow, Link, LinkState, Pair, Record
from .values import is_blank
from .writing import default_of, pair_of_ours

__all__ = ["STAGE", "Action", "Decision", "FieldChange", "Scope", "decide", "is_news"]
STAGE = "stage"
REF = "ref_id"
SECOND_RECORD = "second-record"
SAID_BY_HAND = frozenset({"excluded-by-hand", "kept-out-by-hand", "parted-by-hand", "deleted-here", SECOND_RECORD})
NEW_BY_HAND = "new-by-hand"
MADE_HERE = "hub:"
"""Stands before the hub id where a row has no record in the CRM yet."""


class Action(StrEnum):
    CREATE = "create"
    LINK = "link"
    """An unlinked record found its hub row; fields may change with it."""
    UPDATE = "update"
    SETTLE = "settle"
    """Nothing to write in the hub, but what was last settled, or the link itself, moves on. Never journaled."""
    UNCHANGED = "unchanged"
    CHURN = "churn"
    UNCHURN = "unchurn"
    EXCLUDE = "exclude"
    COLLISION = "collision"
    REFUSE = "refuse"
    ASK = "ask"
    GONE = "gone"
    MISS = "miss"
    """Not seen in one complete read; a second one in a row decides. Never journaled."""
    PUSH = "push"
    """The CRM was sent fields of a linked record."""
    CREATE_OUT = "create-out"
    """A row made here was created in the CRM."""
    DELETE_OUT = "delete-out"
    """A row deleted here was deleted in the CRM, where the block says so."""
    RESTORE = "restore"
    """A run's decision was taken back."""
    MERGE = "merge"
    """Two rows of the hub became one, by a person."""
    DELETE = "delete"
    """A row was deleted here: by a person, or with its record, where the block says so."""
    UNLINK = "unlink"
    """A person parted a record and its row."""


@dataclass(frozen=True, slots=True)
class Scope:
    """Whether the record belongs at all, as the stage knows it."""

    inside: bool = True
    reason: Reason | None = None


@dataclass(frozen=True, slots=True)
class Decision:
    source_id: str
    action: Action
    reason: Reason
    link_state: LinkState
    hub_id: int | None = None
    changes: tuple[FieldChange, ...] = ()
    settled: Mapping[str, Pair] = field(default_factory=dict)
    notes: tuple[Reason, ...] = ()
    """What else a person should know: an unmapped value, a cut loop, a shared domain."""
    outward: tuple[FieldChange, ...] = ()
    """What the CRM is to be sent, in hub values; `before` is the CRM's. Its pairs hold once the CRM has confirmed."""
    asks: tuple[FieldChange, ...] = ()
    """Fields in dispute: `before` is the hub's value, `after` the CRM's; neither is written."""
    refused: tuple[FieldChange, ...] = ()
    """Every field that the hub cannot take, not only the first: `after` is the value as text. Nothing is written."""
    standing: tuple[FieldChange, ...] = ()
    """Fields that differ because the line may not write, as above: listed, never pushed."""


def decide(
    record: Record,
    rules: Sequence[FieldRule],
    *,
    scope: Scope,
    link: Link | None,
    match: Match | None,
    hub: HubRow | None,
    notes: Sequence[Reason] = (),
    mode: Mode = Mode.INPUT,
    churn_stage: str = "",
    system: str = "the CRM",
    former: Link | None = None,
    makes_rows: bool = True,
) -> Decision:
    """`match` is asked only for records that no link decides; `hub` is the row that the link or the match names.

    `former` is the link of the record that was merged into this one, where the match says so: what it settled goes on.
    `mode` is the block's ceiling. `churn_stage` is what our churn rule sets: a stage that a person has changed since
    is not ours to take back. `makes_rows`: what finds no row becomes one; else it waits, and whose records the rows are
    by their ID is not its to say.
    """
    held = link.hub_id if link is not None and link.decides else None
    if link is not None and link.is_paused:
        return _paused(record.source_id, link, held)
    kept_out = _kept_out(record.source_id, link, scope, held, system)
    if kept_out is not None:
        return replace(kept_out, notes=tuple(notes))
    heir = _heir(record.source_id, match, former, hub, system) if held is None else None
    if former is not None and heir is not None and former.is_paused:
        return heir
    if held is None and heir is None and not makes_rows and (match is None or not match.names_row):
        return _waiting(record.source_id, match or Match(), (*notes, *(match.notes if match else ())), system)
    lines = [line_of(rule, record, mode, system) for rule in rules if makes_rows or not _takes_ref(rule)]
    notes = [*notes, *_said(lines)]
    refusals = refused(lines, record)
    if refusals:
        settled = link.settled if link is not None else {}
        waits = Decision(record.source_id, Action.REFUSE, refusals[0].reason, LinkState.FAILING, held)
        return replace(waits, settled=settled, notes=tuple(notes), refused=refusals)
    if former is not None and heir is not None and hub is not None:
        linked = _linked(record, lines, former, hub, notes, churn_stage, system)
        return replace(linked, action=heir.action, reason=heir.reason)
    if held is None:
        return _unlinked(record, lines, match or Match(), hub, notes, mode, system)
    assert link is not None
    if hub is None:
        return _row_gone(record.source_id, held, link.settled, notes)
    return _linked(record, lines, link, hub, notes, churn_stage, system)


def decide_moved(
    source_id: str,
    rules: Sequence[FieldRule],
    *,
    link: Link,
    hub: HubRow,
    mode: Mode,
    crm_changed_at: datetime | None = None,
    churn_stage: str = "",
    system: str = "the CRM",
) -> Decision:
    """A linked row that changed here while its record did not: decided from what was settled, without reading the record."""
    if link.is_paused:
        return _paused(source_id, link, hub.hub_id)
    lines = lines_as_settled(rules, link.settled, mode, system)
    record = Record(source_id, {}, crm_changed_at)
    return _linked(record, lines, link, hub, (), churn_stage, system)


def decide_made(hub: HubRow, rules: Sequence[FieldRule], *, mode: Mode, system: str = "the CRM") -> Decision:
    """A row that was made here and has never met a record: created in the CRM, as far as the lines may write there."""
    why = Reason("created-out", {"system": system})
    outward, settled = [], {}
    for rule in rules:
        direction = rule.direction if rule.is_free else within(mode, rule.direction)
        value = hub.values.get(rule.hub_field)
        if direction is None or not direction.writes_crm or not rule.crm_field:
            continue
        if not is_blank(value):
            outward.append(FieldChange(rule.hub_field, None, value, why))
            settled[rule.hub_field] = Pair(value, value, rule.line)
        elif rule.default_out:
            said = {"label": rule.hub_label, "value": rule.default_out, "system": system}
            outward.append(FieldChange(rule.hub_field, None, None, Reason("hub-default", said)))
            settled[rule.hub_field] = pair_of_ours(rule, None, default_of(rule))
        elif direction.writes_hub:
            # Blank on both sides: what is typed here before the record is read is an edit, and no first meeting.
            settled[rule.hub_field] = Pair(None, None, rule.line)
    source_id = f"{MADE_HERE}{hub.hub_id}"
    return Decision(
        source_id, Action.CREATE_OUT, why, LinkState.LINKED, hub.hub_id, outward=tuple(outward), settled=settled
    )


def _paused(source_id: str, link: Link, held: int | None) -> Decision:
    reason = Reason("paused-record")
    return Decision(source_id, Action.SETTLE, reason, link.state, held, settled=link.settled)


def is_news(decision: Decision, link: Link | None) -> bool:
    """Whether the journal must say it: a refusal, collision or exclusion that still stands was said before."""
    if decision.action in {Action.UNCHANGED, Action.SETTLE, Action.MISS}:
        return False
    if decision.changes or decision.outward or link is None:
        return True
    return (link.state, link.reason, link.hub_id) != (decision.link_state, decision.reason, decision.hub_id)


def _kept_out(source_id: str, link: Link | None, scope: Scope, held: int | None, system: str) -> Decision | None:
    if link is not None and link.excluded_by_hand:
        return _left_out(source_id, link, held, system)
    if scope.inside:
        return None
    # A linked one is churn.absent's to decide; where it is asked here, its row is left as it is.
    reason = scope.reason or Reason("out-of-scope" if held is None else "left-scope", {"system": system})
    settled = link.settled if link is not None else {}
    return Decision(source_id, Action.EXCLUDE, reason, LinkState.EXCLUDED, held, settled=settled)


def _left_out(source_id: str, link: Link, held: int | None, system: str) -> Decision:
    """As the person left it, in their words: also a second record of a merged row, which stays a collision."""
    reason = link.reason
    if reason is None or reason.code not in SAID_BY_HAND:
        reason = Reason("excluded-by-hand", {"system": system})
    state = LinkState.COLLISION if reason.code == SECOND_RECORD else LinkState.EXCLUDED
    return Decision(source_id, Action.EXCLUDE, reason, state, held, settled=link.settled)


def _said(lines: Sequence[Line]) -> list[Reason]:
    found = (line.reading.unmapped or line.reading.note for line in lines)
    return [reason for reason in found if reason is not None]


def _heir(source_id: str, match: Match | None, former: Link | None, hub: HubRow | None, system: str) -> Decision | None:
    """Takes the row over as it was settled with its predecessor, for as long as nothing else is decided."""
    if match is None or former is None or hub is None:
        return None
    reason = Reason("took-over", {"former": match.former, "system": system})
    return Decision(source_id, Action.LINK, reason, LinkState.LINKED, hub.hub_id, settled=former.settled)


def _row_gone(source_id: str, hub_id: int, settled: Mapping[str, Pair], notes: Sequence[Reason]) -> Decision:
    return Decision(
        source_id, Action.REFUSE, Reason("hub-row-gone"), LinkState.FAILING, hub_id, (), settled, tuple(notes)
    )


def _unlinked(
    record: Record,
    lines: Sequence[Line],
    match: Match,
    hub: HubRow | None,
    notes: Sequence[Reason],
    mode: Mode,
    system: str,
) -> Decision:
    notes = (*notes, *match.notes)
    if match.collision is not None:
        return Decision(record.source_id, Action.COLLISION, match.collision, LinkState.COLLISION, notes=notes)
    if match.hub_id is None:
        return _created(record.source_id, lines, match, notes, mode, system)
    if hub is None:
        return replace(_row_gone(record.source_id, match.hub_id, {}, notes), hub_id=None)
    fields = merged(lines, {}, hub, record.modified_at, system)
    reason = match.reason or Reason("linked-by-key", {"label": match.key, "value": "", "system": system})
    linked = Decision(record.source_id, Action.LINK, reason, LinkState.LINKED, hub.hub_id, notes=notes)
    return _with_fields(linked, fields)


def _takes_ref(rule: FieldRule) -> bool:
    """Where rows are only linked, their ID may be told to the tool, and is never taken from it."""
    return rule.hub_field == REF and rule.direction is not Direction.OUT


def _waiting(source_id: str, match: Match, notes: tuple[Reason, ...], system: str) -> Decision:
    """Nothing here is its row yet. A person's word that it is new makes none either."""
    is_named = match.reason is not None and match.reason.code == WAITS
    reason = match.reason if match.reason is not None and is_named else Reason("waits-keyless", {"system": system})
    return Decision(source_id, Action.EXCLUDE, reason, LinkState.EXCLUDED, notes=notes)


def _created(
    source_id: str, lines: Sequence[Line], match: Match, notes: tuple[Reason, ...], mode: Mode, system: str
) -> Decision:
    if mode not in {Mode.INPUT, Mode.TWO_WAY}:
        reason = Reason("output-only", {"system": system})
        return Decision(source_id, Action.EXCLUDE, reason, LinkState.EXCLUDED, notes=notes)
    why = Reason("created", {"system": system})
    settled = created(lines)
    changes = tuple(FieldChange(name, None, pair.hub, why) for name, pair in settled.items() if not is_blank(pair.hub))
    reason = match.reason or Reason("no-keys")
    return Decision(source_id, Action.CREATE, reason, LinkState.LINKED, None, changes, settled, notes)


def _linked(
    record: Record,
    lines: Sequence[Line],
    link: Link,
    hub: HubRow,
    notes: Sequence[Reason],
    churn_stage: str,
    system: str,
) -> Decision:
    stage = hub.values.get(STAGE)
    is_ours = bool(link.churned_from) and churn_stage in {"", stage}
    if is_ours:
        # Our own churn is no edit of the hub: the stage is merged as if it had never been churned.
        hub = replace(hub, values={**hub.values, STAGE: link.churned_from})
    fields = merged(lines, link.settled, hub, record.modified_at, system, chosen=link.chosen, frozen=link.frozen)
    if is_ours:
        fields = with_stage_restored(fields, STAGE, stage, link.churned_from, system)
    elif link.churned_from:
        notes = [*notes, Reason("unchurn-left", {"system": system})]
    action, reason = _outcome(fields, link)
    decision = Decision(record.source_id, action, reason, LinkState.LINKED, hub.hub_id, notes=tuple(notes))
    return _with_fields(decision, fields)


def _with_fields(decision: Decision, fields: Fields) -> Decision:
    return replace(
        decision,
        changes=fields.changes,
        outward=fields.outward,
        asks=fields.asks,
        standing=fields.standing,
        settled=fields.settled,
    )


def _outcome(fields: Fields, link: Link) -> tuple[Action, Reason]:
    written = (*fields.changes, *fields.outward)
    if fields.outward and not fields.changes:
        return Action.PUSH, fields.outward[0].reason
    if written and written[0].reason.code == "unchurned":
        return Action.UNCHURN, written[0].reason
    if written:
        # What is lost explains a row better than what is gained.
        return Action.UPDATE, next((change for change in written if change.erases), written[0]).reason
    if fields.asks:
        return Action.ASK, fields.asks[0].reason
    if link.state is not LinkState.LINKED or link.misses or link.churned_from:
        return Action.SETTLE, Reason("back-in-sync")
    if fields.settled != link.settled:
        return Action.SETTLE, next((left.reason for left in fields.standing), Reason("settled"))
    return Action.UNCHANGED, Reason("unchanged")
