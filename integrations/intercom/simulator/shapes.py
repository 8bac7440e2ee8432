"""Records as the wire shows them."""

import re
from collections.abc import Iterable
from html import unescape
from typing import Any

from integrations.simulation.documents import Record

from .workspace import Workspace, seconds

Body = dict[str, Any]
INLINE = 10
"""Companies that a contact shows of itself."""
_NOTHING = (
    "avatar", "last_replied_at", "last_contacted_at", "last_email_opened_at", "last_email_clicked_at",
    "language_override", "browser", "browser_version", "browser_language", "os", "android_app_name",
    "android_app_version", "android_device", "android_os_version", "android_sdk_version", "android_last_seen_at",
    "ios_app_name", "ios_app_version", "ios_device", "ios_os_version", "ios_sdk_version", "ios_last_seen_at",
    "utm_campaign", "utm_content", "utm_medium", "utm_source", "utm_term", "referrer",
)  # fmt: skip


def company(space: Workspace, record: Record, people: int | None = None) -> Body:
    body = record.body
    count = len(space.linked("company", record.id, "contact")) if people is None else people
    shown = {
        "type": "company", "company_id": body.get("company_id"), "id": record.id,
        "app_id": space.credentials.workspace_id, "name": body.get("name"),
        "remote_created_at": body.get("remote_created_at"), "created_at": seconds(record.created),
        "updated_at": seconds(record.updated), "last_request_at": body.get("last_request_at"),
        "monthly_spend": body.get("monthly_spend") or 0, "session_count": 0, "user_count": count,
        "tags": {"type": "tag.list", "tags": []}, "segments": {"type": "segment.list", "segments": []},
        "plan": {"type": "plan", "name": body["plan"]} if body.get("plan") else {},
        "custom_attributes": body.get("custom_attributes") or {},
    }  # fmt: skip
    # What is unset is left out.
    return shown | {name: body[name] for name in ("website", "industry", "size") if body.get(name) is not None}


def companies(space: Workspace, records: Iterable[Record]) -> list[Body]:
    found = list(records)
    people: dict[str, int] = {}
    for one, _other, _label in space.book.links("company", [record.id for record in found], "contact"):
        people[one] = people.get(one, 0) + 1
    return [company(space, record, people.get(record.id, 0)) for record in found]


def contacts(space: Workspace, records: Iterable[Record]) -> list[Body]:
    found = list(records)
    ids = [record.id for record in found]
    groups: dict[str, dict[str, list[str]]] = {"company": {}, "note": {}, "tag": {}}
    for kind, group in groups.items():
        for one, other, _label in space.book.links("contact", ids, kind):
            group.setdefault(one, []).append(other)
    return [
        _contact(space, record, {kind: group.get(record.id, []) for kind, group in groups.items()}) for record in found
    ]


def contact(space: Workspace, record: Record) -> Body:
    return contacts(space, [record])[0]


def _contact(space: Workspace, record: Record, linked: dict[str, list[str]]) -> Body:
    body = record.body
    return {
        "type": "contact", "id": record.id, "workspace_id": space.credentials.workspace_id,
        "external_id": body.get("external_id"), "role": body.get("role", "user"), "email": body.get("email"),
        "phone": body.get("phone"), "name": body.get("name"), "owner_id": body.get("owner_id"),
        "social_profiles": {"type": "list", "data": []}, "has_hard_bounced": False, "marked_email_as_spam": False,
        "unsubscribed_from_emails": bool(body.get("unsubscribed_from_emails")), "created_at": seconds(record.created),
        "updated_at": seconds(record.updated), "signed_up_at": body.get("signed_up_at"),
        "last_seen_at": body.get("last_seen_at"), **dict.fromkeys(_NOTHING),
        "location": {
            "type": "location", "country": body.get("country"), "region": None, "city": body.get("city"),
            "country_code": None, "continent_code": None,
        },
        "custom_attributes": body.get("custom_attributes") or {},
        "tags": addressable(record, "tags", "tag", linked["tag"]),
        "notes": addressable(record, "notes", "note", linked["note"]),
        "companies": addressable(record, "companies", "company", linked["company"]),
        "opted_out_subscription_types": addressable(record, "subscriptions", "subscription", []),
        "opted_in_subscription_types": addressable(record, "subscriptions", "subscription", []),
        "sms_consent": False, "unsubscribed_from_sms": False,
    }  # fmt: skip


def addressable(record: Record, named: str, kind: str, ids: list[str]) -> Body:
    plural = "companies" if kind == "company" else f"{kind}s"
    return {
        "type": "list",
        "data": [{"id": one, "type": kind, "url": f"/{plural}/{one}"} for one in ids[:INLINE]],
        "url": f"/contacts/{record.id}/{named}", "total_count": len(ids), "has_more": len(ids) > INLINE,
    }  # fmt: skip


def conversation(space: Workspace, record: Record, *, parts: bool = False, plain: bool = False) -> Body:
    body = record.body
    source, told = body["source"], body.get("parts") or []
    people = [space.book.get("contact", one, with_gone=True) for one in body.get("contacts") or []]
    shown = {
        "type": "conversation", "id": record.id, "created_at": seconds(record.created),
        "updated_at": seconds(record.updated), "waiting_since": None, "snoozed_until": None,
        "source": {
            "type": source.get("type"), "id": str(int(record.id) + 1), "delivered_as": source.get("delivered_as"),
            "subject": _text(source.get("subject") or "", plain), "body": _text(source.get("body") or "", plain),
            "author": source.get("author"), "attachments": [], "url": None, "redacted": False,
        },
        "contacts": {
            "type": "contact.list",
            "contacts": [
                {"type": "contact", "id": one.id, "external_id": one.body.get("external_id")} for one in people if one
            ],
        },
        "first_contact_reply": None, "admin_assignee_id": body.get("admin_assignee_id"), "team_assignee_id": None,
        "open": body.get("state", "open") == "open", "state": body.get("state", "open"), "read": True,
        "tags": {"type": "tag.list", "tags": []}, "priority": "not_priority", "sla_applied": None,
        "statistics": {"type": "conversation_statistics", "count_conversation_parts": len(told) + 1},
        "conversation_rating": None,
        "teammates": {"type": "admin.list", "admins": [{"type": "admin", "id": one} for one in admins_in(body)]},
        "title": body.get("title"), "custom_attributes": body.get("custom_attributes") or {},
        "topics": {"type": "topic.list", "topics": [], "total_count": 0}, "ticket": None,
        "linked_objects": {"type": "list", "data": [], "total_count": 0, "has_more": False}, "ai_agent": None,
        "ai_agent_participated": False,
    }  # fmt: skip
    if parts:
        last = told[-500:]
        shown["conversation_parts"] = {
            "type": "conversation_part.list", "conversation_parts": [_part(one, plain) for one in last],
            "total_count": len(told),
        }  # fmt: skip
    return shown


def admins_in(body: Body) -> list[str]:
    authors = [body["source"].get("author"), *(one.get("author") for one in body.get("parts") or [])]
    return list(dict.fromkeys(str(one["id"]) for one in authors if one and one.get("type") == "admin"))


def _part(one: Body, plain: bool) -> Body:
    return {
        "type": "conversation_part", "assigned_to": None, "attachments": [], "external_id": None, "redacted": False,
        "updated_at": one["created_at"], "notified_at": one["created_at"], **one,
        "body": None if one.get("body") is None else _text(one["body"], plain),
    }  # fmt: skip


def _text(html: str, plain: bool) -> str:
    if not plain:
        return html
    return unescape(re.sub(r"<[^>]+>", "", re.sub(r"<br\s*/?>|</p>\s*(?=<p)", "\n", html))).strip()


def admin(record: Record) -> Body:
    body = record.body
    return {
        "type": "admin", "id": record.id, "name": body["name"], "email": body["email"], "job_title": body.get("job_title"),
        "away_mode_enabled": False, "away_mode_reassign": False, "has_inbox_seat": True, "team_ids": [],
    }  # fmt: skip


def note(space: Workspace, record: Record) -> Body:
    author = space.book.get("admin", record.body["admin"]) or space.admin()
    return {
        "type": "note", "id": record.id, "created_at": seconds(record.created),
        "contact": {"type": "contact", "id": record.body["contact"]}, "author": admin(author),
        "body": record.body["body"],
    }  # fmt: skip


def attribute(record: Record) -> Body:
    body = record.body
    path = f"custom_attributes.{body['name']}" if body.get("custom") else body["name"]
    shown = {
        "type": "data_attribute", "model": body["model"], "name": body["name"], "full_name": path,
        "label": body.get("label") or body["name"], "description": body.get("description") or "",
        "data_type": body.get("data_type", "string"), "api_writable": body.get("api_writable", True),
        "ui_writable": body.get("ui_writable", True), "messenger_writable": body.get("messenger_writable", False),
        "custom": bool(body.get("custom")), "archived": bool(body.get("archived")),
    }  # fmt: skip
    if body.get("options"):
        shown["options"] = body["options"]
    if body.get("custom"):
        shown |= {"id": int(record.id), "created_at": seconds(record.created), "updated_at": seconds(record.updated)}
    return shown
