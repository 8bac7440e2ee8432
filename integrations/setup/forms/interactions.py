"""Which kinds of interaction are synced, in which direction, and how far back."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.utils.formats import date_format
from django.utils.functional import Promise
from django.utils.text import get_text_list
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from integrations.hub.models import CaptureSettings
from integrations.sync.configuration import snapshot
from integrations.sync.connector import Schema
from integrations.sync.models.connection import Mode
from integrations.sync.store.marks import OUTWARD

from ..history import OFFERED_MONTHS, SINCE_MONTHS, USUAL_MONTHS, first_day, months_of
from ..looks import Looks
from ..meetings import risk_of_meetings
from ..saving import Data, first_block, save
from .step_form import StepForm, key_field_of_ours

MODES = {
    Mode.DISABLED: gettext_lazy("Disabled"),
    Mode.INPUT: gettext_lazy("Input only"),
    Mode.TWO_WAY: gettext_lazy("Two-way"),
    Mode.OUTPUT: gettext_lazy("Output only"),
}
MEANINGS: dict[str, Promise] = {
    Mode.DISABLED: gettext_lazy("Nothing is read and nothing is written."),
    Mode.INPUT: gettext_lazy("What is logged in %(system)s comes in. Nothing is written there."),
    Mode.TWO_WAY: gettext_lazy("It comes in, and what your team types here by hand is logged in %(system)s."),
    Mode.OUTPUT: gettext_lazy("What your team types here by hand is logged in %(system)s. Changes there are not read."),
}
KINDS = {
    "emails": gettext_lazy("E-mails"),
    "meetings": gettext_lazy("Meetings"),
    "calls": gettext_lazy("Calls"),
    "notes": gettext_lazy("Notes"),
}

KEYS = gettext_lazy(
    "For what is typed here and logged in %(system)s: after a lost answer it is found again by it, and none stands there "
    "twice. Added when this page is saved, for each of these kinds that goes out: %(kinds)s."
)


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    label: Any
    about: Any
    number: int | None
    field: BoundField


class InteractionsForm(StepForm):
    since_months = forms.TypedChoiceField(label=gettext_lazy("How far back"), coerce=int)
    meetings_anyway = forms.BooleanField(
        label=gettext_lazy("Sync meetings all the same: I know that they may stand here twice."), required=False
    )
    make_key = key_field_of_ours()

    def __init__(self, looks: Looks, data: Any = None) -> None:
        super().__init__(looks, data)
        self.blocks: dict[str, Data] = snapshot(self.connection)["blocks"]
        self.risk = risk_of_meetings(self.guide)
        self.beside_a_mailbox = CaptureSettings.current().mailbox_connected
        self.fields["since_months"].choices = [  # type: ignore[attr-defined]
            (months, far_back(months, first_day(self.connection, months))) for months in OFFERED_MONTHS
        ]
        known: Data = next((block["settings"] for name, block in self.blocks.items() if name in KINDS), {})
        self.initial["since_months"] = months_of(known)
        self.kinds = {name: label for name, label in KINDS.items() if name in self.guide.interactions}
        for name, label in self.kinds.items():
            modes = [(mode.value, MODES[Mode(mode.value)]) for mode in self.guide.abilities.of(name).modes]
            modes.sort(key=lambda mode: mode[0] != Mode.DISABLED)
            self.fields[name] = forms.ChoiceField(label=label, choices=modes)
            self.fields[name].widget.attrs.update({"class": "form-select w-auto", "aria-describedby": f"about-{name}"})
            self.initial[name] = self.blocks[name]["mode"] if name in self.blocks else Mode.DISABLED.value
        self._offer_key_fields()

    # --- The fields for our own key: each kind is an object of its own in the CRM

    def _offer_key_fields(self) -> None:
        abilities = [self.guide.abilities.of(name) for name in self.kinds]
        keeping = [one.object for one in abilities if one.has_key_field and set(OUTWARD) & set(one.modes)]
        keys = {name: self.key_of(name, self._schema_with_key(name)) for name in keeping}
        self.without_key = [name for name, (path, _lost) in keys.items() if not path]
        self.key_field, self.lost_key = (", ".join(dict.fromkeys(filter(None, one))) for one in _columns(keys))
        if self.without_key:
            said = {"kinds": get_text_list([str(self.kinds[name]) for name in self.without_key], _("and"))}
            self.fields["make_key"].help_text = self.guide.say(KEYS) % said
        else:
            del self.fields["make_key"]

    def _schema_with_key(self, name: str) -> Schema | None:
        """Asked only where there is something to look for; a kind that is hidden from us breaks no page."""
        has_key = name in self.rows_kept and self.rows_kept[name].key_field
        return self.looks.metadata(name, []).schema if has_key else None

    @property
    def keyless(self) -> list[str]:
        return [name for name in self.without_key if self.cleaned_data.get(name) in OUTWARD]

    def keep_made(self, request: HttpRequest) -> None:
        """A kind that was never switched on is kept disabled, or there would be nothing to keep its field with."""
        data = snapshot(self.connection)
        if new := [name for name in self.made_keys if name not in data["blocks"]]:
            for name in new:
                block = first_block(self.guide, name, self.looks.schema(name))
                data["blocks"][name] = block | {"mode": Mode.DISABLED.value}
            save(request, self.connection, data, _("Fields for our own ID"))
        super().keep_made(request)
        # The page shown next asks for the fields that are still missing.
        del self.rows_kept
        self._offer_key_fields()

    # --- For the page

    @property
    def rows(self) -> list[Row]:
        months = self._months()
        return [
            Row(name, label, self.guide.interactions[name], self.looks.activities(name, months), self[name])
            for name, label in self.kinds.items()
        ]

    @property
    def meanings(self) -> list[tuple[Promise, str]]:
        """Of the modes that are on offer here."""
        offered = {mode for name in self.kinds for mode, _label in self.fields[name].choices}  # type: ignore[attr-defined]
        return [(MODES[Mode(mode)], self.guide.say(meaning)) for mode, meaning in MEANINGS.items() if mode in offered]

    @property
    def may_send(self) -> bool:
        return any(
            mode in {Mode.TWO_WAY, Mode.OUTPUT}
            for name in self.kinds
            for mode, _label in self.fields[name].choices  # type: ignore[attr-defined]
        )

    def _months(self) -> int:
        given = str(self["since_months"].value())
        return int(given) if given.isdigit() else USUAL_MONTHS

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        wants = cleaned.get("meetings", Mode.DISABLED) not in {Mode.DISABLED, self.initial.get("meetings")}
        if wants and self.risk.is_certain and not cleaned.get("meetings_anyway"):
            self.add_error("meetings", _("Leave meetings disabled, or confirm below that you want them all the same."))
        return cleaned

    def apply_to(self, data: Data) -> None:
        for name in self.kinds:
            mode = self.cleaned_data[name]
            block = data["blocks"].get(name)
            if block is None and mode == Mode.DISABLED:
                # Never switched on: there is nothing to keep.
                continue
            if block is None:
                block = first_block(self.guide, name, self.looks.schema(name))
                data["blocks"][name] = block
            block["mode"] = mode
            block["settings"] = {**block["settings"], SINCE_MONTHS: self.cleaned_data["since_months"]}


def _columns(keys: Mapping[str, tuple[str, str]]) -> tuple[list[str], list[str]]:
    return [path for path, _lost in keys.values()], [lost for _path, lost in keys.values()]


def far_back(months: int, since: date | None) -> str:
    if since is None:
        return _("Everything")
    said = ngettext("%(n)s month, since %(day)s", "%(n)s months, since %(day)s", months)
    return said % {"n": months, "day": date_format(since, "j M Y")}
