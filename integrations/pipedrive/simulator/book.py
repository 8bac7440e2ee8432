"""The account's records: numbers of their own for each kind, stamps that may be empty, and a history of what was changed."""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from integrations.simulation.documents import Documents, Record, text

from .fields import FIELD_KINDS, Field

Body = dict[str, Any]
_TABLES = """
CREATE INDEX IF NOT EXISTS _record_number ON _record (kind, CAST(id AS INTEGER));
CREATE INDEX IF NOT EXISTS _record_created ON _record (kind, created, row);
CREATE INDEX IF NOT EXISTS _record_org ON _record (kind, json_extract(body, '$.org_id'));
CREATE INDEX IF NOT EXISTS _record_person ON _record (kind, json_extract(body, '$.person_id'));
CREATE INDEX IF NOT EXISTS _record_deal ON _record (kind, json_extract(body, '$.deal_id'));
CREATE TABLE IF NOT EXISTS _idle (token TEXT PRIMARY KEY, used TEXT NOT NULL);
CREATE TABLE IF NOT EXISTS _history (id INTEGER PRIMARY KEY AUTOINCREMENT, kind TEXT, item INTEGER, field TEXT, old TEXT,
    new TEXT, user_id INTEGER, at TEXT, source TEXT);
CREATE INDEX IF NOT EXISTS _history_item ON _history (kind, item, id);
CREATE TABLE IF NOT EXISTS _spent (day TEXT PRIMARY KEY, tokens INTEGER NOT NULL);
"""
NUMBER = "CAST(id AS INTEGER)"


class PipedriveBook(Documents):
    tables = Documents.tables + _TABLES
    _known: dict[str, tuple[Field, ...]] | None = None

    def empty(self) -> None:
        super().empty()
        self.forget_fields()

    # --- Records ------------------------------------------------------------------------------------------------------
    def next_number(self, kind: str) -> int:
        found = self.one(f"SELECT max({NUMBER}) FROM _record WHERE kind = ?", kind)  # noqa: S608  a constant
        return int(found[0] or 0) + 1 if found else 1

    def add(self, kind: str, body: Mapping[str, Any], record_id: str | int | None = None) -> Record:
        return self.insert(kind, body, self.next_number(kind) if record_id is None else record_id)

    def stamp(self, record: Record, *, updated: str | None = None, created: str | None = None) -> None:
        """Sets the stamps themselves; an empty one is a null to whoever reads."""
        record.updated = record.updated if updated is None else updated
        record.created = record.created if created is None else created
        sql = "UPDATE _record SET updated = ?, created = ? WHERE row = ?"
        self.execute(sql, (record.updated, record.created, record.row))

    def load_unstamped(self, kind: str, rows: Iterable[tuple[int, Body, datetime]]) -> None:
        """Rows of an old import: they were never changed, and no delta shows them."""
        for number, body, created in rows:
            self.load(kind, [(number, body, created, created)])
            self.execute("UPDATE _record SET updated = '' WHERE kind = ? AND id = ?", (kind, str(number)))

    # --- Fields -------------------------------------------------------------------------------------------------------
    def fields(self, entity: str) -> tuple[Field, ...]:
        """Of organization, person, deal or activity; leads have the fields of deals."""
        if self._known is None:
            self._known = {}
        if entity not in self._known:
            rows = self.find(FIELD_KINDS[entity])
            self._known[entity] = tuple(Field.of(row) for row in rows)
        return self._known[entity]

    def custom_fields(self, entity: str) -> tuple[Field, ...]:
        return tuple(f for f in self.fields(entity) if f.custom and f.shown)

    def forget_fields(self) -> None:
        self._known = None

    # --- History ------------------------------------------------------------------------------------------------------
    def note_changes(self, record: Record, before: Body, user_id: int, source: str) -> None:
        at = self.now
        sql = "INSERT INTO _history (kind, item, field, old, new, user_id, at, source) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        old, new = flat_of(before), flat_of(record.body)
        for key in old.keys() | new.keys():
            if old.get(key) != new.get(key):
                values = (
                    record.kind,
                    int(record.id),
                    key,
                    _said(old.get(key)),
                    _said(new.get(key)),
                    user_id,
                    at,
                    source,
                )
                self.execute(sql, values)

    # --- The budget of a day ------------------------------------------------------------------------------------------
    def spent(self) -> int:
        found = self.one("SELECT tokens FROM _spent WHERE day = ?", self._today)
        return int(found[0]) if found else 0

    def spend(self, tokens: int) -> None:
        sql = "INSERT INTO _spent VALUES (?, ?) ON CONFLICT (day) DO UPDATE SET tokens = tokens + excluded.tokens"
        self.execute(sql, (self._today, tokens))

    def set_spent(self, tokens: int) -> None:
        self.execute("INSERT OR REPLACE INTO _spent VALUES (?, ?)", (self._today, tokens))

    @property
    def _today(self) -> str:
        # Pipedrive's day ends at the midnight of a server zone that it does not name; here it is UTC.
        return text(self.clock())[:10]


def flat_of(body: Body) -> Body:
    """Custom fields beside the others, as a history names them."""
    return {**{k: v for k, v in body.items() if k != "custom_fields"}, **(body.get("custom_fields") or {})}


def _said(value: Any) -> str | None:
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, dict):
        return _said(value.get("value"))
    if isinstance(value, list):
        return ",".join(str(_said(one)) for one in value)
    return str(value)
