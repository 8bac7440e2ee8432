"""What this org knows of its objects now: the standard ones, fields added later, and fields hidden, removed or retyped."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from .fields import Field, SObject
from .objects_notes import OBJECTS as NOTES
from .objects_sales import OBJECTS as SALES
from .objects_setup import OBJECTS as SETUP
from .organization import ORGANIZATION

OBJECTS: Mapping[str, SObject] = {o.name: o for o in (*SALES, *SETUP, *NOTES, ORGANIZATION)}


@dataclass
class Changes:
    """The edits to the schema, small enough to be kept as one JSON value. Fields are named Object.Field."""

    added: dict[str, list[Field]] = field(default_factory=dict)
    replaced: dict[str, list[Field]] = field(default_factory=dict)
    """The whole field list of an object, where it was taken from a recorded describe."""
    hidden: set[str] = field(default_factory=set)
    locked: set[str] = field(default_factory=set)
    removed: set[str] = field(default_factory=set)
    retyped: dict[str, str] = field(default_factory=dict)
    absent: set[str] = field(default_factory=set)
    """Objects that this org does not have: a feature that was never switched on."""


@dataclass(frozen=True, slots=True)
class Child:
    sobject: str
    field: Field


class Schema:
    """`objects` is what the API user sees, `everything` includes what field-level security hides."""

    def __init__(self, changes: Changes) -> None:
        self.changes = changes
        self.everything = {name: self._changed(sobject) for name, sobject in OBJECTS.items()}
        present = {name: one for name, one in self.everything.items() if name not in changes.absent}
        self.objects = {name: self._visible(sobject) for name, sobject in present.items()}
        self._by_lower = {name.lower(): name for name in self.objects}

    def sobject(self, name: str) -> SObject | None:
        known = self._by_lower.get(name.lower())
        return self.objects[known] if known else None

    def by_prefix(self, record_id: str) -> str | None:
        return next((o.name for o in OBJECTS.values() if o.prefix == record_id[:3]), None)

    def children(self, parent: str) -> dict[str, Child]:
        """Sub-query name, lower case, to the lookup behind it."""
        found = {}
        for name, sobject in self.objects.items():
            for f in sobject.fields:
                if parent in f.to and f.children:
                    found[f.children.lower()] = Child(name, f)
        return found

    def dependants(self, parent: str) -> list[Child]:
        """Lookups whose rows go when the parent goes."""
        return [Child(n, f) for n, o in self.everything.items() for f in o.fields if parent in f.to and f.cascades]

    def references(self, parent: str) -> list[Child]:
        return [
            Child(n, f)
            for n, o in self.everything.items()
            for f in o.fields
            if parent in f.to and f.stored and f.name != "MasterRecordId"
        ]

    def _changed(self, sobject: SObject) -> SObject:
        own = self.changes.replaced.get(sobject.name, sobject.fields)
        fields = (*own, *self.changes.added.get(sobject.name, ()))
        kept = (f for f in fields if f"{sobject.name}.{f.name}" not in self.changes.removed)
        return replace(sobject, fields=tuple(self._retyped(sobject.name, f) for f in kept))

    def _retyped(self, sobject: str, f: Field) -> Field:
        new = self.changes.retyped.get(f"{sobject}.{f.name}")
        if new is None or new == f.type:
            return f
        length = f.length or (255 if new in {"string", "textarea", "picklist"} else 0)
        precision, scale = (18, 2) if new in {"double", "currency", "percent"} else (f.precision, f.scale)
        return replace(f, type=new, length=length, precision=precision, scale=scale, to=(), relationship=None)

    def _visible(self, sobject: SObject) -> SObject:
        def shown(f: Field) -> Field | None:
            key = f"{sobject.name}.{f.name}"
            if key in self.changes.hidden:
                return None
            return replace(f, createable=False, updateable=False) if key in self.changes.locked else f

        return replace(sobject, fields=tuple(s for f in sobject.fields if (s := shown(f))))
