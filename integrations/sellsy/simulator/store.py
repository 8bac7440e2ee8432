"""The account's records in one file: a number of its own for every kind of object, stamps in whole seconds."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from integrations.simulation.documents import Body, Documents, Record

from .times import kept

NUMBER = "CAST(id AS INTEGER)"


class Store(Documents):
    tables = (
        Documents.tables
        + f"""
CREATE INDEX IF NOT EXISTS _record_number ON _record (kind, gone, {NUMBER});
CREATE INDEX IF NOT EXISTS _record_changed ON _record (kind, gone, updated, {NUMBER});
CREATE INDEX IF NOT EXISTS _record_name ON _record (kind, gone, coalesce(json_extract(body, '$.name'), '') COLLATE NOCASE, {NUMBER});
CREATE INDEX IF NOT EXISTS _record_reference ON _record (kind, gone, coalesce(json_extract(body, '$.reference'), '') COLLATE NOCASE);
CREATE INDEX IF NOT EXISTS _record_email ON _record (kind, gone, coalesce(json_extract(body, '$.email'), '') COLLATE NOCASE);
CREATE INDEX IF NOT EXISTS _record_last_name ON _record (kind, gone, coalesce(json_extract(body, '$.last_name'), '') COLLATE NOCASE,
    {NUMBER});
CREATE INDEX IF NOT EXISTS _record_type ON _record (kind, gone, json_extract(body, '$.type'), {NUMBER});
CREATE INDEX IF NOT EXISTS _record_parent ON _record (kind, gone, json_extract(body, '$.parent'));
CREATE INDEX IF NOT EXISTS _record_subject ON _record (kind, gone, json_extract(body, '$.subject'));
CREATE TABLE IF NOT EXISTS _number (kind TEXT PRIMARY KEY, last INTEGER NOT NULL) WITHOUT ROWID;
CREATE TABLE IF NOT EXISTS _renewal_end (token TEXT PRIMARY KEY, ends TEXT NOT NULL) WITHOUT ROWID;
"""
    )

    @property
    def now(self) -> str:
        return kept(self.clock())

    def add(self, kind: str, body: Body, created: str | None = None, record_id: str | None = None) -> Record:
        record = self.insert(kind, body, record_id or self.next_number(kind))
        if created:
            self.execute("UPDATE _record SET created = ? WHERE row = ?", (created, record.row))
            record.created = created
        return record

    def next_number(self, kind: str) -> int:
        """Every object counts for itself since August 2024: company 3 and contact 3 are two things. None is given twice."""
        sql = "INSERT INTO _number VALUES (?, 1) ON CONFLICT (kind) DO UPDATE SET last = last + 1 RETURNING last"
        return int(self.execute(sql, (kind,)).fetchone()[0])

    def load(self, kind: str, rows: Iterable[tuple[str | int, Body, datetime, datetime]]) -> int:
        count = super().load(kind, rows)
        sql = f"""INSERT INTO _number SELECT kind, max({NUMBER}) FROM _record WHERE kind = ? GROUP BY kind
            ON CONFLICT (kind) DO UPDATE SET last = max(last, excluded.last)"""  # noqa: S608  no value in it
        self.execute(sql, (kind,))
        return count

    def write(self, record: Record, *, stamped: bool = True) -> None:
        if stamped:
            self.save(record)
            return
        before = record.updated
        self.save(record)
        self.execute("UPDATE _record SET updated = ? WHERE row = ?", (before, record.row))
        record.updated = before

    def all(self, kind: str) -> list[Record]:
        """Of the short lists: fields, pipelines, labels."""
        return self.find(kind, order=NUMBER)

    def counted(self, sql: str, *values: Any) -> dict[str, int]:
        return {str(key): int(count) for key, count in self.execute(sql, values)}
