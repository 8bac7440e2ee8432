"""The workspace as its own people see it."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.control import Control
from integrations.simulation.desk import Field, Kind, Shelf
from integrations.simulation.document_desk import DocumentDesk
from integrations.simulation.documents import Record

from .attributes import customs
from .workspace import Workspace

_KINDS = {"integer": Kind.NUMBER, "float": Kind.NUMBER, "boolean": Kind.FLAG, "date": Kind.NUMBER}
CUSTOM = "custom_attributes."
_FIELDS = {
    "company": (
        Field("name", "Name", needed=True), Field("company_id", "Company ID"), Field("website", "Website"),
        Field("industry", "Industry"), Field("size", "Size", Kind.NUMBER), Field("plan", "Plan"),
        Field("monthly_spend", "Monthly spend", Kind.NUMBER),
    ),
    "contact": (
        Field("name", "Name"), Field("email", "Email"), Field("external_id", "User ID"), Field("phone", "Phone"),
        Field("role", "Role", Kind.CHOICE, (("user", "User"), ("lead", "Lead"))),
        Field("unsubscribed_from_emails", "Unsubscribed from Emails", Kind.FLAG),
    ),
    "conversation": (
        Field("title", "Title"), Field("source.subject", "Subject"), Field("source.body", "First message", Kind.LINES),
        Field("state", "State", Kind.CHOICE, (("open", "Open"), ("snoozed", "Snoozed"), ("closed", "Closed"))),
    ),
    "admin": (Field("name", "Name"), Field("email", "Email")),
    "note": (Field("body", "Body", Kind.LINES, needed=True),),
    "attribute": (
        Field("name", "Name"), Field("model", "On", Kind.CHOICE, (("company", "Companies"), ("contact", "People"))),
        Field("archived", "Archived", Kind.FLAG),
    ),
}  # fmt: skip


class IntercomDesk(DocumentDesk):
    field_example = "company.hubspot_id"
    shelves = (
        Shelf("company", "Company", "Companies", ("name", "company_id", "website"), mergeable=False),
        Shelf("contact", "Contact", "Contacts", ("name", "email", "external_id", "role")),
        Shelf("conversation", "Conversation", "Conversations", ("source.body", "title", "state"), mergeable=False, makeable=False, is_prose=True),
        Shelf("note", "Note", "Notes", ("body",), mergeable=False, makeable=False, is_prose=True),
        Shelf("attribute", "Data attribute", "Data attributes", ("name", "model"), mergeable=False, removable=False),
        Shelf("admin", "Teammate", "Teammates", ("name", "email"), mergeable=False, removable=False, makeable=False),
    )  # fmt: skip

    def __init__(self, space: Workspace, control: Control) -> None:
        super().__init__(space.book, control)
        self.space = space

    def fields(self, shelf: Shelf) -> Sequence[Field]:
        own = [
            Field(f"{CUSTOM}{one.body['name']}", one.body["name"], _KINDS.get(one.body["data_type"], Kind.TEXT))
            for one in customs(self.space, shelf.name)
            if not one.body.get("archived")
        ]
        return (*_FIELDS[shelf.name], *own)

    def path(self, shelf: Shelf, name: str) -> str:
        head, _, rest = name.partition(".")
        return f'$."{head}"."{rest}"' if rest else super().path(shelf, name)

    def raw(self, record: Record, name: str) -> Any:
        head, _, rest = name.partition(".")
        return (record.body.get(head) or {}).get(rest) if rest else record.body.get(name)
