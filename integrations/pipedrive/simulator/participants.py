"""Who takes part in a deal beside its person (v1)."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import stamps
from .account import Account
from .errors import PLAIN, bad_request, v1_missing
from .objects import at
from .paging import Slice
from .shapes_v1 import ShaperV1, owner
from .whole import is_whole

Row = dict[str, Any]
KIND = "participant"


def list_participants(account: Account, request: Request, number: str) -> Response:
    deal, part = _deal(account, number), Slice.of(request)
    mine, values = f"{at('deal_id')} = ?", [int(deal.id)]
    found = account.book.find(KIND, mine, values, limit=part.limit + 1, offset=part.start)
    return part.answer(_rows(account, request, deal, found[: part.limit]), more=len(found) > part.limit)


def add_participant(account: Account, request: Request, number: str) -> Response:
    deal, person = _deal(account, number), request.record.get("person_id")
    if not isinstance(person, int):
        raise bad_request()
    if account.book.get("person", person) is None:
        raise v1_missing("Person")
    record = account.book.add(KIND, {"deal_id": int(deal.id), "person_id": person, "user_id": int(request.user_id)})
    [row] = _rows(account, request, deal, [record])
    return Response({"success": True, "data": row}, content_type=PLAIN)


def _deal(account: Account, number: str) -> Record:
    found = account.book.get("deal", number) if is_whole(number) else None
    if found is None:
        raise v1_missing("Deal")
    return found


def _rows(account: Account, request: Request, deal: Record, records: list[Record]) -> list[Row]:
    known = account.book.many("person", [r.body["person_id"] for r in records])
    people = [known[key] for key in known]
    shaped = {row["id"]: row for row in ShaperV1(account, account.asker(request), "person", people).rows()}
    users = account.book.many("user", [r.body["user_id"] for r in records])
    return [_row(deal, one, shaped.get(one.body["person_id"]), users.get(str(one.body["user_id"]))) for one in records]


def _row(deal: Record, record: Record, person: Row | None, user: Record | None) -> Row:
    short = None
    if person:
        short = {key: person[key] for key in ("active_flag", "name", "email", "phone", "company_id")}
        short |= {"owner_id": person["owner_id"]["value"], "value": person["id"]}
    return {
        "id": int(record.id), "person_id": short, "add_time": stamps.v1(record.created), "active_flag": True,
        "related_item_data": {"deal_id": int(deal.id), "title": deal.body["title"]}, "person": person,
        "added_by_user_id": {**(owner(user) or {}), "value": record.body["user_id"]}, "related_item_type": "deal",
        "related_item_id": int(deal.id),
    }  # fmt: skip
