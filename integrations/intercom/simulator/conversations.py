"""Conversations: listed without their replies, read one by one with them."""

from typing import Any

from integrations.simulation.documents import Record
from integrations.simulation.messages import Request, Response

from . import search
from .errors import absent, invalid, missing
from .paging import MOST, cut, size
from .shapes import admins_in, conversation
from .workspace import Workspace, seconds


def list_all(space: Workspace, request: Request) -> Response:
    cursor, rows = request.query.get("starting_after", ""), size(request, usual=20)
    return _page(space, None, cursor, rows)


def find(space: Workspace, request: Request) -> Response:
    asked = request.record
    search.check(asked.get("query"), by_day=False)
    paging = asked.get("pagination") or {}
    rows = int(paging.get("per_page") or 20)
    if rows > MOST:
        raise invalid("Per Page is too big")
    query = asked["query"]
    ids = [one.id for one in space.book.find("conversation") if search.holds(query, _reader(one), None)]
    return _page(space, ids, str(paging.get("starting_after") or ""), rows)


def _page(space: Workspace, ids: list[str] | None, cursor: str, rows: int) -> Response:
    found, pages, total = cut(
        space, "conversation", "1", [], by="updated", newest=True, cursor=cursor, rows=rows, ids=ids
    )  # fmt: skip
    data = [conversation(space, one) for one in found]
    return Response({"type": "conversation.list", "pages": pages, "total_count": total, "conversations": data})


def _reader(record: Record) -> search.Read:
    body = record.body

    def read(name: str) -> Any:
        match name:
            case "id":
                return record.id
            case "created_at" | "updated_at":
                return seconds(record.created if name == "created_at" else record.updated)
            case "contact_ids":
                return list(body.get("contacts") or [])
            case "teammate_ids":
                return admins_in(body)
            case "open":
                return body.get("state", "open") == "open"
        found: Any = body
        for step in name.split("."):
            found = found.get(step) if isinstance(found, dict) else None
        return found

    return read


def get(space: Workspace, number: str) -> Record:
    record = space.book.get("conversation", number)
    if record is None:
        raise missing()
    return record


def read(space: Workspace, request: Request, number: str) -> Response:
    plain = request.query.get("display_as") == "plaintext"
    return Response(conversation(space, get(space, number), parts=True, plain=plain))


def create(space: Workspace, request: Request) -> Response:
    """By a contact; the answer is the message, not the conversation."""
    asked = request.record
    sender = space.book.get("contact", str((asked.get("from") or {}).get("id")))
    if sender is None:
        raise missing("User")
    if not asked.get("body"):
        raise absent("body is required")
    author = {"type": sender.body.get("role", "user"), "id": sender.id, "name": sender.body.get("name"), "email": sender.body.get("email")}  # fmt: skip
    source = {"type": "conversation", "delivered_as": "customer_initiated", "subject": "", "body": f"<p>{asked['body']}</p>", "author": author}  # fmt: skip
    record = space.insert("conversation", {"source": source, "contacts": [sender.id], "parts": [], "state": "open"})
    body = {
        "type": "user_message", "id": str(int(record.id) + 1), "created_at": seconds(record.created),
        "body": asked["body"], "message_type": "inapp", "conversation_id": record.id,
    }  # fmt: skip
    return Response(body)


def update(space: Workspace, request: Request, number: str) -> Response:
    record, asked = get(space, number), request.record
    record.body.update({name: asked[name] for name in ("title",) if name in asked})
    record.body["custom_attributes"] = {
        **(record.body.get("custom_attributes") or {}), **(asked.get("custom_attributes") or {}),
    }  # fmt: skip
    space.book.save(record)
    return Response(conversation(space, record, parts=True))


def delete(space: Workspace, _request: Request, number: str) -> Response:
    space.book.purge(get(space, number))
    return Response({"id": number, "object": "conversation", "deleted": True})


def reply(space: Workspace, request: Request, number: str) -> Response:
    record, asked = get(space, number), request.record
    if not asked.get("body"):
        raise absent("body is required")
    admin = space.book.get("admin", str(asked.get("admin_id"))) or space.admin()
    author = {"type": "admin", "id": admin.id, "name": admin.body["name"], "email": admin.body["email"]}
    if asked.get("type") == "user":
        person = space.book.get("contact", str(asked.get("intercom_user_id") or (record.body["contacts"] or [""])[0]))
        if person is None:
            raise missing("User")
        author = {
            "type": "user", "id": person.id, "name": person.body.get("name"), "email": person.body.get("email"),
        }  # fmt: skip
    add_part(space, record, author, str(asked["body"]), str(asked.get("message_type") or "comment"))
    return Response(conversation(space, record, parts=True))


def add_part(space: Workspace, record: Record, author: dict[str, Any], text: str, sort: str = "comment") -> None:
    part = {
        "id": space.book.new_id(), "part_type": sort, "body": f"<p>{text}</p>",
        "created_at": int(space.book.clock().timestamp()), "author": author,
    }  # fmt: skip
    record.body["parts"] = [*(record.body.get("parts") or []), part]
    space.book.save(record)
