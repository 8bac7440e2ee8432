"""The search index: the records as they were some seconds ago, for a search sees a write only then."""

# ruff: noqa: S608  conditions are made of names from the schema, every value is bound

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from integrations.simulation.documents import Record, text

from .kinds import Kind
from .portal import Portal

_COLUMNS = "row, kind, id, body, created, updated, gone"
_NOW = "(SELECT * FROM _record WHERE kind = '{kind}' AND gone IS NULL)"
# Of a record that changed since, the first of its earlier versions is what the index holds; none: it was not there.
_THEN = f"""(WITH fresh AS (SELECT min(row) AS row, kind, id, body, created, updated FROM _earlier
    WHERE kind = '{{kind}}' AND replaced > '{{since}}' GROUP BY id)
    SELECT {_COLUMNS} FROM _record WHERE kind = '{{kind}}' AND gone IS NULL AND id NOT IN (SELECT id FROM fresh)
    UNION ALL SELECT row, kind, id, body, created, updated, NULL FROM fresh WHERE body IS NOT NULL)"""


@dataclass(frozen=True, slots=True)
class Condition:
    sql: str
    values: tuple[Any, ...] = ()


class Index:
    """As it stands for one search."""

    def __init__(self, portal: Portal, kind: Kind, condition: Condition) -> None:
        self._store, self._condition = portal.store, condition
        self._source = _source(portal, kind)

    def count(self) -> int:
        condition = self._condition
        found = self._store.one(f"SELECT count(*) FROM {self._source} WHERE {condition.sql}", *condition.values)
        return int(found[0]) if found else 0

    def page(self, order: str, limit: int, offset: int) -> list[Record]:
        condition = self._condition
        sql = f"SELECT {_COLUMNS} FROM {self._source} WHERE {condition.sql} ORDER BY {order} LIMIT ? OFFSET ?"
        return [Record(*row) for row in self._store.execute(sql, (*condition.values, limit, offset)).fetchall()]


def _source(portal: Portal, kind: Kind) -> str:
    lag = portal.faults.index_lag
    since = text(portal.store.clock() - timedelta(seconds=lag))
    sql = "SELECT 1 FROM _earlier WHERE kind = ? AND replaced > ? LIMIT 1"
    if lag <= 0 or portal.store.one(sql, kind.name, since) is None:
        return _NOW.format(kind=kind.name)
    return _THEN.format(kind=kind.name, since=since)
