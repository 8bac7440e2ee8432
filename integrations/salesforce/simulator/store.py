"""One SQLite file for the whole org: a table per object with a real column per field, and the org's own state beside them."""

# ruff: noqa: S608  names of tables and columns come from the schema, every value is bound

from collections.abc import Callable, Iterable
from dataclasses import asdict
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

from integrations.simulation import grants
from integrations.simulation.book import Book

from .fields import Field, SObject
from .ids import make_id
from .organization import ABOUT_ITSELF, ORGANIZATION
from .schema import Changes, Schema

Row = dict[str, Any]
_AFFINITY = {
    "boolean": "INTEGER NOT NULL DEFAULT 0",
    "int": "INTEGER",
    "double": "REAL",
    "currency": "REAL",
    "percent": "REAL",
}
_FIRST_OWN_NUMBER = 10_000_000
"""Rows that are loaded bring their ids; rows created afterwards count from here."""
_TABLES = """
CREATE TABLE IF NOT EXISTS _locator (id TEXT PRIMARY KEY, soql TEXT NOT NULL, hidden INTEGER NOT NULL, batch INTEGER NOT NULL,
    total INTEGER NOT NULL, made TEXT NOT NULL, row_ids BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS _view (id TEXT PRIMARY KEY, sobject TEXT, name TEXT, label TEXT, scope TEXT, condition TEXT,
    ordering TEXT, columns TEXT, hidden INTEGER NOT NULL DEFAULT 0);
CREATE TABLE IF NOT EXISTS _job (id TEXT PRIMARY KEY, kind TEXT, value BLOB NOT NULL, content BLOB);
CREATE TABLE IF NOT EXISTS _usage (hour TEXT PRIMARY KEY, calls INTEGER NOT NULL);
"""


def stamp(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")


class Store(Book):
    tables = _TABLES + grants.TABLES

    def __init__(self, path: Path | str, clock: Callable[[], datetime]) -> None:
        super().__init__(path, clock)
        self.schema = Schema(self._read_changes())
        for sobject in self.schema.everything.values():
            self._create_table(sobject)
            # A file of an earlier release knows fewer fields.
            self._add_columns(sobject)
        self._introduce()

    @property
    def now(self) -> str:
        return stamp(self.clock())

    # --- The org's state ---------------------------------------------------------------------------------------------
    def _read_changes(self) -> Changes:
        kept = self.state("schema", {})
        lists = {
            key: {name: [Field(**_tuples(f)) for f in fields] for name, fields in kept.get(key, {}).items()}
            for key in ("added", "replaced")
        }
        hidden, locked, removed, absent = (set(kept.get(key, ())) for key in ("hidden", "locked", "removed", "absent"))
        return Changes(lists["added"], lists["replaced"], hidden, locked, removed, kept.get("retyped", {}), absent)

    def save_schema(self) -> None:
        """After `schema.changes` was edited: keep it, and give new fields their columns."""
        changes = self.schema.changes
        lists = {
            key: {name: [asdict(f) for f in fields] for name, fields in getattr(changes, key).items()}
            for key in ("added", "replaced")
        }
        sets = {key: sorted(getattr(changes, key)) for key in ("hidden", "locked", "removed", "absent")}
        self.set_state("schema", {**lists, **sets, "retyped": changes.retyped})
        self.set_state("schema_changed", self.now)
        self.schema = Schema(changes)
        for sobject in self.schema.everything.values():
            self._add_columns(sobject)

    def _add_columns(self, sobject: SObject) -> None:
        present = {row[1].lower() for row in self.execute(f'PRAGMA table_info("{sobject.name}")')}
        for f in sobject.fields:
            if f.stored and f.name.lower() not in present:
                self.execute(f'ALTER TABLE "{sobject.name}" ADD COLUMN {_column(f)}')
                self._add_index(sobject, f)

    def empty(self) -> None:
        """Nothing left of the org but its name: no row, no session, no change to the schema."""
        super().empty()
        self.schema = Schema(Changes())
        self._introduce()

    def _introduce(self) -> None:
        if self.one('SELECT 1 FROM "Organization"') is None:
            stamps = dict.fromkeys(("CreatedDate", "LastModifiedDate", "SystemModstamp"), self.now)
            self.load(ORGANIZATION.name, [{**ABOUT_ITSELF, **stamps}])

    def _create_table(self, sobject: SObject) -> None:
        columns = ", ".join(_column(f) for f in sobject.fields if f.stored)
        self.execute(f'CREATE TABLE IF NOT EXISTS "{sobject.name}" (_row INTEGER PRIMARY KEY AUTOINCREMENT, {columns})')
        index = f'CREATE {{}}INDEX IF NOT EXISTS "{sobject.name}_{{}}" ON "{sobject.name}" ({{}})'
        self.execute(index.format("UNIQUE ", "Id", '"Id"'))
        self.execute(index.format("", "stamp", '"SystemModstamp", "Id"'))
        for f in sobject.fields:
            self._add_index(sobject, f)

    def _add_index(self, sobject: SObject, f: Field) -> None:
        by_key, by_parent = f.external_id or f.type == "email", f.children or f.name == "ParentId"
        if by_key or by_parent:
            column = f'"{f.name}" COLLATE NOCASE' if by_key else f'"{f.name}"'
            self.execute(f'CREATE INDEX IF NOT EXISTS "{sobject.name}_{f.name}" ON "{sobject.name}" ({column})')

    # --- Rows --------------------------------------------------------------------------------------------------------
    def get(self, sobject: str, record_id: str) -> Row | None:
        """With rows of the recycle bin: the caller looks at IsDeleted."""
        cursor = self.execute(f'SELECT * FROM "{sobject}" WHERE "Id" = ?', (record_id,))
        values = cursor.fetchone()
        return dict(zip((c[0] for c in cursor.description), values, strict=True)) if values else None

    def load(self, sobject: str, rows: Iterable[Row]) -> int:
        """Rows as they are, ids and stamps included; all have the same keys. Streams, a thousand at a time."""
        rows, count = iter(rows), 0
        while part := list(islice(rows, 1000)):
            names = list(part[0])
            columns, places = ", ".join(f'"{n}"' for n in names), ", ".join(f":{n}" for n in names)
            self._db.executemany(f'INSERT INTO "{sobject}" ({columns}) VALUES ({places})', part)
            count += len(part)
        return count

    def insert(self, sobject: str, values: Row, user_id: str) -> str:
        known = self.schema.everything[sobject]
        last = self.one("SELECT seq FROM sqlite_sequence WHERE name = ?", sobject)
        record_id = make_id(known.prefix, _FIRST_OWN_NUMBER + (last[0] if last else 0))
        now = self.now
        stamps = {"CreatedDate": now, "LastModifiedDate": now, "SystemModstamp": now}
        self.load(sobject, [{**values, "Id": record_id, **stamps, "CreatedById": user_id, "LastModifiedById": user_id}])
        return record_id

    def update(self, sobject: str, record_id: str, values: Row, user_id: str) -> None:
        now = self.now
        changed = {**values, "LastModifiedDate": now, "LastModifiedById": user_id, "SystemModstamp": now}
        places = ", ".join(f'"{name}" = :{name}' for name in changed)
        self.execute(f'UPDATE "{sobject}" SET {places} WHERE "Id" = :_id', {**changed, "_id": record_id})

    def ids(self, sobject: str, field: str, value: str, *, deleted: bool = False) -> list[str]:
        sql = f'SELECT "Id" FROM "{sobject}" WHERE "{field}" = ? AND "IsDeleted" = ?'
        return [row[0] for row in self.execute(sql, (value, int(deleted)))]


def _column(field: Field) -> str:
    return f'"{field.name}" {_AFFINITY.get(field.type, "TEXT")}'


def _tuples(kept: dict[str, Any]) -> dict[str, Any]:
    return {key: tuple(value) if isinstance(value, list) else value for key, value in kept.items()}
