"""One SQLite file for a whole practice system: its state and the log of its calls; subclasses add the records."""

import sqlite3
import threading
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import orjson

_TABLES = """
CREATE TABLE IF NOT EXISTS _state (key TEXT PRIMARY KEY, value BLOB NOT NULL);
CREATE TABLE IF NOT EXISTS _call (id INTEGER PRIMARY KEY, at TEXT, kind TEXT, method TEXT, path TEXT, status INTEGER, ms REAL);
"""
_CALL = "INSERT INTO _call (at, kind, method, path, status, ms) VALUES (?, ?, ?, ?, ?, ?)"


class Book:
    """Every use happens inside `transaction()`: one connection, one lock, all or nothing."""

    tables = ""
    """What a subclass adds: CREATE TABLE IF NOT EXISTS …"""

    def __init__(self, path: Path | str, clock: Callable[[], datetime]) -> None:
        self.wall_clock = clock
        self._lock = threading.RLock()
        self._depth = 0
        self._db = sqlite3.connect(path, check_same_thread=False, isolation_level=None, cached_statements=256)
        pragmas = "PRAGMA journal_mode=WAL; PRAGMA synchronous=OFF; PRAGMA cache_size=-65536;"
        self._db.executescript(pragmas + _TABLES + self.tables)
        self._db.create_function("fold", 1, _fold, deterministic=True)

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def copy_to(self, other: sqlite3.Connection) -> None:
        """All that it holds, in a millisecond: whoever plays many histories puts it back after each."""
        with self._lock:
            self._db.backup(other)

    def copy_from(self, other: sqlite3.Connection) -> None:
        with self._lock:
            other.backup(self._db)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        with self._lock:
            if self._depth == 0:
                self._db.execute("BEGIN")
            self._depth += 1
            try:
                yield
            except BaseException:
                self._depth -= 1
                if self._depth == 0:
                    self._db.execute("ROLLBACK")
                raise
            self._depth -= 1
            if self._depth == 0:
                self._db.execute("COMMIT")

    @contextmanager
    def savepoint(self, name: str) -> Iterator[None]:
        """Undoes its part when it raises, inside the transaction that goes on."""
        self._db.execute(f"SAVEPOINT {name}")
        try:
            yield
        except BaseException:
            self._db.execute(f"ROLLBACK TO {name}")
            self._db.execute(f"RELEASE {name}")
            raise
        self._db.execute(f"RELEASE {name}")

    def execute(self, sql: str, values: Iterable[Any] | Mapping[str, Any] = ()) -> sqlite3.Cursor:
        return self._db.execute(sql, values if isinstance(values, Mapping) else tuple(values))

    def one(self, sql: str, *values: Any) -> tuple[Any, ...] | None:
        row: tuple[Any, ...] | None = self._db.execute(sql, values).fetchone()
        return row

    def empty(self) -> None:
        """Nothing left: no record, no session, no state."""
        found = "SELECT name FROM sqlite_master WHERE type = 'table' AND name NOT LIKE 'sqlite_%'"
        for (name,) in self.execute(found).fetchall():
            self.execute(f'DELETE FROM "{name}"')  # noqa: S608  names that SQLite itself told
        if self.one("SELECT 1 FROM sqlite_master WHERE name = 'sqlite_sequence'"):
            self.execute("DELETE FROM sqlite_sequence")

    # --- Time: the machine's, moved on demand --------------------------------------------------------------------------
    def clock(self) -> datetime:
        return self.wall_clock() + timedelta(seconds=self.state("clock_offset", 0))

    # --- State ---------------------------------------------------------------------------------------------------------
    def state(self, key: str, default: Any = None) -> Any:
        found = self.one("SELECT value FROM _state WHERE key = ?", key)
        return orjson.loads(found[0]) if found else default

    def set_state(self, key: str, value: Any) -> None:
        self.execute("INSERT OR REPLACE INTO _state VALUES (?, ?)", (key, orjson.dumps(value)))

    # --- Calls ---------------------------------------------------------------------------------------------------------
    def record_call(self, kind: str, method: str, path: str, status: int, milliseconds: float) -> None:
        at = self.clock().astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000+0000")
        self.execute(_CALL, (at, kind, method, path, status, milliseconds))

    def calls(self) -> Counter[str]:
        return Counter(dict(self.execute("SELECT kind, count(*) FROM _call GROUP BY kind").fetchall()))

    def forget_calls(self) -> None:
        self.execute("DELETE FROM _call")


def _fold(text: Any) -> Any:
    return text.casefold() if isinstance(text, str) else text
