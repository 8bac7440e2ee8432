"""A condition on records as a tree, and as SQL: searches, queries, views and bulk jobs each parse into it."""

# ruff: noqa: S608  names of fields are the schema's own, every value is bound

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from .field import NUMBERS, Field
from .moments import parsed, parsed_date, stored
from .nested import inner, text_in
from .schema import Module, Schema

SYSTEM_COLUMNS = {"id": "id", "Created_Time": "created", "Modified_Time": "updated"}
ORDERED = {"greater_than": ">", "less_than": "<", "greater_equal": ">=", "less_equal": "<="}
COMPARATORS = frozenset(ORDERED) | {
    "equals", "not_equal", "in", "not_in", "between", "not_between", "contains", "not_contains", "starts_with",
    "ends_with",
}  # fmt: skip
ID = Field("id", "Record Id", "bigint", writable=False)


@dataclass(frozen=True, slots=True)
class Criterion:
    """`path` names a field, or a field of a looked-up record after a dot."""

    path: str
    operator: str
    value: Any = None


@dataclass(frozen=True, slots=True)
class Group:
    operator: str
    parts: tuple["Criterion | Group", ...]


Condition = Criterion | Group


class BadCriterion(Exception):  # noqa: N818  each kind of question words it itself
    """A field, an operator or a value that does not go together."""

    def __init__(self, reason: str, path: str, operator: str = "", expected: str = "", value: Any = None) -> None:
        super().__init__(reason)
        self.reason, self.path, self.operator, self.expected, self.value = reason, path, operator, expected, value


@dataclass
class Where:
    """Builds SQL over `body`, `id`, `created` and `updated`."""

    schema: Schema
    module: Module
    user_id: str = ""
    text_equals: str = "is"
    """`contains`: in searches `equals` finds parts of a text too."""
    allowed: Callable[[Field, str], bool] = lambda _field, _operator: True
    values: list[Any] = field(default_factory=list)

    def sql(self, condition: Condition | None) -> str:
        if condition is None:
            return "1"
        if isinstance(condition, Group):
            return "(" + f" {condition.operator.upper()} ".join(self.sql(part) for part in condition.parts) + ")"
        return self._through(self.module, condition, condition.path.split("."))

    def _through(self, module: Module, criterion: Criterion, path: Sequence[str]) -> str:
        found = field_of(module, path[0])
        if found is None:
            raise BadCriterion("column given seems to be invalid", criterion.path)
        if len(path) == 1 or (len(path) == 2 and path[1] == "id" and found.is_lookup):
            return self._one(found, criterion)
        target = self.schema.modules.get(found.to)
        if found.to == "users":
            target = USERS
        if target is None:
            raise BadCriterion("column given seems to be invalid", criterion.path)
        outer = column(found)
        self.values.append(target.name)
        inner = self._through(target, criterion, path[1:])
        return f"{outer} IN (SELECT id FROM _record WHERE kind = ? AND gone IS NULL AND {inner})"

    def _one(self, found: Field, criterion: Criterion) -> str:
        operator, value = criterion.operator, criterion.value
        if isinstance(value, list) and operator in {"equals", "not_equal"}:
            # Views keep several values of one condition under `equal`.
            operator = "in" if operator == "equals" else "not_in"
        if not self.allowed(found, operator):
            raise BadCriterion("invalid operator found", criterion.path, operator)
        if operator in {"is_null", "not_null"} or value == "${EMPTY}":
            return self._empty(found, wanted=operator in {"is_null", "equals", "equal"})
        if found.json_type == "jsonarray":
            return self._listed(found, criterion)
        if operator in {"in", "not_in"}:
            listed = value if isinstance(value, list) else [value]
            marks = ", ".join(self._mark(found, criterion, one) for one in listed)
            return f"{text_column(found)} {'NOT ' if operator == 'not_in' else ''}IN ({marks})"
        if operator in {"between", "not_between"}:
            if not isinstance(value, list) or len(value) != 2:
                raise BadCriterion(
                    "value given seems to be invalid for the column", criterion.path, operator, found.type
                )
            low, high = (self._mark(found, criterion, one) for one in value)
            return f"{column(found)} {'NOT ' if operator == 'not_between' else ''}BETWEEN {low} AND {high}"
        if operator in ORDERED:
            return f"{column(found)} {ORDERED[operator]} {self._mark(found, criterion, value)}"
        return self._alike(found, criterion)

    def _alike(self, found: Field, criterion: Criterion) -> str:
        operator, value = criterion.operator, criterion.value
        patterns = {"starts_with": "{}%", "ends_with": "%{}", "contains": "%{}%", "not_contains": "%{}%"}
        searched = operator == "equals" and self.text_equals == "contains" and is_free_text(found)
        if searched or operator in patterns:
            escaped = str(value).replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
            self.values.append(patterns.get(operator, "%{}%").format(escaped))
            return f"{column(found)} {'NOT ' if operator == 'not_contains' else ''}LIKE ? ESCAPE '\\'"
        if operator in {"like", "not_like"}:
            self.values.append(value)
            return f"{column(found)} {'NOT ' if operator == 'not_like' else ''}LIKE ?"
        mark = self._mark(found, criterion, value)
        differs = operator in {"not_equal", "not_equals"}
        return f"{text_column(found)} {'<>' if differs else '='} {mark}"

    def _listed(self, found: Field, criterion: Criterion) -> str:
        value = criterion.value
        wanted = value if isinstance(value, list) else str(value).split(";")
        self.values.extend(wanted)
        marks = ", ".join("?" for _ in wanted)
        differs = criterion.operator.startswith("not_")
        # A tag is an object with a name, an option of a list is a plain text.
        each = "json_extract(value, '$.name')" if found.name == "Tag" else "value"
        listed = f"EXISTS (SELECT 1 FROM json_each(body, '$.{found.name}') WHERE {each} IN ({marks}))"
        return f"NOT {listed}" if differs else listed

    def _empty(self, found: Field, *, wanted: bool) -> str:
        empty = (
            f"coalesce(json_array_length(body, '$.{found.name}'), 0) = 0"
            if found.json_type == "jsonarray"
            else f"{column(found)} IS NULL"
        )
        return empty if wanted else f"NOT {empty}"

    def _mark(self, found: Field, criterion: Criterion, value: Any) -> str:
        self.values.append(self._bound(found, criterion, value))
        return "?"

    def _bound(self, found: Field, criterion: Criterion, value: Any) -> Any:
        if value == "${CURRENTUSER}":
            return self.user_id
        bad = BadCriterion(
            "value given seems to be invalid for the column", criterion.path, criterion.operator, found.type, value
        )
        if found.type == "datetime":
            moment = parsed(value)
            if moment is None:
                raise bad
            return stored(moment)
        if found.type == "date" and parsed_date(value) is None:
            raise bad
        if found.type == "boolean":
            return _truth(value, bad)
        if found.type in NUMBERS:
            try:
                return float(value)
            except (TypeError, ValueError):
                raise bad from None
        return str(value["id"]) if isinstance(value, dict) and "id" in value else str(value)


def _truth(value: Any, bad: BadCriterion) -> int:
    known = {"true": 1, "false": 0, "1": 1, "0": 0}
    key = str(value).lower()
    if key not in known:
        raise bad
    return known[key]


USERS = Module(
    "users", "User", "Users",
    {n: Field(n, n) for n in ("first_name", "last_name", "email", "status", "full_name")}, "full_name",
)  # fmt: skip


def field_of(module: Module, name: str) -> Field | None:
    return ID if name == "id" else module.fields.get(name)


def column(found: Field) -> str:
    if found.name in SYSTEM_COLUMNS:
        return SYSTEM_COLUMNS[found.name]
    if found.name in {"Full_Name", "full_name"}:
        first, last = ("First_Name", "Last_Name") if found.name == "Full_Name" else ("first_name", "last_name")
        parts = [f"coalesce(json_extract(body, '$.{name}'), '')" for name in (first, last)]
        return f"trim({parts[0]} || ' ' || {parts[1]})"
    if found.of:
        return f"round(json_extract(body, '$.{found.of}') * {found.times}, 2)"
    if found.type == "boolean":
        return f"coalesce(json_extract(body, '$.{found.name}'), 0)"
    return f"json_extract(body, '$.{found.name}')"


def text_column(found: Field) -> str:
    """Texts are compared whatever their case."""
    plain = column(found)
    return (
        plain
        if found.type in NUMBERS or found.type in {"boolean", "datetime", "date"} or found is ID
        else f"{plain} COLLATE NOCASE"
    )


def is_free_text(found: Field) -> bool:
    return found is not ID and found.type in {"text", "textarea", "email", "phone", "website"}


def from_json(criteria: Any) -> Condition:
    """As views and bulk jobs give it: groups of comparators, nested."""
    group = inner(criteria, "group")
    if group:
        operator = text_in(criteria, "group_operator").lower()
        if operator not in {"and", "or"} or not isinstance(group, list):
            raise BadCriterion("invalid operator found", "group", operator)
        return Group(operator, tuple(from_json(one) for one in group))
    name = text_in(criteria, "field", "api_name") or text_in(criteria, "api_name")
    comparator = text_in(criteria, "comparator")
    comparator = "equals" if comparator == "equal" else comparator
    if comparator not in COMPARATORS:
        raise BadCriterion("invalid operator found", name, comparator)
    return Criterion(name, comparator, criteria.get("value"))
