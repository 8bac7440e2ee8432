"""`/search`: its own small language, AND or OR but never both, over an index that lags behind."""

import re
from typing import Any

from integrations.simulation.documents import text
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import ApiError, invalid
from .expanding import expand
from .forms import query_of, require_known, whole
from .listing import MOST, URLS, USUAL, require_one, told

_CLAUSE = re.compile(
    r"""(?P<not>-?)(?P<field>\w+)(?:\[["'](?P<key>[^"']+)["']\])?(?P<sign>:|~|>=|<=|>|<)(?P<value>"[^"]*"|'[^']*'|[\w.@+-]+)""",
    re.VERBOSE,
)
_FIELDS = {
    "customer": {"created", "email", "metadata", "name", "phone"},
    "subscription": {"created", "metadata", "status", "canceled_at"},
}
SHORTEST = 3


def searcher(kind: str) -> Any:
    def answer(account: Account, request: Request) -> Response:
        params = query_of(request)
        require_known(params, {"query", "limit", "page", "expand"})
        where, values = condition(kind, require_one(params, "query"))
        limit, start = whole(params, "limit", USUAL), whole(params, "page", 0)
        if not 1 <= limit <= MOST:
            raise invalid(f"Invalid integer: {limit}", "limit")
        # What was written a moment ago is not in the index yet.
        known = text(
            account.now().fromtimestamp(account.now().timestamp() - account.faults.index_lag, account.now().tzinfo)
        )
        rows = account.store.newest(kind, f"({where}) AND updated <= ?", (*values, known))
        page = rows[start : start + limit]
        has_more = start + limit < len(rows)
        found = {
            "object": "search_result", "url": f"/v1/{URLS[kind]}/search", "has_more": has_more,
            "next_page": str(start + limit) if has_more else None, "data": [told(account, one) for one in page],
        }  # fmt: skip
        if "total_count" in (params.get("expand") or []):
            found["total_count"] = len(rows)
        return Response(expand(account, found, params.get("expand")))

    return answer


def condition(kind: str, query: str) -> tuple[str, list[Any]]:
    parts = re.split(r"\s+(AND|OR)\s+", query.strip())
    joins = set(parts[1::2])
    if len(joins) > 1:
        raise ApiError(400, "We do not support mixing AND and OR in the same query.", param="query")
    found, values = [], []
    for part in parts[::2]:
        sql, more = clause(kind, part)
        found.append(sql)
        values += more
    return f" {joins.pop() if joins else 'AND'} ".join(found), values


def clause(kind: str, part: str) -> tuple[str, list[Any]]:
    said = _CLAUSE.fullmatch(part.strip())
    if said is None or said["field"] not in _FIELDS[kind]:
        raise ApiError(400, f"We were unable to parse your search query: {part}", param="query")
    path = f'$.metadata."{said["key"]}"' if said["field"] == "metadata" else f"$.{said['field']}"
    sql, values = compared(path, said["field"], said["sign"], said["value"])
    return (f"NOT COALESCE({sql}, 0)" if said["not"] else sql), values


def compared(path: str, field: str, sign: str, raw: str) -> tuple[str, list[Any]]:
    value, at = raw.strip("'\""), "json_extract(body, ?)"
    if raw == "null":
        return f"{at} IS NULL", [path]
    if sign == "~":
        if len(value) < SHORTEST:
            raise ApiError(400, f"Substring search needs at least {SHORTEST} characters.", param="query")
        return f"instr(fold({at}), fold(?)) > 0", [path, value]
    if sign != ":" or field == "created":
        return f"{at} {'=' if sign == ':' else sign} ?", [path, int(value)]
    return f"fold({at}) = fold(?)", [path, value]
