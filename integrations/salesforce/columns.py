"""A value of ours as Salesforce takes it, by the type that the describe names. What would shift or be guessed is refused."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from decimal import Decimal, InvalidOperation
from typing import Any, TypeAlias

from django.utils.translation import gettext as _

from integrations.engine.values import Value, is_blank
from integrations.sync.connector import Unsendable

from .fields import NUMBERS

Column: TypeAlias = str | bool | Decimal | None
NULL_IN_CSV = "#N/A"
"""An empty cell leaves the field alone."""


def column_value(value: Value, kind: str) -> Column:
    if kind == "boolean":
        # Salesforce knows no third state beside yes and no.
        return False if is_blank(value) else truth(value)
    if is_blank(value):
        return None
    if kind == "date":
        return day(value)
    if kind == "datetime":
        return moment(value)
    if kind == "int" or kind in NUMBERS:
        return number(value)
    return text(value)


def truth(value: Value) -> Column:
    return bool(value) if isinstance(value, (bool, int, Decimal)) else text(value)


def day(value: Value) -> str:
    if isinstance(value, datetime):
        raise Unsendable(
            "TIME_IN_A_DATE", _("A time does not fit into a date field: its day depends on where one looks.")
        )
    return text(value)


def moment(value: Value) -> str:
    if isinstance(value, date) and not isinstance(value, datetime):
        # Salesforce would take midnight of Greenwich, which west of it is the day before.
        raise Unsendable("DATE_WITHOUT_TIME", _("A date does not fit into a field for times: it has no time of day."))
    return text(value)


def number(value: Value) -> Column:
    """Text that is no number goes as it is, and Salesforce says what it thinks of it."""
    try:
        given = Decimal(int(value) if isinstance(value, bool) else str(value))
    except InvalidOperation:
        return text(value)
    return given if given.is_finite() else text(value)


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
    if value.tzinfo is None:
        raise Unsendable("TIME_WITHOUT_ZONE", _("A time without a zone means nothing to Salesforce."))
    return value.astimezone(UTC).replace(tzinfo=None).isoformat(timespec="seconds") + "Z"


def cells(columns: Mapping[str, Any], header: tuple[str, ...]) -> list[str]:
    """A row of CSV: what is not named stays as it is, what is empty is emptied."""
    return [cell(columns[name]) if name in columns else "" for name in header]


def cell(value: Column) -> str:
    return NULL_IN_CSV if value is None or value == "" else text(value)
