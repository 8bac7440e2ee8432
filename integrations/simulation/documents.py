"""Records as JSON, for systems whose objects are lists of properties: one table, found by id, by stamp or by any property."""

# ruff: noqa: S608  paths come from the simulators themselves, every value is bound

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from . import grants
from .book import Book

Body = dict[str, Any]
_TABLES = """
CREATE TABLE IF NOT EXISTS _record (row INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT NOT NULL, id TEXT NOT NULL, body TEXT NOT NULL,
    created TEXT NOT NULL, updated TEXT NOT NULL, gone TEXT, UNIQUE (kind, id));
CREATE INDEX IF NOT EXISTS _record_updated ON _record (kind, updated, row);
CREATE INDEX IF NOT EXISTS _record_id ON _record (id);
CREATE TABLE IF NOT EXISTS _link (from_kind TEXT NOT NULL, from_id TEXT NOT NULL, to_kind TEXT NOT NULL, to_id TEXT NOT NULL,
    label TEXT NOT NULL DEFAULT '', PRIMARY KEY (from_kind, from_id, to_kind, to_id, label)) WITHOUT ROWID;
"""
_LOAD = "INSERT INTO _record (kind, id, body, created, updated, gone) VALUES (?, ?, ?, ?, ?, ?)"


class Record:
    """`updated` and `gone` are ISO texts in UTC with milliseconds: they sort as they are. `row` grows with every creation."""

    __slots__ = ("body", "created", "gone", "id", "kind", "row", "updated")

    def __init__(
        self, row: int, kind: str, record_id: str, body: str, created: str, updated: str, gone: str | None
    ) -> None:
        self.row, self.kind, self.id = row, kind, record_id
        self.created, self.updated, self.gone = created, updated, gone
        self.body: Body = orjson.loads(body)


class Documents(Book):
    tables = _TABLES + grants.TABLES

    def __init__(self, path: Path | str, clock: Callable[[], datetime], *, first_id: int = 1_000_001) -> None:
        super().__init__(path, clock)
        self._first_id = first_id

    def index(self, kind: str, path: str) -> None:
        """Makes a lookup by this property fast; `path` as SQLite's JSON functions take it: `$.email`."""
        name = "".join(c if c.isalnum() else "_" for c in f"{kind}_{path}")
        by = f"json_extract(body, '{path}')"
        self.execute(f"CREATE INDEX IF NOT EXISTS \"{name}\" ON _record ({by} COLLATE NOCASE) WHERE kind = '{kind}'")

    @property
    def now(self) -> str:
        return text(self.clock())

    def get(self, kind: str, record_id: str | int, *, with_gone: bool = False) -> Record | None:
        found = self.one("SELECT * FROM _record WHERE kind = ? AND id = ?", kind, str(record_id))
        record = Record(*found) if found else None
        return record if record and (with_gone or record.gone is None) else None

    def many(self, kind: str, ids: Iterable[str | int]) -> dict[str, Record]:
        wanted = orjson.dumps([str(one) for one in ids]).decode()
        sql = "SELECT * FROM _record WHERE kind = ? AND gone IS NULL AND id IN (SELECT value FROM json_each(?))"
        return {row[2]: Record(*row) for row in self.execute(sql, (kind, wanted))}

    def find(
        self,
        kind: str,
        where: str = "1",
        values: Sequence[Any] = (),
        *,
        order: str = "row",
        limit: int = -1,
        offset: int = 0,
        gone: bool | None = False,
    ) -> list[Record]:
        """`where` in SQL over `body`, `updated`, `row`; `gone` None takes both."""
        alive = "1" if gone is None else f"gone IS {'NOT ' if gone else ''}NULL"
        sql = f"SELECT * FROM _record WHERE kind = ? AND {alive} AND ({where}) ORDER BY {order} LIMIT {limit} OFFSET {offset}"
        return [Record(*row) for row in self.execute(sql, (kind, *values))]

    def count(self, kind: str, where: str = "1", values: Sequence[Any] = ()) -> int:
        found = self.one(f"SELECT count(*) FROM _record WHERE kind = ? AND gone IS NULL AND ({where})", kind, *values)
        return int(found[0]) if found else 0

    def new_id(self) -> str:
        """Ids count from `first_id` on, over all kinds: the same number never names two records."""
        last = self.one("SELECT seq FROM sqlite_sequence WHERE name = '_record'")
        number = self._first_id + (int(last[0]) if last else 0)
        # One that was loaded with an id of its own may stand where the counting has come to.
        while self.one("SELECT 1 FROM _record WHERE id = ?", str(number)):
            number += 1
        return str(number)

    def insert(self, kind: str, body: Mapping[str, Any], record_id: str | int | None = None) -> Record:
        now = self.now
        record_id = self.new_id() if record_id is None else str(record_id)
        self.execute(_LOAD, (kind, record_id, orjson.dumps(body).decode(), now, now, None))
        record = self.get(kind, record_id)
        assert record is not None
        return record

    def load(self, kind: str, rows: Iterable[tuple[str | int, Body, datetime, datetime]]) -> int:
        """Records as they are: id, body, created, updated. Streams, a thousand at a time."""
        made = ((kind, str(i), orjson.dumps(body).decode(), text(c), text(u), None) for i, body, c, u in rows)
        count = 0
        while part := list(islice(made, 1000)):
            self._db.executemany(_LOAD, part)
            count += len(part)
        return count

    def save(self, record: Record) -> None:
        """The body as it is now, stamped."""
        record.updated = self.now
        values = (orjson.dumps(record.body).decode(), record.updated, record.row)
        self.execute("UPDATE _record SET body = ?, updated = ? WHERE row = ?", values)

    def remove(self, record: Record) -> None:
        """Into the recycle bin. Its links stay, for whoever brings it back."""
        record.gone = record.updated = self.now
        self.execute("UPDATE _record SET gone = ?, updated = ? WHERE row = ?", (record.gone, record.gone, record.row))

    def restore(self, record: Record) -> None:
        record.gone, record.updated = None, self.now
        self.execute("UPDATE _record SET gone = NULL, updated = ? WHERE row = ?", (record.updated, record.row))

    def purge(self, record: Record) -> None:
        """For good: not even the recycle bin knows it."""
        self.execute("DELETE FROM _record WHERE row = ?", (record.row,))
        sql = "DELETE FROM _link WHERE (from_kind = :k AND from_id = :i) OR (to_kind = :k AND to_id = :i)"
        self.execute(sql, {"k": record.kind, "i": record.id})

    # --- Links between records, in both directions -----------------------------------------------------------------------
    def link(self, one: tuple[str, str], other: tuple[str, str], label: str = "") -> None:
        for start, end in ((one, other), (other, one)):
            self.execute("INSERT OR IGNORE INTO _link VALUES (?, ?, ?, ?, ?)", (*start, *end, label))

    def load_links(self, rows: Iterable[tuple[tuple[str, str], tuple[str, str], str]]) -> None:
        made = ((*a, *b, label) for one, other, label in rows for a, b in ((one, other), (other, one)))
        self._db.executemany("INSERT OR IGNORE INTO _link VALUES (?, ?, ?, ?, ?)", made)

    def unlink(self, one: tuple[str, str], other: tuple[str, str], label: str | None = None) -> None:
        """One label, or all of them."""
        narrower = "" if label is None else " AND label = ?"
        more = () if label is None else (label,)
        sql = "DELETE FROM _link WHERE from_kind = ? AND from_id = ? AND to_kind = ? AND to_id = ?"
        for start, end in ((one, other), (other, one)):
            self.execute(sql + narrower, (*start, *end, *more))

    def links(self, kind: str, ids: Iterable[str | int], to_kind: str) -> Iterator[tuple[str, str, str]]:
        """From id, to id, label; only to records that are there."""
        wanted = orjson.dumps([str(one) for one in ids]).decode()
        sql = """SELECT l.from_id, l.to_id, l.label FROM _link l JOIN _record r ON r.kind = l.to_kind AND r.id = l.to_id
            WHERE l.from_kind = ? AND l.to_kind = ? AND r.gone IS NULL AND l.from_id IN (SELECT value FROM json_each(?))
            ORDER BY l.from_id, r.row, l.label"""
        yield from self.execute(sql, (kind, to_kind, wanted)).fetchall()


def text(moment: datetime) -> str:
    """2026-03-02T09:30:00.120Z"""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
