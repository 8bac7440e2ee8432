"""Loads really recorded Pipedrive answers into the practice account: rows as recorded, numbers kept."""

from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import orjson

from integrations.pipedrive.simulator import PipedriveBook, furnish
from integrations.pipedrive.simulator.setup import make_field

from .world import BEGINNING

Row = dict[str, Any]
_KINDS = {"organizations": "organization", "activities": "activity"}
_OWN = ("id", "add_time", "update_time", "is_deleted")
"""Kept beside the body, not in it."""


def load_recording(book: PipedriveBook, file: Path) -> None:
    """One file of recorded v2 answers. What is named without being recorded gets a row of that name."""
    found = orjson.loads(file.read_bytes())
    rows = {(kind, row["id"]): row for kind, row in _rows(found)}
    notes = {row["id"]: row for row in _notes(found)}
    with book.transaction():
        furnish(book, BEGINNING)
        _users(book, rows, notes)
        for key in {key for row in rows.values() for key in row.get("custom_fields") or ()}:
            make_field(book, "organization", "Recorded field", "varchar", key=key, at=BEGINNING)
        for (kind, number), row in sorted(rows.items()):
            body: Row = {k: v for k, v in row.items() if k not in _OWN}
            added, changed = _moment(row["add_time"]), _moment(row["update_time"] or row["add_time"])
            book.load(kind, [(number, body, added, changed)])
        for number, row in sorted(notes.items()):
            _named(book, row)
            written: Row = {
                k: v for k, v in row.items() if k not in (*_OWN, "organization", "person", "deal", "lead", "user")
            }
            book.load("note", [(number, written, _moment(row["add_time"]), _moment(row["update_time"]))])


def _rows(found: list[Row]) -> Iterator[tuple[str, Row]]:
    # What was made is overridden by what was read of it later.
    for one in sorted(found, key=lambda entry: entry["method"] == "GET"):
        kind = _KINDS.get(one["path"].split("/")[3])
        data = one["response"]["data"]
        if "/v2/" in one["path"] and kind and one["method"] in ("POST", "GET"):
            for row in data if isinstance(data, list) else [data]:
                yield kind, row


def _notes(found: list[Row]) -> Iterator[Row]:
    for one in found:
        data = one["response"]["data"]
        if one["path"].endswith("/notes") and one["method"] in ("GET", "POST"):
            yield from data if isinstance(data, list) else [data]


def _users(book: PipedriveBook, rows: dict[tuple[str, int], Row], notes: dict[int, Row]) -> None:
    numbers = {row["owner_id"] for row in rows.values()} | {row["user_id"] for row in notes.values()}
    named = next((row["user"] for row in notes.values()), {"name": "Recorded user", "email": "user@example.com"})
    moment = BEGINNING.strftime("%Y-%m-%d %H:%M:%S")
    for number in sorted(numbers):
        body: Row = {
            "name": named["name"], "email": named["email"], "lang": 1, "locale": "en_US", "timezone_name": "Etc/UTC",
            "timezone_offset": "+00:00", "default_currency": "USD", "icon_url": None, "active_flag": True,
            "is_deleted": False,
            "is_admin": 1, "role_id": 1, "created": moment, "has_created_company": True, "access": [], "phone": None,
            "modified": moment, "last_login": moment,
        }  # fmt: skip
        book.load("user", [(number, body, BEGINNING, BEGINNING)])


def _named(book: PipedriveBook, note: Row) -> None:
    for kind, column, shown in (
        ("organization", "org_id", "name"),
        ("person", "person_id", "name"),
        ("deal", "deal_id", "title"),
    ):
        known = note[kind]
        if known and book.get(kind, note[column]) is None:
            book.load(kind, [(note[column], {shown: known[shown], "owner_id": note["user_id"]}, BEGINNING, BEGINNING)])


def _moment(value: str) -> datetime:
    return datetime.fromisoformat(value.replace(" ", "T").rstrip("Z")).replace(tzinfo=UTC)
