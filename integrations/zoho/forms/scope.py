"""Which accounts come in: their types first, then what most teams never need: one more filter, and how customers are known."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django import forms
from django.forms.utils import ErrorDict
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Kind
from integrations.hub.fields import TAG, fields_of
from integrations.setup.forms.offers import grouped
from integrations.setup.forms.step_form import StepForm
from integrations.setup.looks import Looks
from integrations.setup.saving import Data, line_of, set_line
from integrations.sync.configuration import snapshot
from integrations.sync.connector import Breakdown, CrmField
from integrations.wire.errors import Misconfigured

from ..scope import ACCOUNT_TYPE, SEPARATOR, Filter, listed

FILTERS = frozenset({Kind.CHOICE, Kind.LIST, Kind.BOOL})
MOST_VALUES = 200
JOINED = f"{SEPARATOR} "
YES_AND_NO = (("true", _("yes")), ("false", _("no")))


@dataclass(frozen=True, slots=True)
class TypeRow:
    value: str
    label: str
    number: int
    is_chosen: bool


class ScopeForm(StepForm):
    account_types = forms.MultipleChoiceField(label=_("Account types"), required=False)
    churn_missing = forms.BooleanField(
        label=_("Churn customers that are no longer among these accounts"), required=False
    )
    keep_hierarchy = forms.BooleanField(label=_("Keep parent and child accounts"), required=False)
    filter_field = forms.ChoiceField(
        label=_("Only accounts with a value in"),
        required=False,
        help_text=_("On top of the types: both have to hold."),
    )
    filter_values = forms.MultipleChoiceField(
        label=_("Values"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_("Tick every value that is wanted here. Of a field with several values, one of them is enough."),
    )
    merge_keys = forms.MultipleChoiceField(
        label=_("Recognise customers that are already here by"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        help_text=_(
            "Untick the domain if your customers have no website, or sit on a generic domain in Zoho. With nothing ticked, "
            "every account becomes a new customer."
        ),
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.schema = looks.schema("customers")
        self.block: Data = snapshot(self.connection)["blocks"]["customers"]
        self.initial.update(
            account_types=list(listed(self.connection.account_types)),
            churn_missing=self.connection.churn_missing,
            keep_hierarchy=self.connection.keep_hierarchy,
            filter_field=self.connection.filter_field,
            filter_values=list(listed(self.connection.filter_values)),
            merge_keys=list(self.block["merge_keys"]),
        )
        self._offer_filter()
        self._offer_merge_keys()
        self._offer_tags()
        self.unreadable: Misconfigured | None = None
        self.by_type = self._counted()
        self._offer_types()

    # --- What can be chosen

    def _offer_types(self) -> None:
        field = self.schema.get(ACCOUNT_TYPE)
        known = {choice.value: choice.label for choice in field.choices} if field else {}
        found = {name: known.get(name, name) for name, _number in self.by_type.groups if name}
        kept = {name: known.get(name, name) for name in self.initial["account_types"]}
        # What records hold comes first, by number; what the list has beside that, and what was chosen before, after it.
        self.type_labels: Mapping[str, str] = {**found, **known, **kept}
        self.fields["account_types"].choices = list(self.type_labels.items())  # type: ignore[attr-defined]

    def _offer_filter(self) -> None:
        fields = [one for one in self.schema.fields if may_filter(one) and not self.guide.offers.is_its_own(one)]
        chosen = str(self.initial["filter_field"])
        if chosen and chosen not in {one.path for one in fields}:
            label = self.connection.filter_field_label or chosen
            gone = [(chosen, _now("%(field)s (gone from Zoho CRM)") % {"field": label})]
        else:
            gone = []
        options = [("", _now("No further filter")), *gone, *grouped(self.guide, fields, {})]
        self.fields["filter_field"].choices = options  # type: ignore[attr-defined]
        self.fields["filter_field"].widget.attrs.update(
            {"hx-get": "?part=values", "hx-trigger": "change", "hx-target": "#filter-values"}
        )
        self.fields["filter_values"].choices = self._values_offered()  # type: ignore[attr-defined]

    def _values_offered(self) -> list[tuple[str, Any]]:
        field = self.filter_by
        if field is None:
            return []
        if field.kind is Kind.BOOL:
            return list(YES_AND_NO)
        offered = {one.value: one.label for one in field.choices}
        if not offered:
            counts = self.looks.kept(f"values:{field.path}", lambda: self._counts_of(field.path))
            offered = {value: value for value in sorted(counts, key=lambda one: -counts[one])[:MOST_VALUES]}
        kept = self.initial["filter_values"] if field.path == self.initial["filter_field"] else []
        return [(value, label) for value, label in {**{one: one for one in kept}, **offered}.items() if may_list(value)]

    def _counts_of(self, path: str) -> dict[str, int]:
        connector: Any = self.looks.connector
        found: dict[str, int] = connector.count_values_everywhere(path)
        return found

    def _offer_merge_keys(self) -> None:
        mapped = {line["hub"] for line in self.block["lines"]}
        known = fields_of("customers")
        names = [name for name, one in known.items() if one.key and name in mapped | set(self.block["merge_keys"])]
        self.fields["merge_keys"].choices = [(name, str(known[name].label)) for name in names]  # type: ignore[attr-defined]

    def _offer_tags(self) -> None:
        """Each tag of the hub with the fields of Zoho that may say it: yes/no fields, and lists by their values."""
        self.tags = {name: one for name, one in fields_of("customers").items() if name.startswith(f"custom.{TAG}")}
        options = [option for option in map(tag_options, self.schema.fields) if option[1]] if self.tags else []
        listed_here = {value for _group, values in options for value, _label in values}
        for name, one in self.tags.items():
            line = line_of(self.block, name)
            kept = f"{line['crm']}={line['argument'] or 'true'}" if line else ""
            special = (
                [(kept, _now("%(rule)s, as set in the mapping") % {"rule": kept})]
                if kept not in {"", *listed_here}
                else []
            )
            self.fields[name] = forms.ChoiceField(
                label=str(one.label), required=False, choices=[("", _now("Not synchronised")), *special, *options]
            )
            self.initial[name] = kept

    @property
    def tag_fields(self) -> list[Any]:
        return [self[name] for name in self.tags]

    # --- What it would be

    def only_shows(self) -> None:
        """Nobody has sent anything yet: what is still to be chosen is no mistake."""
        self._errors = ErrorDict()

    @property
    def filter_by(self) -> CrmField | None:
        """The field of the further filter, as posted or saved."""
        return self.schema.get(str(self["filter_field"].value() or ""))

    def chosen_filter(self, *, with_types: bool) -> Filter:
        types = tuple(self["account_types"].value() or ()) if with_types else ()
        offered = {value for value, _label in self.fields["filter_values"].choices}  # type: ignore[attr-defined]
        values = tuple(one for one in (self["filter_values"].value() or ()) if one in offered)
        field = self.filter_by
        return Filter(types, field.path if field and values else "", values if field else ())

    def _counted(self) -> Breakdown:
        """All accounts by type, whatever types are chosen; within the further filter."""
        chosen = self.chosen_filter(with_types=False)
        connector: Any = self.looks.connector
        try:
            found: Breakdown = self.looks.kept(f"types:{chosen.key}", lambda: connector.count_accounts(chosen))
        except Misconfigured as refused:
            # A field that cannot be asked for is said where it is chosen; another one can still be taken.
            self.unreadable = refused
            return Breakdown(0)
        return found

    @property
    def rows(self) -> list[TypeRow]:
        numbers = dict(self.by_type.groups)
        chosen = set(self["account_types"].value() or ())
        return [
            TypeRow(value, label, numbers.get(value, 0), value in chosen) for value, label in self.type_labels.items()
        ]

    @property
    def without_type(self) -> int:
        return dict(self.by_type.groups).get("", 0)

    @property
    def total(self) -> int:
        chosen = [row.number for row in self.rows if row.is_chosen]
        return sum(chosen) if chosen else self.by_type.total

    @property
    def takes_all(self) -> bool:
        return not any(row.is_chosen for row in self.rows)

    @property
    def opens_more(self) -> bool:
        """Unfolded where something in it is chosen or wrong; hidden until then."""
        return bool(self.initial["filter_field"] or {"filter_field", "filter_values", "merge_keys"} & set(self.errors))

    # --- What was chosen

    def clean_account_types(self) -> list[str]:
        chosen: list[str] = self.cleaned_data["account_types"]
        if any(not may_list(value) for value in chosen):
            raise forms.ValidationError(_("A type with a semicolon in its name cannot be chosen here."))
        return chosen

    def clean_filter_field(self) -> str:
        chosen: str = self.cleaned_data["filter_field"]
        if chosen and self.schema.get(chosen) is None:
            raise forms.ValidationError(_("This field is gone from Zoho CRM. Choose another one, or none."))
        return chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("filter_field") and not cleaned.get("filter_values") and "filter_values" not in self.errors:
            self.add_error("filter_values", _("Tick at least one value, or choose no field."))
        return cleaned

    def apply_to(self, data: Data) -> None:
        field = self.schema.get(self.cleaned_data["filter_field"] or "")
        types = self.cleaned_data["account_types"]
        values = self.cleaned_data["filter_values"] if field else []
        offered = dict(self.fields["filter_values"].choices)  # type: ignore[attr-defined]
        data["settings"].update(
            account_types=JOINED.join(types),
            account_types_label=JOINED.join(self.type_labels.get(one, one) for one in types),
            filter_field=field.path if field else "",
            filter_field_label=field.label if field else "",
            filter_values=JOINED.join(values),
            filter_values_label=JOINED.join(str(offered.get(one, one)) for one in values),
        )
        data["options"].update(
            churn_missing=self.cleaned_data["churn_missing"], keep_hierarchy=self.cleaned_data["keep_hierarchy"]
        )
        ticked = self.cleaned_data["merge_keys"]
        kept = [name for name in self.block["merge_keys"] if name in ticked]
        for name in self.tags:
            self._apply_tag(data["blocks"]["customers"], name)
        data["blocks"]["customers"]["merge_keys"] = [*kept, *(name for name in ticked if name not in kept)]

    def _apply_tag(self, block: Data, name: str) -> None:
        chosen = self.cleaned_data[name]
        if chosen == self.initial[name]:
            return
        path, _equals, value = chosen.partition("=")
        field = self.schema.get(path)
        is_yes_or_no = field is None or field.kind is Kind.BOOL
        rule = {"transform": "", "argument": ""} if is_yes_or_no else {"transform": "equals", "argument": value}
        set_line(block, name, path, field, **rule)


def tag_options(field: CrmField) -> tuple[str, list[tuple[str, str]]]:
    """A field as a group of options, each "field=value"."""
    if field.kind is Kind.BOOL:
        return field.label, [(f"{field.path}=true", _now("%(field)s is ticked") % {"field": field.label})]
    is_list = field.kind in {Kind.CHOICE, Kind.LIST} and may_list("".join(one.value for one in field.choices))
    values = [one for one in field.choices if one.is_active] if is_list else []
    return field.label, [(f"{field.path}={one.value}", f"{field.label} = {one.label}") for one in values]


def may_filter(field: CrmField) -> bool:
    """Fields whose values can be ticked: lists, yes/no, and short texts of the organisation's own."""
    is_short_text = field.kind is Kind.TEXT and field.is_custom and not field.is_id and field.type == "text"
    return (field.kind in FILTERS and field.type != "tags" and field.path != ACCOUNT_TYPE) or is_short_text


def may_list(value: str) -> bool:
    return SEPARATOR not in value
