"""A colleague's work in the workspace itself: anything may be put in, nothing is checked, stamps move at once."""

from collections.abc import Mapping
from typing import Any

from integrations.simulation.documents import Record

from .contacts import join
from .conversations import add_part
from .errors import bad, missing
from .workspace import Workspace

KINDS = ("company", "contact", "conversation", "note", "admin", "attribute", "tag")


def change(space: Workspace, verb: str, body: Mapping[str, Any]) -> str:
    kind, number, fields = str(body.get("object")), str(body.get("id", "")), dict(body.get("fields", {}))
    if kind not in KINDS:
        raise bad(f"There is no object {kind!r}; known: {', '.join(KINDS)}")
    if verb == "create":
        record = space.insert(kind, _fresh(space, kind))
        edit(space, record, fields)
        return record.id
    found = space.book.get(kind, number, with_gone=True)
    if found is None:
        raise missing(kind)
    match verb:
        case "edit":
            edit(space, found, fields)
        case "delete":
            space.book.remove(found)
        case "undelete":
            space.book.restore(found)
        case "merge":
            for loser in body["losers"]:
                going = space.book.get(kind, loser)
                if going is None:
                    raise missing(kind)
                join(space, found, going)
        case _:
            raise bad(f"There is no verb {verb!r}")
    return found.id


def _fresh(space: Workspace, kind: str) -> dict[str, Any]:
    match kind:
        case "company":
            return {"custom_attributes": {}, "last_request_at": None}
        case "contact":
            return {"role": "user", "custom_attributes": {}}
        case "conversation":
            author = {"type": "admin", "id": space.admin().id, "name": space.admin().body["name"], "email": ""}
            source = {
                "type": "conversation", "delivered_as": "customer_initiated", "subject": "", "body": "", "author": author,
            }  # fmt: skip
            return {"source": source, "contacts": [], "parts": [], "state": "open"}
        case "attribute":
            return {"model": "company", "data_type": "string", "custom": True, "archived": False}
    return {}


def edit(space: Workspace, record: Record, fields: Mapping[str, Any]) -> None:
    """`custom_attributes.x`, `source.body`: parts of a record; `company`: whom a contact belongs to; `reply`: one more part."""
    for name, value in fields.items():
        head, _, rest = name.partition(".")
        if name == "company":
            for held in space.linked("contact", record.id, "company"):
                space.book.unlink(("contact", record.id), ("company", held))
            for one in value if isinstance(value, list) else [value] if value else []:
                space.book.link(("contact", record.id), ("company", str(one)))
        elif name == "reply":
            add_part(space, record, record.body["source"]["author"], str(value))
        elif rest:
            whole = {**(record.body.get(head) or {}), rest: value}
            record.body[head] = {key: one for key, one in whole.items() if one is not None}
        else:
            record.body[name] = value
    space.book.save(record)
