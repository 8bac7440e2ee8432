"""Filters as conditions over the stored records: exact texts, lists, periods, links."""

from typing import Any

import orjson

from .kind import Condition, Filter
from .rules import DAYS, FLAG, PERIOD, Rule, either, integer, items, one_of, shape, text
from .store import NUMBER
from .times import moment_of


def body(name: str) -> str:
    return f"json_extract(body, '$.{name}')"


def listed(values: Any) -> str:
    return orjson.dumps(values if isinstance(values, list) else [values]).decode()


def texts(name: str) -> str:
    """Never null, so that it can be ordered by and sought from."""
    return f"coalesce({body(name)}, '')"


def numbers(name: str) -> str:
    return f"coalesce({body(name)}, 0)"


def exact(name: str, rule: Rule | None = None) -> Filter:
    """Without regard to case: the vendor says so of references, and its database compares so."""
    return Filter(rule or text(), lambda value: (f"{texts(name)} = ? COLLATE NOCASE", [value]))


def looked_up(kind: str, name: str, rule: Rule | None = None) -> Filter:
    """The same by an index of the store: for what clients look up record by record."""
    return Filter(rule or text(), lambda value: (_by_index(kind, name), [listed(value)]))


def _by_index(kind: str, name: str) -> str:
    found = texts(name).replace("(body", "(r.body")
    return f"""row IN (SELECT r.row FROM json_each(?) AS w CROSS JOIN _record AS r WHERE r.kind = '{kind}' AND r.gone IS NULL
        AND {found} = w.value COLLATE NOCASE)"""  # noqa: S608  the names are ours


def within(expression: str, rule: Rule = PERIOD) -> Filter:
    def condition(value: Any) -> Condition:
        parts: list[tuple[str, Any]] = []
        for end, sign in (("start", ">="), ("end", "<=")):
            if bound := (value or {}).get(end):
                parts.append((f"{expression} {sign} ?", bound if rule is DAYS else moment_of(bound)))
        return " AND ".join(sql for sql, _ in parts) or "1", [bound for _, bound in parts]

    return Filter(rule, condition)


def among(expression: str, item: Rule, *, alone: bool = False) -> Filter:
    """A list of values, or also one of them."""

    def condition(value: Any) -> Condition:
        wanted = value if isinstance(value, list) else [value]
        return f"{expression} IN ({', '.join('?' for _ in wanted)})", wanted

    return Filter(either(item, items(item)) if alone else items(item), condition)


def flag(name: str) -> Filter:
    return Filter(FLAG, lambda value: (f"coalesce({body(name)}, 0) = ?", [int(value)]))


def same(name: str, rule: Rule) -> Filter:
    return Filter(rule, lambda value: (f"{body(name)} = ?", [value]))


def priority() -> Filter:
    def condition(value: Any) -> Condition:
        return f"coalesce({body('priority')}, 0) BETWEEN ? AND ?", [value.get("min", 0), value.get("max", 1)]

    return Filter(shape(min=integer(0, 1), max=integer(0, 1)), condition)


IDS = among(NUMBER, integer())
CREATED, UPDATED = within("created"), within("updated")


def linked(from_kind: str, to_kind: str) -> Filter:
    """Of contacts: those of these companies; and the other way round."""

    def condition(value: Any) -> Condition:
        sql = """row IN (SELECT r.row FROM json_each(?) AS w
            CROSS JOIN _link AS l ON l.from_kind = ? AND l.from_id = CAST(w.value AS TEXT) AND l.to_kind = ?
            CROSS JOIN _record AS r ON r.kind = l.to_kind AND r.id = l.to_id)"""
        return sql, [listed(value), from_kind, to_kind]

    return Filter(items(integer()), condition)


def is_linked() -> Filter:
    found = "EXISTS (SELECT 1 FROM _link WHERE from_kind = 'contact' AND from_id = _record.id)"
    return Filter(FLAG, lambda value: (found if value else f"NOT {found}", []))


def related_to(kind: str) -> Filter:
    def condition(value: Any) -> Condition:
        sql = """EXISTS (SELECT 1 FROM json_each(body, '$.related') AS r WHERE json_extract(r.value, '$.type') = ?
            AND json_extract(r.value, '$.id') IN (SELECT value FROM json_each(?)))"""
        return sql, [kind, listed(value)]

    return Filter(items(integer()), condition)


def related_objects(types: tuple[str, ...]) -> Filter:
    rule = items(shape(type=one_of(*types).must, id=integer().must))

    def condition(value: Any) -> Condition:
        sql = """EXISTS (SELECT 1 FROM json_each(body, '$.related') AS r, json_each(?) AS w
            WHERE json_extract(r.value, '$.type') = json_extract(w.value, '$.type')
            AND json_extract(r.value, '$.id') = json_extract(w.value, '$.id'))"""
        return sql, [listed(value)]

    return Filter(rule, condition)


def holding(name: str) -> Filter:
    """Of a list in the record: one of these is in it."""
    sql = f"""EXISTS (SELECT 1 FROM json_each(body, '$.{name}') AS h
        WHERE h.value IN (SELECT value FROM json_each(?)))"""  # noqa: S608  the name is ours
    return Filter(items(integer()), lambda value: (sql, [listed(value)]))


def by_address(parent: str, name: str, rule: Rule) -> Filter:
    sql = f"""'{parent}:' || id IN (SELECT {body("parent")} FROM _record AS a WHERE a.kind = 'address'
        AND a.gone IS NULL AND json_extract(a.body, '$.{name}') IN (SELECT value FROM json_each(?)))"""  # noqa: S608
    return Filter(rule, lambda value: (sql.replace("json_extract(body", "json_extract(a.body"), [listed(value)]))


FAVOURITE = Filter(integer(), lambda _value: ("1", []))
"""A saved view of the account: `favourites` knows what it shows."""
