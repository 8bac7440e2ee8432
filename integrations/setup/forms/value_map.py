"""A CRM field's values beside the hub's own, with how many records hold each: what fits nowhere is seen before the run."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from integrations.engine.compare import fold
from integrations.engine.values import digest
from integrations.hub.models import HealthProfile, Stage
from integrations.sync.connector import CrmField
from integrations.sync.new_values import named, new

from ..saving import Data

MAPPED_BY_VALUE = ("stage", "profile")
CREATE = "+"
MOST_VALUES = 60


@dataclass(frozen=True, slots=True)
class ValueRow:
    value: str
    label: str
    number: int | None
    """Records in the scope that hold it; None where the CRM cannot say."""
    name: str
    """Of the form field that says what it becomes."""
    fits: str
    """The hub's value of the same name or label: nothing needs to be chosen."""


@dataclass(slots=True)
class ValueMap:
    """Of one hub field (`stage`, `profile`) and the CRM field that is chosen for it."""

    hub_field: str
    path: str
    rows: list[ValueRow] = field(default_factory=list)

    @property
    def seen_name(self) -> str:
        """The hidden field that says for which CRM field the values were in sight."""
        return f"{self.hub_field}_seen"

    @property
    def create_name(self) -> str:
        """The tick that makes a counterpart for every value that has none."""
        return f"{self.hub_field}_create"


def hub_values(hub_field: str) -> list[tuple[str, str]]:
    if hub_field == "stage":
        return list(Stage.objects.values_list("name", "label"))
    return [(name, name) for name in HealthProfile.objects.values_list("name", flat=True)]


def value_map_of(hub_field: str, crm: CrmField, counts: Mapping[str, int]) -> ValueMap:
    labels = {choice.value: choice.label for choice in crm.choices if choice.is_active or choice.value in counts}
    # Values that records still hold though the list has dropped them are values too.
    for value in counts:
        labels.setdefault(value, value)
    known = named(hub_field)
    rows = [
        ValueRow(
            value=value,
            label=label,
            number=counts.get(value, 0) if counts else None,
            name=f"{hub_field}_{digest(value)}",
            fits=known.get(fold(value)) or known.get(fold(label), ""),
        )
        for value, label in labels.items()
    ]
    rows.sort(key=lambda row: (bool(row.fits), -(row.number or 0)))
    return ValueMap(hub_field, crm.path, rows[:MOST_VALUES])


def value_field(row: ValueRow, known: Iterable[tuple[str, str]]) -> forms.ChoiceField:
    choices = [*known]
    if not row.fits:
        choices = [
            ("", _("Leave what is there")),
            *known,
            (CREATE, _("Create “%(value)s” here") % {"value": row.label}),
        ]
    label = _("What “%(value)s” becomes") % {"value": row.label}
    return forms.ChoiceField(
        label=label, choices=choices, required=False, widget=forms.Select(attrs={"class": "form-select"})
    )


def initial_values(values: ValueMap, line: Data | None) -> dict[str, str]:
    stored = line["values"] if line and line["crm"] == values.path else {}
    return {row.name: stored.get(row.value) or row.fits for row in values.rows}


def create_field(values: ValueMap, rows: list[ValueRow]) -> forms.BooleanField:
    said = {"n": len(rows), "values": ", ".join(row.label for row in rows)}
    if values.hub_field == "stage":
        label = ngettext("Create this %(n)s stage: %(values)s", "Create these %(n)s stages: %(values)s", len(rows))
    else:
        label = ngettext("Create this %(n)s profile: %(values)s", "Create these %(n)s profiles: %(values)s", len(rows))
    return forms.BooleanField(label=label % said, required=False)


def chosen_values(values: ValueMap, cleaned: Mapping[str, Any]) -> dict[str, str]:
    """CRM value → hub value, or the name of one that saving makes: it must exist before a run can use it."""
    otherwise = CREATE if cleaned.get(values.create_name) else ""
    picked = {row: cleaned.get(row.name) or row.fits or otherwise for row in values.rows}
    return {row.value: new(row.label) if wanted == CREATE else wanted for row, wanted in picked.items() if wanted}


def open_rows_of(values: ValueMap, stored: Mapping[str, str]) -> list[ValueRow]:
    """As saved: what would find no counterpart in a run."""
    return [row for row in values.rows if not (stored.get(row.value) or row.fits)]
