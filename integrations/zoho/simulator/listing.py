"""Lists of records: pages by number or token, filtered by ids, by a view or by what changed since."""

from dataclasses import dataclass, replace
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account, version_of
from .conditions import Where
from .errors import ZohoError, ambiguous, invalid, missing_param
from .externals import resolve
from .moments import parsed, stored
from .pages import FURTHEST_BY_NUMBER, MOST_PER_PAGE, Position, Tokens, numbered
from .schema import Module
from .selecting import Selection
from .views import condition_of

MOST_FIELDS = 50
SORTS = {"id": "id", "Created_Time": "created", "Modified_Time": "updated"}


@dataclass(frozen=True, slots=True)
class Asked:
    """What the query and the headers of a list ask for."""

    names: list[str] | None
    per_page: int
    page: int
    token: str
    sort_by: str
    descends: bool
    since: str | None

    @property
    def column(self) -> str:
        return SORTS[self.sort_by]

    @property
    def order(self) -> str:
        way = "DESC" if self.descends else "ASC"
        return f"id {way}" if self.column == "id" else f"{self.column} {way}, row {way}"


def records(account: Account, request: Request, module: str) -> Response:
    found = account.module(request, module, "READ")
    if found.name == "Notes" and not account.is_admin(request.user_id):
        # Everybody reads the notes of a record; the whole list is for administrators (V7 page "Get Records").
        raise ZohoError("NOT_SUPPORTED", "This API is supported only for admin users", 403)
    asked = read(request)
    selection = _selection(account, request, found, asked)
    return respond(account, request, found, asked, selection)


def read(request: Request) -> Asked:
    query = request.query
    names = _names(request)
    if "page_token" in query and "page" in query:
        raise ambiguous("The parameters page and page_token cannot be given together", "page", "page_token")
    if "cvid" in query and "sort_by" in query:
        raise ambiguous("The parameters cvid and sort_by cannot be given together", "cvid", "sort_by")
    sort_by = query.get("sort_by", "id")
    if sort_by not in SORTS:
        raise invalid(param_name="sort_by", supported_values=list(SORTS))
    order = query.get("sort_order", "desc").lower()
    if order not in {"asc", "desc"}:
        raise invalid(param_name="sort_order", supported_values=["asc", "desc"])
    per_page, page = numbered(request)
    if page * per_page > FURTHEST_BY_NUMBER:
        said = "You can only get the first 2000 records without using page_token param"
        raise ZohoError("DISCRETE_PAGINATION_LIMIT_EXCEEDED", said, details={"limit": FURTHEST_BY_NUMBER})
    return Asked(names, per_page, page, query.get("page_token", ""), sort_by, order == "desc", since(request))


def _names(request: Request) -> list[str] | None:
    """Fields have to be named from v3 on; v2 shows everything."""
    text = request.query.get("fields", "")
    names = [one.strip() for one in text.split(",") if one.strip()]
    if not names and version_of(request) >= 3:
        raise missing_param("fields")
    if len(names) > MOST_FIELDS:
        raise ZohoError("LIMIT_EXCEEDED", "limit exceeded", details={"limit": MOST_FIELDS, "param_name": "fields"})
    return names or None


def since(request: Request) -> str | None:
    text = request.headers.get("if-modified-since")
    if text is None:
        return None
    moment = parsed(text)
    if moment is None:
        raise invalid(expected_data_type="datetime", header_name="If-Modified-Since")
    return stored(moment)


def _selection(account: Account, request: Request, module: Module, asked: Asked) -> Selection:
    where, values = [], []
    if asked.since:
        where.append("updated > ?")
        values.append(asked.since)
    if ids := request.query.get("ids"):
        listed = [one.strip() for one in ids.split(",")]
        if len(listed) > MOST_PER_PAGE:
            raise ZohoError("LIMIT_EXCEEDED", "limit exceeded", details={"limit": MOST_PER_PAGE, "param_name": "ids"})
        where.append(f"id IN ({', '.join('?' for _ in listed)})")
        values.extend(listed)
    if "cvid" in request.query:
        condition = condition_of(account, module, request.query["cvid"])
        built = Where(account.schema, module, request.user_id)
        where.append(built.sql(condition))
        values.extend(built.values)
    if module.name == "Leads" and request.query.get("converted", "false") != "both":
        wanted = request.query.get("converted", "false") == "true"
        where.append(f"coalesce(json_extract(body, '$.Converted__s'), 0) = {int(wanted)}")
    return Selection(account.store, module, " AND ".join(where) or "1", values)


def respond(
    account: Account, request: Request, module: Module, asked: Asked, selection: Selection, *, bound: str = ""
) -> Response:
    tokens = Tokens(account.store, bound or module.name, request.user_id, bound_params(request))
    position = tokens.read(asked.token) if asked.token else Position(asked.page, (asked.page - 1) * asked.per_page)
    rows = _page(asked, selection, position)
    if not rows:
        # A quiet delta is 304 on every page of it, an empty list 204; neither has a body.
        return Response(None, 304 if asked.since else 204)
    shown, more = rows[: asked.per_page], len(rows) > asked.per_page
    shaper = account.shaper(request)
    data = shaper.whole(module, shown) if asked.names is None else shaper.some(module, shown, asked.names)
    info: dict[str, Any] = {"per_page": asked.per_page, "count": len(shown), "page": position.page}
    if version_of(request) >= 3:
        info |= tokens.info(position, shown, asked.column, shaper.zone, more=more)
    if version_of(request) == 7 and module.name == "Leads":
        info |= {"call": False, "email": False}
    if not bound:
        info |= {"sort_by": asked.sort_by, "sort_order": "desc" if asked.descends else "asc"}
    return Response({"data": data, "info": info | {"more_records": more}})


def bound_params(request: Request) -> dict[str, str]:
    """A delta's header belongs to the question as well."""
    return {**request.query, "if-modified-since": request.headers.get("if-modified-since", "")}


def _page(asked: Asked, selection: Selection, position: Position) -> list[Record]:
    if position.after is None:
        return selection.rows(asked.order, asked.per_page + 1, position.seen)
    sign = "<" if asked.descends else ">"
    value, place = position.after
    if asked.column == "id":
        behind, values = f"id {sign} ?", (value,)
    else:
        # Equal stamps are told apart by the row, so a page may end in the midst of them.
        behind = f"({asked.column}, row) {sign} (?, CAST(? AS INTEGER))"
        values = (value, place)  # type: ignore[assignment]
    where = f"({selection.where}) AND {behind}"
    further = replace(selection, where=where, values=(*selection.values, *values))
    return further.rows(asked.order, asked.per_page + 1)


def single(account: Account, request: Request, module: str, record_id: str) -> Response:
    found = account.module(request, module, "READ")
    record = account.store.get(found.name, resolve(account, request, found, record_id))
    if record is None:
        return Response(None, 204)
    after = since(request)
    if after and record.updated <= after:
        return Response(None, 304)
    shaper = account.shaper(request)
    names = [one.strip() for one in request.query.get("fields", "").split(",") if one.strip()]
    row = shaper.some(found, [record], names) if names else shaper.whole(found, [record])
    return Response({"data": row})


def full_data(account: Account, request: Request, module: str, record_id: str) -> Response:
    """Rich text in full, which lists cut short."""
    found = account.module(request, module, "READ")
    names = _names(request) or []
    record = account.store.get(found.name, record_id)
    if record is None:
        return Response(None, 204)
    [row] = account.shaper(request).whole(found, [record])
    return Response({"data": [{name: row[name] for name in (*names, "id") if name in row}]})
