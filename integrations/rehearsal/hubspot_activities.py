"""How the world's calls, meetings, e-mails, notes and tasks look in a HubSpot portal."""

import html
import json
from collections import defaultdict
from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from integrations.hubspot.simulator import Portal, load_links
from integrations.hubspot.simulator.derive import follow
from integrations.hubspot.simulator.moments import told

from .activities import Activity
from .hubspot_ids import owner_id, record_id
from .world import OWN_DOMAIN

Body = dict[str, Any]
TEAM = f"success@{OWN_DOMAIN}"
KINDS = {
    "call": "calls", "meeting": "meetings", "email": "emails", "old email": "emails", "note": "notes",
    "paper note": "notes",
    "task note": "tasks", "open task": "tasks",
}  # fmt: skip
_TYPES = {
    "notes": (190, 202), "calls": (182, 194), "emails": (186, 198), "meetings": (188, 200), "tasks": (192, 204),
}  # fmt: skip


def fill(portal: Portal, found: Iterable[Activity], people: set[int]) -> None:
    rows: dict[str, list[tuple[str, Body, datetime, datetime]]] = defaultdict(list)
    links = []
    for one in found:
        kind, when = KINDS[one.kind], _when(portal, one)
        body = {name: value for name, value in _body(one, when).items() if value is not None}
        follow(portal, kind, {}, body, told(when))
        made = when + timedelta(minutes=one.minutes)
        rows[kind].append((_id(one), body, made, made))
        links += list(_links(one, kind, people))
    for kind, those in rows.items():
        portal.store.load(kind, those)
    load_links(portal.store, links)
    _count(portal)


def _id(one: Activity) -> str:
    return record_id(800_000 + one.number)


def _links(one: Activity, kind: str, people: set[int]) -> Iterator[tuple[int, tuple[str, str], tuple[str, str]]]:
    company, contact = _TYPES[kind]
    yield company, (kind, _id(one)), ("companies", record_id(one.company))
    if one.person in people and one.person is not None:
        yield contact, (kind, _id(one)), ("contacts", record_id(one.person))


def _count(portal: Portal) -> None:
    """Roll-ups of the companies and contacts, in one statement each, stamps left as they are."""
    marks = ", ".join(f"'{kind}'" for kind in _TYPES)
    for kind in ("companies", "contacts"):
        portal.store.execute(f"""UPDATE _record SET body = json_set(body, '$.num_notes', CAST(found.amount AS TEXT),
            '$.notes_last_updated', found.latest) FROM (SELECT l.from_id AS id, count(*) AS amount,
            max(json_extract(r.body, '$.hs_timestamp')) AS latest FROM _link l
            JOIN _record r ON r.kind = l.to_kind AND r.id = l.to_id
            WHERE l.from_kind = '{kind}' AND l.to_kind IN ({marks}) GROUP BY l.from_id) AS found
            WHERE _record.kind = '{kind}' AND _record.id = found.id""")  # noqa: S608


def _when(portal: Portal, one: Activity) -> datetime:
    day = portal.store.clock() - timedelta(days=one.days_ago)
    return day.replace(hour=one.hour, minute=0, second=0, microsecond=0)


def _paragraphs(one: Activity) -> str:
    return "".join(f"<p>{html.escape(line)}</p>" for line in one.text.split("\n"))


def _body(one: Activity, when: datetime) -> Body:
    common: Body = {
        "hs_timestamp": told(when), "hubspot_owner_id": owner_id(one.owner), "hs_object_source": "CRM_UI",
        "hs_object_source_label": "CRM_UI",
    }  # fmt: skip
    match KINDS[one.kind]:
        case "calls":
            return common | {
                "hs_call_title": one.subject, "hs_call_body": _paragraphs(one),
                "hs_call_duration": str(one.minutes * 60_000),
                "hs_call_direction": "INBOUND" if one.incoming else "OUTBOUND", "hs_call_status": "COMPLETED",
            }  # fmt: skip
        case "meetings":
            return common | {
                "hs_meeting_title": one.subject, "hs_meeting_body": _paragraphs(one),
                "hs_meeting_start_time": told(when),
                "hs_meeting_end_time": told(when + timedelta(minutes=one.minutes)), "hs_meeting_outcome": "COMPLETED",
            }  # fmt: skip
        case "emails":
            return common | _email(one)
        case "tasks":
            return common | {
                "hs_task_subject": one.subject, "hs_task_body": _paragraphs(one), "hs_task_type": "TODO",
                "hs_task_status": "NOT_STARTED" if one.kind == "open task" else "COMPLETED", "hs_task_priority": "NONE",
            }  # fmt: skip
        case _:
            return common | {"hs_note_body": f"<p><strong>{html.escape(one.subject)}</strong></p>{_paragraphs(one)}"}


def _email(one: Activity) -> Body:
    customer = one.address or f"office@customer-{one.company}.example"
    sender, receiver = (customer, TEAM) if one.incoming else (TEAM, customer)
    headers = {"from": {"email": sender}, "to": [{"email": receiver}], "cc": [], "bcc": []}
    return {
        "hs_email_subject": one.subject, "hs_email_text": one.text, "hs_email_html": _paragraphs(one),
        "hs_email_status": "SENT",
        "hs_email_direction": "INCOMING_EMAIL" if one.incoming else "EMAIL", "hs_email_headers": json.dumps(headers),
        "hs_email_from_email": sender, "hs_email_to_email": receiver,
    }  # fmt: skip
