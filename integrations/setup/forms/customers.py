"""Which fields of the CRM meet the essential fields of a customer."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.sync.configuration import snapshot
from integrations.sync.score_checks import newly_read_back

from ..looks import Looks
from ..saving import Data, line_of, set_line
from .both_ways import both_ways_field
from .offers import OfferedField, is_id, is_person, may_be_choice, may_be_domain
from .step_form import StepForm, key_field_of_ours, mode_field
from .value_map import (
    MAPPED_BY_VALUE,
    ValueMap,
    ValueRow,
    chosen_values,
    create_field,
    hub_values,
    initial_values,
    value_field,
    value_map_of,
)
from .value_words import holders_of, said_of

FIELDS = {
    "ref_id": is_id,
    "domain": may_be_domain,
    "csm": is_person,
    "stage": may_be_choice,
    "profile": may_be_choice,
}
NOT_MAPPED = gettext_lazy("Not mapped")


class CustomersForm(StepForm):
    data_type = "customers"
    mode = mode_field()
    both_ways = both_ways_field()
    make_key = key_field_of_ours()
    ref_id = OfferedField(
        label=gettext_lazy("Customer ID"),
        help_text=gettext_lazy(
            "Best an ID that all your systems share. Without one, the ID that %(system)s gives each %(account)s serves."
        ),
    )
    ref_is_common = forms.BooleanField(
        label=gettext_lazy("Other systems use the same ID"),
        required=False,
        help_text=gettext_lazy("Then a customer that another connection brought in is recognised by it."),
    )
    domain = OfferedField(
        label=gettext_lazy("Domain"),
        help_text=gettext_lazy("Scheme, www. and path are cut off; gmail.com and the like never match."),
        empty=NOT_MAPPED,
    )
    csm = OfferedField(
        label=gettext_lazy("CSM owner"),
        help_text=gettext_lazy(
            "Who looks after the customer is rarely the owner in %(system)s. Only fields that name a user can be chosen."
        ),
        empty=NOT_MAPPED,
    )
    stage = OfferedField(
        label=gettext_lazy("Customer stage"),
        help_text=gettext_lazy("The phase of the customer’s life. Leave it unmapped if %(system)s does not keep it."),
        empty=NOT_MAPPED,
    )
    profile = OfferedField(
        label=gettext_lazy("Health-score profile"),
        help_text=gettext_lazy("The segment. Leave it unmapped if %(system)s does not keep it."),
        empty=NOT_MAPPED,
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data.copy() if data is not None else None)
        self.block: Data = snapshot(self.connection)["blocks"]["customers"]
        self.schema = looks.schema("customers")
        self.offer_both_ways(self.block)
        self.offer_key_field(self.schema)
        self._offer()
        self.value_maps = {name: values for name in MAPPED_BY_VALUE if (values := self._values_of(name))}
        self.out_of_sight = [values for values in self.value_maps.values() if not self._was_in_sight(values)]
        for values in self.value_maps.values():
            self._add(values)
        self.asks_again: list[ValueMap] = []

    def _offer(self) -> None:
        if usual := self._usual("domain"):
            field = self.fields["domain"]
            field.help_text = f"{_('Usually %(field)s.') % {'field': usual}} {field.help_text}"
        self.offer_fields("customers", self.schema, self.block, FIELDS)
        for name in MAPPED_BY_VALUE:
            self.fields[name].widget.attrs.update(shows_values_of(name))
        self.initial.update(mode=self.block["mode"], ref_is_common=self.block["ref_is_common"])

    def _usual(self, hub_field: str) -> str:
        """The label of the field that a start proposes; empty where this CRM has it not."""
        lines = (one for one in self.guide.default_lines("customers") if one["hub_field"] == hub_field)
        found = [self.schema.get(self.guide.proposed_path(one, self.schema)) for one in lines]
        return found[0].label if found and found[0] else ""

    def _values_of(self, name: str) -> ValueMap | None:
        path = str(self[name].value() or "")
        crm = self.schema.get(path) if path else None
        if crm is None:
            return None
        return value_map_of(name, crm, self.looks.value_counts("customers", path))

    def _was_in_sight(self, values: ValueMap) -> bool:
        return not self.is_bound or self.data.get(values.seen_name) == values.path

    def _add(self, values: ValueMap) -> None:
        known, proposed = hub_values(values.hub_field), initial_values(values, line_of(self.block, values.hub_field))
        for row in values.rows:
            self.fields[row.name] = value_field(row, known)
        self.initial.update(proposed)
        if values in self.out_of_sight:
            # Of a field that was chosen just now no value was in sight: the proposal stands in for an answer.
            self.data.update(proposed)  # type: ignore[attr-defined]
        if rows := self._open_rows(values):
            self.fields[values.create_name] = create_field(values, rows)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        self.asks_again = [values for values in self.out_of_sight if self._concerns_somebody(values)]
        if not self.errors:
            self._refuse_read_back()
        return cleaned

    def _refuse_read_back(self) -> None:
        """A line that the step does not ask about comes to read with the mode."""
        now, data = snapshot(self.connection), snapshot(self.connection)
        self.apply_to(data)
        for one in newly_read_back(now["blocks"], data["blocks"]):
            self.add_error(one.hub_field if one.hub_field in FIELDS else "mode", str(one))

    def _concerns_somebody(self, values: ValueMap) -> bool:
        rows = [] if self.data.get(values.create_name) else self._open_rows(values)
        return bool(rows) and holders_of(rows) != 0

    def _open_rows(self, values: ValueMap) -> list[ValueRow]:
        return [row for row in values.rows if not (self[row.name].value() or row.fits)]

    # --- For the page

    @property
    def parts(self) -> list[dict[str, Any]]:
        """Each field with the values that hang on it."""
        return [self.part(name) for name in FIELDS]

    def part(self, name: str) -> dict[str, Any]:
        values = self.value_maps.get(name)
        rows = [(row, self[row.name]) for row in values.rows] if values else []
        missing = self._open_rows(values) if values else []
        return {
            "field": self[name],
            "name": name,
            "values": values,
            "rows": rows,
            "create": self[values.create_name] if values and values.create_name in self.fields else None,
            "said": said_of(self.guide, name, missing) if values else "",
            "is_open": bool(missing) and holders_of(missing) != 0,
            "takes_values": name in MAPPED_BY_VALUE,
        }

    @property
    def csm_is_the_owner(self) -> bool:
        """As proposed where the organisation has no field for the CSM."""
        usual = next((line for line in self.guide.default_lines("customers") if line["hub_field"] == "csm"), None)
        return usual is not None and self["csm"].value() == usual["crm_field"]

    @property
    def parts_to_look_at(self) -> list[dict[str, Any]]:
        return [self.part(values.hub_field) for values in self.asks_again]

    def apply_to(self, data: Data) -> None:
        block = data["blocks"]["customers"]
        block.update(mode=self.cleaned_data["mode"], ref_is_common=self.cleaned_data["ref_is_common"])
        for name in FIELDS:
            self._apply_line(block, name)
        self.apply_both_ways(block, self.schema)

    def _apply_line(self, block: Data, name: str) -> None:
        path = self.cleaned_data[name]
        crm = self.schema.get(path) if path else None
        values = self.value_maps.get(name)
        more = {"values": chosen_values(values, self.cleaned_data)} if values else {}
        set_line(block, name, path, crm, **more)


def shows_values_of(name: str) -> dict[str, str]:
    """A script fetches the values of a field as soon as it is chosen; without one, the next page shows them."""
    return {"hx-get": f"?part={name}", "hx-trigger": "change", "hx-target": f"#{name}-values"}
