"""What changed lately, over all kinds at once (v1): a month back at most, strictly newer, and never what has no stamp."""

from datetime import timedelta
from typing import Any

from integrations.simulation.documents import Record, text
from integrations.simulation.messages import Request, Response

from . import notes, stamps, users
from .account import Account, Asker
from .errors import bad_request
from .paging import Slice
from .pipelines import row as pipeline_row
from .shapes_v1 import ShaperV1

Row = dict[str, Any]
FARTHEST = timedelta(days=31)
"""Cut without a word since December 2024."""
KINDS = ("activity", "deal", "note", "organization", "person", "pipeline", "stage", "user")


def recents(account: Account, request: Request) -> Response:
    since = stamps.parse_v1(request.query.get("since_timestamp", ""))
    if since is None:
        raise bad_request()
    asker, part = account.asker(request), Slice.of(request)
    asked = [one for one in request.query.get("items", "").split(",") if one]
    kinds = [one for one in KINDS if not asked or one in asked]
    since = max(since, text(account.now() - FARTHEST))
    # Strictly newer in whole seconds.
    sql = f"""SELECT * FROM _record WHERE kind IN ({", ".join("?" * len(kinds))}) AND updated >= ? AND updated <= ?
        ORDER BY updated, row LIMIT ? OFFSET ?"""  # noqa: S608  question marks only
    values = (*kinds, stamps.later(since[:19] + ".000Z", 1), asker.now, part.limit + 1, part.start)
    found = [Record(*one) for one in account.book.execute(sql, values)]
    page = found[: part.limit]
    shaped = _shape(account, asker, page)
    rows = [{"item": one.kind, "id": int(one.id), "data": shaped.get((one.kind, one.id))} for one in page]
    last = stamps.v1(page[-1].updated) if page else stamps.v1(since)
    beyond = {"since_timestamp": request.query["since_timestamp"], "last_timestamp_on_page": last}
    return part.answer(rows, more=len(found) > part.limit, additional=beyond)


def _shape(account: Account, asker: Asker, page: list[Record]) -> dict[tuple[str, str], Row]:
    """What is gone, or hidden from the caller, has no data."""
    found: dict[tuple[str, str], Row] = {}
    for kind in {one.kind for one in page}:
        records = [one for one in page if one.kind == kind and one.gone is None and asker.sees(one)]
        for record, row in zip(records, _rows(account, asker, kind, records), strict=True):
            found[kind, record.id] = row
    return found


def _rows(account: Account, asker: Asker, kind: str, records: list[Record]) -> list[Row]:
    match kind:
        case "note":
            return notes.rows(account, asker, records)
        case "user":
            return [users.row(one, str(asker.user_id)) for one in records]
        case "pipeline" | "stage":
            return [pipeline_row(one) for one in records]
    return ShaperV1(account, asker, kind, records).rows()
