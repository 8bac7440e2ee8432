"""Fills a practice Intercom from answers that were recorded from a real workspace, as far as they tell of records."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from integrations.intercom.simulator import Workspace

from .world import BEGINNING

Row = tuple[str, dict[str, Any], datetime, datetime]
_OWN = ("id", "type", "created_at", "updated_at", "companies", "notes", "tags", "workspace_id")
"""Kept beside the body, or made of links."""


def load_recording(space: Workspace, folder: Path) -> None:
    """Every record once, however many of the answers show it; the last file wins."""
    contacts: dict[str, dict[str, Any]] = {}
    conversations: dict[str, dict[str, Any]] = {}
    notes: dict[str, dict[str, Any]] = {}
    for path in sorted(folder.glob("*.json")):
        answer = json.loads(path.read_text())
        conversations |= {row["id"]: row for row in answer.get("conversations") or ()}
        for row in answer.get("data") or ():
            {"contact": contacts, "note": notes}.get(row["type"], {})[row["id"]] = row
    with space.book.transaction():
        space.book.load("admin", _admins(conversations, notes))
        space.book.load("company", _companies(contacts))
        space.book.load("contact", (_row(one, _kept(one)) for one in contacts.values()))
        space.book.load("contact", _named(conversations, contacts))
        space.book.load("conversation", (_row(one, _conversation(one)) for one in conversations.values()))
        space.book.load("note", (_row(one, _note(one)) for one in notes.values()))
        for one in contacts.values():
            for kind in ("companies", "notes"):
                for other in one[kind]["data"]:
                    space.book.link(("contact", one["id"]), (other["type"], other["id"]))


def _named(conversations: dict[str, dict[str, Any]], known: dict[str, dict[str, Any]]) -> Iterator[Row]:
    """Whom a conversation names without their being recorded: their ids are all that there is of them."""
    named = {one["id"]: one for row in conversations.values() for one in row["contacts"]["contacts"]}
    for number, one in sorted(named.items()):
        if number not in known:
            body = {"role": "user", "external_id": one["external_id"], "custom_attributes": {}}
            yield number, body, BEGINNING, BEGINNING


def _row(row: dict[str, Any], body: dict[str, Any]) -> Row:
    return row["id"], body, _moment(row["created_at"]), _moment(row.get("updated_at") or row["created_at"])


def _kept(row: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in row.items() if name not in _OWN}


def _conversation(row: dict[str, Any]) -> dict[str, Any]:
    people = [one["id"] for one in row["contacts"]["contacts"]]
    return {**{name: row[name] for name in ("title", "source", "state", "custom_attributes")}, "contacts": people}


def _note(row: dict[str, Any]) -> dict[str, Any]:
    return {"contact": row["contact"]["id"], "admin": row["author"]["id"], "body": row["body"]}


def _admins(conversations: dict[str, dict[str, Any]], notes: dict[str, dict[str, Any]]) -> Iterator[Row]:
    authors = [one["source"]["author"] for one in conversations.values()] + [one["author"] for one in notes.values()]
    known = {one["id"]: one for one in authors if one["type"] == "admin"}
    for number, one in sorted(known.items()):
        yield number, {"name": one["name"], "email": one["email"]}, BEGINNING, BEGINNING


def _companies(contacts: dict[str, dict[str, Any]]) -> Iterator[Row]:
    """Named by their contacts alone: their ids are all that was recorded of them."""
    named = {one["id"] for row in contacts.values() for one in row["companies"]["data"]}
    for number in sorted(named):
        yield number, {"company_id": f"recorded-{number[-4:]}", "name": f"Company {number[-4:]}"}, BEGINNING, BEGINNING


def _moment(seconds: int) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)
