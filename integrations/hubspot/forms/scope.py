"""Which companies come in: by lifecycle stage; and what most people never need, hidden until it is asked for."""

from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.mapping import Kind
from integrations.setup.forms.offers import OfferedField, may_be_domain, offered
from integrations.setup.forms.step_form import StepForm
from integrations.setup.looks import Looks
from integrations.setup.saving import Data, set_line
from integrations.sync.configuration import snapshot
from integrations.sync.connector import Choice, CrmField

from ..models import BETWEEN, USUAL_STAGES, HubSpotConnection
from ..scope import STAGE, several

Operator = HubSpotConnection.Operator
WITHOUT_VALUES = frozenset({Operator.FILLED, Operator.EMPTY})
WITH_ONE_VALUE = frozenset({Operator.LEAST, Operator.MOST})
ORDERED = frozenset({Kind.NUMBER, Kind.MONEY, Kind.INTEGER, Kind.DATE, Kind.DATETIME})
MOST_VALUES = 50
MERGE_FIELDS = (
    ("ref_id", gettext_lazy("Customer ID")),
    ("domain", gettext_lazy("Domain")),
    ("name", gettext_lazy("Name")),
)
NO_FILTER = gettext_lazy("No filter: every company in these stages")


class ScopeForm(StepForm):
    stages = forms.MultipleChoiceField(
        label=gettext_lazy("Lifecycle stages"),
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": gettext_lazy("Choose at least one stage: without one, nobody would come in.")},
    )
    churn_missing = forms.BooleanField(
        label=gettext_lazy("Churn customers whose stage is none of these any more"), required=False
    )
    keep_hierarchy = forms.BooleanField(label=gettext_lazy("Keep parent and child companies"), required=False)
    domain = OfferedField(
        label=gettext_lazy("Customer domain"),
        help_text=gettext_lazy("Usually Company domain name; else the website serves."),
        empty=gettext_lazy("Not mapped"),
    )
    merge_fields = forms.MultipleChoiceField(
        label=gettext_lazy("Merge fields"),
        widget=forms.CheckboxSelectMultiple,
        choices=MERGE_FIELDS,
        required=False,
        help_text=gettext_lazy(
            "By what a customer that is already here is recognised. Untick the domain if your customers have no website "
            "or share one such as gmail.com."
        ),
    )
    filter_field = OfferedField(
        label=gettext_lazy("Filter synchronised customers"),
        help_text=gettext_lazy("Only companies that meet one more condition, on any property of theirs."),
        empty=NO_FILTER,
    )
    filter_operator = forms.ChoiceField(label=gettext_lazy("Condition"), choices=Operator.choices, required=False)
    filter_values = forms.CharField(
        label=gettext_lazy("Values"),
        required=False,
        max_length=1000,
        help_text=gettext_lazy("Several, separated by a semicolon. Of a list, its words or its internal values."),
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        connection: Any = looks.connection
        self.block: Data = snapshot(connection)["blocks"]["customers"]
        self.schema = looks.schema("customers")
        known = self.schema.get(STAGE)
        self.known_stages: tuple[Choice, ...] = known.choices if known else ()
        values = {one.value for one in self.known_stages}
        chosen = several(connection.stages)
        self.lost_stages = [one for one in chosen if one not in values] if connection.stages_label else []
        initial = {
            # A portal may have renamed or removed a usual stage: only those that it has are proposed.
            "stages": [one for one in chosen or USUAL_STAGES if one in values],
            "churn_missing": connection.churn_missing,
            "keep_hierarchy": connection.keep_hierarchy,
            "merge_fields": [name for name in self.block["merge_keys"] if name in dict(MERGE_FIELDS)],
            "filter_field": connection.filter_field,
            "filter_operator": connection.filter_operator or Operator.ANY,
            "filter_values": connection.filter_values_label or connection.filter_values,
        }
        super().__init__(looks, data, initial=initial)
        self.fields["stages"].choices = [(one.value, one.label) for one in self.known_stages]  # type: ignore[attr-defined]
        self.offer_fields("customers", self.schema, self.block, {"domain": may_be_domain})
        self._offer_filter()

    def _offer_filter(self) -> None:
        connection = self.connection
        stored = None
        if connection.filter_field:
            stored = {"crm": connection.filter_field, "seen": {"label": connection.filter_field_label}}
        found = offered(self.guide, self.schema, lambda field: field.path != STAGE, stored)
        self.fields["filter_field"].offer(self.guide, found, {}, stored)  # type: ignore[attr-defined]

    # --- For the page

    @property
    def chosen(self) -> list[str]:
        value = self["stages"].value()
        return [str(one) for one in value] if isinstance(value, list | tuple) else []

    @property
    def opens_more(self) -> bool:
        """Unfolded only where something in it is used or wrong."""
        concerned = {"domain", "merge_fields", "filter_field", "filter_operator", "filter_values"}
        return bool(self["filter_field"].value()) or bool(concerned & set(self.errors))

    # --- What was chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        path = cleaned.get("filter_field")
        field = self.schema.get(path) if path else None
        if field is not None:
            self._check_filter(field, cleaned)
        if "domain" in (cleaned.get("merge_fields") or ()) and "domain" in cleaned and not cleaned["domain"]:
            self.add_error("merge_fields", _("The domain is not mapped, so nobody can be recognised by it."))
        return cleaned

    def _check_filter(self, field: CrmField, cleaned: dict[str, Any]) -> None:
        operator = Operator(cleaned.get("filter_operator") or Operator.ANY)
        typed = [part.strip() for part in str(cleaned.get("filter_values") or "").split(BETWEEN) if part.strip()]
        if operator in WITHOUT_VALUES:
            cleaned["filter_values"], cleaned["labels"] = "", ""
            return
        if not typed:
            self.add_error("filter_values", _("Type the value."))
            return
        if operator in WITH_ONE_VALUE and (field.kind not in ORDERED or len(typed) != 1):
            self.add_error(
                "filter_operator", _("This compares one number or one day; the property holds something else.")
            )
            return
        if len(typed) > MOST_VALUES:
            self.add_error("filter_values", _("At most %(most)d values.") % {"most": MOST_VALUES})
            return
        self._read_values(field, typed, cleaned)

    def _read_values(self, field: CrmField, typed: list[str], cleaned: dict[str, Any]) -> None:
        """People type what they see; HubSpot compares what it stores."""
        known = {one.value.casefold(): one for one in field.choices}
        known |= {one.label.casefold(): one for one in field.choices}
        unknown = [part for part in typed if part.casefold() not in known] if field.choices else []
        if unknown:
            said = {"values": ", ".join(unknown), "field": field.label}
            self.add_error("filter_values", _("“%(field)s” has no value %(values)s.") % said)
            return
        found = [known[part.casefold()] for part in typed] if field.choices else []
        cleaned["filter_values"] = BETWEEN.join(one.value for one in found) if found else BETWEEN.join(typed)
        cleaned["labels"] = "; ".join(one.label for one in found) if found else ""

    def apply_to(self, data: Data) -> None:
        cleaned = self.cleaned_data
        labels = {one.value: one.label for one in self.known_stages}
        field = self.schema.get(cleaned["filter_field"]) if cleaned["filter_field"] else None
        data["settings"].update(
            stages=BETWEEN.join(cleaned["stages"]),
            stages_label=", ".join(labels[one] for one in cleaned["stages"]),
            filter_field=field.path if field else "",
            filter_field_label=field.label if field else "",
            filter_operator=(cleaned["filter_operator"] or Operator.ANY) if field else "",
            filter_values=cleaned["filter_values"] if field else "",
            filter_values_label=cleaned.get("labels", "") if field else "",
        )
        data["options"].update(churn_missing=cleaned["churn_missing"], keep_hierarchy=cleaned["keep_hierarchy"])
        block = data["blocks"]["customers"]
        set_line(block, "domain", cleaned["domain"], self.schema.get(cleaned["domain"]) if cleaned["domain"] else None)
        ticked = set(cleaned["merge_fields"])
        # Keys of the mapping editor that this page does not know keep their place.
        kept = [name for name in block["merge_keys"] if name in ticked or name not in dict(MERGE_FIELDS)]
        block["merge_keys"] = [*kept, *(name for name, _label in MERGE_FIELDS if name in ticked and name not in kept)]
