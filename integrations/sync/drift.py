"""What changed under a mapping in the CRM: a field gone, of another type, no longer writable, with new values to map.

Found by comparing what the CRM says of its fields now with what was stored when they were last looked at.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from integrations.engine.compare import fold
from integrations.engine.mapping import Kind

from .connector import CrmField, ObjectAbility, Schema
from .models import Block, FieldMapping, Mode
from .rules import Choices, HubTerms

GONE, RETYPED, LOCKED, VALUE = "field-gone", "field-type-changed", "field-locked", "value-new"
REQUIRED = "required-new"
KEY_GONE = "key-field-gone"
"""The field that keeps our own key, which no line names."""
LOST = frozenset({GONE, RETYPED})
"""Another field has to take its place."""
TEXTS = {Kind.ID, Kind.TEXT, Kind.LONG_TEXT, Kind.EMAIL, Kind.DOMAIN, Kind.PHONE, Kind.CHOICE, Kind.PERSON, Kind.LIST}
NUMBERS = {Kind.INTEGER, Kind.NUMBER, Kind.MONEY}
SHOWN = 255
Out = FieldMapping.Direction.OUT
WRITING = {Out, FieldMapping.Direction.BOTH}
Kinds = Mapping[str, Kind]
"""hub field → its kind."""


@dataclass(frozen=True, slots=True)
class Looks:
    """What is stored of a field, to tell at the next look what has changed."""

    label: str
    type: str
    choices: list[str] | None = None
    writable: bool | None = None


@dataclass(frozen=True, slots=True)
class Drift:
    line: FieldMapping
    code: str
    """Empty: the line is well, or well again."""
    looks: Looks
    seen: CrmField | None = None
    new: tuple[str, ...] = ()
    """The labels of values that nothing is mapped to."""

    @property
    def rests_already(self) -> bool:
        return bool(self.code) and self.code == self.line.suspended_code

    @property
    def detail(self) -> str:
        if self.code == RETYPED and self.seen:
            return self.seen.type[:SHOWN]
        return ", ".join(self.new)[:SHOWN]


def drift_of(block: Block, lines: Iterable[FieldMapping], schema: Schema, terms: HubTerms) -> list[Drift]:
    """Every line that is not well, and those whose looks are not what was stored."""
    mapped, kinds = [line for line in lines if line.crm_field], kinds_of(block, terms)
    choices = terms.choices if any(_translates(line, kinds) for line in mapped) else {}
    found = (_look(line, block, schema.get(line.crm_field), kinds, choices) for line in mapped)
    return [one for one in found if one.code or one.line.suspended_code or one.looks != _stored(one.line)]


def kinds_of(block: Block, terms: HubTerms) -> Kinds:
    return {name: field.kind for name, field in terms.fields(block.object).items()}


def _look(line: FieldMapping, block: Block, seen: CrmField | None, kinds: Kinds, choices: Choices) -> Drift:
    if seen is None:
        return Drift(line, GONE, _stored(line))
    looks = looks_of(line, block, seen, kinds)
    if _is_retyped(line, seen, kinds):
        return Drift(line, RETYPED, looks, seen)
    if line.crm_writable and looks.writable is False:
        return Drift(line, LOCKED, looks, seen)
    if line.crm_choices is not None and (new := _new_values(line, seen, choices)):
        return Drift(line, VALUE, looks, seen, new)
    return Drift(line, "", looks, seen)


def looks_of(line: FieldMapping, block: Block, seen: CrmField, kinds: Kinds) -> Looks:
    choices = sorted(choice.value for choice in seen.choices if choice.is_active)
    return Looks(
        seen.label[:255],
        seen.type[:40],
        choices if _translates(line, kinds) and choices else None,
        can_be_written(seen) if _goes_out(line, block) else None,
    )


def can_be_written(field: CrmField) -> bool:
    return field.is_updateable or field.is_createable


def shows(schema: Schema, path: str) -> bool:
    """A field to write to, which no line names."""
    field = schema.get(path)
    return field is not None and can_be_written(field)


def _stored(line: FieldMapping) -> Looks:
    return Looks(line.crm_label, line.crm_type, line.crm_choices, line.crm_writable)


def _goes_out(line: FieldMapping, block: Block) -> bool:
    return line.direction in WRITING and block.mode in {Mode.TWO_WAY, Mode.OUTPUT}


def _translates(line: FieldMapping, kinds: Kinds) -> bool:
    """Whether a value that nobody mapped is left out. What a transform makes of values, only the run knows."""
    if line.direction == Out or line.transform not in {"", "none"}:
        return False
    return bool(line.value_map) or kinds.get(line.hub_field) is Kind.CHOICE


def _new_values(line: FieldMapping, seen: CrmField, choices: Choices) -> tuple[str, ...]:
    before, mapped = set(line.crm_choices or ()), {fold(value) for value in line.value_map}
    known = mapped | set(choices.get(line.hub_field, ()))
    come = [choice for choice in seen.choices if choice.is_active and choice.value not in before]
    return tuple(choice.label or choice.value for choice in come if fold(choice.value) not in known)


def may_become(crm: Kind, hub: Kind) -> bool:
    """Whether values of the CRM's kind can be read as the hub's; what a single value holds is the reading's to say."""
    if crm is hub or hub in {Kind.TEXT, Kind.LONG_TEXT, Kind.ID, Kind.CHOICE, Kind.LIST}:
        return True
    if hub in NUMBERS:
        return crm in NUMBERS
    if hub is Kind.BOOL:
        return crm in TEXTS | NUMBERS
    return hub in TEXTS and crm in TEXTS


def _is_retyped(line: FieldMapping, seen: CrmField, kinds: Kinds) -> bool:
    # A line that never worked is the mapping page's to refuse, not a drift.
    is_other = bool(line.crm_type) and line.crm_type != seen.type
    return is_other and not line.transform and not may_become(seen.kind, kinds.get(line.hub_field, Kind.TEXT))


# --- What the CRM insists on


def required_in(schema: Schema) -> dict[str, str]:
    """Path → label of the fields without which the CRM creates no record."""
    return {field.path: field.label for field in schema.fields if field.is_required and field.is_createable}


def unfilled(
    block: Block, lines: Iterable[FieldMapping], schema: Schema, ability: ObjectAbility, known: Collection[str]
) -> dict[str, str]:
    """Those that came since and that no line sends: every record made here would be refused."""
    if not (ability.creates and block.mode in {Mode.TWO_WAY, Mode.OUTPUT}):
        return {}
    sent = {line.crm_field for line in lines if line.direction in WRITING} | {ability.customer_path, block.key_field}
    return {path: label for path, label in required_in(schema).items() if path not in known and path not in sent}


# --- Somebody has looked


def acknowledge(block: Block, schema: Schema) -> None:
    """A person saved the mapping with these fields before their eyes: what was new is known from now on."""
    lines, kinds = list(block.lines.exclude(crm_field="")), kinds_of(block, HubTerms())
    for line in lines:
        if (seen := schema.get(line.crm_field)) is None:
            continue
        looks = looks_of(line, block, seen, kinds)
        line.crm_choices, line.crm_writable = looks.choices, looks.writable
        columns: dict[str, Any] = {"noticed_code": "", "noticed_at": None}
        if line.suspended_code in {VALUE, LOCKED} and looks.writable is not False:
            columns |= {"suspended_code": "", "suspended_at": None}
        for name, value in columns.items():
            setattr(line, name, value)
    names = ["crm_choices", "crm_writable", "noticed_code", "noticed_at", "suspended_code", "suspended_at"]
    FieldMapping.objects.bulk_update(lines, names)
    Block.objects.filter(pk=block.pk).update(
        crm_required=sorted(required_in(schema)), required_new={}, required_at=None
    )
    if block.key_field and not shows(schema, block.key_field):
        # The page told of it and offered it anew: who saves all the same goes on without it.
        Block.objects.filter(pk=block.pk, key_field=block.key_field).update(key_field="", key_gone_at=None)
