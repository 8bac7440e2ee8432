"""The account as its own people see it: custom fields by their names, choices by their labels."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.control import Control
from integrations.simulation.desk import Field, Kind, Shelf, Values
from integrations.simulation.document_desk import DocumentDesk
from integrations.simulation.documents import Record

from . import fields as known
from .account import Account
from .custom_values import address
from .objects import OBJECTS, entity_of
from .system_fields import STATUSES, VISIBILITIES

_KINDS = {
    "double": Kind.NUMBER, "int": Kind.NUMBER, "monetary": Kind.NUMBER, "date": Kind.DAY, "daterange": Kind.DAY,
    "text": Kind.LINES, "boolean": Kind.FLAG, "set": Kind.CHOICES,
}  # fmt: skip
_LED = {"org": "organization", "people": "person", "deal": "deal"}
_OF_PARTS = {"monetary", "address", "daterange", "time", "timerange"}
"""Custom values that are made of parts."""
_LISTS = {"emails", "phones"}
_PARENTS = (
    Field("org_id", "Organization", to="organization"), Field("person_id", "Person", to="person"),
    Field("deal_id", "Deal", to="deal"),
)  # fmt: skip
_OTHERS = {
    "note": (Field("content", "Content", Kind.LINES, needed=True), *_PARENTS),
    "mailThread": (Field("subject", "Subject", writable=False), Field("snippet", "Text", Kind.LINES, writable=False)),
    "mailMessage": (
        Field("subject", "Subject", writable=False), Field("body", "Text", Kind.LINES, writable=False), *_PARENTS[:2],
    ),
    "user": (Field("name", "Name"), Field("email", "Email"), Field("active_flag", "Active", Kind.FLAG)),
}  # fmt: skip


class PipedriveDesk(DocumentDesk):
    field_example = "organization.Renewal date"
    ids_are_numbers = True
    shelves = (
        Shelf("organization", "Organization", "Organizations", ("name", "website", "industry", "address")),
        Shelf("person", "Person", "People", ("name", "emails", "phones", "org_id")),
        Shelf("deal", "Deal", "Deals", ("title", "status", "stage_id", "value", "expected_close_date")),
        Shelf("lead", "Lead", "Leads", ("title",), mergeable=False),
        Shelf("activity", "Activity", "Activities", ("subject", "type", "due_date", "done"), mergeable=False),
        Shelf("note", "Note", "Notes", ("content",), mergeable=False, is_prose=True),
        Shelf("mailMessage", "E-mail", "E-mails", ("subject",), mergeable=False, removable=False, makeable=False),
        Shelf(
            "user", "User", "Users", ("name", "email", "active_flag"), mergeable=False, removable=False, makeable=False
        ),
    )

    def __init__(self, account: Account, control: Control) -> None:
        super().__init__(account.book, control)
        self.account = account

    def fields(self, shelf: Shelf) -> Sequence[Field]:
        if shelf.name in _OTHERS:
            return _OTHERS[shelf.name]
        users = tuple((one.id, one.body["name"]) for one in self.book.find("user", gone=None))
        own = self.account.book.fields(entity_of(shelf.name))
        wanted = [one for one in own if one.shown and (one.custom or one.editable)]
        repeated = {one.name for one in wanted if [other.name for other in wanted].count(one.name) > 1}
        return [self._field(one, users, one.name in repeated) for one in wanted]

    def _field(self, one: known.Field, users: tuple[tuple[str, str], ...], repeats: bool) -> Field:
        choices = users if one.type == "user" else self._choices(one)
        kind = _KINDS.get(one.type, Kind.TEXT)
        if choices and kind is Kind.TEXT:
            kind = Kind.CHOICE
        has_parts = one.type == "address" or (one.custom and one.type in _OF_PARTS)
        # Two fields may bear one name: only then the key tells them apart.
        label = f"{one.name} ({one.key[:6]}…)" if repeats else one.name
        return Field(
            one.key, label, kind, choices, to=_LED.get(one.type, ""), part="value" if has_parts else "",
            needed=one.key in {"name", "title", "subject"},
        )  # fmt: skip

    def _choices(self, one: known.Field) -> tuple[tuple[str, str], ...]:
        match one.type:
            case "status":
                return STATUSES[:3]
            case "visible_to":
                return tuple((str(value), label) for value, label in VISIBILITIES)
            case "stage":
                return self._named("stage")
        if one.key == "pipeline_id":
            return self._named("pipeline")
        return tuple((str(option["id"]), option["label"]) for option in one.options)

    def _named(self, kind: str) -> tuple[tuple[str, str], ...]:
        return tuple((one.id, one.body["name"]) for one in self.book.find(kind))

    def _is_custom(self, kind: str, name: str) -> bool:
        return kind in {*OBJECTS, "lead"} and any(
            one.custom and one.key == name for one in self.account.book.fields(entity_of(kind))
        )

    def path(self, shelf: Shelf, name: str) -> str:
        return f'$.custom_fields."{name}"' if self._is_custom(shelf.name, name) else super().path(shelf, name)

    def raw(self, record: Record, name: str) -> Any:
        found = record.body.get(name) if name in record.body else (record.body.get("custom_fields") or {}).get(name)
        return ", ".join(line["value"] for line in found or ()) if name in _LISTS else found

    def keep(self, one: Field, value: Any, before: Any) -> Any:
        if one.name in _LISTS:
            return [part.strip() for part in (value or "").split(",") if part.strip()]
        return super().keep(one, value, before)

    def whole(self, one: Field) -> Values:
        return {"currency": "EUR"} if one.kind is Kind.NUMBER else {} if one.kind is Kind.DAY else address({})
