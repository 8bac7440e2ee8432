"""Lists: newest first, a hundred at most, from one id on."""

from collections.abc import Mapping
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import OLD_VERSION, VERSION, Account
from .errors import invalid, missing_parameter, no_such
from .expanding import expand
from .forms import Params, query_of, require_known, whole
from .shapes import shown

MOST, USUAL = 100, 10
PAGING = {"limit", "starting_after", "ending_before", "expand"}
FILTERS: Mapping[str, set[str]] = {
    "customer": {"email", "created", "test_clock"},
    "subscription": {"customer", "price", "status", "created", "current_period_end", "collection_method"},
    "price": {"active", "product", "created", "currency", "type"},
    "product": {"active", "ids", "created", "url"},
    "event": {"type", "types", "created", "delivery_success"},
}
URLS = {
    "customer": "customers",
    "subscription": "subscriptions",
    "price": "prices",
    "product": "products",
    "event": "events",
}
STATUSES = (
    "active", "trialing", "past_due", "unpaid", "canceled", "incomplete", "incomplete_expired", "paused",
)  # fmt: skip
ENDED = ("canceled", "incomplete_expired")
MOST_TYPES = 20
EVENTS_KEPT = 30 * 86_400
COMPARED = {"gt": ">", "gte": ">=", "lt": "<", "lte": "<="}


def lister(kind: str) -> Any:
    def answer(account: Account, request: Request) -> Response:
        return Response(listed(account, kind, query_of(request)))

    return answer


def listed(account: Account, kind: str, params: Params) -> dict[str, Any]:
    require_known(params, PAGING | FILTERS[kind])
    limit = whole(params, "limit", USUAL)
    if not 1 <= limit <= MOST:
        raise invalid(f"Invalid integer: {limit}. It must be between 1 and {MOST}.", "limit")
    where, values = condition(account, kind, params)
    is_backwards = "ending_before" in params
    for name, sign in (("starting_after", "<"), ("ending_before", ">")):
        if anchor := params.get(name):
            record = found_at(account, kind, str(anchor), name)
            where.append(f"(json_extract(body, '$.created'), row) {sign} (?, ?)")
            values += [record.body["created"], record.row]
    rows = account.store.newest(
        kind, " AND ".join(where) or "1", tuple(values), limit=limit + 1, oldest_first=is_backwards
    )
    page = rows[:limit]
    answer = {
        "object": "list", "url": f"/v1/{URLS[kind]}", "has_more": len(rows) > limit,
        "data": [told(account, one) for one in (reversed(page) if is_backwards else page)],
    }  # fmt: skip
    return expand(account, answer, params.get("expand"))


def told(account: Account, record: Record) -> dict[str, Any]:
    found = shown(account, record)
    if record.kind == "event":
        found["api_version"] = OLD_VERSION if account.faults.old_events else VERSION
    return found


def found_at(account: Account, kind: str, record_id: str, param: str) -> Record:
    record = account.store.get(kind, record_id)
    if record is None:
        raise no_such(kind, record_id, param=param, status=400)
    return record


def condition(account: Account, kind: str, params: Params) -> tuple[list[str], list[Any]]:
    where: list[str] = []
    values: list[Any] = []
    for name, value in params.items():
        if name in PAGING or value == "":
            continue
        found, more = one_condition(name, value)
        where += found
        values += more
    if kind == "subscription" and "status" not in params:
        where.append("json_extract(body, '$.status') <> 'canceled'")
    if kind == "event":
        where.append("json_extract(body, '$.created') >= ?")
        values.append(account.store.seconds - EVENTS_KEPT)
    return where, values


def one_condition(name: str, value: Any) -> tuple[list[str], list[Any]]:
    match name:
        case "created" | "current_period_end":
            at = "$.created" if name == "created" else "$.items[0].current_period_end"
            said = value.items() if isinstance(value, dict) else [("", value)]
            return [f"json_extract(body, '{at}') {COMPARED.get(sign, '=')} ?" for sign, _ in said], [
                number_of(one, name) for _, one in said
            ]
        case "status":
            return status(str(value))
        case "types" | "type":
            names = value if isinstance(value, list) else [value]
            if len(names) > MOST_TYPES:
                raise invalid(f"You may only specify up to {MOST_TYPES} event types.", "types")
            return [f"json_extract(body, '$.type') IN ({', '.join('?' * len(names))})"], list(names)
        case "ids":
            return [f"id IN ({', '.join('?' * len(value))})"], list(value)
        case "price":
            return [
                "EXISTS (SELECT 1 FROM json_each(body, '$.items') AS i WHERE json_extract(i.value, '$.price') = ?)"
            ], [value]
        case "active":
            return ["COALESCE(json_extract(body, '$.active'), 1) = ?"], [value == "true"]
    return [f"json_extract(body, '$.{name}') = ?"], [value]


def status(value: str) -> tuple[list[str], list[Any]]:
    if value == "all":
        return [], []
    if value == "ended":
        return ["json_extract(body, '$.status') IN (?, ?)"], list(ENDED)
    if value not in STATUSES:
        raise invalid(f"Invalid status: must be one of {', '.join(STATUSES)}, all, or ended", "status")
    return ["json_extract(body, '$.status') = ?"], [value]


def number_of(value: Any, name: str) -> int:
    if not str(value).isdecimal():
        raise invalid(f"Invalid integer: {value}", name)
    return int(value)


def retriever(kind: str) -> Any:
    def answer(account: Account, request: Request, record_id: str) -> Response:
        from .shapes import deleted

        params = query_of(request)
        require_known(params, {"expand"})
        record = account.store.get(kind, record_id, with_gone=kind == "customer")
        if record is None:
            raise no_such(kind, record_id)
        if record.gone is not None:
            return Response(deleted(record_id))
        return Response(expand(account, told(account, record), params.get("expand")))

    return answer


def require_one(params: Params, name: str) -> str:
    if not params.get(name):
        raise missing_parameter(name)
    return str(params[name])
