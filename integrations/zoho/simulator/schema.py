"""The modules and fields that a caller sees: standard ones, the organisation's own, less what was taken away."""

import secrets
from collections.abc import Callable, Iterable
from dataclasses import asdict, dataclass, replace
from typing import Any

from . import modules_people, modules_work
from .field import Field, Option
from .ids import named_id
from .store import Store


@dataclass(frozen=True)
class Module:
    name: str
    singular: str
    plural: str
    fields: dict[str, Field]
    display: str
    """Its name field: what a lookup to it shows."""
    custom: bool = False

    @property
    def id(self) -> str:
        return named_id("module", self.name)

    @property
    def ref(self) -> dict[str, str]:
        return {"api_name": self.name, "id": self.id}

    @property
    def layout_id(self) -> str:
        return named_id("layout", self.name)


def _module(name: str, singular: str, fields: Iterable[Field], display: str) -> Module:
    return Module(name, singular, name, {f.name: f for f in fields}, display)


STANDARD = (
    _module("Leads", "Lead", modules_people.LEADS, "Full_Name"),
    _module("Contacts", "Contact", modules_people.CONTACTS, "Full_Name"),
    _module("Accounts", "Account", modules_people.ACCOUNTS, "Account_Name"),
    _module("Deals", "Deal", modules_work.DEALS, "Deal_Name"),
    _module("Tasks", "Task", modules_work.TASKS, "Subject"),
    _module("Events", "Event", modules_work.EVENTS, "Event_Title"),
    _module("Calls", "Call", modules_work.CALLS, "Subject"),
    _module("Products", "Product", modules_work.PRODUCTS, "Product_Name"),
    _module("Notes", "Note", modules_work.NOTES, "Note_Title"),
)
TAKEN, HIDDEN, LOCKED, RETYPED = "removed_fields", "hidden_fields", "locked_fields", "retyped_fields"


class Schema:
    """Read anew only when somebody changed it."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._seen: str | None = None
        self._modules: dict[str, Module] = {}

    @property
    def modules(self) -> dict[str, Module]:
        version = self._store.state("schema", "")
        if version != self._seen:
            self._modules, self._seen = {m.name: m for m in self._read()}, version
        return self._modules

    def _read(self) -> Iterable[Module]:
        own = self._store.state("own_fields", {})
        taken, hidden = set(self._store.state(TAKEN, [])), set(self._store.state(HIDDEN, []))
        locked, retyped = set(self._store.state(LOCKED, [])), self._store.state(RETYPED, {})
        for module in (*STANDARD, *(_loaded(m) for m in self._store.state("own_modules", []))):
            found = {**module.fields, **{f["name"]: _field(f) for f in own.get(module.name, [])}}
            seen = {}
            for name, field in found.items():
                key = f"{module.name}.{name}"
                if key in taken or key in hidden:
                    continue
                changed = replace(field, locked=True) if key in locked else field
                seen[name] = replace(changed, type=retyped[key]) if key in retyped else changed
            yield replace(module, fields=seen)

    # --- Changes -----------------------------------------------------------------------------------------------------
    def change(self, key: str, turn: Callable[[Any], Any], default: Any) -> None:
        # A mark that was never used before: one that is rolled back is not taken for the next.
        self._store.set_state(key, turn(self._store.state(key, default)))
        self._store.set_state("schema", secrets.token_hex(8))

    def add_field(self, module: str, field: Field) -> None:
        if field.unique or field.external:
            self._store.index(module, f"$.{field.name}")
        self.change("own_fields", lambda own: {**own, module: [*own.get(module, []), asdict(field)]}, {})

    def add_module(self, name: str, singular: str, plural: str, fields: Iterable[Field]) -> None:
        made = {"name": name, "singular": singular, "plural": plural, "fields": [asdict(f) for f in fields]}
        self.change("own_modules", lambda own: [*own, made], [])


def _field(stored: dict[str, Any]) -> Field:
    return Field(**{**stored, "options": tuple(Option(**one) for one in stored["options"])})


def _loaded(stored: dict[str, Any]) -> Module:
    fields = {f["name"]: _field(f) for f in stored["fields"]}
    return Module(stored["name"], stored["singular"], stored["plural"], fields, "Name", custom=True)
