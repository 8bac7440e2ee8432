"""A colleague's work in the app itself: anything may be put in, nothing is checked, stamps move at once."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from integrations.simulation.documents import Record, text

from . import deal_rules, stamps
from .account import Account
from .book import PipedriveBook
from .errors import v1_error
from .fields import CHOICES, Field
from .merging import join
from .objects import OBJECTS
from .reads import KEPT_DAYS
from .text_of import clean_lines, split_name
from .writes import remove

Body = dict[str, Any]
OTHERS = (
    "note", "lead", "user", "pipeline", "stage", "filter", "organizationRelationship", "activityType", "callLog",
    "mailThread",
    "mailMessage", "leadLabel", "comment",
)  # fmt: skip


def change(account: Account, verb: str, body: Mapping[str, Any]) -> str:
    kind, number, fields = str(body.get("object")), str(body.get("id", "")), dict(body.get("fields", {}))
    if kind not in (*OBJECTS, *OTHERS):
        raise v1_error(400, f"There is no object {kind!r}; known: {', '.join((*OBJECTS, *OTHERS))}")
    if verb == "create":
        return create(account, kind, fields)
    record = account.book.get(kind, number, with_gone=True)
    if record is None:
        raise v1_error(404, f"There is no {kind} {number}")
    match verb:
        case "edit":
            edit(account, record, fields)
        case "delete":
            remove(account, record)
        case "undelete":
            account.book.restore(record)
        case "merge":
            for loser in body["losers"]:
                going = account.book.get(kind, loser)
                if going is None:
                    raise v1_error(404, f"There is no {kind} {loser}")
                join(account, record, going, int(account.user().id), "app")
        case _:
            raise v1_error(404, f"There is no verb {verb!r}")
    return record.id


def create(account: Account, kind: str, fields: Mapping[str, Any]) -> str:
    you = int(account.user().id)
    body: Body = {"owner_id": you, "visible_to": 3} if kind in ("organization", "person", "deal", "lead") else {}
    if kind == "deal":
        body |= {
            "value": 0,
            "currency": "EUR",
            "status": "open",
            "creator_user_id": you,
            "pipeline_id": 1,
            "stage_id": 1,
        }
    if kind == "activity":
        body |= {
            "subject": "Call", "type": "call", "owner_id": you, "creator_user_id": you, "done": False, "busy": False,
            "due_date": account.book.now[:10], "participants": [],
        }  # fmt: skip
    if kind == "note":
        body |= {"user_id": you, "content": ""}
    record = account.book.add(kind, body)
    edit(account, record, fields, before={})
    return record.id


def edit(account: Account, record: Record, fields: Mapping[str, Any], before: Body | None = None) -> None:
    """Custom fields by their name or by their key; a choice by its label or its number."""
    body, own = record.body, OBJECTS.get(record.kind)
    before = {**body, "custom_fields": {**(body.get("custom_fields") or {})}} if before is None else before
    custom = account.book.custom_fields(record.kind) if own and own.has_custom else ()
    for name, value in fields.items():
        field = next((f for f in custom if name in (f.key, f.name)), None)
        if field:
            body["custom_fields"] = {**(body.get("custom_fields") or {}), field.key: _chosen(field, value)}
        elif name in ("emails", "phones"):
            body[name] = clean_lines([one if isinstance(one, dict) else {"value": one} for one in value])
        else:
            body[name] = value
    if record.kind == "person" and "name" in fields:
        body["first_name"], body["last_name"] = split_name(str(fields["name"]))
    if record.kind == "deal":
        deal_rules.settle(body, before, fields, stamps.v2(account.book.now) or "")
    account.book.save(record)
    account.book.note_changes(record, before, int(account.user().id), "app")


def _chosen(field: Field, value: Any) -> Any:
    if field.type not in CHOICES or value is None:
        return value
    chosen = [
        field.labelled(one) if isinstance(one, str) else one for one in (value if isinstance(value, list) else [value])
    ]
    return chosen if field.type == "set" else chosen[0]


def purge(book: PipedriveBook) -> None:
    """What thirty days in the bin do."""
    for (row,) in book.execute(
        "SELECT row FROM _record WHERE gone < ?", (text(book.clock() - timedelta(days=KEPT_DAYS)),)
    ):
        book.execute("DELETE FROM _record WHERE row = ?", (row,))
