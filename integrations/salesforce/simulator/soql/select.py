"""Which columns a query selects, and how many rows a page of it may hold."""

from dataclasses import dataclass

from ..errors import ApiError
from ..fields import Field
from .parse import AGGREGATES
from .scope import Column, Scope
from .tree import Call, FieldsOf, Path, Query, Selected
from .where import operand

MAX_FIELDS_ROWS = 200
LONG_PAGE = 1000
PAGE = 2000


@dataclass(frozen=True, slots=True)
class Output:
    """A selected column with the key under which the answer shows it."""

    column: Column
    key: str


def is_aggregate(query: Query) -> bool:
    calls = (s.value for s in query.select if isinstance(s, Selected))
    return bool(query.group_by) or any(isinstance(c, Call) and c.name in AGGREGATES for c in calls)


def is_count(query: Query) -> bool:
    """`SELECT COUNT() FROM ...`: the number alone, no rows."""
    only = query.select[0]
    if not (isinstance(only, Selected) and isinstance(only.value, Call) and only.value.argument is None):
        return False
    if len(query.select) > 1 or query.group_by:
        raise ApiError("MALFORMED_QUERY", "Grouped query cannot use COUNT(), must use COUNT(<FIELD>)")
    return True


def outputs(scope: Scope, query: Query) -> list[Output]:
    found: list[Output] = []
    seen: set[tuple[str, ...]] = set()
    for item in query.select:
        for output in _selected(scope, query, item):
            path = (*(step.relationship for step in output.column.steps), output.key)
            if path in seen:
                raise ApiError("INVALID_FIELD", f"duplicate field selected: {'.'.join(path)}")
            seen.add(path)
            found.append(output)
    return found


def _selected(scope: Scope, query: Query, item: "Selected | FieldsOf | Query") -> list[Output]:
    if isinstance(item, Query):
        return []
    if isinstance(item, FieldsOf):
        return [Output(scope.column(Path((f.name,), item.at)), f.name) for f in _fields_of(scope, query, item)]
    column = operand(scope, item.value)
    return [Output(column, item.alias or column.field.name)]


def _fields_of(scope: Scope, query: Query, item: FieldsOf) -> list[Field]:
    if item.which != "STANDARD" and (query.limit is None or query.limit > MAX_FIELDS_ROWS):
        raise scope.error(
            "MALFORMED_QUERY", item.at,
            f"The SOQL FIELDS function must have a LIMIT of at most {MAX_FIELDS_ROWS}",
        )  # fmt: skip
    return [f for f in scope.sobject.fields if item.which == "ALL" or f.custom == (item.which == "CUSTOM")]


def page_size(found: list[Output], wanted: int) -> int:
    """Long text halves a page, whatever the caller asked for."""
    return min(wanted, LONG_PAGE) if any(o.column.field.is_long for o in found) else wanted
