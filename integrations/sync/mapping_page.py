"""What the mapping page shows of a data type: a row per hub field with its form, its CRM field and how well they fit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.forms import formset_factory
from django.http import QueryDict
from django.utils.functional import Promise, cached_property
from django.utils.translation import gettext_lazy as _

from integrations.engine.compare import fold
from integrations.engine.mapping import Kind
from integrations.hub.fields import HubField, fields_of

from .connector import CrmField, ObjectAbility
from .drift import LOCKED, LOST, VALUE, can_be_written
from .drift_words import say
from .fit import WORDS, Fit, is_offered, successors
from .forms_mapping import DeletionsForm, KeysForm, LineForm, LineFormSet, ValueMapField, hub_choices
from .key_fields import OurKey, our_key
from .key_quality import Quality, quality_of
from .metadata import Metadata, count_values, value_counts
from .models import Block, FieldMapping, Mode
from .open_values import met_lately
from .registry import system_of

PREFIX = "line"
Formset: Any = formset_factory(LineForm, formset=LineFormSet, extra=0)
COUNTED = 20
"""Values whose records are counted one by one, a call each; picklists with more say so."""

RESTS: dict[str, Any] = {
    "": _("The line rests, its values stay; all other lines go on."),
    LOCKED: _("The line rests: let it only read, or have an administrator of the CRM allow the writing."),
    VALUE: _("The line rests: map the new values, or save the mapping to leave them unmapped."),
}
"""Why, and what to do."""


@dataclass(frozen=True, slots=True)
class ValueRow:
    given: str
    label: str
    wanted: str
    records: int | None = None
    is_known: bool = True
    """Unmapped, yet taken: the hub has a value of that name, or the line translates nothing."""
    is_active: bool = True

    @property
    def is_open(self) -> bool:
        """Its records keep what they have until somebody maps it."""
        return not self.wanted and not self.is_known and self.is_active


@dataclass(frozen=True, slots=True)
class MappingRow:
    form: LineForm
    fit: Fit
    why: str | Promise
    label: str
    type: str
    samples: Sequence[str]
    successors: Sequence[CrmField]
    values: Sequence[ValueRow]
    is_counted: bool
    is_gone: bool
    is_lost: bool = False
    """Another field has to take its place."""
    is_asked: bool = False
    """Somebody asked for its counts: its values stand open."""
    records_unmapped: int | None = None
    notice: str = ""
    """What has changed about its field since somebody looked."""

    @property
    def unmapped(self) -> int:
        return sum(row.is_open for row in self.values)

    @property
    def to_create(self) -> list[str]:
        """What the hub could be given, so that every value finds its counterpart."""
        listed = {choice.value for choice in self.form.crm_field.choices} if self.form.crm_field else set()
        rows = [row for row in self.values if row.given in listed and row.is_active]
        return [row.label for row in rows if not row.wanted and not row.is_known] if self.form.may_create else []

    @property
    def mapped(self) -> int:
        return sum(bool(row.wanted) for row in self.values)

    @property
    def kind(self) -> str | Promise:
        return WORDS[self.form.hub_field.kind]

    @property
    def takes_choice(self) -> bool:
        return self.form.hub_field.kind is Kind.CHOICE


@dataclass(frozen=True, slots=True)
class KeyRow:
    field: HubField
    bound: Any
    quality: Quality | None


class MappingPage:
    """Built once a request; `data` is what a person typed, kept whatever happens to it."""

    def __init__(self, block: Block, data: QueryDict | None, metadata: Metadata, *, may_ask: bool) -> None:
        self.block, self.metadata, self.may_ask = block, metadata, may_ask
        self.fields = fields_of(block.object)
        self.lines = {line.hub_field: line for line in block.lines.all()} if block.pk else {}
        self.count_of = data.get("count", "") if data else ""
        self.formset = self._formset(data)
        self.keys = KeysForm(data, fields=self.fields, initial=KeysForm.initial_of(block))
        self.deletions = DeletionsForm(data, block=block, ability=self.ability)

    @cached_property
    def met(self) -> Mapping[str, Mapping[str, int]]:
        """Values that the latest preview met and nothing is mapped to."""
        return met_lately(self.block.connection_id, self.block.object)

    blank_rows = ("a", "b", "c")
    """For values that no picklist lists."""

    def _formset(self, data: QueryDict | None) -> LineFormSet:
        order = [name for name in self.lines if name in self.fields]
        fields = [self.fields[name] for name in dict.fromkeys([*order, *self.fields])]
        kwargs = {
            "lines": self.lines,
            "block": self.block,
            "schema": self.metadata.schema,
            "name": self.block.connection.name,
            "all_choices": hub_choices(self.fields),
        }
        initial = [_initial(self.lines.get(field.name)) for field in fields]
        made: LineFormSet = Formset(data, prefix=PREFIX, hub_fields=fields, initial=initial, form_kwargs=kwargs)
        return made

    @property
    def ability(self) -> ObjectAbility:
        return system_of(self.block.connection.system).abilities.of(self.block.object)

    @property
    def by_label(self) -> bool:
        return not system_of(self.block.connection.system).abilities.has_plain_paths

    def write_out(self) -> None:
        """A field that was typed by its label is shown by its path from here on."""
        for form in self.formset.forms:
            form.data[form.add_prefix("crm")] = form.cleaned_data["crm"]

    @property
    def rows(self) -> list[MappingRow]:
        return [self._row(form) for form in self.formset.forms]

    @property
    def key_rows(self) -> list[KeyRow]:
        if not self.keys.hub_fields:
            # Scores recognise nobody: they stand on rows that are linked already.
            return []
        quality = quality_of(self.block.object, self.keys.hub_fields)
        rows = [KeyRow(f, self.keys[f"rank-{name}"], quality.get(name)) for name, f in self.keys.hub_fields.items()]
        return sorted(rows, key=lambda row: str(row.bound.value() or "~"))

    @property
    def offers(self) -> dict[str, list[CrmField]]:
        """The lists that the inputs of CRM fields choose from: ids, people, and all."""
        known = self.metadata.schema.fields if self.metadata.schema else ()
        if self.block.mode == Mode.OUTPUT:
            # What may only be read is no target.
            known = tuple(found for found in known if can_be_written(found))
        kinds = {"ids": Kind.ID, "people": Kind.PERSON, "any": Kind.TEXT}
        said = [(found, replace(found, type=self._say_type(found.type))) for found in known]
        return {n: [shown for f, shown in said if is_offered(HubField("", "", kind), f)] for n, kind in kinds.items()}

    def _say_type(self, type_: str) -> str:
        return system_of(self.block.connection.system).abilities.say_type(type_)

    def _row(self, form: LineForm) -> MappingRow:
        line, crm = form.line, form.crm_field
        path = form.path
        kept = line if line and line.crm_field == path else None
        is_gone = bool(kept and path and self.metadata.schema and crm is None)
        fit, why = self._fit(form, kept, crm, is_gone=is_gone)
        label = crm.label if crm else (kept.crm_label or path) if kept else ""
        is_lost = is_gone or bool(kept and kept.suspended_at and kept.suspended_code in {"", *LOST})
        values = self._values(form, crm)
        return MappingRow(
            form=form,
            fit=fit,
            why=why,
            label=label,
            type=self._say_type(crm.type if crm else kept.crm_type if kept else ""),
            samples=self.metadata.samples.get(path, ()),
            successors=self._successors(label, path, form.hub_field) if is_lost else (),
            values=values,
            is_counted=any(value.records is not None for value in values),
            is_gone=is_gone,
            is_lost=is_lost,
            is_asked=self.count_of == form.hub_field.name,
            notice=self._notice(kept),
            records_unmapped=self._records_unmapped(form, path, values),
        )

    def _fit(
        self, form: LineForm, kept: FieldMapping | None, crm: CrmField | None, *, is_gone: bool
    ) -> tuple[Fit, Any]:
        if kept and kept.suspended_at:
            return Fit.SUSPENDED, RESTS.get(kept.suspended_code, RESTS[""])
        if is_gone:
            return Fit.SUSPENDED, _("The CRM no longer has this field: the line will rest at the next sync.")
        if form["constant"].value():
            return Fit.MATCHING, _("The same value for every record.")
        if crm:
            verdict = form.fit(crm, str(form["transform"].value() or ""), _values_of(form))
            return verdict.fit, verdict.why
        if kept and kept.crm_field:
            return Fit.MATCHING, _("As last seen; the CRM was not asked now.")
        return Fit.UNMATCHED, _("No CRM field yet.")

    def _successors(self, label: str, path: str, field: HubField) -> list[CrmField]:
        schema = self.metadata.schema
        taken = [line.crm_field for line in self.lines.values()]
        line = self.lines[field.name]
        values = line.crm_choices or list(line.value_map)
        found = successors(label, path, field, schema, taken, type_=line.crm_type, values=values) if schema else []
        # Without the CRM's word of now: what the run found when it lost the field.
        return found or [CrmField(path, label, "", Kind.TEXT) for path, label in line.successors if schema is None]

    def _notice(self, kept: FieldMapping | None) -> str:
        if kept is None or not (code := kept.noticed_code or kept.suspended_code):
            return ""
        label = kept.crm_label or kept.crm_field
        return say({"code": code, "label": label, "detail": kept.drift_detail, "object": self.block.object})

    @property
    def newly_required(self) -> list[str]:
        """Fields that the CRM has come to insist on and that no line sends."""
        return list(self.block.required_new.values())

    @property
    def our_key(self) -> OurKey | None:
        return our_key(self.block, self.ability, self.metadata.schema)

    def _values(self, form: LineForm, crm: CrmField | None) -> list[ValueRow]:
        given = ValueMapField().to_python(form["values"].value())
        choices = {choice.value: choice for choice in crm.choices} if crm else {}
        # A text lists nothing: what its records hold is known from the runs that met it.
        kept = self.lines.get(form.hub_field.name)
        met = self.met.get(form.hub_field.name, {}) if crm and kept and kept.crm_field == crm.path else {}
        known = {fold(word) for pair in form.choices_here.items() for word in pair}
        rows = [
            ValueRow(
                value,
                choices[value].label if value in choices else value,
                given.get(value, ""),
                is_known=fold(value) in known if form.hub_field.kind is Kind.CHOICE else not given,
                is_active=value not in choices or choices[value].is_active,
            )
            for value in dict.fromkeys([*choices, *given, *met])
        ]
        counts = self._counts(form, crm, [row.given for row in rows], [row.given for row in rows if row.is_open])
        counted = [replace(row, records=counts.get(row.given, met.get(row.given))) for row in rows]
        return sorted(counted, key=lambda row: (bool(row.wanted) or row.is_known, -(row.records or 0)))

    def _counts(
        self, form: LineForm, crm: CrmField | None, values: Sequence[str], unmapped: Sequence[str]
    ) -> Mapping[str, int | None]:
        """One call counts all, where the CRM can; else a call each, where somebody asks for that."""
        is_asked = self.count_of == form.hub_field.name
        if not (self.may_ask and crm and values and (is_asked or unmapped)):
            return {}
        connection, name = self.block.connection, self.block.object
        if counts := value_counts(connection, name, crm.path):
            return {value: counts.get(value, 0) for value in values}
        return {value: count_values(connection, name, crm.path, [value]) for value in values[:COUNTED] if is_asked}

    def _records_unmapped(self, form: LineForm, path: str, values: Sequence[ValueRow]) -> int | None:
        """Known before anything is saved."""
        open_rows = [row for row in values if row.is_open]
        if not (self.may_ask and open_rows and form.crm_field):
            return None
        if all(row.records is not None for row in open_rows):
            return sum(row.records or 0 for row in open_rows)
        return count_values(self.block.connection, self.block.object, path, sorted(row.given for row in open_rows))


def _values_of(form: LineForm) -> dict[str, str]:
    return ValueMapField().to_python(form["values"].value())


def tally(rows: Sequence[MappingRow]) -> dict[str, int]:
    found = Counter(row.fit for row in rows)
    return {fit.value: found[fit] for fit in Fit}


def _initial(line: FieldMapping | None) -> dict[str, Any]:
    if line is None:
        return {"direction": "", "on_conflict": "crm", "blanks": "keep", "values": {}}
    names = ("direction", "on_conflict", "blanks", "transform", "argument", "default_out")
    own = {"crm": line.crm_field, "values": line.value_map, "constant": line.constant}
    return {name: getattr(line, name) for name in names} | own
