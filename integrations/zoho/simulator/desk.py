"""The organisation as its own people see it: modules with their fields, the organisation's own ones among them."""

from collections.abc import Sequence

from integrations.simulation.control import Control
from integrations.simulation.desk import Field, Kind, Shelf
from integrations.simulation.document_desk import DocumentDesk
from integrations.simulation.documents import Record

from .account import Account
from .derived import full_name
from .emails import KIND as EMAILS
from .field import NUMBERS, USERS
from .field import Field as Known
from .schema import Module

_COLUMNS = {
    "Accounts": ("Account_Name", "Account_Type", "Website", "Phone", "Industry"),
    "Contacts": ("Last_Name", "First_Name", "Email", "Title", "Account_Name"),
    "Deals": ("Deal_Name", "Stage", "Amount", "Closing_Date"),
    "Leads": ("Last_Name", "First_Name", "Company", "Email", "Lead_Status"),
    "Tasks": ("Subject", "Status", "Due_Date"), "Events": ("Event_Title", "Start_DateTime", "End_DateTime"),
    "Calls": ("Subject", "Call_Type", "Call_Start_Time"), "Products": ("Product_Name", "Product_Code", "Unit_Price"),
    "Notes": ("Note_Title", "Note_Content"),
}  # fmt: skip
_ORDER = ("Accounts", "Contacts", "Deals", "Leads", "Events", "Calls", "Tasks", "Notes")
_MERGEABLE = {"Accounts", "Contacts", "Leads", "Deals"}
_KINDS = {
    "boolean": Kind.FLAG, "date": Kind.DAY, "datetime": Kind.MOMENT, "textarea": Kind.LINES,
    "multiselectpicklist": Kind.CHOICES, **dict.fromkeys(NUMBERS, Kind.NUMBER),
}  # fmt: skip
_NONE = "-None-"
_MAIL = Shelf(EMAILS, "E-mail", "E-mails", ("subject", "time"), mergeable=False, removable=False, makeable=False)
_OF_MAIL = (
    Field("subject", "Subject", writable=False), Field("time", "Sent", Kind.MOMENT, writable=False),
    Field("content", "Text", Kind.LINES, writable=False),
)  # fmt: skip


class ZohoDesk(DocumentDesk):
    field_example = "Accounts.Industry"

    def __init__(self, account: Account, control: Control) -> None:
        super().__init__(account.store, control)
        self.account = account

    @property
    def shelves(self) -> Sequence[Shelf]:
        modules = self.account.schema.modules
        names = sorted(modules, key=lambda name: _ORDER.index(name) if name in _ORDER else len(_ORDER))
        return (*(_shelf(modules[name]) for name in names), _MAIL)

    def fields(self, shelf: Shelf) -> Sequence[Field]:
        if shelf.name == EMAILS:
            return _OF_MAIL
        known = self.account.schema.modules[shelf.name].fields.values()
        users = tuple(
            (one.id, f"{one.body['first_name']} {one.body['last_name']}") for one in self.book.find("users", gone=None)
        )
        return [
            self._field(one, users)
            for one in known
            if one.writable and not one.computed and one.type != "profileimage" and one.name != "Tag"
        ]

    def _field(self, one: Known, users: tuple[tuple[str, str], ...]) -> Field:
        choices = users if one.type in USERS else tuple((o.value, o.label) for o in one.options if o.value != _NONE)
        kind = _KINDS.get(one.type, Kind.CHOICE if choices else Kind.TEXT)
        to = one.to if one.type == "lookup" and one.to in self.account.schema.modules else ""
        return Field(one.name, one.label, kind, choices, to=to, needed=one.mandatory or one.required)

    def title(self, record: Record) -> str:
        return full_name(record.body) if "Last_Name" in record.body else super().title(record)


def _shelf(module: Module) -> Shelf:
    columns = _COLUMNS.get(module.name) or (module.display, *[n for n in module.fields if n != module.display][6:9])
    there = tuple(name for name in columns if name in module.fields)
    return Shelf(module.name, module.singular, module.plural, there, mergeable=module.name in _MERGEABLE)
