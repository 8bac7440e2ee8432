"""COQL as text: values in, conditions put together two by two, as its grammar wants them."""

from collections.abc import Iterable, Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import reduce
from typing import Any

from integrations.wire.chunks import unique_chunks

MOST_ROWS = 2000
FURTHEST = 100_000
"""Of an offset and what is asked behind it, together."""
MOST_COLUMNS = 50
MOST_VALUES = 50
"""In one list; newer pages of the vendor say a hundred, older ones fifty."""
IDS_PER_QUERY = 500
"""Ten lists of them, of the twenty-five criteria that a query may have."""
EVERYTHING = "id is not null"
"""A query without a condition is refused."""


def literal(value: Any) -> str:
    """A value as COQL reads it; text stays one value whatever it holds."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        if value.tzinfo is None:
            raise ValueError("A time without a zone means nothing to Zoho.")
        return f"'{value.astimezone(UTC).isoformat(timespec='seconds')}'"
    if isinstance(value, date):
        return f"'{value.isoformat()}'"
    if isinstance(value, Decimal):
        return format(value, "f")
    return str(value) if isinstance(value, int) else "'{}'".format(str(value).replace("'", "''"))


def compared(path: str, sign: str, value: Any) -> str:
    return f"{path} {sign} {literal(value)}"


def is_one_of(path: str, values: Sequence[Any]) -> str:
    if not values:
        raise ValueError(f"{path} cannot be one of nothing.")
    return any_of(
        f"{path} in ({', '.join(literal(one) for one in part)})" for part in unique_chunks(values, MOST_VALUES)
    )


def all_of(parts: Iterable[str]) -> str:
    return joined("and", parts)


def any_of(parts: Iterable[str]) -> str:
    return joined("or", parts)


def joined(word: str, parts: Iterable[str]) -> str:
    """`((a and b) and c)`: between one pair of brackets stand two sides at most. Empty parts do not count."""
    filled = [part for part in parts if part]
    return reduce(lambda left, right: f"({left} {word} {right})", filled) if filled else ""


def select(columns: Sequence[str], module: str, where: str = "", limit: int = MOST_ROWS, offset: int = 0) -> str:
    # The id comes along by itself; asked for alone it has to be named.
    names = ", ".join(dict.fromkeys(columns)) or "id"
    rows = f"{offset}, {limit}" if offset else str(limit)
    return f"select {names} from {module} where {where or EVERYTHING} order by id asc limit {rows}"  # noqa: S608


COUNTED = "COUNT(id)"


def select_count(module: str, where: str, by: str = "") -> str:
    """How many, in one row; `by` a field, in one row for each of its values."""
    # One row needs no limit, and the higher it is, the more credits it costs.
    grouped = f" group by {by} limit {MOST_ROWS}" if by else ""
    columns = ", ".join(part for part in (COUNTED, by) if part)
    return f"select {columns} from {module} where {where or EVERYTHING}{grouped}"  # noqa: S608
