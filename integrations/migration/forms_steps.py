"""What the steps of the first three chapters ask."""

import re
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.layout import ConsoleFormHelper
from integrations.engine.compare import compared, fold
from integrations.engine.mapping import Compare, Kind
from integrations.hub.models import CustomField
from integrations.sync.connector import CrmField
from integrations.sync.metadata import metadata_of
from integrations.sync.models import Connection
from integrations.sync.registry import system_of

from . import old_id
from .facts import to_move
from .models import Move, StepState

NO_NAME = gettext_lazy("Small letters, digits and _, beginning with a letter.")


class StepForm(forms.Form):
    """Its fields' ids say whose they are: several stand on one page."""

    def __init__(self, move: Move, data: Any = None) -> None:
        super().__init__(data, auto_id=f"id_{type(self).__name__.lower()}_%s", initial=self.initial_of(move))
        self.move = move
        self.helper = ConsoleFormHelper()

    def initial_of(self, move: Move) -> dict[str, Any]:
        return {}


class ConnectForm(StepForm):
    """A HubSpot connection that is there, or a new one by way of HubSpot's own set-up."""

    NEW = "new"

    connection = forms.ChoiceField(label=gettext_lazy("HubSpot connection"), widget=forms.RadioSelect)
    understood = forms.BooleanField(
        label=gettext_lazy("I know that the old connection is still there, and that its IDs may clash"),
        error_messages={
            "required": gettext_lazy("Tick it to say that you have read the warning. Nothing was connected.")
        },
    )

    def __init__(self, move: Move, drafts: list[Connection], data: Any = None) -> None:
        super().__init__(move, data)
        chosen: Any = self.fields["connection"]
        chosen.choices = [
            *(
                (one.slug, _("%(name)s, signed in as %(user)s") % {"name": one.name, "user": one.account})
                for one in drafts
            ),
            (self.NEW, _("Another one: sign in to HubSpot now")),
        ]
        self.initial["connection"] = move.new.slug if move.new in drafts else drafts[0].slug if drafts else self.NEW
        if move.old.is_archived:
            del self.fields["understood"]


class CarrierForm(StepForm):
    carrier = forms.EmailField(
        label=gettext_lazy("E-mail address of the Super Admin in HubSpot"), max_length=254,
        help_text=gettext_lazy("A person who stays, and who keeps the role."),
    )  # fmt: skip

    def initial_of(self, move: Move) -> dict[str, Any]:
        return {"carrier": move.carrier}


class PropertyForm(StepForm):
    property = forms.ChoiceField(label=gettext_lazy("Property of the companies"))

    def __init__(self, move: Move, data: Any = None) -> None:
        super().__init__(move, data)
        chosen: Any = self.fields["property"]
        chosen.choices = [("", _("Choose a property")), *((one.path, _as_choice(one)) for one in likely(move))]
        self.initial["property"] = move.old_id_property


class NewPropertyForm(StepForm):
    label = forms.CharField(label=gettext_lazy("Name of the property"), max_length=100)
    name = forms.RegexField(
        r"\A[a-z][a-z0-9_]{0,99}\Z", label=gettext_lazy("Internal name in HubSpot"), help_text=NO_NAME,
        error_messages={"invalid": NO_NAME},
    )  # fmt: skip
    agreed = forms.BooleanField(
        label=gettext_lazy("Add it to the companies in HubSpot"),
        error_messages={"required": gettext_lazy("Tick it to agree: it is visible to everybody in HubSpot.")},
    )

    def initial_of(self, move: Move) -> dict[str, Any]:
        return {"label": old_id.label(move), "name": f"{move.old.system}_id"}


class ExpectForm(StepForm):
    expected = forms.IntegerField(label=gettext_lazy("Customers expected from HubSpot"), min_value=0, max_value=10**7)
    why = forms.CharField(label=gettext_lazy("Why this number"), max_length=255)

    def initial_of(self, move: Move) -> dict[str, Any]:
        if move.expected is not None:
            return {"expected": move.expected, "why": move.expected_why}
        return {"expected": to_move(move).count(), "why": _("The customers that move from %(old)s") % {"old": move.old}}


class StayForm(StepForm):
    ids = forms.CharField(
        label=gettext_lazy("Their IDs in the old CRM, one a line"), widget=forms.Textarea(attrs={"rows": 3}),
        max_length=20_000,
    )  # fmt: skip
    reason = forms.CharField(label=gettext_lazy("Why they stay behind"), max_length=500)

    def clean_ids(self) -> list[str]:
        return [compared(Compare.ID, one) for one in re.split(r"[\s,;]+", self.cleaned_data["ids"]) if one]


class NewFieldForm(StepForm):
    name = forms.CharField(label=gettext_lazy("Name of the new field"), max_length=80)

    def initial_of(self, move: Move) -> dict[str, Any]:
        return {"name": _("Old CRM ID")}


class FieldForm(StepForm):
    field = forms.ModelChoiceField(label=gettext_lazy("Field of the customers"), queryset=CustomField.objects.none())

    def __init__(self, move: Move, data: Any = None) -> None:
        super().__init__(move, data)
        chosen: Any = self.fields["field"]
        chosen.queryset = old_id.fields(move)
        self.initial["field"] = old_id.field_of(move)


class RetireForm(StepForm):
    name = forms.CharField(label=gettext_lazy("Type the name of the connection"), max_length=80, strip=True)
    unfilled = forms.BooleanField(
        label=gettext_lazy(
            "Chapter 2 is not done, and without this connection no sync can fill the old ID any more. I know"
        ),
        error_messages={
            "required": gettext_lazy(
                "Go back to chapter 2, or tick it to say that you do without. Nothing was retired."
            )
        },
    )

    def __init__(self, move: Move, data: Any = None) -> None:
        super().__init__(move, data)
        if StepState.objects.filter(move=move, step="old-id-filled", state=StepState.State.VERIFIED).exists():
            del self.fields["unfilled"]
        self.fields["name"].help_text = move.old.name


def likely(move: Move) -> list[CrmField]:
    """Properties that may hold an ID, those that sound like the old CRM's first."""
    if move.new is None:
        return []
    schema = metadata_of(move.new, "customers", [], may_ask=True).schema
    found = [one for one in (schema.fields if schema else ()) if one.is_custom and one.kind in {Kind.TEXT, Kind.NUMBER}]
    words = {fold(system_of(move.old.system).abilities.label): 4, move.old.system: 4, "old": 2, "crm": 1, "id": 1}

    def rank(one: CrmField) -> tuple[int, str]:
        text = f" {fold(one.label)} {one.path.replace('_', ' ')} "
        return -sum(
            weight for word, weight in words.items() if word in text.split() or (word in text and weight > 2)
        ), text

    return sorted(found, key=rank)


def _as_choice(one: CrmField) -> str:
    return _("%(label)s (%(path)s)") % {"label": one.label, "path": one.path}
