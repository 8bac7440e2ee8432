"""Which rows a query means, as SQL. Text compares without case, `!=` and NOT IN take nulls in, and every value is bound."""

import re

from ..errors import ApiError
from ..fields import NUMBERS, Field
from .dates import named_range
from .literals import EXACT, KINDS, first_moment, value_of, wrong_kind
from .scope import Column, Scope
from .tree import Call, Compare, Condition, Junction, Literal, Not, Order, Path, Query, Selected

_DATE_PART = {
    "CALENDAR_YEAR": "CAST(substr({}, 1, 4) AS INTEGER)",
    "CALENDAR_MONTH": "CAST(substr({}, 6, 2) AS INTEGER)",
    "CALENDAR_QUARTER": "(CAST(substr({}, 6, 2) AS INTEGER) + 2) / 3",
    "DAY_IN_MONTH": "CAST(substr({}, 9, 2) AS INTEGER)",
    "HOUR_IN_DAY": "CAST(substr({}, 12, 2) AS INTEGER)",
    "DAY_ONLY": "substr({}, 1, 10)",
}


def condition(scope: Scope, tree: Condition) -> str:
    if isinstance(tree, Junction):
        return _balanced([condition(scope, part) for part in tree.parts], f" {tree.word} ")
    if isinstance(tree, Not):
        # SOQL knows true and false only: what SQL leaves undecided counts as false below the NOT.
        return f"NOT coalesce({condition(scope, tree.inner)}, 0)"
    return _compare(scope, tree)


def _balanced(parts: list[str], word: str) -> str:
    """SQLite refuses a chain of more than a thousand terms, a tree of them it takes."""
    if len(parts) <= 100:
        return "(" + word.join(parts) + ")"
    half = len(parts) // 2
    return "(" + _balanced(parts[:half], word) + word + _balanced(parts[half:], word) + ")"


def operand(scope: Scope, value: Path | Call) -> Column:
    """The column behind a path or a function that may stand in a condition, GROUP BY or ORDER BY."""
    if isinstance(value, Path):
        return scope.column(value)
    if value.name == "COUNT" and value.argument is None:
        return Column("count(*)", Field("expr", "expr", "int"))
    assert value.argument is not None
    inner = operand(scope, value.argument)
    if value.name == "TOLABEL":
        return inner
    if value.name in _DATE_PART:
        return Column(_DATE_PART[value.name].format(inner.sql), Field("expr", "expr", "int"))
    return aggregate(scope, value, inner)


def aggregate(scope: Scope, call: Call, inner: Column) -> Column:
    if call.name in {"SUM", "AVG"} and inner.field.type not in NUMBERS:
        raise scope.error(
            "MALFORMED_QUERY", call.at, f"aggregate function {call.name} not supported for field {inner.field.name}"
        )
    if not inner.field.filterable:
        raise scope.error(
            "MALFORMED_QUERY", call.at, f"field {inner.field.name} does not support aggregate operator {call.name}"
        )
    if call.name.startswith("COUNT"):
        distinct = "DISTINCT " if call.name == "COUNT_DISTINCT" else ""
        return Column(f"count({distinct}{inner.sql})", Field("expr", "expr", "int"))
    kept = inner.field.type if call.name in {"MAX", "MIN"} else "double"
    return Column(f"{call.name.lower()}({inner.sql})", Field("expr", "expr", kept, inner.field.length))


def _compare(scope: Scope, tree: Compare) -> str:
    column = operand(scope, tree.left)
    field = column.field
    if not field.filterable:
        # Long text areas and compound fields.
        raise scope.error("INVALID_FIELD", tree.at, f"field '{field.name}' can not be filtered in a query call")
    if isinstance(tree.right, Query):
        return _semi_join(scope, tree, column, tree.right)
    if isinstance(tree.right, tuple):
        return _listed(scope, tree, column, tree.right)
    if tree.operator == "LIKE":
        return _like(scope, column, tree.right)
    if tree.right.kind == "null":
        return _null(scope, tree, column)
    if tree.right.kind == "named":
        return _named_date(scope, tree, column, tree.right)
    return _simple(scope, tree, column, tree.right)


def _null(scope: Scope, tree: Compare, column: Column) -> str:
    if tree.operator not in {"=", "!="}:
        raise scope.error("MALFORMED_QUERY", tree.at, f"unexpected operator {tree.operator} for a null value")
    return f"{column.sql} IS {'NOT ' if tree.operator == '!=' else ''}NULL"


def _simple(scope: Scope, tree: Compare, column: Column, literal: Literal) -> str:
    value = value_of(scope, column.field, literal)
    if value is None:
        return _null(scope, tree, column)
    if column.field.type in EXACT and tree.operator not in {"=", "!="} and column.field.type == "reference":
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on id field: {tree.operator}")
    if column.field.type in {"boolean", "multipicklist"} and tree.operator not in {"=", "!="}:
        raise scope.error(
            "INVALID_FIELD", tree.at, f"{tree.operator} is not a valid operator for field {column.field.name}"
        )
    left, right = _sides(scope, column, value)
    if tree.operator == "!=":
        return f"({column.sql} IS NULL OR {left} <> {right})"
    return f"{left} {tree.operator} {right}"


def _sides(scope: Scope, column: Column, value: object) -> tuple[str, str]:
    """NOCASE folds ASCII and can use an index; the rest needs the slower fold()."""
    if not isinstance(value, str) or column.field.type in {*EXACT, "date", "datetime"}:
        return column.sql, scope.bind(value)
    if value.isascii():
        return f"{column.sql} COLLATE NOCASE", scope.bind(value)
    return f"fold({column.sql})", scope.bind(value.casefold())


def _listed(scope: Scope, tree: Compare, column: Column, literals: tuple[Literal, ...]) -> str:
    if tree.operator in {"INCLUDES", "EXCLUDES"}:
        return _includes(scope, tree, column, literals)
    known = [
        v
        for literal in literals
        if (v := None if literal.kind == "null" else value_of(scope, column.field, literal)) is not None
    ]
    has_null = len(known) < len(literals)
    texts = [v for v in known if isinstance(v, str)]
    if texts and column.field.type not in {*EXACT, "date", "datetime"}:
        folded = not all(v.isascii() for v in texts)
        left = f"fold({column.sql})" if folded else f"{column.sql} COLLATE NOCASE"
        known = [v.casefold() if folded else v for v in texts]
    else:
        left = column.sql
    places = ", ".join(scope.bind(v) for v in known)
    if tree.operator == "IN":
        return f"({left} IN ({places}){f' OR {column.sql} IS NULL' if has_null else ''})"
    return f"({left} NOT IN ({places}){f' AND {column.sql} IS NOT NULL' if has_null else f' OR {column.sql} IS NULL'})"


def _includes(scope: Scope, tree: Compare, column: Column, literals: tuple[Literal, ...]) -> str:
    if column.field.type != "multipicklist":
        raise scope.error(
            "INVALID_FIELD", tree.at, f"{tree.operator.lower()} operator only valid on multipicklist fields"
        )
    alternatives = []
    for literal in literals:
        needed = [f"instr(';' || {column.sql} || ';', {scope.bind(f';{v};')}) > 0" for v in literal.value.split(";")]
        alternatives.append("(" + " AND ".join(needed) + ")")
    found = f"coalesce({' OR '.join(alternatives)}, 0)"
    return f"NOT {found}" if tree.operator == "EXCLUDES" else f"({found})"


def _semi_join(scope: Scope, tree: Compare, column: Column, query: Query) -> str:
    if column.field.type not in EXACT:
        raise scope.error(
            "INVALID_FIELD", tree.at, f"The left operand '{column.field.name}' of a semi-join must be an id"
        )
    sql = inner_select(scope, query)
    if tree.operator == "IN":
        return f"{column.sql} IN ({sql})"
    return f"({column.sql} IS NULL OR {column.sql} NOT IN ({sql}))"


def _like(scope: Scope, column: Column, literal: Literal) -> str:
    field = column.field
    if field.type in EXACT | NUMBERS | {"date", "datetime", "boolean"}:
        raise ApiError("INVALID_QUERY_FILTER_OPERATOR", f"invalid operator on {KINDS.get(field.type, 'id')} field")
    if literal.kind != "string":
        raise scope.error("INVALID_FIELD", literal.at, "LIKE needs a text in quotes")
    # Unescape what LIKE itself does not need escaped; SQLite's LIKE folds ASCII only.
    pattern = re.sub(r"\\([^%_\\])", r"\1", literal.value)
    if pattern.isascii():
        return f"{column.sql} LIKE {scope.bind(pattern)} ESCAPE '\\'"
    return f"fold({column.sql}) LIKE {scope.bind(pattern.casefold())} ESCAPE '\\'"


def _named_date(scope: Scope, tree: Compare, column: Column, literal: Literal) -> str:
    days = named_range(literal.value, scope.today)
    if days is None:
        raise scope.error("MALFORMED_QUERY", literal.at, f"unexpected token: '{literal.value}'")
    if column.field.type not in {"date", "datetime"}:
        raise wrong_kind(scope, column.field, literal)
    start, end = (first_moment(column.field, d) for d in days)
    sql = column.sql
    match tree.operator:
        case "=":
            return f"({sql} >= {scope.bind(start)} AND {sql} < {scope.bind(end)})"
        case "!=":
            return f"({sql} IS NULL OR {sql} < {scope.bind(start)} OR {sql} >= {scope.bind(end)})"
        case ">":
            return f"{sql} >= {scope.bind(end)}"
        case ">=":
            return f"{sql} >= {scope.bind(start)}"
        case "<":
            return f"{sql} < {scope.bind(start)}"
        case _:
            return f"{sql} < {scope.bind(end)}"


def rows_sql(scope: Scope, query: Query, *, with_deleted: bool, also: str = "") -> str:
    """FROM ... WHERE ... ORDER BY ... of a query; what is selected goes before it."""
    conditions = [*([also] if also else []), *_conditions(scope, query, with_deleted=with_deleted)]
    where = f" WHERE {' AND '.join(conditions)}" if conditions else ""
    group = ", ".join(operand(scope, g).sql for g in query.group_by)
    having = f" HAVING {condition(scope, query.having)}" if query.having else ""
    order = ", ".join(_ordered(scope, o) for o in query.order_by)
    limit = f" LIMIT {-1 if query.limit is None else query.limit} OFFSET {query.offset}"
    joins = " ".join(scope.joins.values())
    source = f' FROM "{scope.sobject.name}" {scope.root} {joins}'
    return (
        source
        + where
        + (f" GROUP BY {group}" if group else "")
        + having
        + (f" ORDER BY {order}" if order else "")
        + limit
    )


def _conditions(scope: Scope, query: Query, *, with_deleted: bool) -> list[str]:
    found = []
    if not with_deleted:
        found += [f'{scope.root}."{name}" = 0' for name in ("IsDeleted", "IsArchived") if scope.sobject.field(name)]
    if scope.made_until:
        found.append(f'{scope.root}."CreatedDate" <= {scope.bind(scope.made_until)}')
    if query.scope == "mine":
        if scope.sobject.field("OwnerId") is None:
            raise ApiError("MALFORMED_QUERY", f"Scope mine is not supported for {scope.sobject.name}")
        found.append(f'{scope.root}."OwnerId" = {scope.bind(scope.user_id)}')
    if query.where:
        found.append(condition(scope, query.where))
    return found


def _ordered(scope: Scope, order: Order) -> str:
    column = operand(scope, order.by)
    if not column.field.filterable:
        raise scope.error(
            "MALFORMED_QUERY", order.by.at, f"field '{column.field.name}' can not be sorted in a query call"
        )
    # Nulls come first in both directions unless the query says otherwise.
    nulls = "LAST" if order.nulls_last else "FIRST"
    fold = " COLLATE NOCASE" if column.field.type in {"string", "email", "phone", "url", "picklist", "textarea"} else ""
    return f"{column.sql}{fold} {'DESC' if order.descending else 'ASC'} NULLS {nulls}"


def inner_select(scope: Scope, query: Query) -> str:
    """The sub-select of a semi-join: one id or reference column."""
    inner = scope.inner(query)
    item = query.select[0]
    if len(query.select) != 1 or not isinstance(item, Selected) or not isinstance(item.value, Path):
        raise scope.error("MALFORMED_QUERY", query.at, "A semi-join sub-select must select exactly one field")
    column = inner.column(item.value)
    if column.field.type not in {"id", "reference"}:
        raise scope.error("MALFORMED_QUERY", item.value.at, "The selected field of a semi-join must be an id")
    body = rows_sql(inner, query, with_deleted=False)
    return f"SELECT {column.sql}{body}"
