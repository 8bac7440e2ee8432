"""The account as its own people see it: companies, people and opportunities, with the custom fields of each."""

from collections.abc import Sequence
from typing import Any

from integrations.simulation.control import Control
from integrations.simulation.desk import MOST_BELOW, Field, Kind, Shelf, Values
from integrations.simulation.document_desk import DocumentDesk
from integrations.simulation.documents import Record

from .account import Account
from .custom_fields import visible
from .deals import STATUSES
from .thirds import TYPES

Choices = tuple[tuple[str, str], ...]
_CUSTOM = "cf."
_KINDS = {
    "rich-text": Kind.LINES, "numeric": Kind.NUMBER, "amount": Kind.NUMBER, "numeric-with-unit": Kind.NUMBER,
    "date": Kind.DAY, "boolean": Kind.FLAG, "radio": Kind.CHOICE, "select": Kind.CHOICE, "checkbox": Kind.CHOICES,
    "staff": Kind.CHOICE,
}  # fmt: skip
_PARTS: dict[str, tuple[str, Values]] = {
    "amount": ("amount", {"currency": "EUR"}), "numeric-with-unit": ("number", {"unit_id": 1}),
}  # fmt: skip
_LED = {"company-individual": "company", "contact": "contact"}
_FIELDS_OF = {
    "company": {"client", "prospect", "supplier"}, "individual": {"client", "prospect", "supplier"},
    "contact": {"contact"}, "opportunity": {"opportunity"},
}  # fmt: skip
_RELATED = ("opportunity", "comment", "phonecall", "calendar_event", "task", "email")
_TYPE = Field("type", "Type", Kind.CHOICE, tuple((one, one.capitalize()) for one in TYPES), needed=True)
_REACHED = (
    Field("email", "E-mail"), Field("website", "Website"), Field("phone_number", "Phone"),
    Field("mobile_number", "Mobile"), Field("note", "Note", Kind.LINES), Field("is_archived", "Archived", Kind.FLAG),
)  # fmt: skip
_NAMES = (Field("first_name", "First name"), Field("last_name", "Last name", needed=True))
_ABOUT = Field("related", "Company", to="company")
_TITLED = (Field("title", "Title", needed=True), Field("description", "Description", Kind.LINES), _ABOUT)
_OWN: dict[str, tuple[Field, ...]] = {
    "company": (Field("name", "Name", needed=True), _TYPE, *_REACHED, Field("reference", "Reference")),
    "individual": (*_NAMES, _TYPE, *_REACHED, Field("reference", "Reference")),
    "contact": (*_NAMES, *_REACHED, Field("position", "Position"), Field("companies", "Companies, by ID")),
    "opportunity": (
        Field("name", "Name", needed=True), _ABOUT, Field("pipeline", "Pipeline", Kind.CHOICE),
        Field("step", "Step", Kind.CHOICE),
        Field("status", "Status", Kind.CHOICE, tuple((one, one.capitalize()) for one in STATUSES)),
        Field("amount", "Amount", Kind.NUMBER), Field("currency", "Currency"),
        Field("due_date", "Due date", Kind.DAY), Field("note", "Note", Kind.LINES),
    ),
    "comment": (Field("description", "Text", Kind.LINES, needed=True), _ABOUT),
    "phonecall": (Field("description", "Text", Kind.LINES, needed=True), Field("date", "Date", Kind.MOMENT), _ABOUT),
    "calendar_event": (*_TITLED, Field("datetime_start", "Start", Kind.MOMENT), Field("datetime_end", "End", Kind.MOMENT)),
    "task": (*_TITLED, Field("due_date", "Due", Kind.MOMENT)),
    "email": (Field("subject", "Subject"), Field("content", "Text", Kind.LINES), _ABOUT),
}  # fmt: skip
_LISTS = {"pipeline": "pipeline", "step": "step"}


class SellsyDesk(DocumentDesk):
    field_example = "renewal-date"
    ids_are_numbers = True
    shelves = (
        Shelf("company", "Company", "Companies", ("name", "type", "reference", "website", "is_archived")),
        Shelf("contact", "Contact", "Contacts", ("last_name", "first_name", "email", "position")),
        Shelf("opportunity", "Opportunity", "Opportunities", ("name", "status", "amount", "due_date"), mergeable=False),
        Shelf("individual", "Individual", "Individuals", ("last_name", "first_name", "type", "email")),
        Shelf("calendar_event", "Event", "Events", ("title", "datetime_start"), mergeable=False),
        Shelf("phonecall", "Call", "Calls", ("description", "date"), mergeable=False),
        Shelf("email", "E-mail", "E-mails", ("subject",), mergeable=False),
        Shelf("comment", "Comment", "Comments", ("description",), mergeable=False, is_prose=True),
        Shelf("task", "Task", "Tasks", ("title", "due_date"), mergeable=False),
    )

    def __init__(self, account: Account, control: Control) -> None:
        super().__init__(account.store, control)
        self.account = account

    # --- Fields ---------------------------------------------------------------------------------------------------------
    def fields(self, shelf: Shelf) -> Sequence[Field]:
        staff = tuple(
            (one.id, f"{one.body['firstname']} {one.body['lastname']}") for one in self.book.find("staff", gone=None)
        )
        own = [
            Field(one.name, one.label, one.kind, self._named(one.name)) if one.name in _LISTS else one
            for one in _OWN[shelf.name]
        ]
        return [*own, Field("owner_id", "Owner", Kind.CHOICE, staff), *self._custom(shelf, staff)]

    def _named(self, kind: str) -> Choices:
        return tuple((one.id, one.body["name"]) for one in self.account.store.all(kind))

    def _custom(self, shelf: Shelf, staff: Choices) -> Sequence[Field]:
        of = _FIELDS_OF.get(shelf.name, set())
        return [self._field(one, staff) for one in visible(self.account) if of & set(one.body["related_objects"])]

    def _field(self, one: Record, staff: Choices) -> Field:
        sort = one.body["type"]
        items = one.body["parameters"].get("items", ())
        choices = staff if sort == "staff" else tuple((str(item["id"]), item["label"]) for item in items)
        return Field(
            f"{_CUSTOM}{one.id}", one.body["name"], _KINDS.get(sort, Kind.TEXT), choices, to=_LED.get(sort, ""),
            writable=sort != "item", part=_PARTS[sort][0] if sort in _PARTS else "",
        )  # fmt: skip

    # --- Values -----------------------------------------------------------------------------------------------------------
    def path(self, shelf: Shelf, name: str) -> str:
        return f'$.cf."{name.removeprefix(_CUSTOM)}"' if name.startswith(_CUSTOM) else super().path(shelf, name)

    def raw(self, record: Record, name: str) -> Any:
        if name == "companies":
            return ", ".join(end for _, end, _ in self.book.links("contact", [record.id], "company"))
        if name == "related":
            return next((one["id"] for one in record.body.get(name) or () if one["type"] == "company"), None)
        if not name.startswith(_CUSTOM):
            return record.body.get(name)
        value = (record.body.get("cf") or {}).get(name.removeprefix(_CUSTOM))
        if isinstance(value, list) and self._sort(name) in {"staff", *_LED}:
            first = value[0] if value else None
            return first["id"] if isinstance(first, dict) else first
        return value

    def _sort(self, name: str) -> str:
        found = self.book.get("custom-field", name.removeprefix(_CUSTOM))
        return str(found.body["type"]) if found else ""

    def kept(self, shelf: Shelf, values: Values, record_id: str | None) -> Values:
        plain = super().kept(shelf, values, record_id)
        custom = {name.removeprefix(_CUSTOM): plain.pop(name) for name in list(plain) if name.startswith(_CUSTOM)}
        return {**plain, "cf": custom} if custom else plain

    def keep(self, one: Field, value: Any, before: Any) -> Any:
        if one.name == "companies":
            return [int(part) for part in (value or "").replace(",", " ").split() if part.isdecimal()]
        if one.name == "related":
            return [{"type": "company", "id": self.number(value)}] if value else []
        if one.kind is Kind.NUMBER and value is not None:
            # Numbers are texts here.
            value = str(value)
        sort = self._sort(one.name) if one.name.startswith(_CUSTOM) else ""
        if sort in {"staff", *_LED} and value is not None:
            number = self.number(value)
            return [{"type": "company", "id": number}] if sort == "company-individual" else [number]
        if one.part and isinstance(before, str):
            before = None
        return super().keep(one, value, before)

    def whole(self, one: Field) -> Values:
        return dict(_PARTS[self._sort(one.name)][1])

    # --- What hangs together ------------------------------------------------------------------------------------------------
    def title(self, record: Record) -> str:
        name = " ".join(record.body[part] for part in ("first_name", "last_name") if record.body.get(part))
        return name or super().title(record)

    def below(self, shelf: Shelf, record_id: str) -> list[tuple[str, str, str]]:
        held = """EXISTS (SELECT 1 FROM json_each(body, '$.related') AS r WHERE json_extract(r.value, '$.type') = ?
            AND CAST(json_extract(r.value, '$.id') AS TEXT) = ?)"""
        found = super().below(shelf, record_id)
        for kind in _RELATED:
            records = self.book.find(kind, held, [shelf.name, record_id], limit=MOST_BELOW)
            found += [(kind, one.id, self.title(one)) for one in records]
        return found
