"""Records as a portal keeps them: ids that tell no age, what the search index still shows, every value's history."""

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from integrations.simulation.documents import Documents, Record, text

from .moments import milliseconds_or_none, short
from .words import has_token, holds, mentions

NUMBER = "CAST(id AS INTEGER)"
_TABLES = f"""
CREATE INDEX IF NOT EXISTS _record_number ON _record (kind, {NUMBER}) WHERE gone IS NULL;
CREATE INDEX IF NOT EXISTS _record_created ON _record (kind, created, {NUMBER}) WHERE gone IS NULL;
CREATE INDEX IF NOT EXISTS _record_changed ON _record (kind, updated, {NUMBER}) WHERE gone IS NULL;
CREATE TABLE IF NOT EXISTS _earlier (row INTEGER PRIMARY KEY, kind TEXT, id TEXT, body TEXT, created TEXT,
    updated TEXT, replaced TEXT);
CREATE INDEX IF NOT EXISTS _earlier_replaced ON _earlier (kind, replaced);
CREATE TABLE IF NOT EXISTS _history (row INTEGER PRIMARY KEY, kind TEXT, id TEXT, name TEXT, value TEXT,
    at TEXT, source TEXT);
CREATE INDEX IF NOT EXISTS _history_record ON _history (kind, id, name);
CREATE TABLE IF NOT EXISTS _merged (kind TEXT, old TEXT, id TEXT, PRIMARY KEY (kind, old)) WITHOUT ROWID;
"""
_REMEMBER = """INSERT INTO _earlier (kind, id, body, created, updated, replaced)
    SELECT kind, id, CASE WHEN gone IS NULL THEN body END, created, updated, ? FROM _record WHERE kind = ? AND id = ?"""
LONGEST_LAG = 120
"""Seconds after which nobody asks any more what the search index showed."""
FIRST_ID = 300_000_000_000
_SPREAD, _PRIME = 7_368_787, 100_000_007


class Store(Documents):
    tables = Documents.tables + _TABLES

    def __init__(self, path: Path | str, clock: Callable[[], datetime]) -> None:
        super().__init__(path, clock)
        self._db.create_function("ms", 1, milliseconds_or_none, deterministic=True)
        self._db.create_function("has_token", 2, has_token, deterministic=True)
        self._db.create_function("holds", 2, holds, deterministic=True)
        self._db.create_function("mentions", 2, mentions, deterministic=True)

    def new_id(self) -> str:
        """Never in the order of creation: the vendor's are not either."""
        last = self.one("SELECT seq FROM sqlite_sequence WHERE name = '_record'")
        return str(FIRST_ID + (int(last[0] if last else 0) + 1) * _SPREAD % _PRIME)

    def execute_many(self, sql: str, rows: Iterable[tuple[Any, ...]]) -> None:
        self._db.executemany(sql, rows)

    # --- What the search index still shows ---------------------------------------------------------------------------
    def insert(self, kind: str, body: Mapping[str, Any], record_id: str | int | None = None) -> Record:
        record = super().insert(kind, body, record_id)
        sql = "INSERT INTO _earlier (kind, id, created, updated, replaced) VALUES (?, ?, ?, ?, ?)"
        self.execute(sql, (kind, record.id, record.created, record.created, record.created))
        return record

    def save(self, record: Record) -> None:
        self._remember(record.kind, record.id)
        super().save(record)

    def remove(self, record: Record) -> None:
        self._remember(record.kind, record.id)
        super().remove(record)

    def restore(self, record: Record) -> None:
        self._remember(record.kind, record.id)
        super().restore(record)

    def purge(self, record: Record) -> None:
        self._remember(record.kind, record.id)
        super().purge(record)

    def touch(self, kind: str, ids: Iterable[str]) -> None:
        """Moves the stamp of records that did not change themselves."""
        now = self.now
        for record_id in ids:
            self._remember(kind, record_id)
            self.execute("UPDATE _record SET updated = ? WHERE kind = ? AND id = ?", (now, kind, record_id))

    def _remember(self, kind: str, record_id: str) -> None:
        now = self.clock()
        self.execute(
            "DELETE FROM _earlier WHERE kind = ? AND replaced < ?", (kind, text(now - timedelta(seconds=LONGEST_LAG)))
        )
        self.execute(_REMEMBER, (text(now), kind, record_id))

    # --- Merged records answer to their old ids ----------------------------------------------------------------------
    def current(self, kind: str, ids: Iterable[str]) -> dict[str, str]:
        """Old id to the id of the record it was merged into, through any number of merges; only those that were."""
        wanted = list(ids)
        marks = ", ".join("?" * len(wanted))
        sql = f"SELECT old, id FROM _merged WHERE kind = ? AND old IN ({marks})"  # noqa: S608
        return dict(self.execute(sql, (kind, *wanted)).fetchall())

    def merge_into(self, kind: str, old: str, new: str) -> None:
        self.execute("UPDATE _merged SET id = ? WHERE kind = ? AND id = ?", (new, kind, old))
        self.execute("INSERT OR REPLACE INTO _merged VALUES (?, ?, ?)", (kind, old, new))

    # --- History -----------------------------------------------------------------------------------------------------
    def note(self, record: Record, changes: Mapping[str, str], source: str) -> None:
        sql = "INSERT INTO _history (kind, id, name, value, at, source) VALUES (?, ?, ?, ?, ?, ?)"
        self._db.executemany(
            sql, [(record.kind, record.id, k, v, short(record.updated), source) for k, v in changes.items()]
        )

    def history(
        self, kind: str, ids: Iterable[str], names: Iterable[str]
    ) -> dict[tuple[str, str], list[dict[str, str]]]:
        """The newest first, by record and property."""
        wanted, named = list(ids), list(names)
        sql = f"""SELECT id, name, value, at, source FROM _history
            WHERE kind = ? AND id IN ({", ".join("?" * len(wanted))}) AND name IN ({", ".join("?" * len(named))})
            ORDER BY row DESC"""  # noqa: S608
        found: dict[tuple[str, str], list[dict[str, str]]] = {}
        for record_id, name, value, at, source in self.execute(sql, (kind, *wanted, *named)).fetchall():
            found.setdefault((record_id, name), []).append({"value": value, "timestamp": at, "sourceType": source})
        return found
