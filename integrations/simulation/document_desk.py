"""The desk of a system whose records are documents: found by any column, shown by field, hung together by links and ids."""

# ruff: noqa: S608  paths come from the simulators themselves, every value is bound

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

import orjson

from .control import Control
from .desk import MOST_BELOW, Desk, Entry, Field, Kind, Shelf, Values, by_name
from .documents import Documents, Record

_TAGS = re.compile(r"<[^>]+>")


class DocumentDesk(Desk):
    """A shelf's name is the kind of its records."""

    ids_are_numbers = False

    def __init__(self, book: Documents, control: Control) -> None:
        super().__init__(control)
        self.book = book

    def path(self, shelf: Shelf, name: str) -> str:
        """Where a field's value stands in the body, as SQLite's JSON functions take it."""
        return f'$."{name}"'

    def raw(self, record: Record, name: str) -> Any:
        return record.body.get(name)

    def title(self, record: Record) -> str:
        shelf = self.shelf(record.kind)
        name = str(self.raw(record, shelf.columns[0]) or "") if shelf else ""
        return unescape(_TAGS.sub(" ", name)).strip() if shelf and shelf.is_prose else name

    # --- Reading ------------------------------------------------------------------------------------------------------
    def count(self, shelf: Shelf) -> int:
        return self.book.count(shelf.name)

    def find(
        self, shelf: Shelf, words: str, *, gone: bool, newest: bool, limit: int, offset: int
    ) -> tuple[list[Entry], int]:
        where, values = "1", []
        if words:
            paths = [self.path(shelf, name) for name in shelf.columns]
            where = " OR ".join(["id = ?", *(["fold(json_extract(body, ?)) LIKE ? ESCAPE '!'"] * len(paths))])
            values = [words, *(part for path in paths for part in (path, _anywhere(words)))]
        first = self.path(shelf, shelf.columns[0])
        order = (
            "updated DESC, row DESC"
            if newest
            else f"fold(json_extract(body, '{first}')) IS NULL, fold(json_extract(body, '{first}')), row"
        )
        records = self.book.find(shelf.name, where, values, order=order, limit=limit, offset=offset, gone=gone)
        alive = f"gone IS {'NOT ' if gone else ''}NULL"
        total = self.book.one(
            f"SELECT count(*) FROM _record WHERE kind = ? AND {alive} AND ({where})", shelf.name, *values
        )
        fields = [one for one in self.fields(shelf) if one.name in shelf.columns]
        return [self.entry(record, fields) for record in records], int(total[0]) if total else 0

    def get(self, shelf: Shelf, record_id: str) -> Entry | None:
        record = self.book.get(shelf.name, record_id, with_gone=True)
        return self.entry(record, self.fields(shelf)) if record else None

    def entry(self, record: Record, fields: Iterable[Field]) -> Entry:
        values = {one.name: shown(one, self.raw(record, one.name)) for one in fields}
        return Entry(record.id, self.title(record), values, record.updated, record.gone is not None)

    def below(self, shelf: Shelf, record_id: str) -> list[tuple[str, str, str]]:
        """What is linked to it, and what names it in a field."""
        found = [*self._linked(shelf, record_id), *self._naming(shelf, record_id)]
        return [(one.kind, one.id, self.title(one)) for one in {(one.kind, one.id): one for one in found}.values()]

    def _linked(self, shelf: Shelf, record_id: str) -> list[Record]:
        sql = """SELECT DISTINCT r.* FROM _link l JOIN _record r ON r.kind = l.to_kind AND r.id = l.to_id AND r.gone IS NULL
            WHERE l.from_kind = ? AND l.from_id = ? ORDER BY r.kind, r.row LIMIT ?"""
        rows = self.book.execute(sql, (shelf.name, record_id, MOST_BELOW)).fetchall()
        return [record for record in (Record(*row) for row in rows) if self.shelf(record.kind)]

    def _naming(self, shelf: Shelf, record_id: str) -> list[Record]:
        found: list[Record] = []
        for other in self.shelves:
            paths = [self.path(other, one.name) for one in self.fields(other) if one.to == shelf.name and not one.part]
            where = " OR ".join(["CAST(json_extract(body, ?) AS TEXT) = ?"] * len(paths))
            if paths:
                values = [part for path in paths for part in (path, record_id)]
                found += self.book.find(other.name, where, values, limit=MOST_BELOW)
        return found

    # --- Writing ------------------------------------------------------------------------------------------------------
    def kept(self, shelf: Shelf, values: Values, record_id: str | None) -> Values:
        fields = by_name(self.fields(shelf))
        record = self.book.get(shelf.name, record_id, with_gone=True) if record_id else None
        return {
            name: self.keep(fields[name], value, self.raw(record, name) if record else None)
            for name, value in values.items()
        }

    def keep(self, one: Field, value: Any, before: Any) -> Any:
        if one.kind is Kind.CHOICES:
            return [self.number(part) for part in value] or None
        if one.kind is Kind.CHOICE or one.to:
            value = self.number(value)
        if one.part and value is not None:
            return {**(before if isinstance(before, dict) else self.whole(one)), one.part: value}
        return value

    def whole(self, one: Field) -> Values:
        """The parts of a value that was empty."""
        return {}

    def number(self, value: Any) -> Any:
        return int(value) if self.ids_are_numbers and isinstance(value, str) and value.isdecimal() else value


def _anywhere(words: str) -> str:
    plain = words.casefold().replace("!", "!!").replace("%", "!%").replace("_", "!_")
    return f"%{plain}%"


def shown(one: Field, raw: Any) -> Any:
    """As a form holds it."""
    if one.part and isinstance(raw, dict):
        raw = raw.get(one.part)
    if one.kind is Kind.FLAG:
        return raw is True or raw == "true"
    if one.kind is Kind.CHOICES:
        return [str(part) for part in (raw if isinstance(raw, list) else [] if raw is None else str(raw).split(";"))]
    if raw is None:
        return ""
    return raw if isinstance(raw, str) else orjson.dumps(raw).decode()
