"""Pages of v2: a keyset under an opaque cursor, so that nothing is counted and nothing is lost while others write."""

import base64
import binascii
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .book import NUMBER
from .errors import PLAIN, invalid
from .objects import at
from .whole import is_whole

DEFAULT, MOST = 100, 500
_COLUMNS = {"id": NUMBER, "update_time": "updated", "add_time": "created", "due_date": f"coalesce({at('due_date')}, '')",
            "order_nr": at("order_nr")}  # fmt: skip
_PROPERTY = {"due_date": "due_date", "order_nr": "order_nr"}


@dataclass(slots=True)
class Where:
    """Conditions on `_record`, joined by AND."""

    parts: list[str] = field(default_factory=list)
    values: list[Any] = field(default_factory=list)
    few: bool = False
    """Narrowed by an indexed property: better found first and sorted then."""

    def add(self, part: str, *values: Any) -> None:
        self.parts.append(f"({part})")
        self.values += values

    @property
    def sql(self) -> str:
        return " AND ".join(self.parts) or "1"


@dataclass(frozen=True, slots=True)
class Page:
    records: list[Record]
    cursor: str | None

    def answer(self, rows: Sequence[Any], headers: dict[str, str] | None = None) -> Response:
        body = {"success": True, "data": rows, "additional_data": {"next_cursor": self.cursor}}
        return Response(body, headers=headers or {}, content_type=PLAIN)


def limit_of(request: Request, most: int = MOST) -> int:
    text = request.query.get("limit") or str(min(DEFAULT, most))
    if not is_whole(text) or not 1 <= int(text) <= most:
        raise invalid(f"limit: Parameter 'limit' must be a number between 1 and {most}")
    return int(text)


def choice(request: Request, name: str, known: Sequence[str], default: str) -> str:
    value = request.query.get(name) or default
    if value not in known:
        raise invalid(f"{name}: Parameter '{name}' must be one of {', '.join(known)}")
    return value


def page(
    account: Account, kind: str, request: Request, where: Where, *, sorts: Sequence[str] = ("id",), gone: bool | None = False,
    most: int = MOST,
) -> Page:  # fmt: skip
    """One statement, whatever the size. The cursor names the first row of the next page, as the vendor's does."""
    limit = limit_of(request, most)
    by = choice(request, "sort_by", sorts, "id")
    direction = choice(request, "sort_direction", ("asc", "desc"), "asc")
    column, way = _COLUMNS[by], ">" if direction == "asc" else "<"
    if request.query.get("cursor"):
        value, number = _read(request.query["cursor"], by, direction)
        if by == "id":
            where.add(f"{NUMBER} {way}= ?", number)
        else:
            where.add(f"{column} {way} ? OR ({column} = ? AND {NUMBER} {way}= ?)", value, value, number)
    # A plus keeps SQLite from walking the whole index of the order.
    order = f"{'+' if where.few else ''}{column} {direction}" + ("" if by == "id" else f", {NUMBER} {direction}")
    if account.faults.spend("empty_pages"):
        limit = 0
    found = account.book.find(kind, where.sql, where.values, order=order, limit=limit + 1, gone=gone)
    following = _cursor(found[limit], by, direction) if len(found) > limit else None
    return Page(found[:limit], following)


def _cursor(record: Record, by: str, direction: str) -> str:
    number = int(record.id)
    value: Any = {"id": number, "update_time": record.updated, "add_time": record.created}.get(by)
    if by in _PROPERTY:
        value = record.body.get(_PROPERTY[by]) or ""
    keys = {"field": by, "fieldValue": value, "sortDirection": direction, "id": number}
    return base64.urlsafe_b64encode(orjson.dumps(keys)).decode().rstrip("=")


def _read(cursor: str, by: str, direction: str) -> tuple[Any, int]:
    """A cursor of another order, or of another system, is refused."""
    try:
        keys = orjson.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4)))
        fits = (keys["field"], keys["sortDirection"]) == (by, direction)
        value, number = keys["fieldValue"], int(keys["id"])
    except (ValueError, KeyError, TypeError, binascii.Error):
        fits = False
    if not fits:
        raise invalid("cursor: Parameter 'cursor' is invalid")
    return value, number
