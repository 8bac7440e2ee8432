"""The fields of an organisation as the options of a select: by group, with type and a sample, so that one can tell them apart."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from integrations.engine.mapping import Kind
from integrations.sync.connector import CrmField, Schema

from ..guide import Guide
from .agreement_offers import may_be_currency

Samples = Mapping[str, Sequence[str]]
Choices = list[Any]
LONGEST_SAMPLE = 28
GONE = gettext_lazy("%(system)s no longer shows this field to us. Choose another one.")


def is_id(field: CrmField) -> bool:
    return field.is_id


def is_person(field: CrmField) -> bool:
    return field.is_person


def is_plain_text(field: CrmField) -> bool:
    """A text of the organisation's own, not the currency that stands beside an amount."""
    return field.kind is Kind.TEXT and field.is_custom and not field.is_id and not may_be_currency(field)


def may_be_domain(field: CrmField) -> bool:
    return (field.kind in {Kind.DOMAIN, Kind.EMAIL} and not field.is_id) or is_plain_text(field)


def may_be_choice(field: CrmField) -> bool:
    """Fields with few different values: lists to pick from, and short texts of the organisation's own."""
    return (field.kind is Kind.CHOICE and not may_be_currency(field)) or is_plain_text(field)


def offered(
    guide: Guide, schema: Schema, suits: Callable[[CrmField], bool], stored: Mapping[str, Any] | None = None
) -> list[CrmField]:
    """What suits and is worth offering, and what the mapping editor chose before, whatever it is."""
    chosen = stored["crm"] if stored else ""
    return [
        field
        for field in schema.fields
        if field.path == chosen or (suits(field) and not guide.offers.is_its_own(field))
    ]


def grouped(guide: Guide, fields: Iterable[CrmField], samples: Samples) -> Choices:
    """The organisation's own fields first: whoever made them made them for this."""
    own: Choices = []
    standard: Choices = []
    for field in fields:
        (own if field.is_custom else standard).append((field.path, label_of(guide, field, samples.get(field.path, ()))))
    groups = ((_("Your own fields"), own), (_("Standard fields"), standard))
    return [group for group in groups if group[1]]


def label_of(guide: Guide, field: CrmField, samples: Sequence[str]) -> str:
    words = [field.label, guide.abilities.say_type(field.type)]
    if samples:
        # What is stored of a list says nothing to those who know it by its labels.
        sample = next((choice.label for choice in field.choices if choice.value == samples[0]), samples[0])
        shown = sample if len(sample) <= LONGEST_SAMPLE else f"{sample[:LONGEST_SAMPLE]}…"
        words.append(_("e.g. %(sample)s") % {"sample": shown})
    return " · ".join(words)


class OfferedField(forms.ChoiceField):
    """A select of CRM fields. A stored one that is gone stays visible by its last label, and cannot be saved again."""

    def __init__(self, *, label: Any, help_text: Any, empty: Any = "") -> None:
        super().__init__(label=label, help_text=help_text, required=not empty)
        self.empty = empty
        self.gone = self.gone_text = ""

    def offer(
        self, guide: Guide, fields: Iterable[CrmField], samples: Samples, stored: Mapping[str, Any] | None
    ) -> None:
        choices = grouped(guide, fields, samples)
        known = {path for _group, options in choices for path, _label in options}
        if stored and stored["crm"] and stored["crm"] not in known:
            self.gone, self.gone_text = stored["crm"], guide.say(GONE)
            label = stored.get("seen", {}).get("label") or stored["crm"]
            choices.insert(0, (self.gone, _("%(field)s (gone from %(system)s)") % {"field": label, **guide.words}))
        self.choices = [("", guide.say(self.empty)), *choices] if self.empty else choices

    def clean(self, value: Any) -> Any:
        cleaned = super().clean(value)
        if cleaned and cleaned == self.gone:
            raise forms.ValidationError(self.gone_text)
        return cleaned
