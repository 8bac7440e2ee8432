"""Which fields of the account the scores are written to: each is matched by hand, and nothing goes out until it is switched on."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.compare import fold
from integrations.engine.mapping import Direction, Kind
from integrations.hub.fields import SCORE_FIELDS
from integrations.sync import metadata
from integrations.sync.configuration import snapshot
from integrations.sync.configuration.snapshot import NO_BLOCK
from integrations.sync.connector import CrmField
from integrations.sync.models.connection import Mode
from integrations.wire.errors import Misconfigured, NotFound, Rejected

from ..looks import Looks
from ..saving import Data, line_of, set_line
from ..scores import LABELS, takes_a_number, takes_a_pulse
from ..trouble import trouble_of
from .offers import OfferedField
from .step_form import StepForm

NAME = "scores"
FIELDS = {"health_score": takes_a_number, "pulse": takes_a_pulse}
NOT_UPLOADED = gettext_lazy("Not uploaded")
SHARED = gettext_lazy("This field takes the health score already. Each score needs a field of its own.")
READ = gettext_lazy("This field is mapped to a field of customers already. Choose another one.")
HELD = gettext_lazy("“%(name)s” is there already, and takes the other score. Choose another field for one of the two.")
READ_THERE = gettext_lazy("“%(name)s” is there already, and is mapped to a field of customers. Choose another field.")
STEP_OF = "pulse_%d"
[PULSE] = [field for field in SCORE_FIELDS if field.name == "pulse"]
PULSES = range(PULSE.min_value or 1, (PULSE.max_value or 5) + 1)


class ScoresForm(StepForm):
    is_on = forms.BooleanField(
        label=gettext_lazy("Upload the scores to %(system)s"),
        required=False,
        help_text=gettext_lazy("Off until you switch it on. Switched off again, what was written stays in %(system)s."),
    )
    make = forms.BooleanField(
        label=gettext_lazy("Create the fields in %(system)s"),
        required=False,
        help_text=gettext_lazy(
            "Each score without a field gets one of its own. One that is there already is used as it is."
        ),
    )
    health_score = OfferedField(
        label=gettext_lazy("Health score"),
        help_text=gettext_lazy("From 1 to 10, into a number field that the signed-in user may change."),
        empty=NOT_UPLOADED,
    )
    pulse = OfferedField(
        label=gettext_lazy("CSM Pulse"),
        help_text=gettext_lazy("From 1 to 5, into a number, a text or a list that the signed-in user may change."),
        empty=NOT_UPLOADED,
    )

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.block: Data = snapshot(self.connection)["blocks"].get(NAME, {**NO_BLOCK, "lines": []})
        self.schema = looks.schema(NAME)
        self.initial["is_on"] = self.block["mode"] == Mode.OUTPUT
        self.offer_fields(NAME, self.schema, self.block, FIELDS)
        if not self.guide.creates_scores:
            del self.fields["make"]
        else:
            self.initial["make"] = not any(self.initial[name] for name in FIELDS)
        self.list_field = self._list_field()
        if self.list_field:
            self._ask_for_values(self.list_field)

    def _list_field(self) -> CrmField | None:
        """The chosen field of the pulse, where it is a list of values."""
        found = self.schema.get(str(self["pulse"].value() or ""))
        return found if found and found.kind is Kind.CHOICE else None

    def _ask_for_values(self, chosen: CrmField) -> None:
        line = line_of(self.block, "pulse")
        kept = (
            {wanted: given for given, wanted in line["values"].items()} if line and line["crm"] == chosen.path else {}
        )
        values = [(choice.value, choice.label) for choice in chosen.choices if choice.is_active]
        for number in PULSES:
            name = STEP_OF % number
            self.fields[name] = forms.ChoiceField(
                label=_("Pulse %(number)d") % {"number": number},
                choices=[("", _("Choose a value")), *values],
                error_messages={"required": _("Choose the value of the list that stands for this pulse.")},
            )
            self.initial[name] = kept.get(str(number)) or _of_that_name(chosen, number)

    @property
    def value_fields(self) -> list[Any]:
        return [self[STEP_OF % number] for number in PULSES] if self.list_field else []

    @property
    def made_as(self) -> list[str]:
        """What the fields are called that would be made."""
        return list(LABELS.values()) if "make" in self.fields else []

    @property
    def can_upload(self) -> bool:
        """Whether the organisation has a field for any of them."""
        return any(len(self.fields[name].choices) > 1 for name in FIELDS)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        health, pulse = cleaned.get("health_score"), cleaned.get("pulse")
        if cleaned.get("is_on") and not (health or pulse or cleaned.get("make") or self.errors):
            self.add_error("is_on", _("Choose a field for at least one of the two scores, or leave the upload off."))
        if health and health == pulse:
            self.add_error("pulse", SHARED)
        for name in FIELDS:
            if self._is_read(cleaned.get(name)):
                self.add_error(name, READ)
        self._check_values(cleaned)
        return cleaned

    def makes_fields(self) -> bool:
        """On the way to being switched on, whatever score has no field gets one; False where the CRM refused it."""
        if not (self.cleaned_data.get("make") and self.cleaned_data["is_on"]):
            return True
        connector = self.guide.connector(self.connection, interactive=True)
        made = [name for name in FIELDS if not self.cleaned_data[name]]
        try:
            for name in made:
                self.cleaned_data[name] = connector.create_score_field(name)
            self.schema = connector.schema(NAME)
        except (Misconfigured, Rejected, NotFound) as refused:
            trouble = trouble_of(self.guide, refused)
            self.add_error("make", trouble.in_one)
            return False
        finally:
            # Whatever was made is on offer from now on.
            self.looks.forget()
            metadata.forget(self.connection, NAME)
        return self._suit(made)

    def _suit(self, made: Iterable[str]) -> bool:
        """A field of that name may have been there already, and may serve something else."""
        health, pulse = (self.cleaned_data[name] for name in FIELDS)
        for name in made:
            if health == pulse:
                self.add_error("make", HELD % {"name": LABELS[name]})
            elif self._is_read(self.cleaned_data[name]):
                self.add_error("make", READ_THERE % {"name": LABELS[name]})
        return not self.errors

    def _is_read(self, path: str | None) -> bool:
        """A field that is read as well would bring back as data what was uploaded."""
        customers = snapshot(self.connection)["blocks"].get("customers")
        return bool(path and customers) and any(line["crm"] == path for line in customers["lines"])

    def _check_values(self, cleaned: dict[str, Any]) -> None:
        """Two pulses with one value could not be told apart in the CRM, nor found again."""
        taken: dict[str, int] = {}
        for number in PULSES:
            value = cleaned.get(STEP_OF % number)
            if value and value in taken:
                text = _("This value stands for pulse %(number)d already. Each pulse needs a value of its own.")
                self.add_error(STEP_OF % number, text % {"number": taken[value]})
            elif value:
                taken[value] = number

    def apply_to(self, data: Data) -> None:
        block = data["blocks"].get(NAME)
        is_on = self.cleaned_data["is_on"]
        if block is None and not (is_on or any(self.cleaned_data[name] for name in FIELDS)):
            # Never asked for: there is nothing to keep.
            return
        if block is None:
            block = {**NO_BLOCK, "settings": {}, "merge_keys": [], "lines": []}
            data["blocks"][NAME] = block
        block["mode"] = (Mode.OUTPUT if is_on else Mode.DISABLED).value
        for name in FIELDS:
            path = self.cleaned_data[name]
            set_line(block, name, path, self.schema.get(path), direction=Direction.OUT.value, on_conflict="hub")
        line = line_of(block, "pulse")
        if line is not None:
            line["values"] = (
                {self.cleaned_data[STEP_OF % number]: str(number) for number in PULSES} if self.list_field else {}
            )


def _of_that_name(chosen: CrmField, number: int) -> str:
    """“4” or “4 - good”: a list that was made for it numbers its values itself."""
    words = {choice.value: fold(choice.label).split() for choice in chosen.choices if choice.is_active}
    return next((value for value, said in words.items() if said[:1] == [str(number)]), "")
