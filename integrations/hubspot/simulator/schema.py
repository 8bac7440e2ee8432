"""Which properties an object has now: the vendor's own, changed and completed by the account's people."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import orjson

from .catalogue import STANDARD
from .kinds import KINDS
from .moments import parse
from .properties import Definition, Property
from .store import Store

_GROUPS = {
    "companies": ("companyinformation", "company_activity", "deal_information", "sales_properties",
                  "targetaccountsinformation"),
    "contacts": ("contactinformation", "contact_activity", "deal_information", "sales_properties"),
    "deals": ("dealinformation", "deal_activity"),
}  # fmt: skip


@dataclass
class Changes:
    """Of one object, as they are kept."""

    own: dict[str, Definition] = field(default_factory=dict)
    """Definitions that were made or edited here, whole."""
    archived: list[str] = field(default_factory=list)
    hidden: list[str] = field(default_factory=list)
    """From everybody who asks, as if they had no right to see them."""
    locked: list[str] = field(default_factory=list)
    groups: dict[str, str] = field(default_factory=dict)


class Schema:
    def __init__(self, store: Store, lag: Callable[[], float]) -> None:
        self._store = store
        self._lag = lag
        self._cached: tuple[bytes, dict[str, dict[str, Property]]] = (b"-", {})

    def changes(self, kind: str) -> Changes:
        return Changes(**self._store.state("schema", {}).get(kind, {}))

    @contextmanager
    def changing(self, kind: str) -> Iterator[Changes]:
        changes = self.changes(kind)
        yield changes
        self._store.set_state("schema", {**self._store.state("schema", {}), kind: vars(changes)})

    def of(self, kind: str) -> dict[str, Property]:
        """Those that can be read now, by name."""
        row = self._store.one("SELECT value FROM _state WHERE key = 'schema'")
        raw = bytes(row[0]) if row else b""
        # A rolled back change leaves other bytes here, so the cache never outlives it.
        if self._cached[0] != raw:
            self._cached = (raw, {})
        if kind not in self._cached[1]:
            self._cached[1][kind] = _visible(kind, Changes(**orjson.loads(raw or b"{}").get(kind, {})))
        known = self._cached[1][kind]
        fresh = {name for name, one in known.items() if one.own and self._is_fresh(one)}
        return {name: one for name, one in known.items() if name not in fresh} if fresh else known

    def _is_fresh(self, one: Property) -> bool:
        made = parse(one.made)
        return made is not None and made + timedelta(seconds=self._lag()) > self._store.clock() and self._lag() > 0

    def groups(self, kind: str) -> dict[str, str]:
        standard = _GROUPS.get(kind) or (next(k.group for k in KINDS if k.name == kind),)
        return {name: name.replace("_", " ").capitalize() for name in standard} | self.changes(kind).groups


def _visible(kind: str, changes: Changes) -> dict[str, Property]:
    away = {*changes.archived, *changes.hidden}
    known = STANDARD[kind] | {name: read(one) for name, one in changes.own.items()}
    return {name: _locked(one) if name in changes.locked else one for name, one in known.items() if name not in away}


def _locked(one: Property) -> Property:
    told = one.definition()
    told["modificationMetadata"] = {**told["modificationMetadata"], "readOnlyValue": True}
    return read(told)


def read(told: Definition) -> Property:
    """From the definition that the API tells."""
    options = tuple((option["label"], option["value"]) for option in told["options"])
    return Told(
        told["name"], told["label"], told["type"], told["fieldType"], told["groupName"], options,
        told.get("description", ""),
        read_only=told["modificationMetadata"]["readOnlyValue"], calculated=told["calculated"],
        unique=told["hasUniqueValue"],
        hidden=told["hidden"], external=told["externalOptions"], refers_to=told.get("referencedObjectType", ""),
        own=not told.get("hubspotDefined"), made=told.get("createdAt", ""), extra=told,
    )  # fmt: skip


class Told(Property):
    """Its definition is kept as it was told."""

    def definition(self) -> dict[str, Any]:
        return dict(self.extra)
