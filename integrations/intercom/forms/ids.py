"""By which attribute a company or a contact of Intercom is recognised, and whether anything else of it flows."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from integrations.engine.mapping import Direction, Mode
from integrations.setup.forms.offers import OfferedField, is_id
from integrations.setup.forms.step_form import StepForm
from integrations.setup.looks import Looks
from integrations.setup.saving import Data, line_of, set_line
from integrations.sync.configuration import snapshot

from ..evidence import Held, held_in

IDS, FIELDS = "ids", "fields"
REF = "ref_id"


class IdsForm(StepForm):
    """The Ref ID is asked for whatever else is chosen: conversations find their customer and their contacts by it."""

    ref_id = OfferedField(label="", help_text="")
    carries = forms.ChoiceField(
        label=_("What else flows"),
        widget=forms.RadioSelect,
        choices=[
            (IDS, _("IDs only: no field of theirs flows. Conversations still find whose they are.")),
            (FIELDS, _("The fields that the mapping names flow as well, of those that are recognised.")),
        ],
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.block: Data = snapshot(self.connection)["blocks"][self.data_type]
        self.schema = looks.schema(self.data_type)
        self.offer_fields(self.data_type, self.schema, self.block, {REF: is_id})
        self.initial["carries"] = FIELDS if self._flows else IDS

    @property
    def _flows(self) -> bool:
        return any(line["hub"] != REF for line in self.block["lines"])

    @property
    def evidence(self) -> list[tuple[str, Held]]:
        """Attribute → what was found in it; those that hold IDs of rows here first."""
        connector: Any = self.looks.connector
        rows, values = self.looks.kept(f"held:{self.data_type}", lambda: connector.ids_held(self.data_type))
        found = held_in(self.data_type, values, rows)
        labels = {field.path: field.label for field in self.schema.fields}
        shown = [(labels.get(path, path), one) for path, one in found.items() if one.filled]
        return sorted(shown, key=lambda one: (-one[1].known, -one[1].filled))

    @property
    def writes(self) -> bool:
        """Each sync writes the IDs of here into the attribute."""
        line = line_of(self.block, REF)
        return bool(line) and line["direction"] == Direction.OUT.value  # type: ignore[index]

    def apply_to(self, data: Data) -> None:
        block, path = data["blocks"][self.data_type], self.cleaned_data[REF]
        old = line_of(block, REF)
        # An attribute that is chosen anew is read alone: filling it is the step for other IDs.
        more = {} if old and old["crm"] == path else {"direction": Direction.IN.value}
        set_line(block, REF, path, self.schema.get(path), **more)
        if self.cleaned_data["carries"] == IDS:
            block["lines"] = [line for line in block["lines"] if line["hub"] == REF]
        writes = any(line["direction"] != Direction.IN.value for line in block["lines"])
        block.update(mode=(Mode.TWO_WAY if writes else Mode.INPUT).value, ref_is_common=True)


class CompaniesForm(IdsForm):
    data_type = "customers"
    ref_id = OfferedField(
        label=_("Customer ID (Ref ID)"),
        help_text=_(
            "The attribute that holds the customer’s ID in the CRM: company_id, which Intercom never changes, or one of "
            "your own, such as hubspot_id."
        ),
    )


class ContactsForm(IdsForm):
    data_type = "contacts"
    ref_id = OfferedField(
        label=_("Contact ID (Ref ID)"),
        help_text=_(
            "The attribute that holds the contact’s ID in the CRM: User ID, or one of your own. Who has none is "
            "recognised by the e-mail."
        ),
    )
