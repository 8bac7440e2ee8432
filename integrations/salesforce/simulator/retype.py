"""A field that gets another type: its values go over where they can, the others are lost, as in a real org."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from datetime import date
from typing import Any

from .errors import ApiError
from .fields import NUMBERS
from .store import Store


def retype_field(store: Store, name: str, new: str) -> None:
    """`name` is Object.Field."""
    sobject, _, column = name.partition(".")
    known = store.schema.everything.get(sobject)
    if known is None or known.field(column) is None:
        raise ApiError("INVALID_FIELD", f"There is no field {name}")
    rows = store.execute(f'SELECT _row, "{column}" FROM "{sobject}" WHERE "{column}" IS NOT NULL').fetchall()
    changed = [(_converted(value, new), row) for row, value in rows]
    for value, row in changed:
        store.execute(f'UPDATE "{sobject}" SET "{column}" = ? WHERE _row = ?', (value, row))
    store.schema.changes.retyped[name] = new
    store.save_schema()


def _converted(value: Any, new: str) -> Any:
    try:
        if new in NUMBERS:
            return float(value)
        if new == "boolean":
            return int(str(value).lower() in {"1", "1.0", "true", "yes"})
        if new == "date":
            return date.fromisoformat(str(value)[:10]).isoformat()
    except ValueError:
        return None
    return value if isinstance(value, str) else str(value)
