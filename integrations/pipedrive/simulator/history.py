"""What happened to one record (v1): the change log field by field, and the flow of changes, activities and notes."""

from typing import Any

from integrations.simulation.messages import Request, Response

from . import mailbox, notes, stamps
from .account import Account
from .errors import PLAIN, bad_request, v1_missing
from .objects import BY_PLURAL, at
from .paging import Slice
from .shapes_v1 import ShaperV1
from .whole import is_whole

Row = dict[str, Any]
_LINK = {"organizations": "org_id", "persons": "person_id", "deals": "deal_id"}
_COLUMNS = "id, field, old, new, user_id, at, source"


def changelog(account: Account, request: Request, plural: str, number: str) -> Response:
    """The newest first, under a cursor of its own kind."""
    kind, limit = _known(account, plural, number), Slice.of(request).limit
    cursor = request.query.get("cursor") or "id:999999999999999999"
    if not cursor.startswith("id:") or not is_whole(cursor[3:]):
        raise bad_request()
    sql = f"SELECT {_COLUMNS} FROM _history WHERE kind = ? AND item = ? AND id < ? ORDER BY id DESC LIMIT ?"  # noqa: S608
    found = account.book.execute(sql, (kind, int(number), int(cursor[3:]), limit + 1)).fetchall()
    rows = [
        {
            "field_key": field, "old_value": old, "new_value": new, "actor_user_id": user, "time": stamps.v1(moment),
            "change_source": source, "change_source_user_agent": None, "is_bulk_update_flag": False,
        }
        for _, field, old, new, user, moment, source in found[:limit]
    ]  # fmt: skip
    following = f"id:{found[limit - 1][0]}" if len(found) > limit else None
    return Response({"success": True, "data": rows, "additional_data": {"next_cursor": following}}, content_type=PLAIN)


def flow(account: Account, request: Request, plural: str, number: str) -> Response:
    kind, asker = _known(account, plural, number), account.asker(request)
    sql = f"SELECT {_COLUMNS} FROM _history WHERE kind = ? AND item = ?"  # noqa: S608  constants
    rows: list[Row] = [
        {
            "object": f"{kind}Change", "timestamp": stamps.v1(moment),
            "data": {
                "id": change, "item_id": int(number), "user_id": user, "field_key": field, "old_value": old,
                "new_value": new,
                "is_bulk_update_flag": None, "log_time": stamps.v1(moment), "change_source": source,
                "change_source_user_agent": None, "additional_data": {},
            },
        }
        for change, field, old, new, user, moment, source in account.book.execute(sql, (kind, int(number)))
    ]  # fmt: skip
    linked = f"{at(_LINK[plural])} = ?"
    done, written, mails = (
        account.book.find(one, linked, [int(number)]) for one in ("activity", "note", "mailMessage")
    )  # fmt: skip
    activities = ShaperV1(account, asker, "activity", done)
    shown = [*activities.rows(), *notes.rows(account, asker, written)]
    shown += [mailbox.message_row(account, one, with_body=False) for one in mails]
    for record, row in zip((*done, *written, *mails), shown, strict=True):
        rows.append({"object": record.kind, "timestamp": stamps.v1(record.created), "data": row})
    wanted = [one for one in request.query.get("items", "").split(",") if one]
    rows = [
        one
        for one in rows
        if not wanted or one["object"] in wanted or ("change" in wanted and "Change" in one["object"])
    ]
    newest = sorted(rows, key=lambda one: str(one["timestamp"]), reverse=True)
    return Slice.of(request).answer_all(newest, related_objects=activities.related("person"))


def _known(account: Account, plural: str, number: str) -> str:
    obj = BY_PLURAL[plural]
    if not is_whole(number) or account.book.get(obj.kind, number) is None:
        raise v1_missing(obj.noun)
    return obj.kind
