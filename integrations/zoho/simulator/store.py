"""The records of a practice organisation, the versions that its search index still sees, and its page tokens."""

from collections.abc import Callable, Iterable
from datetime import datetime
from pathlib import Path

import orjson

from integrations.simulation.documents import Documents, Record

from .ids import FIRST_NEW
from .moments import seconds_ago, stored

_TABLES = """
CREATE INDEX IF NOT EXISTS _record_created ON _record (kind, created, row);
CREATE INDEX IF NOT EXISTS _record_gone ON _record (kind, gone) WHERE gone IS NOT NULL;
CREATE TABLE IF NOT EXISTS _indexed (kind TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, body TEXT);
CREATE INDEX IF NOT EXISTS _indexed_at ON _indexed (kind, at);
CREATE TABLE IF NOT EXISTS _erased (kind TEXT NOT NULL, id TEXT NOT NULL, at TEXT NOT NULL, PRIMARY KEY (kind, id));
CREATE TABLE IF NOT EXISTS _page (token TEXT PRIMARY KEY, bound TEXT NOT NULL, expires TEXT NOT NULL,
    position TEXT NOT NULL);
CREATE INDEX IF NOT EXISTS _page_expires ON _page (expires);
CREATE TABLE IF NOT EXISTS _offer (code TEXT PRIMARY KEY);
CREATE TABLE IF NOT EXISTS _notice (id INTEGER PRIMARY KEY, url TEXT NOT NULL, body TEXT NOT NULL);
"""
_REMEMBERED = 3600
"""Seconds; no lag is longer."""
LOOKED_UP = (
    ("Contacts", "Account_Name"), ("Contacts", "Email"), ("Deals", "Account_Name"), ("Deals", "Contact_Name"),
    ("Accounts", "Account_Name"), ("Accounts", "Parent_Account"), ("Leads", "Email"), ("Notes", "Parent_Id"),
    ("Tasks", "What_Id"), ("Tasks", "Who_Id"), ("Events", "What_Id"), ("Events", "Who_Id"), ("Calls", "What_Id"),
    ("Calls", "Who_Id"), ("_email", "record"),
)  # fmt: skip


class Store(Documents):
    tables = Documents.tables + _TABLES

    def __init__(self, path: Path | str, clock: Callable[[], datetime]) -> None:
        super().__init__(path, clock, first_id=FIRST_NEW)
        with self.transaction():
            for kind, name in LOOKED_UP:
                self.index(kind, f"$.{name}")

    @property
    def now(self) -> str:
        # Whole seconds: records written within one second bear the same stamp, as they do in Zoho.
        return stored(self.clock())

    # --- What the search index sees ----------------------------------------------------------------------------------
    def outdate(self, kind: str, record_id: str, body: str | None) -> None:
        """Keeps what the index holds of a record that changes now; None: nothing yet, it is new."""
        at = seconds_ago(self.clock(), 0)
        self.execute("INSERT INTO _indexed VALUES (?, ?, ?, ?)", (kind, record_id, at, body))
        self.execute("DELETE FROM _indexed WHERE kind = ? AND at < ?", (kind, seconds_ago(self.clock(), _REMEMBERED)))

    def change(self, record: Record, before: bytes) -> None:
        self.outdate(record.kind, record.id, before.decode())
        self.save(record)

    # --- The recycle bin, which leaves the stamp alone ---------------------------------------------------------------
    def bin(self, record: Record) -> None:
        self.execute("UPDATE _record SET gone = ? WHERE row = ?", (self.now, record.row))

    def unbin(self, record: Record) -> None:
        """A restored record comes back with the stamp it had, so a delta by time does not see it."""
        self.execute("UPDATE _record SET gone = NULL WHERE row = ?", (record.row,))

    def erase(self, record: Record) -> None:
        """For good: only the id is still told, among the permanently deleted."""
        self.purge(record)
        self.execute("INSERT OR REPLACE INTO _erased VALUES (?, ?, ?)", (record.kind, record.id, self.now))

    def point_elsewhere(self, kind: str, name: str, olds: Iterable[str], new: str) -> None:
        """What pointed to one of these points to another; its stamp does not move, nobody worked on it."""
        path = f"$.{name}"
        sql = f"""UPDATE _record SET body = json_set(body, ?, ?) WHERE kind = '{kind}'
            AND json_extract(body, '{path}') COLLATE NOCASE IN (SELECT value FROM json_each(?))"""  # noqa: S608  own
        self.execute(sql, (path, new, orjson.dumps(list(olds)).decode()))
