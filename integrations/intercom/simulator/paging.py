"""Pages by a cursor that names the last row, and pages by number."""

import base64
import binascii
from typing import Any

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request

from .errors import invalid
from .workspace import Workspace

MOST, USUAL = 150, 50


def size(request: Request, most: int = MOST, usual: int = USUAL) -> int:
    asked = request.number("per_page", usual)
    if asked > most:
        raise invalid("Per Page is too big")
    return max(1, asked)


def after_of(cursor: str) -> tuple[str, int] | None:
    """Stamp and row behind which the page begins."""
    if not cursor:
        return None
    try:
        stamp, row, _page = orjson.loads(base64.b64decode(cursor, validate=True))
        return str(stamp), int(row)
    except (binascii.Error, ValueError, orjson.JSONDecodeError):
        raise invalid("Starting After is invalid") from None


def cut(
    space: Workspace, kind: str, where: str, values: list[Any], *, by: str, newest: bool, cursor: str, rows: int,
    ids: list[str] | None = None,
) -> tuple[list[Record], dict[str, Any], int]:  # fmt: skip
    """One page, what `pages` says, and how many there are in all. `ids`: of these alone."""
    if ids is not None:
        where, values = f"({where}) AND id IN (SELECT value FROM json_each(?))", [*values, orjson.dumps(ids).decode()]  # noqa: S608  our own words, every value is bound
    total = space.book.count(kind, where, values)
    place, number = after_of(cursor), page_of(cursor)
    sign, order = ("<", "DESC") if newest else (">", "ASC")
    if place:
        where, values = f"({where}) AND ({by}, row) {sign} (?, ?)", [*values, *place]
    found = space.book.find(kind, where, values, order=f"{by} {order}, row {order}", limit=rows + 1)
    pages: dict[str, Any] = {
        "type": "pages", "page": number, "per_page": rows, "total_pages": -(-total // rows),
    }  # fmt: skip
    if len(found) > rows:
        last = found[rows - 1]
        mark = base64.b64encode(orjson.dumps([getattr(last, by), last.row, number + 1])).decode()
        pages["next"] = {"page": number + 1, "starting_after": mark}
    return found[:rows], pages, total


def page_of(cursor: str) -> int:
    return int(orjson.loads(base64.b64decode(cursor))[2]) if cursor else 1


def numbered(request: Request, ids: list[str], usual: int = USUAL) -> tuple[list[str], dict[str, Any]]:
    rows, page = size(request, 60, usual), max(1, request.number("page", 1))
    pages = {"type": "pages", "page": page, "per_page": rows, "total_pages": -(-len(ids) // rows)}
    return ids[(page - 1) * rows : page * rows], pages
