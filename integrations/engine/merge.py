"""Settles one field between hub and CRM: three-way where it was settled before, by direction where it never was."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from .mapping import Blanks, Direction, FieldRule, Kind, Mode, OnConflict
from .reasons import Reason
from .records import Choice, Pair, Side
from .values import Value, is_blank


class WriteGateError(AssertionError):
    """A write against a line's direction: a bug of ours, never a setting."""


@dataclass(frozen=True, slots=True)
class Settled:
    pair: Pair | None
    """What the two sides now hold; None or the old pair while a person is asked."""
    reason: Reason
    to_hub: bool = False
    to_crm: bool = False
    value: Value = None
    """What is written, where something is."""
    ask: bool = False
    standing: bool = False
    """The sides differ and no rule may change that: listed, never pushed."""


UNCHANGED = Reason("unchanged")
_WITHIN: dict[Mode, dict[Direction, Direction]] = {
    Mode.DISABLED: {},
    Mode.INPUT: {Direction.IN: Direction.IN, Direction.BOTH: Direction.IN},
    Mode.OUTPUT: {Direction.OUT: Direction.OUT, Direction.BOTH: Direction.OUT},
    Mode.TWO_WAY: {direction: direction for direction in Direction},
}


def within(mode: Mode, direction: Direction) -> Direction | None:
    """What the block's mode leaves of a line's direction; None: the line rests."""
    return _WITHIN[mode].get(direction)


def may_write(direction: Direction, side: Side) -> bool:
    return direction.writes_hub if side is Side.HUB else direction.writes_crm


def assert_allowed(direction: Direction, side: Side) -> None:
    if not may_write(direction, side):
        raise WriteGateError(f"a line of direction {direction.value!r} must not write the {side.value}")


def same(one: Value, two: Value) -> bool:
    """Texts by what is read (NFC), numbers by value, lists whatever their order; every blank is the same blank."""
    if one is two:
        return True
    if is_blank(one) or is_blank(two):
        return is_blank(one) and is_blank(two)
    if isinstance(one, bool) is not isinstance(two, bool):
        return False
    if isinstance(one, str) and isinstance(two, str):
        return one == two or _nfc(one) == _nfc(two)
    if isinstance(one, tuple) and isinstance(two, tuple):
        return {_nfc(item) for item in one} == {_nfc(item) for item in two}
    return one == two


def _nfc(text: str) -> str:
    return unicodedata.normalize("NFC", text)


def settle(
    rule: FieldRule,
    base: Pair | None,
    hub: Value,
    crm: Value,
    *,
    hub_changed_at: datetime | None = None,
    crm_changed_at: datetime | None = None,
    system: str = "the CRM",
    direction: Direction | None = None,
    choice: Choice | None = None,
) -> Settled:
    """`direction` narrows the line's own to what the block's mode allows; `base` is None at first contact.

    A person's `choice` outranks every rule but the direction.
    """
    direction = direction or rule.direction
    if base is not None and base.line != rule.line and base.line and rule.line:
        # Its mapping changed: what another line settled says nothing about this one. But what somebody changed here
        # after it was widened was meant to go out.
        base = base if base.line in rule.narrower and _is_later(hub_changed_at, rule.widened_at) else None
    hub_moved = base is None or not same(hub, base.hub)
    crm_moved = base is None or not same(crm, base.crm)
    said = {"label": rule.hub_label, "system": system}
    if choice is not None and not same(hub, crm) and may_write(direction, choice.side.other):
        return _chosen(rule, direction, choice, hub, crm, {**said, "by": choice.by})
    if not hub_moved and not crm_moved:
        return Settled(base, UNCHANGED, standing=not same(hub, crm))
    if same(hub, crm):
        return Settled(Pair(hub, crm, rule.line), Reason("agreed", said))
    if hub_moved and crm_moved:
        winner, code = _both(rule, direction, hub, crm, hub_changed_at, crm_changed_at, first=base is None)
    else:
        winner, code = _only(Side.CRM if crm_moved else Side.HUB, direction)
    if winner is not None:
        return _written(rule, direction, winner, hub, crm, Reason(code, said))
    if code in {"ask", "ask-unknown"} and rule.yields_to:
        # The other connection has answered: there is nothing for a person to decide.
        return Settled(Pair(hub, crm, rule.line), _earlier(rule, said), standing=True)
    if code in {"ask", "ask-unknown"}:
        return Settled(base, Reason(code, said), ask=True)
    return Settled(Pair(hub, crm, rule.line), Reason(code, said), standing=True)


def _is_later(changed_at: datetime | None, widened_at: datetime | None) -> bool:
    return changed_at is not None and widened_at is not None and changed_at > widened_at


def _chosen(
    rule: FieldRule, direction: Direction, choice: Choice, hub: Value, crm: Value, said: Mapping[str, str]
) -> Settled:
    """Also a blank: whoever chose it saw the value that goes."""
    assert_allowed(direction, choice.side.other)
    to_hub = choice.side is Side.CRM
    value = crm if to_hub else hub
    reason = Reason(f"chosen-{choice.side.value}", said)
    return Settled(Pair(value, value, rule.line), reason, to_hub=to_hub, to_crm=not to_hub, value=value)


def _only(mover: Side, direction: Direction) -> tuple[Side | None, str]:
    if mover is Side.CRM:
        return (mover, "only-crm-moved") if direction.writes_hub else (None, "crm-edit-stands")
    return (mover, "only-hub-moved") if direction.writes_crm else (None, "hub-edit-stands")


def _both(
    rule: FieldRule,
    direction: Direction,
    hub: Value,
    crm: Value,
    hub_changed_at: datetime | None,
    crm_changed_at: datetime | None,
    *,
    first: bool,
) -> tuple[Side | None, str]:
    """Both left the pair, or there is none yet; the values differ."""
    if direction is Direction.IN:
        return Side.CRM, "first-in" if first else "both-moved-in"
    if direction is Direction.OUT:
        return Side.HUB, "first-out" if first else "both-moved-out"
    if _blanks(rule) is not Blanks.ERASE and is_blank(hub) is not is_blank(crm):
        # A blank that may not erase cannot win, so there is no conflict: the filled side fills the other.
        return (Side.HUB if is_blank(crm) else Side.CRM), "filled-wins"
    match rule.on_conflict:
        case OnConflict.CRM:
            return Side.CRM, "conflict-crm"
        case OnConflict.HUB:
            return Side.HUB, "conflict-hub"
        case OnConflict.LATEST:
            return _latest(hub_changed_at, crm_changed_at)
        case OnConflict.ASK:
            return None, "ask"


def _latest(hub_changed_at: datetime | None, crm_changed_at: datetime | None) -> tuple[Side | None, str]:
    if hub_changed_at is None or crm_changed_at is None or hub_changed_at == crm_changed_at:
        return None, "ask-unknown"
    return (Side.CRM, "latest-crm") if crm_changed_at > hub_changed_at else (Side.HUB, "latest-hub")


def _blanks(rule: FieldRule) -> Blanks:
    # No parent is a fact (the company became its own head), never a gap.
    return Blanks.ERASE if rule.kind is Kind.PARENT else rule.blanks


def _written(rule: FieldRule, direction: Direction, winner: Side, hub: Value, crm: Value, reason: Reason) -> Settled:
    value, loser = (crm, hub) if winner is Side.CRM else (hub, crm)
    blanks, said = _blanks(rule), reason.params
    if rule.yields_to and winner is Side.CRM and not is_blank(hub):
        return Settled(Pair(hub, crm, rule.line), _earlier(rule, said), standing=True)
    if blanks is Blanks.FILL and not is_blank(loser):
        return Settled(Pair(hub, crm, rule.line), Reason("only-if-empty", said), standing=True)
    if is_blank(value) and blanks is Blanks.KEEP:
        code = "blank-kept" if winner is Side.CRM else "hub-blank-kept"
        return Settled(Pair(hub, crm, rule.line), Reason(code, said), standing=True)
    assert_allowed(direction, winner.other)
    if is_blank(value) and rule.kind is not Kind.PARENT:
        reason = Reason("blank-erases", said)
    to_hub = winner is Side.CRM
    return Settled(Pair(value, value, rule.line), reason, to_hub=to_hub, to_crm=not to_hub, value=value)


def _earlier(rule: FieldRule, said: Mapping[str, str | int]) -> Reason:
    return Reason("earlier-writes", {**said, "other": rule.yields_to})
