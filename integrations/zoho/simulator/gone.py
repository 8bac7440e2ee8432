"""What was deleted: sixty days in the recycle bin, then only an id for another sixty."""

# Source: the V7 page "Get List of Deleted Records".

from datetime import timedelta
from typing import Any

import orjson

from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import ZohoError
from .listing import since
from .moments import shown, stored
from .names import display_name, user_ref
from .pages import numbered
from .schema import Module
from .shapes import by_ref

IN_BIN, REMEMBERED = timedelta(days=60), timedelta(days=120)
_TYPES = ("all", "recycle", "permanent")
# Both kinds in one order; what lay in the bin for sixty days counts as permanently deleted.
_SQL = """SELECT id, at, kept, body FROM (
    SELECT id, gone AS at, gone > :bin AS kept, body FROM _record WHERE kind = :kind AND gone IS NOT NULL
    UNION ALL SELECT id, at, 0, NULL FROM _erased WHERE kind = :kind)
    WHERE at > :oldest AND at > :since AND kept IN (SELECT value FROM json_each(:kinds))
    ORDER BY at DESC, id DESC LIMIT :limit OFFSET :offset"""


def deleted(account: Account, request: Request, module: str) -> Response:
    found = account.module(request, module, "READ")
    kind = request.query.get("type", "all")
    if kind not in _TYPES:
        said = "Please check whether the input values are correct"
        raise ZohoError("PATTERN_NOT_MATCHED", said, details={"param_name": "type"})
    per_page, page = numbered(request)
    after = since(request)
    kinds = {"all": [0, 1], "recycle": [1], "permanent": [0]}[kind]
    rows = account.store.execute(_SQL, {
        "kind": found.name, "bin": stored(account.now() - IN_BIN), "oldest": stored(account.now() - REMEMBERED),
        "since": after or "", "kinds": orjson.dumps(kinds).decode(), "limit": per_page + 1,
        "offset": (page - 1) * per_page,
    }).fetchall()  # fmt: skip
    if not rows:
        return Response(None, 304 if after else 204)
    data = _shapes(account, request, found, rows[:per_page])
    info = {"per_page": per_page, "count": len(data), "page": page, "more_records": len(rows) > per_page}
    return Response({"data": data, "info": info})


def _shapes(account: Account, request: Request, module: Module, rows: list[tuple[Any, ...]]) -> list[dict[str, Any]]:
    zone = account.zone(request.user_id)
    users = {user.id: by_ref(user_ref(user.id, user.body)) for user in account.store.find("users")}
    found = []
    for record_id, at, kept, text in rows:
        body = orjson.loads(text) if kept and text else {}
        found.append({
            "deleted_by": users.get(str(body.get("_deleted_by"))), "id": record_id,
            "display_name": display_name(module, body) if body else None, "type": "recycle" if kept else "permanent",
            "created_by": users.get(str(body.get("Created_By"))), "deleted_time": shown(at, zone),
        })  # fmt: skip
    return found
