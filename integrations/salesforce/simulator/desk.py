"""The org as its own people see it. Everything is here, also what field-level security hides from the API."""

# ruff: noqa: S608  names come from the schema itself, every value is bound

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from integrations.simulation.control import Control
from integrations.simulation.desk import MOST_BELOW, Desk, Entry, Field, Kind, Shelf, Unfit, Values, View, Views

from . import writes
from .errors import ApiError
from .fields import NUMBERS, SObject
from .fields import Field as Known
from .ids import to_18
from .org import Org
from .soql.run import Asker, run
from .store import Row
from .views import View as Saved
from .views import find_view, remove_view

COLUMNS = {
    "Account": ("Name", "Type", "Customer_Number__c", "Website", "Lifecycle_Stage__c"),
    "Contact": ("Name", "Email", "Role__c", "Title"),
    "Opportunity": ("Name", "StageName", "Amount", "Contract_Start__c"),
    "Contract": ("ContractNumber", "Status", "StartDate", "EndDate"),
    "Subscription__c": ("Name", "Plan__c", "MRR__c", "Starts__c"),
    "Lead": ("Name", "Company", "Email", "Status"),
    "Event": ("Subject", "StartDateTime", "EndDateTime"),
    "Task": ("Subject", "Status", "ActivityDate"),
    "EmailMessage": ("Subject", "FromAddress", "MessageDate"),
    "ContentNote": ("Title", "TextPreview"),
    "User": ("Name", "Email", "Title", "IsActive"),
}
_KINDS = {
    "date": Kind.DAY, "datetime": Kind.MOMENT, "boolean": Kind.FLAG, "picklist": Kind.CHOICE,
    **dict.fromkeys(NUMBERS, Kind.NUMBER),
}  # fmt: skip
_PEOPLE = {("User",), ("Profile",)}
_MOST_PEOPLE = 200
_STAMP = "SystemModstamp"


class SalesforceDesk(Desk):
    field_example = "Account.Website"

    def __init__(self, org: Org, control: Control) -> None:
        super().__init__(control)
        self.org, self.store = org, org.store
        self.views = ListViews(org)

    @property
    def shelves(self) -> Sequence[Shelf]:
        known = self.store.schema.everything
        return [_shelf(known[name]) for name in COLUMNS if name in known]

    # --- Fields ---------------------------------------------------------------------------------------------------------
    def _object(self, shelf: Shelf) -> SObject:
        return self.store.schema.everything[shelf.name]

    def fields(self, shelf: Shelf) -> Sequence[Field]:
        known = [f for f in self._object(shelf).fields if f.stored]
        return [self._field(f) for f in known if f.createable or f.updateable or f.name in shelf.columns]

    def _field(self, one: Known) -> Field:
        kind = _KINDS.get(one.type, Kind.LINES if one.is_long else Kind.TEXT)
        people = one.to in _PEOPLE
        choices = self._people(one.to[0]) if people else tuple((value, value) for value in one.values)
        return Field(
            one.name, one.label, Kind.CHOICE if people else kind if choices or kind is not Kind.CHOICE else Kind.TEXT,
            choices, to=next((name for name in one.to if name in COLUMNS and not people), ""),
            writable=one.createable or one.updateable, needed=one.required and not one.defaulted,
        )  # fmt: skip

    def _people(self, name: str) -> tuple[tuple[str, str], ...]:
        rows = self.store.execute(f'SELECT "Id", "Name" FROM "{name}" ORDER BY "Name" LIMIT {_MOST_PEOPLE}')
        return tuple(rows.fetchall())

    # --- Reading ----------------------------------------------------------------------------------------------------------
    def count(self, shelf: Shelf) -> int:
        found = self.store.one(f'SELECT count(*) FROM "{shelf.name}" WHERE {self._alive(shelf)}')
        return int(found[0]) if found else 0

    def _alive(self, shelf: Shelf, *, gone: bool = False) -> str:
        return f'"IsDeleted" = {int(gone)}' if self._object(shelf).field("IsDeleted") else "0" if gone else "1"

    def find(
        self, shelf: Shelf, words: str, *, gone: bool, newest: bool, limit: int, offset: int
    ) -> tuple[list[Entry], int]:
        where, values = self._alive(shelf, gone=gone), []
        if words:
            named = [f'fold("{name}") LIKE ?' for name in shelf.columns]
            where = f"{where} AND (" + " OR ".join(['"Id" = ?', *named]) + ")"
            values = [to_18(words) or words, *([f"%{words.casefold()}%"] * len(named))]
        order = f'"{_STAMP}" DESC' if newest else f'"{shelf.columns[0]}" COLLATE NOCASE'
        names = ", ".join(f'"{name}"' for name in ("Id", _STAMP, *shelf.columns))
        sql = f'SELECT {names} FROM "{shelf.name}" WHERE {where} ORDER BY {order}, "Id" LIMIT {limit} OFFSET {offset}'
        rows = [dict(zip(("Id", _STAMP, *shelf.columns), row, strict=True)) for row in self.store.execute(sql, values)]
        total = self.store.one(f'SELECT count(*) FROM "{shelf.name}" WHERE {where}', *values)
        fields = [one for one in self.fields(shelf) if one.name in shelf.columns]
        return [_entry(shelf, row, fields) for row in rows], int(total[0]) if total else 0

    def get(self, shelf: Shelf, record_id: str) -> Entry | None:
        row = self._row(shelf, record_id)
        return _entry(shelf, row, self.fields(shelf)) if row else None

    def _row(self, shelf: Shelf, record_id: str) -> Row | None:
        return self.store.get(shelf.name, to_18(record_id) or record_id)

    def below(self, shelf: Shelf, record_id: str) -> list[tuple[str, str, str]]:
        found: list[tuple[str, str, str]] = []
        for child in self.store.schema.references(shelf.name):
            if child.field.children and (other := self.shelf(child.sobject)):
                sql = f"""SELECT "Id", "{other.columns[0]}" FROM "{other.name}" WHERE "{child.field.name}" = ?
                    AND {self._alive(other)} LIMIT {MOST_BELOW}"""
                found += [(other.name, row[0], row[1] or "") for row in self.store.execute(sql, (record_id,))]
        return found

    # --- Writing, with the checks that Salesforce makes of a person too ---------------------------------------------------
    def create(self, shelf: Shelf, values: Values) -> str:
        owner = {"OwnerId": self.org.user_id()} if self._object(shelf).field("OwnerId") else {}
        return self._checked(
            lambda: writes.create(self.org, self._object(shelf), {**owner, **values}, self.org.user_id()).id
        )

    def save(self, shelf: Shelf, record_id: str, values: Values) -> None:
        self._checked(
            lambda: writes.update(
                self.org, self._object(shelf), to_18(record_id) or record_id, values, self.org.user_id()
            )
        )

    def _checked(self, write: Any) -> Any:
        try:
            with self.store.savepoint("desk"):
                return write()
        except ApiError as error:
            raise Unfit(dict.fromkeys(error.fields or [""], error.message)) from None


class ListViews(Views):
    def __init__(self, org: Org) -> None:
        self.org = org

    def all(self) -> Sequence[View]:
        rows = self.org.store.execute("SELECT id, hidden FROM _view ORDER BY sobject, label").fetchall()
        found = [(find_view(self.org.store, number, with_hidden=True), hidden) for number, hidden in rows]
        return [
            View(one.id, one.sobject, one.label, one.condition, self._count(one), bool(hidden), one.scope == "mine")
            for one, hidden in found
            if one
        ]

    def _count(self, view: Saved) -> str:
        try:
            answer = run(
                self.org.store,
                replace(view, columns="CreatedById", ordering="CreatedDate").query,
                Asker(self.org.user_id(), ""),
            )
        except ApiError as error:
            return error.message.strip().splitlines()[-1]
        return str(answer["totalSize"])

    def change(self, view: View, verb: str, condition: str) -> None:
        store = self.org.store
        match verb:
            case "delete":
                if saved := find_view(store, view.id, with_hidden=True):
                    remove_view(store, saved)
            case "hide" | "show":
                store.execute("UPDATE _view SET hidden = ? WHERE id = ?", (int(verb == "hide"), view.id))
            case _:
                store.execute("UPDATE _view SET condition = ? WHERE id = ?", (condition, view.id))


def _shelf(one: SObject) -> Shelf:
    columns = tuple(name for name in COLUMNS[one.name] if one.field(name))
    return Shelf(one.name, one.label, one.plural, columns, mergeable=one.mergeable, removable=not one.is_setup)


def _entry(shelf: Shelf, row: Row, fields: Sequence[Field]) -> Entry:
    values = {one.name: _shown(one, row.get(one.name)) for one in fields}
    title = row.get(shelf.columns[0]) or ""
    changed = datetime.fromisoformat(row[_STAMP]).isoformat() if row.get(_STAMP) else ""
    return Entry(row["Id"], title, values, changed, bool(row.get("IsDeleted")), row.get("MasterRecordId") or "")


def _shown(one: Field, value: Any) -> Any:
    if one.kind is Kind.FLAG:
        return bool(value)
    return "" if value is None else str(value)
