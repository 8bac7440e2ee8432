"""What one mapping line makes of one record: constant or CRM field, then transform, value map, kind and limits."""

import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

from .compare import fold, normal_domain, normal_email, written
from .mapping import FieldRule, Kind, Reading
from .reasons import Reason
from .records import Record
from .transforms import CannotTransformError, transformed
from .values import Value, is_blank

# Line breaks and tabs are text; the other controls and lone surrogates are what PostgreSQL or JSON refuse.
_UNSTORABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff]")
_PLAIN_NUMBER = re.compile(r"[+-]?\d+(?:\.\d+)?", re.ASCII)
_ISO_DATE = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_YES_NO = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}
_KEPT_AS_TYPED = frozenset({Kind.TEXT, Kind.LONG_TEXT})
_SHOWN = 80
# Fifteen digits before the decimal mark: more is not an amount or a count, and does not fit the hub's columns.
_LARGEST_EXPONENT = 15

NOTHING = Reading()


def read(rule: FieldRule, record: Record, *, system: str = "the CRM") -> Reading:
    if is_blank(rule.constant):
        if rule.crm_field in record.values:
            raw = record.values[rule.crm_field]
        elif rule.kind is Kind.PARENT:
            raw = record.parent_id
        else:
            # A field that the answer left out (lost right, deleted field) is unknown, never blank.
            return Reading(unmapped=Reason("field-absent", told(rule, rule.crm_label or rule.crm_field, system)))
    else:
        raw = rule.constant
    try:
        value = transformed(rule.transform, rule.argument, raw)
    except CannotTransformError as failed:
        return Reading(refused=Reason(failed.code, told(rule, raw, system)))
    if is_blank(value):
        return NOTHING
    if rule.value_map:
        value = _mapped(rule, value)
        if value is None:
            return Reading(unmapped=Reason("unmapped-value", told(rule, raw, system)))
    return _COERCE[rule.kind](rule, value, system)


def is_storable(value: Value) -> bool:
    """Whether every database takes it as it is."""
    texts = value if isinstance(value, tuple) else (value,)
    return not any(isinstance(text, str) and _UNSTORABLE.search(text) for text in texts)


def shown(value: Value, length: int = _SHOWN) -> str:
    """Short enough for a sentence, and safe to store whatever the CRM sent."""
    text = _UNSTORABLE.sub("", written(value)[: 2 * length])
    return text if len(text) <= length else f"{text[:length]}…"


def told(rule: FieldRule, value: Value, system: str) -> dict[str, str | int]:
    """The parameters of a sentence about a value of the CRM; `shown` where people there know it by another word."""
    said: dict[str, str | int] = {"label": rule.hub_label, "value": shown(value), "system": system}
    if isinstance(value, str) and value in rule.crm_labels:
        said["shown"] = rule.crm_labels[value]
    return said


def _refused(code: str, rule: FieldRule, value: Value, system: str, **more: str | int) -> Reading:
    return Reading(refused=Reason(code, {**told(rule, value, system), **more}))


def _mapped(rule: FieldRule, value: Value) -> Value:
    if isinstance(value, tuple):
        items = [_looked_up(rule.value_map, item) for item in value]
        return None if None in items else tuple(item for item in items if item)
    found = _looked_up(rule.value_map, written(value))
    # The hub's own name or label needs no map; whatever it does not know is told apart by the choice itself.
    return value if found is None and rule.kind is Kind.CHOICE else found


def _looked_up(value_map: Mapping[str, str], text: str) -> str | None:
    if text in value_map:
        return value_map[text]
    folded = fold(text)
    return next((mapped for given, mapped in value_map.items() if fold(given) == folded), None)


def _text(rule: FieldRule, value: Value, system: str) -> Reading:
    typed = written(value)
    cleaned = typed if typed.isprintable() else _UNSTORABLE.sub("", typed)
    text = cleaned if rule.kind in _KEPT_AS_TYPED else cleaned.strip()
    if not text or text.isspace():
        return NOTHING
    if rule.max_length is not None and len(text) > rule.max_length:
        code = "cut" if rule.kind is Kind.LONG_TEXT else "too-long"
        refused = _refused(code, rule, text, system, length=len(text), limit=rule.max_length)
        # Nobody can shorten a mail that was sent: the beginning of it is better than nothing.
        return Reading(text[: rule.max_length], note=refused.refused) if code == "cut" else refused
    return Reading(text, note=None if cleaned is typed else _cleaned(rule, cleaned, typed, system))


def _cleaned(rule: FieldRule, cleaned: str, typed: str, system: str) -> Reason | None:
    removed = len(typed) - len(cleaned)
    return Reason("cleaned", {**told(rule, cleaned, system), "count": removed}) if removed else None


def _email(rule: FieldRule, value: Value, system: str) -> Reading:
    reading = _text(rule, value, system)
    if reading.refused or is_blank(reading.value) or normal_email(written(reading.value)):
        return reading
    # CRMs accept such addresses (Salesforce ships some in its own sample data): a contact is not lost over one.
    return replace(reading, note=Reason("not-an-email", told(rule, value, system)))


def _domain(rule: FieldRule, value: Value, system: str) -> Reading:
    domain = normal_domain(written(value))
    if not domain:
        # An odd website must not sink a customer: the field keeps what it has.
        return Reading(unmapped=Reason("not-a-domain", told(rule, value, system)))
    return _text(rule, domain, system)


def _person(rule: FieldRule, value: Value, system: str) -> Reading:
    address = normal_email(written(value))
    return Reading(address) if address else Reading(unmapped=Reason("not-a-person", told(rule, value, system)))


def _number(rule: FieldRule, value: Value, system: str) -> Reading:
    number = _as_decimal(value)
    if number is None or not number.is_finite():
        return _refused("not-a-number", rule, value, system)
    if not _fits(number):
        return _refused("too-large", rule, value, system)
    if rule.kind is Kind.INTEGER and number != number.to_integral_value():
        return _refused("not-a-whole-number", rule, value, system)
    low, high = rule.min_value, rule.max_value
    if (low is not None and number < low) or (high is not None and number > high):
        return _refused("out-of-range", rule, value, system, low=_bound(low), high=_bound(high))
    if rule.decimals is not None:
        number = round(number, rule.decimals)
    return Reading(int(number) if rule.kind is Kind.INTEGER else number)


def _as_decimal(value: Value) -> Decimal | None:
    """True is not 1, and "1 234,50" is a guess: only what is plainly a number."""
    if isinstance(value, bool):
        return None
    if isinstance(value, int | Decimal):
        return Decimal(value)
    return Decimal(value) if isinstance(value, str) and _PLAIN_NUMBER.fullmatch(value := value.strip()) else None


def _fits(number: Decimal) -> bool:
    return not number or -_LARGEST_EXPONENT <= number.adjusted() < _LARGEST_EXPONENT


def _bound(limit: int | None) -> str:
    return "…" if limit is None else str(limit)


def _date(rule: FieldRule, value: Value, system: str) -> Reading:
    if isinstance(value, datetime):
        # Cutting the time off would choose a time zone in silence: the line must say so (date-of-datetime).
        return _refused("date-has-time", rule, value, system)
    if isinstance(value, date):
        return Reading(value)
    try:
        text = written(value).strip()
        return Reading(date.fromisoformat(text)) if _ISO_DATE.fullmatch(text) else _no_date(rule, value, system)
    except ValueError:
        return _no_date(rule, value, system)


def _no_date(rule: FieldRule, value: Value, system: str) -> Reading:
    return _refused("not-a-date", rule, value, system)


def _moment(rule: FieldRule, value: Value, system: str) -> Reading:
    try:
        moment = datetime.fromisoformat(value.strip()) if isinstance(value, str) else value
        if isinstance(moment, datetime) and moment.tzinfo is not None:
            return Reading(moment.astimezone(UTC))
    except (ValueError, OverflowError):  # the first and last day of the calendar have no UTC in every zone
        pass
    return _refused("not-a-moment", rule, value, system)


def _yes_no(rule: FieldRule, value: Value, system: str) -> Reading:
    answer = value if isinstance(value, bool) else _YES_NO.get(fold(written(value)))
    return _refused("not-yes-no", rule, value, system) if answer is None else Reading(answer)


def _choice(rule: FieldRule, value: Value, system: str) -> Reading:
    text = written(value)
    if not text.strip():
        return NOTHING
    name = rule.choices.get(fold(text))
    return Reading(name) if name else Reading(unmapped=Reason("unmapped-value", told(rule, value, system)))


def _list(rule: FieldRule, value: Value, system: str) -> Reading:
    items = value if isinstance(value, tuple) else (written(value),)
    cleaned = (_UNSTORABLE.sub("", item).strip() for item in items)
    unique = tuple(dict.fromkeys(item for item in cleaned if item))
    longest = max(unique, key=len, default="")
    if rule.max_length is not None and len(longest) > rule.max_length:
        return _refused("too-long", rule, longest, system, length=len(longest), limit=rule.max_length)
    return Reading(unique)


_COERCE: dict[Kind, Callable[[FieldRule, Value, str], Reading]] = {
    Kind.ID: _text,
    Kind.TEXT: _text,
    Kind.LONG_TEXT: _text,
    Kind.EMAIL: _email,
    Kind.DOMAIN: _domain,
    Kind.PHONE: _text,
    Kind.INTEGER: _number,
    Kind.NUMBER: _number,
    Kind.MONEY: _number,
    Kind.DATE: _date,
    Kind.DATETIME: _moment,
    Kind.BOOL: _yes_no,
    Kind.CHOICE: _choice,
    Kind.PERSON: _person,
    Kind.LIST: _list,
    Kind.PARENT: _text,
}
