"""Searches by criteria, address, number or word, and counts: both see the records as they were a while ago."""

# Source: the V7 pages "Search Records" (delay in indexing) and "Record Count in a Module" (one to ten minutes).

from datetime import timedelta
from typing import Any

from integrations.simulation.messages import Request, Response

from . import criteria
from .account import Account, version_of
from .conditions import BadCriterion, Where
from .errors import ZohoError, ambiguous, invalid
from .moments import stored
from .pages import numbered
from .schema import Module
from .selecting import Selection
from .views import condition_of

SEARCHED = ("criteria", "email", "phone", "word")
"""One of them counts, the first that is there."""
FURTHEST = 2000
SEARCH_SCOPE = "ZohoSearch.securesearch.READ"
_TYPES = {
    "email": ("email",),
    "phone": ("phone",),
    "word": ("text", "email", "phone", "website", "textarea", "picklist"),
}


def search(account: Account, request: Request, module: str) -> Response:
    found = account.module(request, module, "READ", more=[SEARCH_SCOPE])
    kind = next((one for one in SEARCHED if request.query.get(one)), None)
    if kind is None:
        said = "one of the expected parameter is missing"
        raise ZohoError("EXPECTED_PARAM_MISSING", said, details={"param_names": list(SEARCHED)})
    per_page, page = numbered(request)
    if page * per_page > FURTHEST:
        raise ZohoError("LIMIT_REACHED", "maximum response iteration limit reached", details={"limit": str(FURTHEST)})
    selection = _selection(account, request, found, kind)
    rows = selection.as_indexed(account.faults.index_lag, "id DESC", per_page + 1, (page - 1) * per_page)
    if not rows:
        return Response(None, 204)
    shaper = account.shaper(request)
    names = [one.strip() for one in request.query.get("fields", "").split(",") if one.strip()]
    shown = rows[:per_page]
    data = shaper.some(found, shown, names) if names else shaper.whole(found, shown)
    info: dict[str, Any] = {"per_page": per_page, "count": len(shown), "page": page}
    if version_of(request) >= 6:
        info |= {"sort_by": "id", "sort_order": "desc"}
    return Response({"data": data, "info": info | {"more_records": len(rows) > per_page}})


def count(account: Account, request: Request, module: str) -> Response:
    kinds = [one for one in SEARCHED if request.query.get(one)]
    found = account.module(request, module, "READ", more=[SEARCH_SCOPE] if kinds else ())
    if kinds and "cvid" in request.query:
        raise ambiguous("The parameters cvid and the search params cannot be given together", "cvid", kinds[0])
    selection = _selection(account, request, found, kinds[0]) if kinds else _viewed(account, request, found)
    as_of = account.now() - timedelta(seconds=account.faults.count_lag)
    return Response({"count": selection.count_as_of(stored(as_of))})


def _viewed(account: Account, request: Request, module: Module) -> Selection:
    where = Where(account.schema, module, request.user_id)
    condition = condition_of(account, module, request.query["cvid"]) if "cvid" in request.query else None
    return Selection(account.store, module, where.sql(condition), where.values)


def _selection(account: Account, request: Request, module: Module, kind: str) -> Selection:
    if kind != "criteria":
        return _by_text(account, module, kind, request.query[kind])
    where = Where(account.schema, module, request.user_id, text_equals="contains", allowed=criteria.allowed)
    try:
        sql = where.sql(criteria.parse(request.query["criteria"]))
    except BadCriterion as bad:
        raise criteria.refused(bad) from None
    return Selection(account.store, module, sql, where.values)


def _by_text(account: Account, module: Module, kind: str, text: str) -> Selection:
    if kind == "word" and len(text.strip()) < 2:
        said = "The search value contains special characters or does not contain at least two characters"
        raise invalid(said, param_name="word")
    columns = [
        f"json_extract(body, '$.{f.name}')" for f in module.fields.values() if f.type in _TYPES[kind] and not f.computed
    ]
    if not columns:
        return Selection(account.store, module, "0")
    if kind == "email":
        where = " OR ".join(f"{one} COLLATE NOCASE = ?" for one in columns)
        return Selection(account.store, module, where, [text] * len(columns))
    escaped = text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")
    where = " OR ".join(f"{one} LIKE ? ESCAPE '\\'" for one in columns)
    return Selection(account.store, module, where, [f"%{escaped}%"] * len(columns))
