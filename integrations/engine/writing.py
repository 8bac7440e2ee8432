"""The way back: what a hub value is in the CRM, by the line that reads it. A way that is not plain is refused, never guessed."""

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from decimal import Decimal

from .compare import fold, written
from .mapping import FieldRule, Reading
from .merge import same
from .reading import is_storable, read, shown
from .reasons import Reason
from .records import Pair, Record
from .values import Value, is_blank

RETURNS_AS_IT_IS = frozenset({"", "none", "trim", "lower", "upper", "title", "domain-of"})
"""Reading what was sent gives the same hub value again."""
JOINED = "split"
AS_A_DAY = (time(0), time(12))
"""How a day without a time is read."""
LONGEST_KEPT = 65_536
"""Characters of a CRM's value that are kept for bringing it back: links, plans and the journal all hold them."""
MOST_PLACES = 7
"""Decimals that a CRM may cut to."""


def outgoing(rule: FieldRule, value: Value, *, creating: bool = False, system: str = "the CRM") -> Reading:
    """The value to send for a hub value; `refused` where the line knows no way back. None empties the CRM's field."""
    if is_blank(value):
        return Reading(default_of(rule)) if creating else Reading()
    if rule.transform == JOINED:
        items = value if isinstance(value, tuple) else (written(value),)
        return Reading(";".join(items))
    if rule.transform not in RETURNS_AS_IT_IS:
        return _refused(rule, value, system)
    if not rule.value_map:
        return Reading(value)
    if isinstance(value, tuple):
        found = [_inverse(rule.value_map, item) for item in value]
        return _refused(rule, value, system) if None in found else Reading(tuple(one for one in found if one))
    single = _inverse(rule.value_map, written(value))
    return _refused(rule, value, system) if single is None else Reading(single)


def default_of(rule: FieldRule) -> Value:
    """What a new record gets in place of a blank, a number as a number; None where the line names nothing.

    Anything else goes as it was typed: it is the CRM's own value, before anything is made of it here.
    """
    if not rule.default_out or rule.value_map or rule.transform not in {"", "none"}:
        return rule.default_out or None
    held = read(rule, _with(rule, rule.default_out)).value
    # "Yes" may be an option of a list, and "007" a text, although the hub keeps a yes and a 7.
    is_plain = not isinstance(held, str | tuple) and not is_blank(held) and as_typed(held) == rule.default_out
    return held if is_plain else rule.default_out


def as_typed(value: Value) -> str:
    """The one way to type a value that is no text."""
    if isinstance(value, datetime):
        return value.isoformat()
    return str(value).lower() if isinstance(value, bool) else str(value)


def pair_of_ours(rule: FieldRule, hub: Value, sent: Value) -> Pair:
    """Settles what a new record got that nobody in the hub said: as the line reads it, or its next reading would be an edit."""
    held = read(rule, _with(rule, sent)).value
    return Pair(hub, held, rule.line, beyond_way_back(rule, sent, held))


def _with(rule: FieldRule, sent: Value) -> Record:
    return Record("", {rule.crm_field: sent})


def beyond_way_back(rule: FieldRule, raw: Value, read_as: Value) -> Value:
    """What the CRM holds, where sending what was read of it would leave something else there; None where it would not.

    What no database stores cannot be kept, so it cannot come back either. Of what is too long the beginning is kept.
    """
    if same(raw, outgoing(rule, read_as).value) or not is_storable(raw):
        return None
    return kept_of(raw)


def kept_of(raw: Value) -> Value:
    text = ";".join(raw) if isinstance(raw, tuple) else raw
    return f"{text[:LONGEST_KEPT]}…" if isinstance(text, str) and len(text) > LONGEST_KEPT else raw


def is_cut(kept: Value) -> bool:
    """Only what was cut is longer than what is kept whole."""
    return isinstance(kept, str) and len(kept) > LONGEST_KEPT


def is_kept_form(sent: Value, kept: Value) -> bool:
    """Whether a CRM may have made the one of the other by itself: cut, rounded, tidied. Anything else somebody typed."""
    if same(sent, kept):
        return True
    if isinstance(sent, Decimal | int) and isinstance(kept, Decimal | int):
        return any(
            abs(Decimal(sent) - Decimal(kept)) <= Decimal(10) ** -places for places in range(1, MOST_PLACES)
        ) or (Decimal(kept) == Decimal(kept).to_integral_value() and abs(Decimal(sent) - Decimal(kept)) < 1)
    if isinstance(sent, datetime) and isinstance(kept, datetime):
        return abs(sent - kept) < timedelta(minutes=1) or (kept.time() in AS_A_DAY and sent.date() == kept.date())
    if not (isinstance(sent, str) and isinstance(kept, str)) or not kept:
        return False
    ours, theirs = (_letters(text) for text in (sent, kept))
    return bool(theirs) and ours.startswith(theirs)


def _letters(text: str) -> str:
    return "".join(char for char in fold(text) if char.isalnum())


def has_way_back(rule: FieldRule) -> bool:
    """Whether a line may write the CRM at all: what forms ask before they offer the direction."""
    if rule.transform and rule.transform not in RETURNS_AS_IT_IS and rule.transform != JOINED:
        return False
    targets = [fold(target) for target in rule.value_map.values()]
    return bool(rule.crm_field) and len(set(targets)) == len(targets)


def _inverse(value_map: Mapping[str, str], hub_value: str) -> str | None:
    """The one CRM value that reads as this hub value; None where there is none, or more than one."""
    asked = fold(hub_value)
    found = [given for given, mapped in value_map.items() if fold(mapped) == asked]
    return found[0] if len(found) == 1 else None


def _refused(rule: FieldRule, value: Value, system: str) -> Reading:
    said = {"label": rule.hub_label, "value": shown(value), "system": system}
    return Reading(refused=Reason("no-way-back", said))
