"""Call logs (v1): only the caller's own, fifty a page, no dates to narrow them by."""

import secrets
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from .account import Account
from .errors import PLAIN, bad_request, v1_error
from .objects import at
from .paging import Slice

Row = dict[str, Any]
MOST = 50
_OUTCOMES = ("connected", "no_answer", "left_message", "left_voicemail", "wrong_number", "busy")
_REQUIRED = ("outcome", "to_phone_number", "start_time", "end_time")
_KEYS = (
    "activity_id", "person_id", "org_id", "deal_id", "lead_id", "subject", "duration", "outcome", "from_phone_number",
    "to_phone_number", "start_time", "end_time", "note",
)  # fmt: skip


def list_calls(account: Account, request: Request) -> Response:
    part = Slice.of(request, MOST)
    mine, you = f"{at('user_id')} = ?", [int(request.user_id)]
    found = account.book.find("callLog", mine, you, limit=part.limit + 1, offset=part.start)
    return part.answer([_row(account, one) for one in found[: part.limit]], more=len(found) > part.limit)


def read_call(account: Account, _request: Request, number: str) -> Response:
    return Response({"success": True, "data": _row(account, _call(account, number))}, content_type=PLAIN)


def create_call(account: Account, request: Request) -> Response:
    given = request.record
    if any(not given.get(name) for name in _REQUIRED) or given["outcome"] not in _OUTCOMES:
        raise bad_request()
    body = {"user_id": int(request.user_id), **{name: given.get(name) for name in _KEYS}}
    record = account.book.insert("callLog", body, "CA" + secrets.token_hex(14))
    return Response({"success": True, "data": _row(account, record)}, content_type=PLAIN)


def delete_call(account: Account, _request: Request, number: str) -> Response:
    account.book.remove(_call(account, number))
    return Response({"success": True}, content_type=PLAIN)


def _call(account: Account, number: str) -> Record:
    found = account.book.get("callLog", number)
    if found is None:
        raise v1_error(404, "A resource required for this operation was not found.")
    return found


def _row(account: Account, record: Record) -> Row:
    given = {name: value for name, value in record.body.items() if value is not None}
    return {"id": record.id, "has_recording": False, "company_id": account.credentials.company_id, **given}
