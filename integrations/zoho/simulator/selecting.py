"""One statement that finds the records of a page, however the condition was asked."""

# ruff: noqa: S608  names of fields are the schema's own, every value is bound

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from integrations.simulation.documents import Record

from .moments import seconds_ago
from .schema import Module
from .store import Store


@dataclass
class Selection:
    store: Store
    module: Module
    where: str = "1"
    values: Sequence[Any] = field(default_factory=tuple)
    is_narrow: bool = False
    """Few rows, found by an index of their own: the order must not tempt SQLite to walk the whole module instead."""

    # The module's name stands in the statement itself: SQLite uses its partial indexes only for a literal.
    def rows(self, order: str, limit: int, offset: int = 0) -> list[Record]:
        sql = f"""SELECT * FROM _record WHERE kind = '{self.module.name}' AND gone IS NULL AND ({self.where})
            ORDER BY {"+" if self.is_narrow else ""}{order} LIMIT {limit} OFFSET {offset}"""
        return [Record(*row) for row in self.store.execute(sql, self.values)]

    def aggregated(self, columns: Sequence[str], groups: Sequence[str], limit: int, offset: int) -> list[Sequence[Any]]:
        grouped = f"GROUP BY {', '.join(groups)}" if groups else ""
        sql = f"""SELECT {", ".join(columns)} FROM _record
            WHERE kind = '{self.module.name}' AND gone IS NULL AND ({self.where}) {grouped}
            LIMIT {limit} OFFSET {offset}"""
        return list(self.store.execute(sql, self.values))

    def count_as_of(self, moment: str) -> int:
        """As a count that is refreshed now and then saw it: records made or deleted since are not in it yet."""
        sql = f"""SELECT count(*) FROM _record WHERE kind = '{self.module.name}' AND created <= ?
            AND (gone IS NULL OR gone > ?) AND ({self.where})"""
        found = self.store.one(sql, moment, moment, *self.values)
        return int(found[0]) if found else 0

    def as_indexed(self, lag: float, order: str, limit: int, offset: int) -> list[Record]:
        """Found by what the search index holds, which is some seconds old; shown as they are."""
        horizon = seconds_ago(self.store.clock(), lag)
        name = self.module.name
        if not self.store.one("SELECT 1 FROM _indexed WHERE kind = ? AND at > ? LIMIT 1", name, horizon):
            return self.rows(order, limit, offset)
        # The oldest version since the horizon is the one that the index has; a row without one is not indexed yet.
        sql = f"""WITH fresh AS (
                SELECT id AS fresh_id, body AS held, min(at) FROM _indexed WHERE kind = ? AND at > ? GROUP BY id),
            seen AS (SELECT row, kind, id, iif(fresh_id IS NULL, body, held) AS body, created, updated, gone
                FROM _record LEFT JOIN fresh ON fresh_id = id
                WHERE kind = '{name}' AND gone IS NULL AND (fresh_id IS NULL OR held IS NOT NULL))
            SELECT id FROM seen WHERE {self.where} ORDER BY {order} LIMIT {limit} OFFSET {offset}"""
        ids = [row[0] for row in self.store.execute(sql, (name, horizon, *self.values))]
        found = self.store.many(name, ids)
        return [found[one] for one in ids if one in found]
