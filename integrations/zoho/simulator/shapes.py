"""Records as the API shows them: whole ones with their `$` keys, or the fields that were asked for."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.simulation.documents import Record

from .derived import derived
from .field import Field
from .moments import Zone, shown
from .names import Names, looked_up
from .names import shown as shown_lookup
from .schema import Module, Schema
from .store import Store
from .system_keys import system_keys

Row = dict[str, Any]
_NEVER_SHOWN = frozenset({"Outbound_Call_Status"})
"""Written, but told as `Call_Status`."""
_NOT_IN_V2 = frozenset({"Converted__s", "Converted_Date_Time", "Record_Status__s"})
RICH_TEXT_IN_LISTS = 500


@dataclass(frozen=True)
class Shaper:
    store: Store
    schema: Schema
    zone: Zone
    version: float

    def whole(self, module: Module, records: Sequence[Record]) -> list[Row]:
        skipped = _NEVER_SHOWN | (_NOT_IN_V2 if self.version < 3 else frozenset())
        fields = [f for f in module.fields.values() if f.name not in skipped]
        rows = self._rows(module, fields, records, short=False)
        return [{**row, **system_keys(module, record)} for row, record in zip(rows, records, strict=True)]

    def some(self, module: Module, records: Sequence[Record], names: Iterable[str]) -> list[Row]:
        """Names that are no fields are left out without a word."""
        wanted = list(dict.fromkeys(names))
        fields = [module.fields[n] for n in wanted if n in module.fields and n not in _NEVER_SHOWN]
        rows = self._rows(module, fields, records, short=True)
        if keys := [n for n in wanted if n.startswith("$")]:
            for row, record in zip(rows, records, strict=True):
                system = system_keys(module, record)
                row.update({k: system[k] for k in keys if k in system})
        return rows

    def _rows(self, module: Module, fields: Sequence[Field], records: Sequence[Record], *, short: bool) -> list[Row]:
        names = looked_up(self.store, self.schema, fields, records)
        makers = [(f.name, self._maker(f, names, short=short)) for f in fields]
        parents = module.name == "Notes" and self.version >= 8
        rows = []
        for record in records:
            row = {name: make(record) for name, make in makers}
            row["id"] = record.id
            if parents and row.get("Parent_Id"):
                self._name_module(row, record)
            rows.append(row)
        return rows

    def _name_module(self, row: Row, record: Record) -> None:
        """From v8 on the parent of a note says which module it is in."""
        if parent := self.schema.modules.get(str(record.body.get("$se_module"))):
            row["Parent_Id"] = {"module": parent.ref, **row["Parent_Id"]}

    def _maker(self, field: Field, names: Names, *, short: bool) -> Callable[[Record], Any]:
        name = field.name
        if name in {"Created_Time", "Modified_Time"}:
            stamp = "created" if name == "Created_Time" else "updated"
            return lambda record: shown(getattr(record, stamp), self.zone)
        if field.computed:
            return lambda record: derived(field, record.body)
        if field.is_lookup:
            return lambda record: shown_lookup(field, record.body, names)
        if field.type == "boolean":
            return lambda record: bool(record.body.get(name))
        if field.type == "datetime":
            return lambda record: shown(record.body.get(name), self.zone)
        if field.json_type == "jsonarray":
            return lambda record: _listed(record.body.get(name))
        if short and field.textarea == "rich_text":
            return lambda record: (record.body.get(name) or "")[:RICH_TEXT_IN_LISTS] or None
        return lambda record: record.body.get(name)


def by_ref(user: Row | None) -> Row | None:
    """Who made a change, as answers to writes name them: without the address."""
    return {"name": user["name"], "id": user["id"]} if user else None


def _listed(value: Any) -> list[Any]:
    """A field that became a list of options keeps what was written while it was a plain text."""
    return value if isinstance(value, list) else [value] if value else []
