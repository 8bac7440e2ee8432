"""What one slice knows: the run, the configuration that it began with, the connector, and what it counted so far."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

from django.conf import settings

from integrations.engine.mapping import FieldRule, Kind, MergeKey, Mode

from ..connector import Abilities, Connector
from ..models import Connection, Run
from ..registry import child_of, system_of
from ..rules import hash_of, keys_from, rules_from
from ..store.hub_rows import HubTable, table_of
from .lease import Lease
from .prefetch import Reader

PARENT_LINE = FieldRule("parent", "Parent", Kind.PARENT, crm_field="@parent")
CUSTOMER_LINE = FieldRule("customer", "Customer", Kind.PARENT, crm_field="@customer")


@dataclass(frozen=True, slots=True)
class Plan:
    """One data type's part of the configuration, as the run began with it."""

    object: str
    mode: Mode
    rules: tuple[FieldRule, ...]
    keys: tuple[MergeKey, ...]
    rules_hash: str
    ref_is_common: bool

    @property
    def key_rules(self) -> tuple[tuple[MergeKey, FieldRule], ...]:
        by_field = {rule.hub_field: rule for rule in self.rules}
        return tuple((key, by_field[key.hub_field]) for key in self.keys if key.hub_field in by_field)

    @property
    def crm_fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule.crm_field for rule in self.rules if rule.crm_field))


@dataclass
class Context:
    run: Run
    connection: Connection
    lease: Lease
    ends_at: float
    plans: dict[str, Plan] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    totals: dict[str, int] = field(default_factory=dict)
    calls_before: Counter[str] = field(default_factory=Counter)
    limit: int = 0
    """Records of one page; smaller while a record that crashes is being isolated."""
    reader: Reader | None = None
    outcome: dict[str, Any] = field(default_factory=dict)
    """The run's last columns, once its last step is through."""

    @property
    def is_preview(self) -> bool:
        return self.run.kind == Run.Kind.PREVIEW

    @property
    def is_delta(self) -> bool:
        return self.run.kind == Run.Kind.DELTA

    @property
    def config(self) -> Mapping[str, Any]:
        return self.run.cursor.get("config", {})

    @cached_property
    def abilities(self) -> Abilities:
        return system_of(self.connection.system).abilities

    @property
    def system(self) -> str:
        return self.abilities.label

    @property
    def connector(self) -> Connector:
        return self.open().connector

    def open(self) -> Reader:
        """The connector on the child row, with the options that the run began with."""
        if self.reader is None:
            child = child_of(self.connection)
            for name, value in self.config.get("options", {}).items():
                setattr(child, name, value)
            connector = system_of(self.connection.system).connector(child, read_only=self.is_preview)
            self.reader = Reader(connector)
        return self.reader

    def table(self, object_name: str) -> HubTable:
        return table_of(object_name)

    def count(self, key: str, number: int = 1) -> None:
        if number:
            self.counts[key] += number

    @property
    def calls(self) -> Counter[str]:
        # Copied first: the reading thread counts on meanwhile.
        now = dict(self.reader.connector.calls) if self.reader else {}
        return self.calls_before + Counter(now)

    @property
    def has_time(self) -> bool:
        return time.monotonic() < self.ends_at

    def load_plans(self) -> None:
        self.plans = {name: plan_from(name, block) for name, block in self.config.get("blocks", {}).items()}


def plan_from(object_name: str, block: Mapping[str, Any]) -> Plan:
    rules = tuple(rules_from(object_name, block["lines"]))
    return Plan(
        object_name, Mode(block["mode"]), rules, tuple(keys_from(object_name, block["keys"])), hash_of(rules),
        bool(block["ref_is_common"]),
    )  # fmt: skip


def open_context(run: Run, lease: Lease) -> Context:
    context = Context(
        run=run,
        connection=run.connection,
        lease=lease,
        ends_at=time.monotonic() + settings.SYNC_SLICE_SECONDS,
        counts=Counter(run.counts),
        totals=dict(run.totals),
        calls_before=Counter(run.calls_by_kind),
        limit=page_size(run.cursor),
    )
    context.load_plans()
    return context


def page_size(cursor: Mapping[str, Any]) -> int:
    return int(cursor.get("page") or settings.SYNC_PAGE_SIZE)


def known_objects(names: Iterable[str]) -> list[str]:
    """Customers first: everything else hangs on them."""
    return [name for name in ("customers", "contacts") if name in names]
