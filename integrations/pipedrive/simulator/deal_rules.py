"""What a deal keeps true by itself: its stage fits its pipeline, its times fit its status. Won and lost are no stages."""

from collections.abc import Mapping
from typing import Any

from . import stamps
from .account import Account, Asker
from .errors import invalid
from .objects import at

Body = dict[str, Any]
_STATUSES = ("open", "won", "lost")
_ONLY_WITH = {
    "lost_reason": ("lost",), "lost_time": ("lost",), "won_time": ("won",), "close_time": ("won", "lost"),
}  # fmt: skip


def blank(account: Account, asker: Asker) -> Body:
    return {
        "creator_user_id": asker.user_id, "value": 0, "currency": account.user().body["default_currency"],
        "status": "open",
        "is_archived": False, "origin": "API", "acv": None, "arr": None, "mrr": None,
    }  # fmt: skip


def apply(account: Account, asker: Asker, body: Body, before: Body, given: Mapping[str, Any]) -> None:
    _place(account, body, given)
    if body["status"] not in _STATUSES:
        raise invalid("status: Parameter 'status' must be one of open, won, lost")
    for key, fitting in _ONLY_WITH.items():
        if given.get(key) is not None and body["status"] not in fitting:
            raise invalid(f"{key}: Parameter '{key}' is allowed only with status {' or '.join(fitting)}")
    settle(body, before, given, stamps.v2(asker.now) or "")


def settle(body: Body, before: Body, given: Mapping[str, Any], now: str) -> None:
    """The times that go with a change of status, stage or archive."""
    if body["status"] != before.get("status", "open") or (not before and body["status"] != "open"):
        won, lost = body["status"] == "won", body["status"] == "lost"
        body["won_time"] = given.get("won_time", now) if won else None
        body["lost_time"] = given.get("lost_time", now) if lost else None
        body["close_time"] = given.get("close_time") or body["won_time"] or body["lost_time"]
        if not lost:
            body["lost_reason"] = None
    if before.get("stage_id") not in (None, body["stage_id"]):
        body["stage_change_time"] = now
    if body.get("is_archived") and not before.get("is_archived"):
        body["archive_time"] = given.get("archive_time") or now
    if not body.get("is_archived"):
        body["archive_time"] = None


def _place(account: Account, body: Body, given: Mapping[str, Any]) -> None:
    """A stage of another pipeline needs that pipeline beside it; a pipeline alone means its first stage."""
    stages = account.book.find("stage", order=f"{at('order_nr')}, row")
    if given.get("stage_id") is not None:
        stage = next(s for s in stages if int(s.id) == given["stage_id"])
        wanted = given.get("pipeline_id", body.get("pipeline_id"))
        if wanted is not None and stage.body["pipeline_id"] != wanted:
            raise invalid("stage_id: Stage does not belong to the pipeline of the deal")
        body["pipeline_id"] = stage.body["pipeline_id"]
    elif given.get("pipeline_id") is not None or body.get("stage_id") is None:
        wanted = given.get("pipeline_id") or next((s.body["pipeline_id"] for s in stages), None)
        first = next((s for s in stages if s.body["pipeline_id"] == wanted), None)
        if first is None:
            raise invalid("pipeline_id: Pipeline has no stages")
        body["pipeline_id"], body["stage_id"] = wanted, int(first.id)
