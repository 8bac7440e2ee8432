"""What happened around an object: an index of its own beside the records, which learns of them late."""

import hashlib
from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import doings, filters, sales, shapes, thirds
from .account import Account
from .errors import not_found
from .kind import Condition, Filter, Kind, Order, Told
from .listing import searched
from .rules import PERIOD, integer, items, one_of, shape
from .times import kept, told

_ENTITIES = (
    "email", "calendar_event", "staff", "task", "comment", "snippettracking", "phonecall", "contact", "prospect", "opportunity",
    "campaign", "client", "supplier", "invoice", "estimate",
)  # fmt: skip
_SIDES = ("company", "individual", "opportunity", "contact")
# Where an object's own day is kept; a comment's is the moment of its creation.
_DAYS = {"phonecall": "date", "calendar_event": "datetime_start", "task": "due_date"}
_TELL = {
    "phonecall": doings.CALL.tell, "comment": doings.COMMENT.tell, "calendar_event": doings.EVENT.tell,
    "task": doings.TASK.tell, "opportunity": sales.DEAL.tell, "company": thirds.COMPANY.tell, "contact": thirds.CONTACT.tell,
    "email": lambda _account, records: [shapes.email(one) for one in records],
}  # fmt: skip
NOTED = frozenset(_DAYS) | {"comment", "email"}


def row(event: str, record: Record, *, at: str | None = None, more: Told | None = None) -> Told:
    """The body of an activity. Several may tell of one object: an e-mail that was sent, then opened twice."""
    body = record.body
    at = at or record.created
    details: Told = {}
    if record.kind == "phonecall":
        details = {
            "source": body.get("source"), "status": body.get("result"), "label": str(body.get("topic") or ""),
            "priority": body.get("priority") or 0,
        }  # fmt: skip
    return {
        "event": event,
        "object": {"type": record.kind, "id": record.id if record.kind == "email" else int(record.id)},
        "due": body.get(_DAYS.get(record.kind, "")) or at,
        "at": at,
        "details": details,
        "more": more or {},
        "related": body.get("related") or [],
        "owner_id": body.get("owner_id"),
        "subject": f"{record.kind}:{record.id}",
    }


def note(account: Account, event: str, record: Record, more: Told | None = None) -> None:
    account.store.add("activity", row(event, record, more=more))


def follow(account: Account, record: Record) -> None:
    """The index keeps what the object says now; a deleted object takes its rows along."""
    for one in account.store.find("activity", f"{filters.body('subject')} = ?", [f"{record.kind}:{record.id}"]):
        if record.gone:
            account.store.purge(one)
        else:
            fresh = row(one.body["event"], record, at=one.body["at"], more=one.body["more"])
            one.body.update(fresh)
            account.store.write(one, stamped=False)


def _tell(account: Account, records: Sequence[Record]) -> list[Told]:
    models: dict[tuple[str, str], Told] = {}
    for kind, tell in _TELL.items():
        wanted = {one.body["object"]["id"] for one in records if one.body["object"]["type"] == kind}
        found = account.store.many(kind, wanted) if wanted else {}
        for key, model in zip(found, tell(account, list(found.values())), strict=True) if found else ():
            models[kind, key] = model
    return [_one(record, models) for record in records]


def _one(record: Record, models: dict[tuple[str, str], Told]) -> Told:
    body = record.body
    target = body["object"]
    staff = [{"type": "staff", "id": body["owner_id"]}] if body.get("owner_id") else []
    return {
        "id": hashlib.sha256(f"activity {record.id}".encode()).hexdigest()[:20],
        "author": {"type": "staff", "id": body.get("owner_id")},
        "due_date": told(body["due"]),
        "event_date": told(body["at"]),
        "event_details": body["details"] or [],
        "object": {**target, "model": models.get((target["type"], str(target["id"])))},
        "event": body["event"],
        # PHP writes an empty map as a list (recorded).
        "event_more": body["more"] or [],
        "related": [*body["related"], *staff],
    }


def _is_about(value: Any) -> Condition:
    return f"{filters.body('subject')} = ?", [f"{value.get('type')}:{value.get('id')}"]


def _is_near(value: Any) -> Condition:
    return filters.related_objects(_SIDES).condition([value])


ACTIVITY = Kind(
    "activity", _tell, {"due_date": Order(filters.texts("due"))}, "due_date",
    {
        "entity": Filter(shape(type=one_of(*_ENTITIES), id=integer()), _is_about),
        "entities": filters.among(filters.body("object.type"), one_of(*_ENTITIES)),
        "due_date": filters.within(filters.body("due"), PERIOD.or_null),
        "activity_level": Filter(items(one_of("main", "secondary")), lambda _value: ("1", [])),
        "object_related": Filter(shape(type=one_of(*_SIDES).must, id=integer(1).must), _is_near),
    },
)  # fmt: skip
_TIMELINE = Kind(
    "activity", _tell, ACTIVITY.orders, "due_date",
    {name: one for name, one in ACTIVITY.filters.items() if name != "object_related"},
)  # fmt: skip


def _indexed(account: Account) -> Condition:
    return "created <= ?", [kept(account.now() - timedelta(seconds=account.faults.index_lag))]


def search(account: Account, request: Request) -> Response:
    return searched(account, request, ACTIVITY, [_indexed(account)])


def timeline(account: Account, request: Request, sort: str, number: str) -> Response:
    account.must_get(sort, number)
    return searched(account, request, _TIMELINE, [_indexed(account), _is_near({"type": sort, "id": int(number)})])


def read_email(account: Account, _request: Request, number: str) -> Response:
    record = account.store.get("email", number)
    if record is None:
        raise not_found()
    return Response(shapes.email(record), 200, {}, "application/json")
