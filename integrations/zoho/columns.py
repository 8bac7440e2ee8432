"""A value of ours as Zoho takes it, by the type that the metadata names. What would shift or be guessed is refused."""

from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import orjson
from django.utils.translation import gettext as _

from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Unsendable

from .values import NUMBERS, TAGS, WHOLE


def column_value(value: Value, kind: str) -> Any:
    if kind == "boolean":
        # Zoho knows no third state beside yes and no.
        return False if is_blank(value) else truth(value)
    if kind == "multiselectpicklist" or kind == TAGS:
        return listed(value, kind)
    if is_blank(value):
        return None
    if kind == "date":
        return day(value)
    if kind == "datetime":
        return moment(value)
    if kind == "lookup":
        return {"id": str(value)}
    if kind in WHOLE:
        return whole(value)
    return number(value) if kind in NUMBERS else text(value)


def truth(value: Value) -> bool | str:
    return bool(value) if isinstance(value, (bool, int, Decimal)) else text(value)


def listed(value: Value, kind: str) -> list[Any]:
    """A list replaces what was there; an empty one clears it."""
    items = () if is_blank(value) else value if isinstance(value, tuple) else (text(value),)
    return [{"name": item} for item in items] if kind == TAGS else list(items)


def day(value: Value) -> str:
    if isinstance(value, datetime):
        raise Unsendable(
            "TIME_IN_A_DATE", _("A time does not fit into a date field: its day depends on where one looks.")
        )
    return text(value)


def moment(value: Value) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        raise Unsendable("DATE_WITHOUT_TIME", _("A date does not fit into a field for times: it has no time of day."))
    return text(value)


def whole(value: Value) -> int | str:
    """Text that is no number goes as it is, and Zoho says what it thinks of it."""
    given = decimal_of(value)
    if given is None:
        return text(value)
    if given != given.to_integral_value():
        raise Unsendable("FRACTION_IN_A_WHOLE", _("The field in Zoho takes whole numbers only."))
    return int(given)


def number(value: Value) -> Any:
    """With all its digits: as a float it would be rounded, as text it would be refused."""
    given = decimal_of(value)
    return text(value) if given is None else orjson.Fragment(format(given, "f").encode())


def decimal_of(value: Value) -> Decimal | None:
    try:
        given = Decimal(int(value) if isinstance(value, bool) else str(value))
    except InvalidOperation:
        return None
    return given if given.is_finite() else None


def text(value: Value) -> str:
    if isinstance(value, datetime):
        return stamp(value)
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, Decimal):
        return format(value, "f")
    return ";".join(value) if isinstance(value, tuple) else str(value)


def stamp(value: datetime) -> str:
    """Whole seconds with an offset: a time without one is refused, and fractions are unknown to Zoho."""
    if value.tzinfo is None:
        raise Unsendable("TIME_WITHOUT_ZONE", _("A time without a zone means nothing to Zoho."))
    return value.astimezone(UTC).isoformat(timespec="seconds")
