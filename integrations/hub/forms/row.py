"""One hub row typed by hand: every field as text, read by the same rules as what a CRM sends, with who writes it beside it."""

from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from typing import Any, ClassVar

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.layout import ConsoleFormHelper
from integrations.engine.mapping import Kind
from integrations.engine.values import Value

from .. import panels
from ..door import Refusal
from ..fields import HubField, fields_here
from .refusals import in_words

SEEN = "seen-"
"""Stands before the name of the hidden field that keeps what the page showed: a sync may write meanwhile."""
YES_NO: "Choices" = [("yes", gettext_lazy("yes")), ("no", gettext_lazy("no"))]
Choices = list[tuple[str, str | Promise]]


class RowForm(forms.Form):
    entity: ClassVar[str]
    required: ClassVar[tuple[str, ...]] = ()

    def __init__(
        self, data: Any = None, *, values: Mapping[str, Value], writers: Mapping[str, panels.Writer] | None = None
    ) -> None:
        """`values`: what the row holds now; empty for a new one."""
        self._typed = data.copy() if data is not None else {}
        super().__init__(self._typed if data is not None else None)
        self.hub_fields = fields_here(self.entity)
        self.now = {name: typed(values.get(name)) for name in self.hub_fields}
        for name, field in self.hub_fields.items():
            self.fields[name] = self._field(field, (writers or {}).get(name))
            self.fields[SEEN + name] = forms.CharField(
                required=False, strip=False, initial=self.now[name], widget=forms.HiddenInput
            )
        self.helper = ConsoleFormHelper()

    def choices_of(self, name: str) -> Choices | None:
        """The choices of a field that has some; None: it is typed."""
        return None

    def _field(self, field: HubField, writer: panels.Writer | None) -> forms.Field:
        choices = self.choices_of(field.name)
        if field.kind is Kind.BOOL and choices is None:
            choices = YES_NO if field.name.startswith("is_") else [("", _("not said")), *YES_NO]
        initial = self.now[field.name] or ("no" if field.name.startswith("is_") else "")
        common: dict[str, Any] = {
            "label": field.label,
            "required": field.name in self.required,
            "initial": initial,
            # Of what the mapping editor says of a field, only its limits matter to who types a value.
            "help_text": " ".join(filter(None, [str(field.help) if field.max_value else "", who_writes(writer)])),
        }
        if choices is not None:
            kept = initial if initial not in dict(choices) else ""
            return forms.ChoiceField(choices=[*choices, *([(kept, kept)] if kept else [])], **common)
        widget: forms.Widget = forms.TextInput(attrs=_attributes(field))
        if field.kind is Kind.LONG_TEXT:
            widget = forms.Textarea(attrs={"rows": 4})
        return forms.CharField(widget=widget, strip=False, **common)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or {}
        for name in self._changed(cleaned):
            if self.now[name] not in {cleaned[SEEN + name], cleaned[name]}:
                self.add_error(
                    name,
                    _("It became “%(value)s” here since you opened the page. Save again to replace that.")
                    % {"value": self.now[name] or _("empty")},
                )
                self._typed[SEEN + name] = self.now[name]
        return cleaned

    def _changed(self, cleaned: Mapping[str, Any]) -> Iterator[str]:
        for name, field in self.hub_fields.items():
            if name not in cleaned:
                continue
            seen = cleaned[SEEN + name] or ("no" if field.kind is Kind.BOOL and name.startswith("is_") else "")
            if cleaned[name] != seen:
                yield name

    @property
    def values(self) -> dict[str, Value]:
        """Only what the person changed: the rest is left to whoever writes it meanwhile."""
        return {
            name: self._value(self.hub_fields[name], self.cleaned_data[name])
            for name in self._changed(self.cleaned_data)
        }

    def _value(self, field: HubField, text: str) -> Value:
        if field.kind is Kind.DATETIME and text:
            try:
                moment = datetime.fromisoformat(text)
            except ValueError:
                return text
            # Who types a time means the clock on the wall.
            return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
        return text

    def refuse(self, refusal: Refusal) -> None:
        name = refusal.field if refusal.field in self.fields else None
        self.add_error(name, in_words(refusal.reason))


def typed(value: Value) -> str:
    """A value as the field shows it for typing."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        return timezone.localtime(value).strftime("%Y-%m-%dT%H:%M")
    if isinstance(value, Decimal):
        return format(value, "f")
    return ", ".join(value) if isinstance(value, tuple) else str(value)


def who_writes(writer: panels.Writer | None) -> str:
    if writer is None or writer.is_resting:
        return ""
    if writer.direction == "in":
        return _("%(name)s writes it: its next change there replaces yours.") % {"name": writer.label}
    if writer.direction == "both":
        return _("Your change goes out to %(name)s; both sides write it.") % {"name": writer.label}
    return _("Your change goes out to %(name)s.") % {"name": writer.label}


def _attributes(field: HubField) -> dict[str, Any]:
    kinds = {Kind.DATE: {"type": "date"}, Kind.DATETIME: {"type": "datetime-local"}, Kind.PHONE: {"type": "tel"}}
    modes = {
        Kind.INTEGER: "numeric",
        Kind.NUMBER: "decimal",
        Kind.MONEY: "decimal",
        Kind.EMAIL: "email",
        Kind.PERSON: "email",
    }
    found: dict[str, Any] = {**kinds.get(field.kind, {}), "autocomplete": "off"}
    return {**found, "inputmode": modes[field.kind]} if field.kind in modes else found
