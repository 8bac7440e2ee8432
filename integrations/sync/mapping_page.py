"""What the mapping page shows of a data type: a row per hub field with its form, its CRM field and how well they fit."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from django.forms import formset_factory
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.engine.compare import fold
from integrations.engine.mapping import Kind
from integrations.hub.fields import HubField, fields_of

from .connector import CrmField
from .fit import WORDS, Fit, is_offered, successors
from .forms_mapping import KeysForm, LineForm, LineFormSet, ValueMapField, hub_choices
from .key_quality import Quality, quality_of
from .metadata import Metadata, count_values
from .models import Block, FieldMapping
from .registry import system_of

PREFIX = "line"
Formset: Any = formset_factory(LineForm, formset=LineFormSet, extra=0)
COUNTED = 20
"""Values whose records are counted one by one, a call each; picklists with more say so."""


@dataclass(frozen=True, slots=True)
class ValueRow:
    given: str
    label: str
    wanted: str
    records: int | None = None
    is_known: bool = True
    """Unmapped, yet taken: the hub has a value of that name, or the line translates nothing."""
    is_active: bool = True


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
    records_unmapped: int | None = None

    @property
    def unmapped(self) -> int:
        return sum(not row.wanted and not row.is_known and row.is_active for row in self.values)

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
        kinds = {"ids": Kind.ID, "people": Kind.PERSON, "any": Kind.TEXT}
        said = [(found, replace(found, type=self._say_type(found.type))) for found in known]
        return {n: [shown for f, shown in said if is_offered(HubField("", "", kind), f)] for n, kind in kinds.items()}

    def _say_type(self, type_: str) -> str:
        return system_of(self.block.connection.system).abilities.say_type(type_)

    def _row(self, form: LineForm) -> MappingRow:
        line, crm = form.line, form.crm_field
        path = str(form["crm"].value() or "")
        kept = line if line and line.crm_field == path else None
        is_gone = bool(kept and path and self.metadata.schema and crm is None)
        fit, why = self._fit(form, kept, crm, is_gone=is_gone)
        label = crm.label if crm else (kept.crm_label or path) if kept else ""
        lost = is_gone or fit is Fit.SUSPENDED
        values = self._values(form, crm)
        return MappingRow(
            form=form,
            fit=fit,
            why=why,
            label=label,
            type=self._say_type(crm.type if crm else kept.crm_type if kept else ""),
            samples=self.metadata.samples.get(path, ()),
            successors=self._successors(label, path, form.hub_field) if lost else (),
            values=values,
            is_counted=self.count_of == form.hub_field.name,
            is_gone=is_gone,
            records_unmapped=self._records_unmapped(form, path, values),
        )

    def _fit(
        self, form: LineForm, kept: FieldMapping | None, crm: CrmField | None, *, is_gone: bool
    ) -> tuple[Fit, Any]:
        if kept and kept.suspended_at:
            return Fit.SUSPENDED, _("The line rests, its values stay; all other lines go on.")
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
        return successors(label, path, field, schema, taken) if schema else []

    def _values(self, form: LineForm, crm: CrmField | None) -> list[ValueRow]:
        given = ValueMapField().to_python(form["values"].value())
        choices = {choice.value: choice for choice in crm.choices} if crm else {}
        known = {fold(word) for pair in form.choices_here.items() for word in pair}
        counts = self._counts(form, crm, list(dict.fromkeys([*choices, *given])))
        rows = [
            ValueRow(
                value,
                choices[value].label if value in choices else value,
                given.get(value, ""),
                counts.get(value),
                is_known=fold(value) in known if form.hub_field.kind is Kind.CHOICE else not given,
                is_active=value not in choices or choices[value].is_active,
            )
            for value in dict.fromkeys([*choices, *given])
        ]
        return sorted(rows, key=lambda row: (bool(row.wanted) or row.is_known, -(row.records or 0)))

    def _counts(self, form: LineForm, crm: CrmField | None, values: Sequence[str]) -> Mapping[str, int | None]:
        if not (self.may_ask and crm and self.count_of == form.hub_field.name):
            return {}
        connection, name = self.block.connection, self.block.object
        return {value: count_values(connection, name, crm.path, [value]) for value in values[:COUNTED]}

    def _records_unmapped(self, form: LineForm, path: str, values: Sequence[ValueRow]) -> int | None:
        """One call for all values that would stay unmapped: known before anything is saved."""
        unmapped = sorted(row.given for row in values if not row.wanted and not row.is_known and row.is_active)
        if not (self.may_ask and unmapped and form.hub_field.kind is Kind.CHOICE and form.crm_field):
            return None
        return count_values(self.block.connection, self.block.object, path, unmapped)


def _values_of(form: LineForm) -> dict[str, str]:
    return ValueMapField().to_python(form["values"].value())


def tally(rows: Sequence[MappingRow]) -> dict[str, int]:
    found = Counter(row.fit for row in rows)
    return {fit.value: found[fit] for fit in Fit}


def _initial(line: FieldMapping | None) -> dict[str, Any]:
    if line is None:
        return {"direction": "", "on_conflict": "crm", "blanks": "keep", "values": {}}
    names = ("direction", "on_conflict", "blanks", "transform", "argument")
    own = {"crm": line.crm_field, "values": line.value_map, "constant": line.constant}
    return {name: getattr(line, name) for name in names} | own
