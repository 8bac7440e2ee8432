"""Turns a block's stored mapping lines into the engine's rules, and says when two mappings decide alike."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Any

from django.db.models import Q

from integrations.engine.compare import fold
from integrations.engine.mapping import Blanks, Direction, FieldRule, Kind, MergeKey, OnConflict, identity, narrower
from integrations.engine.values import Json, digest, from_json
from integrations.hub.fields import CHOICES, HubField, fields_of
from integrations.hub.models import HealthProfile, Stage

from .blocks import deciding
from .models import Block, DataType, FieldMapping, Mode
from .store.hub_rows import SCORE

LINE = (
    "hub_field", "crm_field", "crm_label", "direction", "on_conflict", "blanks", "value_map", "transform", "argument",
    "constant", "default_out",
)  # fmt: skip
Line = Mapping[str, Any]
Lines = Mapping[str, list[dict[str, Any]]]
"""Data type → its lines; those of the score upload only where it goes out."""
Choices = Mapping[str, Mapping[str, str]]
"""hub field → folded name or label → the hub's name, as `all_choices` reads them."""


class HubTerms:
    """The hub's fields and what its lists hold, each read once: one serves a whole page, however many blocks ask it."""

    def __init__(self) -> None:
        self._fields: dict[str, dict[str, HubField]] = {}

    @cached_property
    def choices(self) -> Choices:
        return all_choices()

    def fields(self, entity: str) -> dict[str, HubField]:
        if entity not in self._fields:
            self._fields[entity] = fields_of(entity)
        return self._fields[entity]


def lines_of(connection_id: int) -> Lines:
    """The lines that act, as plain values: what a run keeps of the mapping that it began with. One query."""
    found: dict[str, list[dict[str, Any]]] = defaultdict(list)
    is_idle = Q(block__object=DataType.SCORES) & ~Q(block__mode=Mode.OUTPUT)
    acting = FieldMapping.objects.filter(~is_idle, block__connection=connection_id, suspended_at=None)
    for line in acting.values("block__object", *LINE):
        found[line.pop("block__object")].append(line)
    return found


def rules_of(block: Block) -> list[FieldRule]:
    return _rules(block, lines_of(block.connection_id), HubTerms())


def _rules(block: Block, lines: Lines, terms: HubTerms) -> list[FieldRule]:
    return [
        *rules_from(block.object, lines.get(block.object, ()), terms),
        *scores_from(scores_of(block.object, lines), terms),
    ]


def scores_of(object_name: str, lines: Lines) -> Sequence[dict[str, Any]]:
    """The lines of the connection's score upload, which act with its customers whatever their mode; empty for others."""
    return lines.get(DataType.SCORES, ()) if object_name == DataType.CUSTOMERS else ()


def scores_from(lines: Sequence[Line], terms: HubTerms) -> list[FieldRule]:
    """Named apart from the customers' own lines: CSM Pulse may come from one CRM field and go to another."""
    rules = [rule for rule in rules_from(DataType.SCORES, lines, terms) if rule.crm_field]
    free = [replace(rule, hub_field=SCORE + rule.hub_field, direction=Direction.OUT, is_free=True) for rule in rules]
    return [replace(rule, line=identity(rule)) for rule in free]


def rules_from(object_name: str, lines: Sequence[Line], terms: HubTerms) -> list[FieldRule]:
    if not lines:
        return []
    fields, choices = terms.fields(object_name), terms.choices
    return [_rule(fields[line["hub_field"]], line, choices) for line in lines if line["hub_field"] in fields]


def keys_from(object_name: str, names: Iterable[str], terms: HubTerms) -> list[MergeKey]:
    fields = terms.fields(object_name)
    found = (fields[name] for name in names if name in fields)
    return [MergeKey(field.name, str(field.label), field.key) for field in found if field.key is not None]


def rules_hash(block: Block, lines: Lines | None = None, terms: HubTerms | None = None) -> str:
    lines = lines_of(block.connection_id) if lines is None else lines
    return hash_of(_rules(block, lines, terms or HubTerms()), block.mode, deciding(block.object, block.settings))


def hash_of(rules: Iterable[FieldRule], mode: str, settings: Mapping[str, Json] | None = None) -> str:
    """Labels do not decide, so renaming a field re-reads nothing. A mode that lets more lines write settles anew.

    So does another object or view: what it holds was never read.
    """
    own: list[Json] = [dict(settings)] if settings else []
    return digest([mode, sorted((_decisive(rule) for rule in rules), key=str), *own])


def _rule(field: HubField, line: Line, choices: Choices) -> FieldRule:
    rule = FieldRule(
        hub_field=field.name,
        hub_label=str(field.label),
        kind=field.kind,
        crm_field=line["crm_field"],
        crm_label=line["crm_label"] or line["crm_field"],
        direction=Direction(line["direction"]),
        on_conflict=OnConflict(line["on_conflict"]),
        blanks=Blanks(line["blanks"]),
        value_map=dict(line["value_map"]),
        transform=line["transform"],
        argument=line["argument"],
        constant=from_json(line["constant"]),
        default_out=line.get("default_out", ""),
        crm_labels=line.get("labels") or {},
        choices=choices.get(field.name, {}) if field.kind is Kind.CHOICE else {},
        min_value=field.min_value,
        max_value=field.max_value,
        max_length=field.max_length,
        decimals=field.decimals,
    )
    # A line that came to read or write otherwise settles anew what the former one had settled.
    return replace(rule, line=identity(rule), narrower=narrower(rule))


def all_choices() -> dict[str, dict[str, str]]:
    """hub field → folded name or label → the hub's name; two queries."""
    # Labels first: where one stage's name is another's label, the technical name decides.
    stages: dict[str, str] = {}
    named = list(Stage.objects.values_list("name", "label"))
    for name, label in named:
        stages.setdefault(fold(label), name)
    stages |= {fold(name): name for name, _label in named}
    # By their own names alone: labels follow the reader's language, and what decides may not.
    own = {name: {fold(value): value for value, _label in options} for name, options in CHOICES.items()}
    return own | {
        "stage": stages,
        "profile": {fold(name): name for name in HealthProfile.objects.values_list("name", flat=True)},
    }


def _decisive(rule: FieldRule) -> list[Json]:
    return [
        rule.hub_field, rule.crm_field, rule.direction.value, rule.on_conflict.value, rule.blanks.value,
        dict(rule.value_map), rule.transform, rule.argument, str(rule.constant), dict(rule.choices),
    ]  # fmt: skip
