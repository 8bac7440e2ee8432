"""Webhooks (v1): made, listed, deleted, forty for each user. This practice account calls nobody."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import PLAIN, ApiError, v1_error

Row = dict[str, Any]
MOST = 40
_ACTIONS = ("create", "change", "delete", "*")
_OBJECTS = (
    "activity", "deal", "lead", "note", "organization", "person", "pipeline", "product", "stage", "user", "*",
)  # fmt: skip


def list_webhooks(account: Account, _request: Request) -> Response:
    rows = [_row(account, one) for one in account.book.find("webhook")]
    return Response({"success": True, "status": "ok", "data": rows}, content_type=PLAIN)


def create_webhook(account: Account, request: Request) -> Response:
    given = request.record
    wrong: dict[str, list[str]] = {}
    if not str(given.get("subscription_url", "")).startswith(("https://", "http://")):
        wrong["subscription_url"] = ["invalid or non-reachable URL"]
    if given.get("event_action") not in _ACTIONS:
        wrong["event_action"] = ["invalid"]
    if given.get("event_object") not in _OBJECTS:
        wrong["event_object"] = ["invalid"]
    if wrong:
        raise ApiError(400, {"status": "error", "success": False, "errors": wrong})
    if account.book.count("webhook", "json_extract(body, '$.user_id') = ?", [int(request.user_id)]) >= MOST:
        raise v1_error(422, "Webhooks limit reached")
    keys = ("subscription_url", "event_action", "event_object", "name", "http_auth_user", "http_auth_password")
    body = {name: given.get(name) for name in keys}
    body |= {"version": given.get("version", "2.0"), "user_id": given.get("user_id") or int(request.user_id)}
    record = account.book.add("webhook", body)
    return Response({"status": "ok", "success": True, "data": _row(account, record)}, 201, content_type=PLAIN)


def delete_webhook(account: Account, _request: Request, number: str) -> Response:
    found = account.book.get("webhook", number)
    if found is None:
        raise ApiError(404, {"status": "error", "success": False, "errors": {"id": ["not found"]}})
    account.book.remove(found)
    return Response({"status": "ok", "success": True}, content_type=PLAIN)


def _row(account: Account, record: Record) -> Row:
    body = record.body
    return {
        "id": int(record.id), "company_id": account.credentials.company_id, "owner_id": body["user_id"],
        "user_id": body["user_id"], "event_action": body["event_action"], "event_object": body["event_object"],
        "subscription_url": body["subscription_url"], "version": body["version"], "is_active": 1,
        "add_time": record.created,
        "remove_time": None, "type": "general", "http_auth_user": body["http_auth_user"],
        "http_auth_password": body["http_auth_password"], "remove_reason": None, "last_delivery_time": None,
        "last_http_status": None, "admin_id": body["user_id"], "name": body["name"],
    }  # fmt: skip
