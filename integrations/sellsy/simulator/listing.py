"""One page of a list or a search: by seeking from the last thing seen, or by counting rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .asked import NO_OFFSET, Asked, asked_of, cursor_text, project
from .deals import today
from .errors import UNEXPECTED, invalid
from .kind import TODAY, Condition, Kind, Order, Told
from .rules import CHOICE, shape, verified
from .store import NUMBER

_COLUMNS = "row, kind, id, body, created, updated, gone"


def answer(payload: Any, status: int = 200) -> Response:
    return Response(payload, status, {}, "application/json")


def asked_for(kind: Kind, request: Request) -> Asked:
    return asked_of(request, kind.orders, kind.default_order, kind.embeds)


def listed(account: Account, request: Request, kind: Kind, conditions: Iterable[Condition] = ()) -> Response:
    asked = asked_for(kind, request)
    return answer(_page(account, kind, asked, list(conditions)))


def searched(account: Account, request: Request, kind: Kind, conditions: Iterable[Condition] = ()) -> Response:
    asked = asked_for(kind, request)
    wanted = filters_of(kind, request)
    found = [*conditions, *(condition(account, kind, name, value) for name, value in wanted.items())]
    return answer(_page(account, kind, asked, found))


def filters_of(kind: Kind, request: Request) -> dict[str, Any]:
    """`filters` must be there even when it is empty: `{}` alone is refused (recorded). Unknown names are refused too."""
    rule = shape(**{name: one.rule for name, one in kind.filters.items()}).must
    body = verified({"filters": rule}, request.json if request.body else {})
    wanted: dict[str, Any] = body["filters"]
    return wanted


def condition(account: Account, kind: Kind, name: str, value: Any) -> Condition:
    if name == "favourite_filter":
        return _saved(account, kind, value)
    return kind.filters[name].condition(value)


def _saved(account: Account, kind: Kind, number: int) -> Condition:
    """What a saved view shows: the filters of the search, and values of custom fields, which the search itself cannot ask for."""
    view = account.store.get("favourite-filter", number)
    if view is None or view.body["object"] != kind.name:
        raise invalid({"filters.favourite_filter": CHOICE})
    parts = [condition(account, kind, name, value) for name, value in view.body["filters"].items()]
    parts += [
        (f"json_extract(body, '$.cf.\"{int(field)}\"') = ?", [value]) for field, value in view.body["custom"].items()
    ]
    return " AND ".join(f"({sql})" for sql, _ in parts) or "1", [one for _, values in parts for one in values]


def told(account: Account, kind: Kind, records: Sequence[Record], asked: Asked) -> list[Told]:
    found = kind.tell(account, records)
    if kind.embed and (asked.embeds or asked.custom):
        for one, inner in zip(found, kind.embed(account, records, asked), strict=True):
            if inner is not None:
                one["_embed"] = inner
    return [project(one, asked.fields) for one in found]


def _page(account: Account, kind: Kind, asked: Asked, conditions: list[Condition]) -> dict[str, Any]:
    # Where a condition names the rows themselves, no index but theirs may be taken.
    plus = "+" if any(sql.startswith("row IN") for sql, _ in conditions) else ""
    where = " AND ".join([f"{plus}kind = ?", f"{plus}gone IS NULL", *(f"({sql})" for sql, _ in conditions)])
    given = (value for _, some in conditions for value in some)
    values = [kind.name, *(today(account) if value is TODAY else value for value in given)]
    counted = account.store.one(f"SELECT count(*) FROM _record WHERE {where}", *values)  # noqa: S608  values are bound
    records, last = _rows(account, kind, asked, where, values)
    return {
        "data": told(account, kind, records, asked),
        "pagination": {
            "limit": asked.limit,
            "count": len(records),
            "total": counted[0] if counted else 0,
            "offset": last,
        },
    }


def _rows(account: Account, kind: Kind, asked: Asked, where: str, values: list[Any]) -> tuple[list[Record], str | int]:
    order = kind.orders[asked.order]
    way, than = ("DESC", "<") if asked.descending else ("ASC", ">")
    after: list[Any] = []
    if asked.cursor:
        step, after = _after(order, asked, than)
        where = f"{where} AND {step}"
    by = f"{NUMBER} {way}" if order.expression == NUMBER else f"{order.expression} {way}, {NUMBER} {way}"
    sql = f"SELECT {_COLUMNS}, {order.expression} FROM _record WHERE {where} ORDER BY {by} LIMIT ? OFFSET ?"  # noqa: S608
    rows = account.store.execute(sql, [*values, *after, asked.limit, asked.numeric or 0]).fetchall()
    records = [Record(*row[:-1]) for row in rows]
    if asked.numeric is not None:
        # The vendor's prose says that it counts pages; the recorded answers count rows and echo what was sent.
        return records, asked.numeric
    if not rows:
        return records, asked.offset or NO_OFFSET
    cursor = (
        [records[-1].id]
        if order.expression == NUMBER
        else [str("" if rows[-1][-1] is None else rows[-1][-1]), records[-1].id]
    )
    return records, cursor_text(cursor)


def _after(order: Order, asked: Asked, than: str) -> tuple[str, list[Any]]:
    if order.expression == NUMBER:
        return f"{NUMBER} {than} CAST(? AS INTEGER)", asked.cursor[-1:]
    if len(asked.cursor) != 2:
        raise invalid({"offset": UNEXPECTED})
    value = "CAST(? AS INTEGER)" if order.is_number else "?"
    return f"({order.expression}, {NUMBER}) {than} ({value}, CAST(? AS INTEGER))", asked.cursor
