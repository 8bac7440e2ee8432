"""What a call costs, in credits."""

import orjson

from integrations.simulation.messages import Request

from .account import payload
from .coql_words import parse
from .errors import ZohoError

_FLAT = {"deleted": 2, "bulk_read": 50}
_RECORDS_PER_CREDIT, _FIELD = 10, 10
_VIEW = 3


def cost_of(kind: str, request: Request) -> int:
    if kind in _FLAT:
        return _FLAT[kind]
    if kind == "list" and "cvid" in request.query:
        return _VIEW
    if kind in {"insert", "update", "upsert"}:
        return -(-_items(request, "data") // _RECORDS_PER_CREDIT)
    if kind == "fields_create":
        return _FIELD * _items(request, "fields")
    return _query(request) if kind == "coql" else 1


def _items(request: Request, key: str) -> int:
    try:
        body = orjson.loads(request.body)
    except orjson.JSONDecodeError:
        return 1
    found = body.get(key) if isinstance(body, dict) else None
    return max(1, len(found)) if isinstance(found, list) else 1


def _query(request: Request) -> int:
    """By the rows asked for: up to 200, up to 1,000, more."""
    try:
        limit = parse(str(payload(request)["select_query"])).limit
    except (ZohoError, KeyError, TypeError):
        return 1
    return 1 if limit <= 200 else 2 if limit <= 1000 else 3
