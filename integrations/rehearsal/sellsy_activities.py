"""How the world's calls, meetings, e-mails and notes look in Sellsy: objects of their own, and rows in the index of activities."""

import hashlib
import html
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from integrations.sellsy.simulator import Store, activities

from .activities import Activity
from .sellsy_words import Body, moment
from .world import OWN_DOMAIN

Row = tuple[int | str, Body, datetime, datetime]
TEAM = f"success@{OWN_DOMAIN}"
_KINDS = {
    "call": "phonecall", "meeting": "calendar_event", "email": "email", "old email": "email", "note": "comment",
    "paper note": "comment", "task note": "task", "open task": "task",
}  # fmt: skip


def fill(store: Store, found: Iterable[Activity]) -> None:
    rows: dict[str, list[Row]] = defaultdict(list)
    for one in found:
        kind = _KINDS[one.kind]
        rows[kind].append(_row(store, one, kind, len(rows[kind]) + 1))
    for kind, those in rows.items():
        store.load(kind, those)
    store.load("activity", _index(store, rows))


def _row(store: Store, one: Activity, kind: str, number: int) -> Row:
    when = _when(store, one)
    made = when + timedelta(minutes=one.minutes)
    body = {"owner_id": one.owner, "related": _related(one), "priority": 0, **_body(one, kind, when)}
    record_id = hashlib.sha256(f"email {number}".encode()).hexdigest()[:20] if kind == "email" else number
    return record_id, body, made, made


def _when(store: Store, one: Activity) -> datetime:
    day = store.clock() - timedelta(days=one.days_ago)
    return day.replace(hour=one.hour, minute=0, second=0, microsecond=0)


def _related(one: Activity) -> list[Body]:
    company = {"id": one.company, "type": "company"}
    contact = [{"id": one.person, "type": "contact"}] if one.person else []
    if _KINDS[one.kind] == "comment":
        # A comment hangs on exactly one thing.
        return [company]
    # Every third is noted at the person alone: its company is known only by the links.
    return contact if contact and one.number % 3 == 0 else [company, *contact]


def _body(one: Activity, kind: str, when: datetime) -> Body:
    ends = moment(when + timedelta(minutes=one.minutes))
    match kind:
        case "phonecall":
            return {
                "date": moment(when), "duration": one.minutes * 60, "result": "connected", "topic": one.number % 3 + 1,
                "source": "incoming" if one.incoming else "outcoming", "description": f"{one.subject}\n{one.text}",
            }  # fmt: skip
        case "calendar_event":
            guests = [{"id": one.person, "type": "contact"}] if one.person else []
            return {
                "title": one.subject, "description": one.text, "datetime_start": moment(when), "datetime_end": ends,
                "label_id": one.number % 3 + 1, "participants": [{"id": one.owner, "type": "staff"}, *guests],
            }  # fmt: skip
        case "task":
            return {
                "title": one.subject, "description": one.text, "due_date": moment(when), "label_id": one.number % 3 + 1,
                "status": "todo" if one.kind == "open task" else "done", "assigned_staff_ids": [one.owner],
            }  # fmt: skip
        case "email":
            other = one.address or f"office@customer-{one.company}.example"
            sender, receiver = (other, TEAM) if one.incoming else (TEAM, other)
            return {
                "subject": one.subject, "content": _paragraphs(one.text), "from": sender, "participants": [sender, receiver],
                "incoming": one.incoming,
            }  # fmt: skip
    return {"description": _paragraphs(f"{one.subject}\n{one.text}")}


def _paragraphs(text: str) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in text.split("\n"))


def _index(store: Store, rows: dict[str, list[Row]]) -> Iterator[tuple[int, Body, datetime, datetime]]:
    number = 0
    for kind in rows:
        for record in store.all(kind) if kind != "email" else store.find(kind):
            for event in _events(kind, record.body, number):
                number += 1
                made = datetime.fromisoformat(record.created)
                yield number, activities.row(event, record, more=_more(kind, record.body)), made, made


def _events(kind: str, body: Body, number: int) -> tuple[str, ...]:
    if kind != "email":
        return (f"{kind}.created",)
    if body["incoming"]:
        return ("emailengine.received",)
    # Several rows may tell of one e-mail.
    return ("emailengine.sent", "emailengine.opened") if number % 4 == 0 else ("emailengine.sent",)


def _more(kind: str, body: Body) -> Body:
    if kind != "email":
        return {}
    return {"subject": body["subject"], "snippet": body["content"][:80], "from": body["from"]}
