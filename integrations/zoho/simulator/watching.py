"""Notifications: channels that last a week at most, and calls that carry ids and nothing else."""

# Source: the V7 pages on notifications, and the vendor's description of `/actions/watch` in v8.

from datetime import datetime, timedelta
from typing import Any

import orjson

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account, items_of
from .errors import ZohoError, invalid, mandatory, missing_param
from .moments import Zone, parsed, shown, stored
from .schema import Module

KIND = "_watch"
LONGEST, SHORTEST, LONGEST_TOKEN = timedelta(days=7), timedelta(hours=1), 50
_OPERATIONS = {"insert": "create", "update": "edit", "delete": "delete"}
_SUBSCRIBED = "Successfully subscribed for actions-watch of the given module"


def announce(account: Account, module: Module, operation: str, ids: list[str]) -> None:
    if not ids:
        return
    wanted = {f"{module.name}.all", f"{module.name}.{_OPERATIONS[operation]}"}
    for channel in account.store.find(KIND):
        body = channel.body
        if body["expires"] <= stored(account.now()) or not wanted & set(body["events"]):
            continue
        call = {
            "server_time": int(account.now().timestamp() * 1000), "query_params": {}, "module": module.name,
            "resource_uri": f"https://www.zohoapis.eu/crm/v2/{module.name}", "ids": ids, "affected_fields": [],
            "operation": operation, "channel_id": body["channel_id"], "token": body["token"],
        }  # fmt: skip
        account.store.execute(
            "INSERT INTO _notice (url, body) VALUES (?, ?)", (body["notify_url"], orjson.dumps(call).decode())
        )
        if account.deliver:
            account.deliver(body["notify_url"], call)


# --- Over HTTP -------------------------------------------------------------------------------------------------------
def subscribe(account: Account, request: Request) -> Response:
    """POST makes channels; PUT makes them anew."""
    account.require(request, "ZohoCRM.notifications.CREATE")
    results, statuses = [], []
    for number, one in enumerate(items_of(request, "watch")):
        try:
            results.append(_keep(account, request, one, f"$.watch[{number}]"))
            statuses.append(201)
        except ZohoError as error:
            results.append(error.body())
            statuses.append(error.status)
    return Response({"watch": results}, _status(statuses, 201))


def _status(statuses: list[int], good: int) -> int:
    bad = [one for one in statuses if one != good]
    return good if not bad else 207 if len(bad) < len(statuses) else bad[0]


def _keep(account: Account, request: Request, wanted: Any, path: str) -> dict[str, Any]:
    if not isinstance(wanted, dict):
        raise invalid(expected_data_type="jsonobject", json_path=path)
    for name in ("channel_id", "events", "notify_url"):
        if not wanted.get(name):
            raise mandatory(name, f"{path}.{name}")
    modules = _modules(account, wanted["events"], path)
    token = str(wanted.get("token") or "")
    if len(token) > LONGEST_TOKEN:
        raise invalid(api_name="token", json_path=f"{path}.token", maximum_length=LONGEST_TOKEN)
    channel_id = str(wanted["channel_id"])
    if not channel_id.isdecimal():
        raise invalid(expected_data_type="bigint", api_name="channel_id", json_path=f"{path}.channel_id")
    for old in account.store.find(KIND, "json_extract(body, '$.channel_id') = ?", (channel_id,)):
        account.store.purge(old)
    expires = stored(_expiry(account, wanted.get("channel_expiry")))
    body = {
        "channel_id": channel_id, "events": list(wanted["events"]), "notify_url": wanted["notify_url"],
        "token": token or None,
        "expires": expires, "related": bool(wanted.get("notify_on_related_action")),
    }  # fmt: skip
    record = account.store.insert(KIND, body)
    events = [_event(record, module, account.zone(request.user_id)) for module in modules]
    return {"code": "SUCCESS", "details": {"events": events}, "message": _SUBSCRIBED, "status": "success"}


def _modules(account: Account, events: Any, path: str) -> list[Module]:
    found: dict[str, Module] = {}
    for number, event in enumerate(events if isinstance(events, list) else [events]):
        name, _, operation = str(event).partition(".")
        module = account.schema.modules.get(name)
        if module is None or operation not in {*_OPERATIONS.values(), "all"}:
            raise invalid(api_name="events", json_path=f"{path}.events[{number}]")
        found[name] = module
    return list(found.values())


def _expiry(account: Account, wanted: Any) -> datetime:
    """An hour where none is given, and where more than a week is asked for."""
    moment = parsed(wanted)
    now = account.now()
    return moment if moment and now < moment <= now + LONGEST else now + SHORTEST


def _event(record: Record, module: Module, zone: Zone) -> dict[str, Any]:
    return {
        "channel_expiry": shown(record.body["expires"], zone),
        "resource_uri": f"https://www.zohoapis.eu/crm/v2/{module.name}",
        "resource_id": module.id, "resource_name": module.name, "channel_id": record.body["channel_id"],
    }  # fmt: skip


def renew(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.notifications.UPDATE")
    results, statuses = [], []
    for number, one in enumerate(items_of(request, "watch")):
        channel = _channel(account, str(one.get("channel_id", "")) if isinstance(one, dict) else "")
        if channel is None:
            results.append(_not_subscribed(f"$.watch[{number}].channel_id").body())
            statuses.append(400)
            continue
        if one.get("_delete_events"):
            account.store.purge(channel)
        else:
            channel.body |= {k: one[k] for k in ("token", "notify_url", "events") if one.get(k)}
            channel.body["expires"] = stored(_expiry(account, one.get("channel_expiry")))
            account.store.save(channel)
        zone = account.zone(request.user_id)
        events = [_event(channel, m, zone) for m in _modules(account, channel.body["events"], "")]
        said = "Successfully updated the subscribe details"
        results.append({"code": "SUCCESS", "details": {"events": events}, "message": said, "status": "success"})
        statuses.append(200)
    return Response({"watch": results}, _status(statuses, 200))


def _channel(account: Account, channel_id: str) -> Record | None:
    found = account.store.find(KIND, "json_extract(body, '$.channel_id') = ?", (channel_id,))
    return found[0] if found and found[0].body["expires"] > stored(account.now()) else None


def _not_subscribed(path: str) -> ZohoError:
    return ZohoError(
        "NOT_SUBSCRIBED", "Not subscribed for actions-watch", details={"api_name": "channel_id", "json_path": path}
    )


def channels(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.notifications.READ")
    zone = account.zone(request.user_id)
    rows: list[dict[str, Any]] = []
    for one in account.store.find(KIND):
        if (
            one.body["expires"] <= stored(account.now())
            or request.query.get("channel_id", one.body["channel_id"]) != one.body["channel_id"]
        ):
            continue
        rows.extend(
            {
                "notify_on_related_action": one.body["related"], "return_affected_field_values": False,
                "notify_url": one.body["notify_url"], "fields": None, "notification_condition": None,
                "events": [e for e in one.body["events"] if e.startswith(f"{module.name}.")],
                "token": one.body["token"],
                **_event(one, module, zone),
            }
            for module in _modules(account, one.body["events"], "")
        )  # fmt: skip
    if not rows:
        return Response(None, 204)
    info = {"per_page": 200, "count": len(rows), "page": 1, "more_records": False}
    return Response({"watch": rows, "info": info})


def unsubscribe(account: Account, request: Request) -> Response:
    account.require(request, "ZohoCRM.notifications.DELETE")
    ids = [one.strip() for one in request.query.get("channel_ids", "").split(",") if one.strip()]
    if not ids:
        raise missing_param("channel_ids")
    results, statuses = [], []
    for one in ids:
        channel = _channel(account, one)
        if channel is None:
            results.append(_not_subscribed("$.query.channel_ids").body())
            statuses.append(400)
            continue
        for module in _modules(account, channel.body["events"], ""):
            details = {
                "resource_uri": f"https://www.zohoapis.eu/crm/v2/{module.name}",
                "resource_id": module.id,
                "channel_id": one,
            }
            said = "Successfully un-subscribed from actions-watch"
            results.append({"code": "SUCCESS", "details": details, "message": said, "status": "success"})
            statuses.append(200)
        account.store.purge(channel)
    return Response({"watch": results}, _status(statuses, 200))
