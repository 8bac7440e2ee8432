"""Settles every mapped field of one linked pair and sorts the outcomes: written here, sent out, asked, left standing."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from .mapping import Direction, FieldRule, Mode, Reading
from .merge import Settled, same, settle, within
from .reading import NOTHING, read, shown, told
from .reasons import Reason
from .records import UNMET, Choice, HubRow, Pair, Record, Side
from .values import Value, is_blank
from .writing import beyond_way_back

_SHOWN_OF_A_REFUSED = 500


@dataclass(frozen=True, slots=True)
class FieldChange:
    field: str
    before: Value
    after: Value
    reason: Reason
    raw: Value = None
    """What the CRM's field holds letter by letter, where `before` does not say all of it."""

    @property
    def erases(self) -> bool:
        return is_blank(self.after) and not is_blank(self.before)


@dataclass(frozen=True, slots=True)
class Line:
    """A rule as far as the block's mode lets it act, with what it read; `direction` None: the line rests."""

    rule: FieldRule
    direction: Direction | None
    reading: Reading
    raw: Value = None
    """The CRM's value, where the way back from what was read does not lead to it; only of a line that may write it."""

    @property
    def is_illegible(self) -> bool:
        """The CRM holds something that the line knows nothing to make of."""
        return self.reading.unmapped is not None and not self.is_absent

    @property
    def is_absent(self) -> bool:
        """The CRM does not show the field at all: unknown, where an illegible value is known to be there."""
        return self.reading.unmapped is not None and self.reading.unmapped.code == "field-absent"


@dataclass(frozen=True, slots=True)
class Fields:
    changes: tuple[FieldChange, ...] = ()
    outward: tuple[FieldChange, ...] = ()
    asks: tuple[FieldChange, ...] = ()
    standing: tuple[FieldChange, ...] = ()
    settled: Mapping[str, Pair] = field(default_factory=dict)


def line_of(rule: FieldRule, record: Record, mode: Mode, system: str) -> Line:
    direction = rule.direction if rule.is_free else within(mode, rule.direction)
    if direction is None:
        return Line(rule, None, NOTHING)
    reading = read(rule, record, system=system)
    if direction is Direction.OUT and (reading.refused or reading.unmapped) and rule.crm_field in record.values:
        # What the CRM holds will be overwritten, so it need not make sense here.
        reading = NOTHING
    raw = record.values.get(rule.crm_field) if direction.writes_crm else None
    return Line(rule, direction, reading, beyond_way_back(rule, raw, reading.value))


def refused(lines: Iterable[Line], record: Record) -> tuple[FieldChange, ...]:
    """The lines whose value the hub cannot take, with that value as text."""
    return tuple(
        FieldChange(line.rule.hub_field, None, _offered(line.rule, record), line.reading.refused)
        for line in lines
        if line.reading.refused is not None
    )


def _offered(rule: FieldRule, record: Record) -> str:
    value = record.values.get(rule.crm_field) if is_blank(rule.constant) else rule.constant
    return shown(value, _SHOWN_OF_A_REFUSED)


def created(lines: Iterable[Line]) -> dict[str, Pair]:
    """The pairs of a row that does not exist yet: its values are the CRM's, but for lines that only write outward.

    Those are settled as they stand, or a row without a value would be sent out as a blank at the next run.
    """
    return {
        line.rule.hub_field: _first(line, line.direction)
        for line in lines
        if line.direction is not None and not line.is_absent
    }


def _first(line: Line, direction: Direction) -> Pair:
    if line.is_illegible:
        # Whatever the row begins with there is nobody's word: it is neither sent nor held against the CRM's later.
        return Pair(None, None, line.rule.line, line.raw, is_unread=True)
    value = line.reading.value
    return Pair(value if direction.writes_hub else None, value, line.rule.line, line.raw)


def lines_as_settled(
    rules: Iterable[FieldRule], base: Mapping[str, Pair], mode: Mode, system: str = "the CRM"
) -> list[Line]:
    """The lines of a record that has not changed since it was settled: each reads what it read then.

    Where a line never settled, or another one did, nothing is known: it rests until the record is read. Where nothing is
    ever read, the hub's value stands against a blank.
    """
    lines = []
    for rule in rules:
        pair = base.get(rule.hub_field)
        direction = rule.direction if rule.is_free else within(mode, rule.direction)
        is_known = pair is not None and (pair.line in {"", rule.line} or pair.is_unmet)
        may_rest = not is_known and mode is not Mode.OUTPUT
        reading = (
            _as_settled(rule, pair, direction, system)
            if pair and is_known
            else Reading()
            if mode is Mode.OUTPUT
            else NOTHING
        )
        lines.append(Line(rule, None if may_rest else direction, reading, pair.raw if pair and is_known else None))
    return lines


def _as_settled(rule: FieldRule, pair: Pair, direction: Direction | None, system: str) -> Reading:
    # What the CRM holds will be overwritten where the line only goes out.
    is_unread = pair.is_unread and direction is not Direction.OUT
    return Reading(unmapped=_unread(rule, pair.raw, system)) if is_unread else Reading(pair.crm)


def _unread(rule: FieldRule, raw: Value, system: str) -> Reason:
    return Reason("unread-there", told(rule, raw, system))


def merged(
    lines: Iterable[Line],
    base: Mapping[str, Pair],
    hub: HubRow,
    crm_changed_at: datetime | None,
    system: str,
    *,
    chosen: Mapping[str, Choice] | None = None,
    frozen: Collection[str] = (),
) -> Fields:
    changes: list[FieldChange] = []
    outward: list[FieldChange] = []
    asks: list[FieldChange] = []
    standing: list[FieldChange] = []
    settled: dict[str, Pair] = {}
    for line in lines:
        name, pair, value = line.rule.hub_field, base.get(line.rule.hub_field), line.reading.value
        choice = chosen.get(name) if chosen else None
        if line.direction is None or line.is_absent or name in frozen:
            # Neither read nor compared: what was settled stays settled.
            outcome = None
        elif line.is_illegible and not _overrules(choice, line.direction):
            outcome, ours = None, hub.values.get(name)
            # Only an edit of the row's value is one; what both hold is settled once the CRM's can be read.
            pair = pair or Pair(ours, None, UNMET)
            if choice is not None:
                # A person left the CRM what it holds: from here on only another edit is one.
                pair = pair._replace(hub=ours)
            elif line.direction.writes_crm and not same(ours, pair.hub):
                # Sent, it would replace what nobody has read; kept back in silence, it would be lost.
                asked = _unread(line.rule, line.raw, system)
                asks.append(FieldChange(name, ours, asked.as_shown["value"], asked))
            pair = pair._replace(raw=line.raw, is_unread=True)
        else:
            ours = hub.values.get(name)
            outcome = settle(
                line.rule,
                pair,
                ours,
                value,
                hub_changed_at=hub.changed(name),
                crm_changed_at=crm_changed_at,
                system=system,
                direction=line.direction,
                choice=choice,
            )
            pair = _with_raw(outcome, line, pair)
        if pair is not None:
            settled[name] = pair
        if outcome is None or not _needs_saying(outcome):
            continue
        if outcome.to_hub:
            changes.append(FieldChange(name, ours, outcome.value, outcome.reason))
        elif outcome.to_crm:
            outward.append(FieldChange(name, value, outcome.value, outcome.reason, line.raw))
        else:
            (asks if outcome.ask else standing).append(FieldChange(name, ours, value, outcome.reason))
    return Fields(tuple(changes), tuple(outward), tuple(asks), tuple(standing), settled)


def _overrules(choice: Choice | None, direction: Direction) -> bool:
    """A person chose the hub's value, and saw what it replaces."""
    return choice is not None and choice.side is Side.HUB and direction.writes_crm


def _with_raw(outcome: Settled, line: Line, base: Pair | None) -> Pair | None:
    """The pair that names what stands in the CRM letter by letter; what is about to be sent takes its place."""
    pair = outcome.pair or base
    if pair is not None:
        pair = pair._replace(is_unread=False)
    if pair is None or outcome.to_crm or outcome.ask or not same(pair.crm, line.reading.value):
        return pair
    return pair._replace(raw=line.raw)


def _needs_saying(outcome: Settled) -> bool:
    return outcome.to_hub or outcome.to_crm or outcome.ask or outcome.standing


def with_stage_restored(fields: Fields, stage_field: str, actual: Value, former: str, system: str) -> Fields:
    """`fields` were merged as if the stage still were `former`; says what that means for the stage as it is."""
    others = tuple(change for change in fields.changes if change.field != stage_field)
    after = next((change.after for change in fields.changes if change.field == stage_field), former)
    if same(after, actual):
        return replace(fields, changes=others)
    why = Reason("unchurned", {"system": system, "stage": str(after)})
    return replace(fields, changes=(FieldChange(stage_field, actual, after, why), *others))
