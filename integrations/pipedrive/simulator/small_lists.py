"""Activity types, currencies, add-ons and who may see a record (v1): short lists without pages."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account
from .errors import PLAIN, bad_request, v1_missing
from .objects import BY_PLURAL

Row = dict[str, Any]
CURRENCIES = (
    ("EUR", "Euro", "€"),
    ("USD", "US Dollar", "$"),
    ("GBP", "British Pound", "£"),
    ("CHF", "Swiss Franc", "CHF"),
)


def list_types(account: Account, _request: Request) -> Response:
    rows = [_row(one) for one in account.book.find("activityType")]
    return Response({"success": True, "data": rows}, content_type=PLAIN)


def create_type(account: Account, request: Request) -> Response:
    given = request.record
    if not given.get("name") or not given.get("icon_key"):
        raise bad_request()
    key = "_".join(str(given["name"]).lower().split())
    order = 1 + account.book.count("activityType")
    body = {"order_nr": order, "name": given["name"], "key_string": key, "icon_key": given["icon_key"], "custom": True,
            "color": given.get("color", "FFFFFF")}  # fmt: skip
    return _answer(account.book.add("activityType", body))


def update_type(account: Account, request: Request, number: str) -> Response:
    """The key stays as it was made, whatever the name becomes."""
    record = _type(account, number)
    record.body.update({k: v for k, v in request.record.items() if k in ("name", "icon_key", "color", "order_nr")})
    account.book.save(record)
    return _answer(record)


def delete_type(account: Account, _request: Request, number: str) -> Response:
    record = _type(account, number)
    account.book.remove(record)
    return _answer(record)


def list_currencies(_account: Account, request: Request) -> Response:
    term = request.query.get("term", "").casefold()
    rows = [
        {"id": n, "code": code, "name": name, "decimal_points": 2, "symbol": symbol, "active_flag": True, "is_custom_flag": False}
        for n, (code, name, symbol) in enumerate(CURRENCIES, 1) if term in code.casefold() or term in name.casefold()
    ]  # fmt: skip
    return Response({"success": True, "data": rows}, content_type=PLAIN)


def list_addons(_account: Account, _request: Request) -> Response:
    return Response({"success": True, "data": []}, content_type=PLAIN)


def permitted_users(account: Account, _request: Request, plural: str, number: str) -> Response:
    obj = BY_PLURAL[plural]
    record = account.book.get(obj.kind, number)
    if record is None:
        raise v1_missing(obj.noun)
    private = record.body.get("visible_to") == 1
    users = [u for u in account.users() if u.body["active_flag"]]
    seeing = [int(u.id) for u in users if not private or u.body["is_admin"] or int(u.id) == record.body.get("owner_id")]
    return Response({"success": True, "data": seeing}, content_type=PLAIN)


def _type(account: Account, number: str) -> Record:
    found = account.book.get("activityType", number)
    if found is None:
        raise v1_missing("Activity type")
    return found


def _row(record: Record) -> Row:
    body = record.body
    return {
        "id": int(record.id), "order_nr": body["order_nr"], "name": body["name"], "key_string": body["key_string"],
        "icon_key": body["icon_key"], "active_flag": record.gone is None, "color": body["color"],
        "is_custom_flag": body.get("custom", False), "add_time": stamps.v1(record.created),
        "update_time": stamps.v1(record.updated),
    }  # fmt: skip


def _answer(record: Record) -> Response:
    return Response({"success": True, "data": _row(record)}, content_type=PLAIN)
