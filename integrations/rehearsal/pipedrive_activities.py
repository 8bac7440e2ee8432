"""How the world's calls, meetings, e-mails and notes look in a Pipedrive account."""

import html
from collections import defaultdict
from datetime import datetime, timedelta
from typing import Any

from integrations.pipedrive.simulator import PipedriveBook

from .activities import Activity, activities
from .pipedrive_users import user_id
from .world import OWN_DOMAIN, World

Row = dict[str, Any]
TEAM = f"success@{OWN_DOMAIN}"
CONNECTING = 1
"""The colleague whose mailbox every fourth e-mail is in: others' mailboxes are closed to the connection."""
_TYPES = {"call": "call", "meeting": "meeting", "old email": "email", "task note": "task", "open task": "task"}


def fill(book: PipedriveBook, world: World) -> None:
    rows: dict[str, list[tuple[int | str, Row, datetime, datetime]]] = defaultdict(list)
    now = book.clock()
    for one in activities(world):
        day = now - timedelta(days=one.days_ago)
        when = day.replace(hour=one.hour, minute=0, second=0, microsecond=0)
        done = when + timedelta(minutes=one.minutes)
        for kind, body in _bodies(one, when, done):
            rows[kind].append((one.number, body, when, done))
    for kind, those in rows.items():
        book.load(kind, those)


def _bodies(one: Activity, when: datetime, done: datetime) -> list[tuple[str, Row]]:
    if one.kind in _TYPES:
        return [("activity", _activity(one, when, done))]
    if one.kind == "email":
        return [("mailThread", _thread(one, when)), ("mailMessage", _message(one, when))]
    return [("note", _note(one))]


def _activity(one: Activity, when: datetime, done: datetime) -> Row:
    is_done = one.kind != "open task"
    timed = one.kind in ("call", "meeting")
    return {
        "subject": one.subject, "type": _TYPES[one.kind], "owner_id": user_id(one.owner),
        "creator_user_id": user_id(one.owner), "org_id": one.company, "person_id": one.person, "deal_id": None,
        "lead_id": None, "project_id": None, "due_date": when.date().isoformat(),
        "due_time": when.strftime("%H:%M:%S") if timed else None,
        "duration": f"{one.minutes // 60:02d}:{one.minutes % 60:02d}:00" if timed else None, "done": is_done,
        "busy": timed,
        "marked_as_done_time": done.strftime("%Y-%m-%dT%H:%M:%SZ") if is_done else None,
        "participants": [{"person_id": one.person, "primary": True}] if one.person else [],
        # What is written in the app comes as HTML.
        "note": html.escape(one.text).replace("\n", "<br>"),
    }  # fmt: skip


def _note(one: Activity) -> Row:
    title = html.escape(one.subject)
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in one.text.split("\n"))
    return {
        "user_id": user_id(one.owner), "content": f"<b>{title}</b>{paragraphs}", "org_id": one.company,
        "person_id": one.person, "deal_id": None, "lead_id": None,
    }  # fmt: skip


def _parties(one: Activity) -> tuple[Row, Row]:
    address = one.address or f"office@customer-{one.company}.example"
    customer = {"id": 2, "email_address": address, "name": "", "linked_person_id": one.person}
    team = {"id": 1, "email_address": TEAM, "name": "Aldervale", "linked_person_id": None}
    return (customer, team) if one.incoming else (team, customer)


def _mailbox(one: Activity) -> int:
    return user_id(CONNECTING if one.number % 4 == 0 else one.owner)


def _message(one: Activity, when: datetime) -> Row:
    sender, receiver = _parties(one)
    return {
        "mail_thread_id": one.number, "user_id": _mailbox(one), "subject": one.subject, "body": one.text,
        "from": [sender], "to": [receiver], "cc": [], "bcc": [], "org_id": one.company, "person_id": one.person,
        "sent_flag": int(not one.incoming), "message_time": when.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }  # fmt: skip


def _thread(one: Activity, when: datetime) -> Row:
    sender, receiver = _parties(one)
    return {
        "user_id": _mailbox(one), "folder": "inbox" if one.incoming else "sent", "subject": one.subject,
        "snippet": one.text[:100], "parties": {"from": [sender], "to": [receiver]},
        "last_message_timestamp": when.strftime("%Y-%m-%dT%H:%M:%S.000Z"),
    }  # fmt: skip
