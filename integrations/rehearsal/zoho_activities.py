"""How the world's calls, meetings, e-mails and notes look in a Zoho organisation."""

import hashlib
import html
from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from integrations.zoho.simulator import Store, stored

from .activities import Activity
from .world import OWN_DOMAIN
from .zoho_rows import Body, Row, account_id, activity_id, contact_id, filled, user_id

TEAM = f"success@{OWN_DOMAIN}"


def fill(store: Store, found: Iterable[Activity]) -> None:
    rows: dict[str, list[Row]] = defaultdict(list)
    for one in found:
        when = _when(store, one)
        kind, record_id, body = _row(one, when)
        made = when + timedelta(minutes=one.minutes)
        rows[kind].append((record_id, body, made, made))
    for kind, those in rows.items():
        # Made in the order of their ids, as records are that people create one after the other.
        store.load(kind, sorted(those, key=lambda row: row[0]))


def _row(one: Activity, when: datetime) -> tuple[str, str, Body]:
    match one.kind:
        case "call":
            return "Calls", activity_id(one.number), _activity(
                one, Call_Type="Inbound" if one.incoming else "Outbound", Call_Start_Time=stored(when),
                Call_Duration=f"{one.minutes:02d}:00", Outbound_Call_Status=None if one.incoming else "Completed",
            )  # fmt: skip
        case "meeting":
            ends = when + timedelta(minutes=one.minutes)
            body = _activity(one, Start_DateTime=stored(when), End_DateTime=stored(ends), Event_Title=one.subject)
            del body["Subject"]
            return "Events", activity_id(one.number), body
        case "email":
            return "_email", hashlib.sha256(f"practice {one.number}".encode()).hexdigest(), _email(one, when)
        case "note" | "paper note":
            body = filled(Note_Title=one.subject, Note_Content=one.text, Parent_Id=account_id(one.company), **_by(one))
            return "Notes", activity_id(one.number), {**body, "$se_module": "Accounts"}
    done = one.kind != "open task"
    subject = f"Email: {one.subject}" if one.kind == "old email" else one.subject
    return "Tasks", activity_id(one.number), _activity(
        one, Subject=subject, Status="Completed" if done else "Not Started", Priority="Normal",
        Due_Date=when.date().isoformat(), Closed_Time=stored(when) if done else None,
    )  # fmt: skip


def _when(store: Store, one: Activity) -> datetime:
    day = store.clock() - timedelta(days=one.days_ago)
    return day.replace(hour=one.hour, minute=0, second=0, microsecond=0)


def _by(one: Activity) -> dict[str, str]:
    by = user_id(one.owner)
    return {"Owner": by, "Created_By": by, "Modified_By": by}


def _activity(one: Activity, **more: Any) -> Body:
    values = {"Subject": one.subject, "Description": one.text, **more}
    body = filled(
        **values, What_Id=account_id(one.company), Who_Id=contact_id(one.person) if one.person else None, **_by(one)
    )
    return {**body, "$se_module": "Accounts"}


def _email(one: Activity, when: datetime) -> Body:
    customer = {"user_name": None, "email": one.address or f"office@customer-{one.company}.example"}
    team = {"user_name": "Customer success", "email": TEAM}
    paragraphs = "".join(f"<p>{html.escape(line)}</p>" for line in one.text.split("\n"))
    record, module = (
        (contact_id(one.person), "Contacts") if one.person and one.number % 2 else (account_id(one.company), "Accounts")
    )
    return {
        "module": module, "record": record, "from": customer if one.incoming else team, "cc": None,
        "to": [team if one.incoming else customer], "subject": one.subject, "content": paragraphs, "time": stored(when),
        "sent": not one.incoming, "by": user_id(one.owner),
    }  # fmt: skip
