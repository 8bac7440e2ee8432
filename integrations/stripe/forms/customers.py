"""Whose customer is whose: the field that keeps the Stripe ID here, an ID of the team's own in Stripe, and the names."""

from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils.functional import cached_property
from django.utils.translation import gettext as _now
from django.utils.translation import gettext_lazy as _

from integrations.engine.compare import fold
from integrations.engine.mapping import Compare, MergeKey
from integrations.hub.fields import fields_of
from integrations.hub.models import Customer, CustomField
from integrations.setup.forms.step_form import StepForm, mode_field
from integrations.setup.looks import Looks
from integrations.setup.saving import Data, line_of, set_line
from integrations.sync.configuration import snapshot
from integrations.sync.own_keys import key_field, recognising

from ..recognition import Recognised, recognised
from ..rows import METADATA

NAME = "Stripe ID"
NEW = "+"
CUSTOM = "custom."
REF = "ref_id"
WORD = "stripe"
"""A field whose name has it is proposed: “Customer ID Stripe”, say."""


class StripeCustomersForm(StepForm):
    data_type = "customers"
    mode = mode_field()
    stripe_id = forms.ChoiceField(
        label=_("Field for the Stripe ID"),
        help_text=_(
            "It stands on the customer here, beside the Customer ID of your CRM, and stays when the CRM changes. A sync "
            "fills it for everybody who was found."
        ),
    )
    own_id = forms.ChoiceField(
        label=_("Customer ID in Stripe’s metadata"),
        required=False,
        help_text=_("If your team writes the Customer ID of the hub on its Stripe customers. It is only compared."),
    )
    by_name = forms.BooleanField(label=_("The name: the same letters, whatever their case"), required=False)
    by_domain = forms.BooleanField(
        label=_("The domain: of the metadata, else of the e-mail. gmail.com and the like never match"), required=False
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.block: Data = snapshot(self.connection)["blocks"]["customers"]
        self.texts = list(CustomField.objects.filter(entity="customers", type=CustomField.Type.STRING).order_by("name"))
        keys = self.block["merge_keys"]
        line = line_of(self.block, REF)
        self.initial.update(
            mode=self.block["mode"], stripe_id=self._kept() or self._proposed(), own_id=line["crm"] if line else "",
            by_name="name" in keys, by_domain="domain" in keys,
        )  # fmt: skip
        self._offer()

    def _kept(self) -> str:
        """The field that the Stripe ID goes to already."""
        found = (one["hub"] for one in self.block["lines"] if one["crm"] == "id" and one["hub"].startswith(CUSTOM))
        return next(found, "")

    def _proposed(self) -> str:
        named = [one for one in self.texts if WORD in fold(one.name)]
        return f"{CUSTOM}{named[0].key}" if named else NEW

    def _offer(self) -> None:
        known = [(f"{CUSTOM}{one.key}", one.name) for one in self.texts]
        is_there = any(fold(one.name) == fold(NAME) for one in self.texts)
        new = [] if is_there else [(NEW, _now("Make a field “%(name)s” when this page is saved") % {"name": NAME})]
        self.fields["stripe_id"].choices = [*new, *known]  # type: ignore[attr-defined]
        paths = [field for field in self.looks.schema("customers").fields if field.path.startswith(METADATA)]
        self.fields["own_id"].choices = [("", _now("None"))] + [(one.path, one.label) for one in paths]  # type: ignore[attr-defined]

    # --- What is known now

    @cached_property
    def coverage(self) -> tuple[int, int] | None:
        """Customers here, and those of them whose Stripe ID is filled; None while the field is not there."""
        chosen = str(self["stripe_id"].value() or "")
        if not chosen.startswith(CUSTOM):
            return None
        has_it = Q(custom__has_key=chosen.removeprefix(CUSTOM))
        found = Customer.objects.aggregate(all=Count("pk"), filled=Count("pk", filter=has_it))
        return found["all"], found["filled"]

    @cached_property
    def recognised(self) -> Recognised:
        connector: Any = self.looks.connector
        rows = self.looks.kept("newest-customers", lambda: list(connector.newest("customers")))
        return recognised(rows, list(self._keys()), self.connection.pk)

    def _keys(self) -> Any:
        known = fields_of("customers")
        chosen, own = str(self["stripe_id"].value() or ""), str(self["own_id"].value() or "")
        if chosen in known:
            # Also one that recognises nobody before this page is saved.
            yield MergeKey(chosen, str(known[chosen].label), Compare.ID), "id"
        if own:
            yield MergeKey(REF, str(known[REF].label), Compare.ID), own
        for name in ("name", "domain"):
            if self[f"by_{name}"].value():
                yield MergeKey(name, str(known[name].label), known[name].key or Compare.TEXT), name

    # --- What was chosen

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if cleaned.get("own_id") == "" and cleaned.get("stripe_id") == "":
            self.add_error(
                "stripe_id", _("Without a field for the Stripe ID a customer would be looked for anew each time.")
            )
        return cleaned

    def _field(self) -> str:
        chosen = self.cleaned_data["stripe_id"]
        if chosen == NEW:
            return f"{CUSTOM}{key_field('customers', NAME).key}"
        return f"{CUSTOM}{recognising(next(one for one in self.texts if f'{CUSTOM}{one.key}' == chosen)).key}"

    def apply_to(self, data: Data) -> None:
        block, said = data["blocks"]["customers"], self.cleaned_data
        field, former, own = self._field(), self._kept(), said["own_id"]
        schema = self.looks.schema("customers")
        if former and former != field:
            set_line(block, former, "", None)
        set_line(block, field, "id", schema.get("id"))
        set_line(block, REF, own, schema.get(own) if own else None)
        names = [name for name in ("name", "domain") if said[f"by_{name}"]]
        block.update(mode=said["mode"], ref_is_common=bool(own), merge_keys=[field, *([REF] if own else []), *names])
