"""One formset for the lines of a data type, one form per hub field: an empty CRM field means that there is no line."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.utils.datastructures import MultiValueDict
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.compare import fold
from integrations.engine.mapping import Direction, FieldRule, Kind, Mode
from integrations.engine.reading import read
from integrations.engine.records import Record
from integrations.engine.transforms import TRANSFORMS
from integrations.hub.fields import CHOICES, HubField
from integrations.hub.models import HealthProfile, Stage

from .agreement_checks import missing_in
from .configuration import snapshot
from .connector import CrmField, ObjectAbility, Schema
from .default_checks import UnfitError, fitted, options_of
from .deletions import choices_of
from .drift import WRITING, can_be_written
from .fit import Fit, Suits, is_offered, suits, takes
from .models import Block, DataType, FieldMapping, OnDelete
from .new_values import MADE_HERE, is_new, new
from .registry import system_of
from .score_checks import newly_read_back, with_lines
from .words import sentence

CEILING: dict[str, tuple[str, ...]] = {
    Mode.DISABLED: (Direction.IN,),
    Mode.INPUT: (Direction.IN,),
    Mode.TWO_WAY: tuple(Direction),
    Mode.OUTPUT: (Direction.OUT,),
}
"""What a line may do below its block's mode."""
NAMING = ({"name"}, {"last_name", "first_name", "email"})
"""The fields of which one has to be filled for a row that people can tell from others; some data types have none."""
DIRECTION_ICONS = {Direction.IN.value: "in", Direction.BOTH.value: "both", Direction.OUT.value: "outw"}


class ValueMapWidget(forms.Widget):
    """Two parallel lists of inputs: the CRM's value (hidden or typed), and what it becomes here."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> list[tuple[str, str]]:
        if not isinstance(data, MultiValueDict):
            return list(data.get(name, {}).items())
        return list(zip(data.getlist(f"{name}-from"), data.getlist(f"{name}-to"), strict=False))

    def value_omitted_from_data(self, data: Any, files: Any, name: str) -> bool:
        return f"{name}-from" not in data


class ValueMapField(forms.Field):
    widget = ValueMapWidget

    def to_python(self, value: Any) -> dict[str, str]:
        pairs = value.items() if isinstance(value, dict) else value or ()
        return {given: wanted.strip() for given, wanted in pairs if given.strip() and wanted.strip()}

    def has_changed(self, initial: Any, data: Any) -> bool:
        return self.to_python(initial) != self.to_python(data)


class LineForm(forms.Form):
    crm = forms.CharField(required=False, max_length=255, strip=True)
    direction = forms.ChoiceField(required=False, choices=FieldMapping.Direction.choices, widget=forms.RadioSelect)
    on_conflict = forms.ChoiceField(required=False, choices=FieldMapping.OnConflict.choices)
    blanks = forms.ChoiceField(required=False, choices=FieldMapping.Blanks.choices)
    values = ValueMapField(required=False)
    transform = forms.ChoiceField(required=False)
    argument = forms.CharField(required=False, max_length=255)
    constant = forms.CharField(required=False, max_length=255)
    default_out = forms.CharField(required=False, max_length=255)
    create = forms.BooleanField(required=False)

    def __init__(
        self, *args: Any, field: HubField, line: FieldMapping | None, block: Block, schema: Schema | None, name: str,
        choices: Mapping[str, str], **kwargs: Any,
    ) -> None:  # fmt: skip
        super().__init__(*args, **kwargs)
        self.hub_field, self.line, self.block, self.schema, self.name = field, line, block, schema, name
        self.choices_here = choices
        self.by_label = not system_of(block.connection.system).abilities.has_plain_paths
        # What goes out alone is sent as it is: no transform knows the way back.
        every = () if self.only_goes_out else TRANSFORMS.values()
        fitting = [t for t in every if t.name != "none" and field.kind in t.kinds]
        self.fields["transform"].choices = [("", _("As it is")), *((t.name, _(t.label)) for t in fitting)]  # type: ignore[attr-defined]
        self.never_blank = field.kind is Kind.ID or field.name == "name"
        self.may_differ = field.kind is not Kind.ID
        self._offer_options()
        for bound in self.fields.values():
            bound.widget.attrs["class"] = "form-select" if isinstance(bound.widget, forms.Select) else "form-control"
        self.fields["create"].widget.attrs["class"] = "form-check-input"
        self.fields["crm"].widget.attrs |= {"list": f"crm-{self.offered}", "autocomplete": "off", "spellcheck": "false"}

    def _offer_options(self) -> None:
        """A list is chosen from; what stands there and is no longer of it stays to be seen."""
        if not (options := options_of(self.crm_field) if self.may_default else ()):
            return
        kept = str(self["default_out"].value() or "")
        shown = {"": _("nothing"), **{choice.value: choice.label for choice in options}}
        self.fields["default_out"].widget = forms.Select(choices=list(({kept: kept} | shown).items()))

    @property
    def may_default(self) -> bool:
        """Whether a record is ever made there whose field the hub leaves blank."""
        creates = system_of(self.block.connection.system).abilities.of(self.block.object).creates
        return creates and not self.never_blank and bool(WRITING.intersection(self.allowed))

    @property
    def directions(self) -> list[dict[str, Any]]:
        chosen = self["direction"].value() or self.allowed[0]
        return [
            {
                "value": way.value,
                "icon": DIRECTION_ICONS[way.value],
                "label": way.label,
                "checked": way.value == chosen,
                # What is chosen stays to be seen, and saving says what is wrong with it.
                "disabled": way.value not in self.allowed
                or (bool(self.only_read) and way in WRITING and way != chosen),
            }
            for way in FieldMapping.Direction
        ]

    @property
    def only_read(self) -> str:
        """Why the chosen field is not offered for a way out; empty where it is."""
        found = self.crm_field
        if found is None or can_be_written(found) or len(self.allowed) == 1:
            return ""
        return _("%(name)s lets the signed-in user only read this field.") % {"name": self.name}

    @property
    def only_goes_out(self) -> bool:
        """Scores are written and never read, whether the upload is on or not yet."""
        return self.block.object == DataType.SCORES

    @property
    def allowed(self) -> tuple[str, ...]:
        return CEILING[Mode.OUTPUT] if self.only_goes_out else CEILING[self.block.mode]

    @property
    def path(self) -> str:
        """Of the chosen field, whatever it is called on the page."""
        value = str(self["crm"].value() or "")
        if self.by_label and self.schema and self.schema.get(value) is None:
            return next((found.path for found in self.schema.fields if found.label == value), value)
        return value

    @property
    def shown(self) -> str:
        """What stands where the field is typed."""
        return self._label_of(self.path) if self.by_label else self.path

    def _label_of(self, path: str) -> str:
        if found := self.schema.get(path) if self.schema else None:
            return found.label
        is_kept = self.line is not None and path == self.line.crm_field
        return (self.line.crm_label if self.line and is_kept else "") or path

    @property
    def crm_field(self) -> CrmField | None:
        return self.schema.get(self.path) if self.schema else None

    @property
    def offered(self) -> str:
        """Which of the page's lists of CRM fields belongs to this line."""
        return {Kind.ID: "ids", Kind.PERSON: "people"}.get(self.hub_field.kind, "any")

    def clean_crm(self) -> str:
        typed: str = self.cleaned_data["crm"]
        if not typed or (self.line and typed == self.line.crm_field):
            return typed
        if self.line and self.by_label and typed == self._label_of(self.line.crm_field):
            return self.line.crm_field
        if self.schema is None:
            raise forms.ValidationError(
                _(
                    "%(name)s did not say which fields it has, so a new one cannot be checked. Read the fields again first."
                )
                % {"name": self.name}
            )
        return self._path(self.schema, typed)

    def _path(self, schema: Schema, typed: str) -> str:
        if schema.get(typed):
            return typed
        alike = [
            f for f in schema.fields if fold(typed) in {fold(f.label), fold(f.path)} and is_offered(self.hub_field, f)
        ]
        if len(alike) == 1:
            return alike[0].path
        said = {"name": self.name, "typed": typed, "number": len(alike)}
        if alike:
            text = _("%(number)d fields of %(name)s are called “%(typed)s”. Give the name that the API uses.")
        else:
            text = _("%(name)s has no field “%(typed)s”. Choose one from the list, or leave it empty.")
        raise forms.ValidationError(text % said)

    def clean_direction(self) -> str:
        direction: str = self.cleaned_data["direction"] or self.allowed[0]
        if direction not in self.allowed:
            raise forms.ValidationError(_("The mode of this data type does not allow that direction."))
        return direction

    def clean_on_conflict(self) -> str:
        """Where the page does not ask, what was chosen elsewhere stays."""
        return self.cleaned_data["on_conflict"] or self.initial.get("on_conflict") or FieldMapping.OnConflict.CRM.value

    def clean_blanks(self) -> str:
        blanks: str = self.cleaned_data["blanks"] or FieldMapping.Blanks.KEEP.value
        return FieldMapping.Blanks.KEEP.value if self.never_blank else blanks

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if cleaned.get("crm") and cleaned.get("constant"):
            self.add_error("constant", _("Choose a CRM field or type a fixed value: one of the two."))
        elif cleaned.get("constant") and self.only_goes_out:
            self.add_error("constant", _("A score is written to a field of the CRM: choose one."))
        elif cleaned.get("constant"):
            self._check_constant(cleaned["constant"])
        elif cleaned.get("crm"):
            self._check_suits(cleaned["crm"], cleaned.get("transform", ""), cleaned.get("values", {}))
            self._check_writable(cleaned.get("crm", ""), cleaned.get("direction", ""))
        self._check_default(cleaned)
        self._check_argument(cleaned)
        self._add_new(cleaned)
        self._check_values(cleaned)
        return cleaned

    def fit(self, found: CrmField, transform: str, values: Mapping[str, str]) -> Suits:
        return takes(self.hub_field, found, values) if self.only_goes_out else suits(self.hub_field, found, transform)

    def _check_suits(self, path: str, transform: str, values: Mapping[str, str]) -> None:
        found = self.schema.get(path) if self.schema else None
        verdict = self.fit(found, transform, values) if found else None
        if verdict and verdict.fit is Fit.UNMATCHED:
            self.add_error("crm", str(verdict.why))

    def _check_writable(self, path: str, direction: str) -> None:
        found = self.schema.get(path) if self.schema else None
        if found is not None and direction in WRITING and not can_be_written(found) and not self.only_goes_out:
            text = _(
                "%(name)s lets the signed-in user only read this field. Choose input, or have an administrator of "
                "%(name)s allow the change."
            )
            self.add_error("direction", text % {"name": self.name})

    def _check_constant(self, text: str) -> None:
        """By the very reading that a run does: what it would refuse is refused here, in the same words."""
        rule = FieldRule(
            self.hub_field.name, str(self.hub_field.label), self.hub_field.kind, constant=text, choices=self._folded(),
            min_value=self.hub_field.min_value, max_value=self.hub_field.max_value, max_length=self.hub_field.max_length,
        )  # fmt: skip
        reading = read(rule, Record("", {}), system=self.name)
        if refusal := reading.refused or reading.unmapped:
            self.add_error("constant", sentence(refusal.code, refusal.params))

    def _check_default(self, cleaned: dict[str, Any]) -> None:
        text = cleaned.get("default_out", "")
        if not text or not self.may_default or not self._changes_default(cleaned):
            return
        if not cleaned.get("crm") or cleaned.get("direction") not in WRITING:
            # An error of the field or the direction says what it is already.
            if not self.errors.keys() & {"crm", "direction"}:
                said = {"field": self.hub_field.label, "name": self.name}
                why = _("Only a line that writes to %(name)s sends it: let %(field)s go out, or leave this empty.")
                self.add_error("default_out", why % said)
            return
        found = self.schema.get(cleaned["crm"]) if self.schema else None
        try:
            cleaned["default_out"] = fitted(text, found, self.name) if found else text
        except UnfitError as refusal:
            self.add_error("default_out", str(refusal))
        else:
            self._check_read_back(cleaned)

    def _check_read_back(self, cleaned: Mapping[str, Any]) -> None:
        """A record whose value the hub refuses would fail at every sync from the day it is made."""
        field, sent = self.hub_field, cleaned["default_out"]
        rule = FieldRule(
            field.name, str(field.label), field.kind, crm_field=cleaned["crm"], choices=self._folded(),
            value_map=cleaned.get("values", {}), transform=cleaned.get("transform", ""), argument=cleaned.get("argument", ""),
            min_value=field.min_value, max_value=field.max_value, max_length=field.max_length,
        )  # fmt: skip
        is_read = cleaned["direction"] == Direction.BOTH
        if is_read and read(rule, Record("", {rule.crm_field: sent}), system=self.name).refused:
            why = _(
                "“%(value)s” is read back at the next sync, and %(field)s cannot hold it: type what both sides take."
            )
            self.add_error("default_out", why % {"value": sent, "field": field.label})

    def _changes_default(self, cleaned: Mapping[str, Any]) -> bool:
        """What is kept as it was, for the field that it was kept for, is nobody's mistake of now."""
        line, names = self.line, (("crm", "crm_field"), ("direction", "direction"), ("default_out", "default_out"))
        return line is None or any(cleaned.get(name) != getattr(line, column) for name, column in names)

    def _folded(self) -> dict[str, str]:
        return {fold(given): name for name, label in self.choices_here.items() for given in (label, name)}

    def _check_argument(self, cleaned: dict[str, Any]) -> None:
        transform = TRANSFORMS.get(cleaned.get("transform") or "none")
        argument = cleaned.get("argument", "")
        if transform is None or not transform.takes_argument:
            cleaned["argument"] = ""
        elif not argument:
            self.add_error("argument", _("“%(what)s” needs to know with what.") % {"what": _(transform.label)})
        elif transform.arguments and argument not in transform.arguments:
            allowed = ", ".join(transform.arguments)
            self.add_error("argument", _("Must be one of: %(values)s") % {"values": allowed})

    def _add_new(self, cleaned: dict[str, Any]) -> None:
        """A counterpart of the same name for every value that has none; saving makes it."""
        found = self.schema.get(cleaned.get("crm", "")) if self.schema and self.may_create else None
        if found is None or not cleaned.get("create"):
            return
        known, values = self._folded(), cleaned["values"]
        missing = [choice for choice in found.choices if choice.is_active and fold(choice.value) not in known]
        cleaned["values"] = {choice.value: new(choice.label) for choice in missing} | values

    @property
    def may_create(self) -> bool:
        return self.hub_field.name in MADE_HERE

    def _check_values(self, cleaned: dict[str, Any]) -> None:
        wanted = list(cleaned.get("values", {}).values())
        here = self.choices_here
        unknown = [name for name in wanted if here and name not in here and not (self.may_create and is_new(name))]
        if unknown:
            self.add_error("values", _("“%(name)s” does not exist in the hub.") % {"name": unknown[0]})
        twice = {name for name in wanted if wanted.count(name) > 1}
        if twice and cleaned.get("direction") in {Direction.BOTH, Direction.OUT}:
            text = _("Two-way needs one CRM value for each hub value; “%(name)s” has several.")
            if self.only_goes_out:
                text = _("A score goes out as one CRM value; “%(name)s” has several.")
            self.add_error("values", text % {"name": min(twice)})

    @property
    def data_of_line(self) -> dict[str, Any] | None:
        """The line as the configuration keeps it; None: this hub field stays unmatched."""
        said = self.cleaned_data
        if not said.get("crm") and not said.get("constant"):
            return None
        found = self.schema.get(said["crm"]) if self.schema else None
        names = ["crm", "direction", "on_conflict", "blanks", "values", "transform", "argument"]
        if self.may_default and self.add_prefix("default_out") in self.data:
            # Where the page does not ask, what was chosen elsewhere stays.
            names.append("default_out")
        seen = {"label": found.label[:255], "type": found.type[:40]} if found else {}
        line = {name: said[name] for name in names} | {"constant": said["constant"] or None}
        return {"hub": self.hub_field.name, **line, "seen": seen}


class LineFormSet(forms.BaseFormSet):
    """The hub's fields decide how many forms there are and how they are called, not what the browser sends."""

    def __init__(self, *args: Any, hub_fields: Sequence[HubField], **kwargs: Any) -> None:
        self.hub_fields = hub_fields
        super().__init__(*args, **kwargs)

    def total_form_count(self) -> int:
        return len(self.hub_fields)

    def initial_form_count(self) -> int:
        return len(self.hub_fields)

    def add_prefix(self, index: Any) -> str:
        return f"{self.prefix}-{self.hub_fields[index].name}"

    def get_form_kwargs(self, index: Any) -> dict[str, Any]:
        kwargs = super().get_form_kwargs(index)
        lines, choices = kwargs.pop("lines"), kwargs.pop("all_choices")
        field = self.hub_fields[index]
        return {**kwargs, "field": field, "line": lines.get(field.name), "choices": choices.get(field.name, {})}

    def clean(self) -> None:
        if any(self.errors):
            return
        mapped = {form.hub_field.name for form in self.forms if form.data_of_line}
        known = {field.name for field in self.hub_fields}
        needed = next((names & known for names in NAMING if names & known), set())
        block: Block = self.form_kwargs["block"]
        makes_rows = system_of(block.connection.system).abilities.of(block.object).makes_rows
        if needed and not mapped & needed and makes_rows:
            raise forms.ValidationError(_("Nothing names the records: map the name, or every record would be refused."))
        self._refuse_read_back(block)
        if unanswered := missing_in(block.object, {"mode": block.mode, "lines": self.lines}):
            text = _("Nothing was saved. Still needed: %(fields)s.")
            raise forms.ValidationError(text % {"fields": ", ".join(unanswered)})

    def _refuse_read_back(self, block: Block) -> None:
        """Said beside the line, be it the one that reads the field or the one that sends the score to it."""
        if block.object not in {DataType.CUSTOMERS, DataType.SCORES}:
            return
        now = snapshot(block.connection)["blocks"]
        forms_of = {form.hub_field.name: form for form in self.forms}
        for one in newly_read_back(now, with_lines(now, block, self.lines)):
            name = one.score if block.object == DataType.SCORES else one.hub_field
            forms_of[name].add_error("crm", str(one))

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [data for form in self.forms if (data := form.data_of_line)]


def hub_choices(fields: Mapping[str, HubField]) -> dict[str, dict[str, str]]:
    """The hub's own values per field that takes one of them: name → label."""
    found = {name: {value: str(label) for value, label in CHOICES[name]} for name in fields if name in CHOICES}
    if "stage" in fields:
        found["stage"] = dict(Stage.objects.values_list("name", "label"))
    if "profile" in fields:
        found["profile"] = {name: name for name in HealthProfile.objects.values_list("name", flat=True)}
    return found


class KeysForm(forms.Form):
    """Which hub fields recognise an unlinked record, and in which order they are asked."""

    ref_is_common = forms.BooleanField(
        required=False,
        label=gettext_lazy("The ID is shared by all systems"),
        help_text=gettext_lazy("Only then may this connection recognise a row by an ID that another connection wrote."),
    )

    def __init__(self, *args: Any, fields: Mapping[str, HubField], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["ref_is_common"].widget.attrs["class"] = "form-check-input"
        self.hub_fields = {name: field for name, field in fields.items() if field.key}
        ranks = [("", _("not asked")), *((str(n), str(n)) for n in range(1, len(self.hub_fields) + 1))]
        for name, field in self.hub_fields.items():
            select = forms.Select(attrs={"class": "form-select"})
            self.fields[f"rank-{name}"] = forms.ChoiceField(
                label=str(field.label), choices=ranks, required=False, widget=select
            )

    @staticmethod
    def initial_of(block: Block) -> dict[str, Any]:
        ranks = {f"rank-{name}": str(number) for number, name in enumerate(block.merge_keys, 1)}
        return {"ref_is_common": block.ref_is_common, **ranks}

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        taken: dict[str, str] = {}
        for name in self.hub_fields:
            rank = cleaned.get(f"rank-{name}")
            if rank and rank in taken:
                text = _("Place %(rank)s is taken by %(other)s; give each key a place of its own.")
                self.add_error(f"rank-{name}", text % {"rank": rank, "other": self.hub_fields[taken[rank]].label})
            elif rank:
                taken[rank] = name
        return cleaned

    @property
    def merge_keys(self) -> list[str]:
        ranks = {name: self.cleaned_data.get(f"rank-{name}") for name in self.hub_fields}
        return sorted((name for name, rank in ranks.items() if rank), key=lambda name: int(ranks[name] or 0))


class DeletionsForm(forms.Form):
    """What a deletion on one side does on the other; asked only where it can do anything."""

    def __init__(self, *args: Any, block: Block, ability: ObjectAbility, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        said = {"name": block.connection.name, "deletes": ability.deletes}
        for name in choices_of(block.mode, ability):
            label, keep, delete, about = (str(text) % said for text in DELETIONS[name])
            radios = forms.RadioSelect(attrs={"class": "form-check-input"})
            self.fields[name] = forms.ChoiceField(
                label=label, choices=[(OnDelete.KEEP.value, keep), (OnDelete.DELETE.value, delete)], help_text=about,
                required=False, widget=radios, initial=getattr(block, name),
            )  # fmt: skip

    @property
    def chosen(self) -> dict[str, str]:
        """What no browser sent stays as it is."""
        return {name: said for name in self.fields if (said := self.cleaned_data[name])}


DELETIONS: dict[str, tuple[Promise, Promise, Promise, Promise]] = {
    "on_hub_delete": (
        gettext_lazy("When deleted here"),
        gettext_lazy("Keep it in %(name)s"),
        gettext_lazy("Delete it in %(name)s too"),
        gettext_lazy(
            "“Delete” lets the next sync delete in %(name)s what somebody deletes here; the preview shows it before. "
            "More at once than the brake allows waits until a person has looked. Taking a run back does not bring these "
            "records back: only %(name)s itself can."
        ),
    ),
    "on_crm_delete": (
        gettext_lazy("When deleted in %(name)s"),
        gettext_lazy("Keep it here, marked as gone"),
        gettext_lazy("Delete it here too"),
        gettext_lazy(
            "“Delete” takes the row here along when %(name)s says that a record was deleted, never when it merely is not "
            "found, left the scope or was merged, and never while another connection has it. The preview shows it before, "
            "more at once than the brake allows waits until a person has looked, and taking the run back brings the rows "
            "back. %(deletes)s"
        ),
    ),
}
"""Column of the block → what is asked, the two answers, and what the second one does."""
