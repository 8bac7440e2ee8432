"""A value of ours as Pipedrive takes it, by the type that the metadata names. What would shift or be guessed is refused."""

from datetime import date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.utils.translation import gettext as _

from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Unsendable

from .schema import Field
from .values import NUMBERS, WHOLE

REFERENCES = frozenset({"org", "people"})


def column_value(value: Value, field: Field) -> Any:
    if is_blank(value):
        # An empty list is refused; null clears.
        return None
    if field.type == "set":
        return [option(item, field) for item in (value if isinstance(value, tuple) else (text(value),))]
    if field.type == "enum":
        return option(text(value), field)
    if field.type == "date":
        return day(value)
    if field.type in WHOLE or field.type in NUMBERS:
        return number(value, field)
    if field.type in REFERENCES:
        return whole_id(value)
    return text(value)


def option(label: str, field: Field) -> int:
    """Options go by their numbers; a label that the list does not hold is refused here, where it can be named."""
    found = field.numbers.get(label)
    if found is None or not found.isdecimal():
        said = {"field": field.label, "value": label}
        raise Unsendable("UNKNOWN_OPTION", _("The list “%(field)s” in Pipedrive has no option “%(value)s”.") % said)
    return int(found)


def day(value: Value) -> str:
    if isinstance(value, datetime):
        raise Unsendable(
            "TIME_IN_A_DATE", _("A time does not fit into a date field: its day depends on where one looks.")
        )
    return text(value)


def number(value: Value, field: Field) -> Any:
    """With all its digits; text that is no number goes as it is, and Pipedrive says what it thinks of it."""
    try:
        given = Decimal(int(value) if isinstance(value, bool) else str(value))
    except InvalidOperation:
        return text(value)
    if not given.is_finite():
        return text(value)
    if field.type in WHOLE and given != given.to_integral_value():
        raise Unsendable("FRACTION_IN_A_WHOLE", _("The field in Pipedrive takes whole numbers only."))
    return orjson.Fragment(format(given, "f").encode())


def whole_id(value: Value) -> int | str:
    said = text(value)
    return int(said) if said.isascii() and said.isdecimal() else said


def text(value: Value) -> str:
    if isinstance(value, datetime | date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return ";".join(value) if isinstance(value, tuple) else str(value)
