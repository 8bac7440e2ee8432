"""What a person chooses in each stage; everything else follows."""

from collections.abc import Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import Count, Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.layout import ConsoleFormHelper
from integrations.engine.compare import fold
from integrations.hub.fields import HubField, fields_of
from integrations.hub.models import Customer
from integrations.setup.saving import Data
from integrations.sync.configuration import snapshot
from integrations.sync.connector import CrmField, Schema
from integrations.sync.fit import Fit, takes
from integrations.sync.key_quality import quality_of
from integrations.sync.models import FieldMapping

from ..models import Move
from ..steps import ActRefused
from .drafts import CUSTOMERS, EXTRA_KEYS, lines_sent, schema_of, sendable, stage_a, stage_b, stage_c

USUAL = {
    "stage": ("customer_stage", "lifecyclestage"),
    "csm": ("csm", "hubspot_owner_id"),
    "profile": ("customer_profile",),
}
"""Where HubSpot usually keeps what the hub calls so; a property of the same label goes before."""
COLUMNS = {"stage": "stage", "csm": "csm", "profile": "profile", "pulse": "pulse"}


class StageForm(forms.Form):
    """`data()` is the configuration as it would stand; it may raise ActRefused."""

    def __init__(self, move: Move, data: Any = None) -> None:
        super().__init__(data)
        self.move = move
        self.helper = ConsoleFormHelper()
        self.build()

    def build(self) -> None:
        raise NotImplementedError

    def draft(self) -> Data:
        raise NotImplementedError


class StageA(StageForm):
    keys = forms.MultipleChoiceField(
        label=gettext_lazy("Beside the old CRM ID, recognise customers by"),
        widget=forms.CheckboxSelectMultiple,
        required=False,
        help_text=gettext_lazy(
            "Asked in this order, where the old ID says nothing. A name recognises only where it is the same to the letter."
        ),
    )

    def build(self) -> None:
        fields = fields_of(CUSTOMERS)
        quality = quality_of(CUSTOMERS, {name: fields[name] for name in EXTRA_KEYS})
        self.fields["keys"].choices = [  # type: ignore[attr-defined]
            (name, _("%(field)s: filled on %(filled)s %% of the customers, %(twice)s share one")
             % {"field": fields[name].label, "filled": quality[name].filled_percent, "twice": quality[name].repeated})
            for name in EXTRA_KEYS
        ]  # fmt: skip

    def draft(self) -> Data:
        return stage_a(self.move, self.cleaned_data["keys"])


class StageB(StageForm):
    def build(self) -> None:
        self.schema = schema_of(_connection(self.move), CUSTOMERS)
        saved = {line["hub"]: line["crm"] for line in lines_sent(snapshot(_connection(self.move)))}
        fields, filled = fields_of(CUSTOMERS), filled_of(self.move)
        taken: set[str] = set()
        for name in sendable(self.move):
            field = fields[name]
            first = saved.get(name) or ("" if saved else proposed(field, self.schema, taken))
            taken.add(first)
            self.fields[name] = forms.ChoiceField(
                label=str(field.label),
                required=False,
                choices=[("", _("Does not go to HubSpot")), *_offered(field, self.schema)],
                initial=first,
                help_text=_("%(n)s customers have a value here.") % {"n": filled.get(name, 0)},
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        used: dict[str, str] = {}
        for name, path in cleaned.items():
            if path and path in used:
                said = {"other": self.fields[used[path]].label}
                self.add_error(name, _("%(other)s goes to this property already: each one holds one field.") % said)
            elif path:
                used[path] = name
        if not used and not self.errors:
            raise forms.ValidationError(
                _("Choose at least one field: stage B is there to bring the hub’s values over.")
            )
        return cleaned

    def draft(self) -> Data:
        return stage_b(self.move, {name: path for name, path in self.cleaned_data.items() if path})


class StageC(StageForm):
    NOT = ""

    def build(self) -> None:
        fields = fields_of(CUSTOMERS)
        self.lines = [line for line in lines_sent(snapshot(_connection(self.move))) if line["hub"] in fields]
        choices = [
            (self.NOT, _("Stays Output only")),
            (FieldMapping.OnConflict.ASK.value, _("Two-way; a person decides where both changed")),
            (FieldMapping.OnConflict.LATEST.value, _("Two-way; the latest change wins")),
            (FieldMapping.OnConflict.HUB.value, _("Two-way; the hub wins")),
            (FieldMapping.OnConflict.CRM.value, _("Two-way; HubSpot wins")),
        ]
        for line in self.lines:
            is_both = line["direction"] == FieldMapping.Direction.BOTH
            self.fields[line["hub"]] = forms.ChoiceField(
                label=f"{fields[line['hub']].label} ⇄ {line['seen'].get('label') or line['crm']}",
                required=False,
                choices=choices,
                initial=line["on_conflict"] if is_both else self.NOT,
                widget=forms.Select(attrs={"class": "form-select"}),
            )

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        if not any(cleaned.values()) and not self.errors:
            raise forms.ValidationError(_("Choose at least one field that both sides write."))
        return cleaned

    def draft(self) -> Data:
        return stage_c(self.move, {name: wins for name, wins in self.cleaned_data.items() if wins})


FORMS: Mapping[str, type[StageForm]] = {"a": StageA, "b": StageB, "c": StageC}


def proposed(field: HubField, schema: Schema, taken: set[str]) -> str:
    """The property of the same label, else the usual one; each only once."""
    label = fold(str(field.own_name or field.label))
    same = (one.path for one in schema.fields if fold(one.label) == label)
    for path in [*same, *USUAL.get(field.name, ())]:
        found = schema.get(path)
        if found is not None and path not in taken and takes(field, found, {}).fit is not Fit.UNMATCHED:
            return path
    return ""


def _offered(field: HubField, schema: Schema) -> Sequence[tuple[str, str]]:
    fitting = [one for one in schema.fields if takes(field, one, {}).fit is not Fit.UNMATCHED and _suits(field, one)]
    return sorted(((one.path, one.label) for one in fitting), key=lambda pair: pair[1].casefold())


def _suits(field: HubField, one: CrmField) -> bool:
    """A colleague goes to a field for colleagues, and nothing else does."""
    return one.is_person == (field.name == "csm")


def filled_of(move: Move) -> dict[str, int]:
    """hub field → customers that hold a value; one statement."""
    own = [name for name in sendable(move) if name.startswith("custom.")]
    counts: dict[str, Any] = {
        name: Count("pk", filter=Q(**{f"{column}__isnull": False})) for name, column in COLUMNS.items()
    }
    counts |= {
        f"own_{place}": Count("pk", filter=Q(custom__has_key=name.removeprefix("custom.")))
        for place, name in enumerate(own)
    }
    found = Customer.objects.aggregate(**counts)
    return {
        **{name: found[name] for name in COLUMNS},
        **{name: found[f"own_{place}"] for place, name in enumerate(own)},
    }


def _connection(move: Move) -> Any:
    if move.new is None:
        raise ActRefused(_("HubSpot is not connected yet: chapter 1 does that."))
    return move.new
