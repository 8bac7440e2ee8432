"""What the team of the made-up world talked about in Intercom: chats, e-mails, calls and messages, with their replies."""

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, date, datetime, time, timedelta
from html import escape
from typing import Any

from integrations.intercom.simulator import Workspace

from .activities import Activity
from .intercom_ids import admin_id, contact_id, stray_id
from .world import Person, World

SOURCES = ("conversation", "email", "conversation", "whatsapp", "email", "phone_call", None)
"""None: what Intercom wrote by itself."""
FIRST = 215_400
NOTED, NOTE = 60, "Prefers to be called in the morning."
STRAYS = ("Sam Winter", "Robin Vega", "Alex Lund")
ANSWERS = ("Thank you, we look into it.", "That helps a lot!", "Is there a date for it?")


def fill(space: Workspace, found: Iterable[Activity], world: World) -> None:
    # The days are counted back from today, on the workspace's own clock.
    today = space.book.clock().date()
    people = {one.number: one for one in world.people()}
    rows = (_row(one, people, today) for one in found if one.person)
    space.book.load("conversation", rows)
    space.book.load("conversation", _strays(today))


def fill_notes(space: Workspace, people: Iterable[Person]) -> None:
    """What a teammate wrote down about somebody."""
    noted = [one for one in people if one.company and one.number % NOTED == 0]
    rows = (
        (
            str(FIRST * 1000 + one.number),
            {"contact": contact_id(one.number), "admin": admin_id(one.owner), "body": f"<p>{escape(NOTE)}</p>"},
            one.changed,
            one.changed,
        )
        for one in noted
    )
    space.book.load("note", rows)
    space.book.load_links(
        (("contact", contact_id(one.number)), ("note", str(FIRST * 1000 + one.number)), "") for one in noted
    )


def _row(one: Activity, people: Mapping[int, Person], today: date) -> tuple[str, dict[str, Any], datetime, datetime]:
    assert one.person
    person = people[one.person]
    began = _moment(today, one.days_ago, one.hour)
    them = {"type": "user", "id": contact_id(person.number), "name": f"{person.first} {person.last}", "email": person.email}  # fmt: skip
    us = {"type": "admin", "id": admin_id(one.owner), "name": "Customer success", "email": "success@aldervale.example"}
    type_ = SOURCES[one.number % len(SOURCES)]
    parts = list(_parts(one, began, them, us))
    body = {
        "title": one.subject if type_ == "conversation" else None,
        "source": {
            "type": type_, "delivered_as": "customer_initiated" if one.incoming else "admin_initiated",
            "subject": f"<p>{escape(one.subject)}</p>" if type_ == "email" else "",
            "body": f"<p>{escape(one.text)}</p>".replace("\n", "<br>"), "author": them if one.incoming else us,
        },
        "contacts": [contact_id(person.number)], "parts": parts, "state": "closed" if one.days_ago > 30 else "open",
        "admin_assignee_id": int(admin_id(one.owner)), "custom_attributes": {"Language": "English"},
    }  # fmt: skip
    last = datetime.fromtimestamp(parts[-1]["created_at"], began.tzinfo) if parts else began
    return str(FIRST + 10 * one.number), body, began, last


def _parts(one: Activity, began: datetime, them: dict[str, Any], us: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for place in range(one.number % 4):
        yield {
            "id": str(FIRST * 100 + 10 * one.number + place), "part_type": "assignment" if place == 2 else "comment",
            "body": None if place == 2 else f"<p>{ANSWERS[(one.number + place) % len(ANSWERS)]}</p>",
            "created_at": int(began.timestamp()) + 600 * (place + 1), "author": us if place % 2 == 0 else them,
        }  # fmt: skip


def _strays(today: date) -> Iterator[tuple[str, dict[str, Any], datetime, datetime]]:
    """Of visitors whose company nobody knows."""
    for number, name in enumerate(STRAYS, 1):
        began = _moment(today, 3 * number, 10)
        author = {"type": "lead", "id": stray_id(number), "name": name, "email": None}
        body = {
            "title": None, "contacts": [author["id"]], "parts": [], "state": "open",
            "source": {
                "type": "conversation", "delivered_as": "customer_initiated", "subject": "",
                "body": "<p>What does it cost?</p>", "author": author,
            },
        }  # fmt: skip
        yield str(FIRST - number), body, began, began


def _moment(today: date, days_ago: int, hour: int) -> datetime:
    return datetime.combine(today - timedelta(days=days_ago), time(hour), UTC)
