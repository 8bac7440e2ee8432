"""What one slice knows: the run, the configuration that it began with, the connector, and what it counted so far."""

import time
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import cached_property
from typing import Any

from django.conf import settings

from integrations.engine.mapping import Direction, FieldRule, Kind, MergeKey, Mode, OnConflict
from integrations.engine.merge import within
from integrations.hub.fields import BUILT_IN

from ..blocks import deciding
from ..connector import Abilities, Connector, ObjectAbility
from ..models import Connection, DataType, OnDelete, Run
from ..registry import child_of, system_of
from ..rules import HubTerms, hash_of, keys_from, rules_from, scores_from
from ..store.hub_rows import HubTable, table_of
from .lease import Lease
from .prefetch import Reader
from .recording import Recording

PARENT_LINE = FieldRule("parent", "Parent", Kind.PARENT, crm_field="@parent")
CUSTOMER_LINE = FieldRule("customer", "Customer", Kind.PARENT, crm_field="@customer")
CUSTOMER_OUT = replace(CUSTOMER_LINE, direction=Direction.OUT, is_free=True)
"""Only a record that is created is told its customer: moving it to another one stays the CRM's to do."""


@dataclass(frozen=True, slots=True)
class Plan:
    """One data type's part of the configuration, as the run began with it."""

    object: str
    mode: Mode
    rules: tuple[FieldRule, ...]
    keys: tuple[MergeKey, ...]
    rules_hash: str
    ref_is_common: bool
    key_field: str = ""
    on_hub_delete: OnDelete = OnDelete.KEEP
    on_crm_delete: OnDelete = OnDelete.KEEP
    key_paths: Mapping[str, str] = field(default_factory=dict)
    """Where a merge key is read without a line of its own."""

    @property
    def reads(self) -> bool:
        return self.mode is not Mode.OUTPUT

    @property
    def writes(self) -> bool:
        return self.mode in {Mode.TWO_WAY, Mode.OUTPUT} or any(rule.is_free for rule in self.rules)

    @property
    def says_something(self) -> bool:
        """A field of its own goes out: a two-way mode alone sends nothing."""
        ways = [within(self.mode, rule.direction) for rule in self.rules if rule.crm_field and not rule.is_free]
        return any(way is not None and way.writes_crm for way in ways)

    @property
    def may_ask(self) -> bool:
        """A field may come to be disputed with nobody but a person to decide it."""
        asking = [rule for rule in self.rules if rule.on_conflict in {OnConflict.ASK, OnConflict.LATEST}]
        return any(within(self.mode, rule.direction) is Direction.BOTH for rule in asking)

    @property
    def key_rules(self) -> tuple[tuple[MergeKey, FieldRule], ...]:
        by_field = {rule.hub_field: rule for rule in (*self._key_lines, *self.rules)}
        return tuple((key, by_field[key.hub_field]) for key in self.keys if key.hub_field in by_field)

    @property
    def crm_fields(self) -> tuple[str, ...]:
        return tuple(dict.fromkeys(rule.crm_field for rule in (*self.rules, *self._key_lines) if rule.crm_field))

    @property
    def _key_lines(self) -> tuple[FieldRule, ...]:
        """Of keys that no line is mapped to: they recognise, and decide about no field."""
        mapped, kinds = {rule.hub_field for rule in self.rules}, {one.name: one.kind for one in BUILT_IN[self.object]}
        return tuple(
            FieldRule(key.hub_field, key.hub_label, kinds[key.hub_field], crm_field=self.key_paths[key.hub_field])
            for key in self.keys
            if key.hub_field in self.key_paths and key.hub_field not in mapped
        )


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
    alone: bool = False
    """A step failed in this slice: none shares a transaction any more."""
    reader: Reader | None = None
    recording: Recording = field(default_factory=Recording)
    merged: dict[str, dict[str, str]] = field(default_factory=dict)
    """Data type → record → the one that it lives on in, of those that this run heard were merged; read once a slice."""
    heads_to_be: Mapping[str, str] | None = None
    """Customer → the one that takes its row over in this run; read once a slice, after all customers are decided."""
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

    @property
    def marked_at(self) -> datetime:
        """Edits of the hub up to here are this run's; later ones wait for the next."""
        return datetime.fromisoformat(self.run.cursor["marked_at"])

    @cached_property
    def previous_run(self) -> int:
        """The real run before this one that went through; 0: there was none."""
        before = Run.objects.filter(connection=self.connection, slot=Run.Slot.REAL, pk__lt=self.run.pk)
        return before.filter(state__in=[Run.State.DONE, Run.State.HELD]).values_list("pk", flat=True).first() or 0

    @cached_property
    def former_options(self) -> Any:
        """The system's own columns as that run began with them."""
        before = Run.objects.filter(pk=self.previous_run)
        return before.values_list("cursor__config__options", flat=True).first()

    @cached_property
    def abilities(self) -> Abilities:
        return system_of(self.connection.system).abilities

    @property
    def system(self) -> str:
        return self.abilities.label

    @cached_property
    def child(self) -> Connection:
        """The system's own row of the connection; from the second slice on with the options that the run began with."""
        return child_of(self.connection)

    @property
    def connector(self) -> Connector:
        return self.open().connector

    def open(self) -> Reader:
        """The connector on the child row, with the options that the run began with."""
        if self.reader is None:
            child = self.child
            for name, value in self.config.get("options", {}).items():
                setattr(child, name, value)
            connector = system_of(self.connection.system).connector(child, read_only=self.is_preview)
            blocks = self.config.get("blocks", {})
            connector.kept = {name: block.get("settings") or {} for name, block in blocks.items()}
            connector.on_call = self.recording.note
            self.reader = Reader(connector)
        return self.reader

    @property
    def walks(self) -> dict[str, ObjectAbility]:
        """Of the data types that are read: which walks they share with others."""
        return {name: self.abilities.of(name) for name, plan in self.plans.items() if plan.reads}

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

    def load_plans(self, terms: HubTerms | None = None) -> None:
        moment = self.config.get("widened_at")
        widened_at = datetime.fromisoformat(moment) if moment else None
        blocks = self.config.get("blocks", {})
        terms = terms or HubTerms()
        self.plans = {
            name: plan_from(self.abilities.of(name), block, terms, widened_at) for name, block in blocks.items()
        }


def plan_from(
    ability: ObjectAbility, block: Mapping[str, Any], terms: HubTerms, widened_at: datetime | None = None
) -> Plan:
    object_name = ability.object
    lines = [replace(rule, widened_at=widened_at) for rule in rules_from(object_name, block["lines"], terms)]
    rules = (*lines, *scores_from(block.get("scores", ()), terms))
    return Plan(
        object_name, Mode(block["mode"]), rules, tuple(keys_from(object_name, block["keys"], terms)),
        hash_of(rules, block["mode"], deciding(object_name, block.get("settings") or {})), bool(block["ref_is_common"]), str(block.get("key_field", "")),
        OnDelete(block.get("on_hub_delete", "keep")), OnDelete(block.get("on_crm_delete", "keep")), ability.key_paths,
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


ORDER = tuple(kind.value for kind in DataType if kind is not DataType.SCORES)
"""Customers first, for everything else hangs on them; contacts next, for interactions name them. Scores have no
records of their own: their lines act over the links of customers."""


def known_objects(names: Iterable[str]) -> list[str]:
    asked = set(names)
    return [name for name in ORDER if name in asked]
