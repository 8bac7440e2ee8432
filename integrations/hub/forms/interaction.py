"""Something that happened with a customer, typed by hand: who took part, when, how long, and what was said."""

from typing import Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper
from integrations.engine.values import Value

from ..door import Refusal
from ..fields import INTERACTION_TYPES, LONGEST_BODY
from ..models import Customer, Interaction
from .refusals import in_words

DATA_TYPES = {type_: name for name, type_ in INTERACTION_TYPES.items()}
TYPED = [choice for choice in Interaction.Type.choices if choice[0] in DATA_TYPES]
MOMENT = "%Y-%m-%dT%H:%M"
MOST_CONTACTS = 200


class InteractionForm(forms.Form):
    type = forms.ChoiceField(label=_("What"), choices=TYPED)
    starts_at = forms.DateTimeField(
        label=_("When"),
        input_formats=[MOMENT, "%Y-%m-%d %H:%M"],
        widget=forms.DateTimeInput(attrs={"type": "datetime-local"}, format=MOMENT),
        error_messages={
            "required": _("Say when it was."),
            "invalid": _("A date and a time, such as 2026-11-30 14:30."),
        },
    )
    minutes = forms.IntegerField(
        label=_("Minutes"),
        required=False,
        min_value=0,
        max_value=100_000,
        error_messages={"invalid": _("A whole number of minutes, such as 30.")},
    )
    is_incoming = forms.TypedChoiceField(
        label=_("Who reached out"),
        required=False,
        choices=[("", _("not said")), ("yes", _("the customer")), ("no", _("the team"))],
        coerce=lambda value: value == "yes",
        empty_value=None,
    )
    subject = forms.CharField(
        label=_("Subject"), max_length=500, error_messages={"required": _("A line that says what it was about.")}
    )
    body = forms.CharField(
        label=_("Text"), required=False, max_length=LONGEST_BODY, widget=forms.Textarea(attrs={"rows": 6})
    )
    contacts = forms.TypedMultipleChoiceField(
        label=_("Who took part"), required=False, coerce=int, widget=forms.CheckboxSelectMultiple
    )

    def __init__(
        self, data: Any = None, *, customer: Customer, row: Interaction | None = None, type_: str = ""
    ) -> None:
        super().__init__(data, initial=_initial(row, type_))
        found = customer.contacts.order_by("name_key", "pk")[:MOST_CONTACTS]
        self._offer("contacts", [(contact.pk, str(contact)) for contact in found])
        if row is not None:
            # What it is decides where it stands in the CRM, so it stays what it is.
            self._offer("type", [(row.type, row.get_type_display())])
        self.helper = ConsoleFormHelper()

    def _offer(self, name: str, choices: list[tuple[Any, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices

    @property
    def data_type(self) -> str:
        return DATA_TYPES[self.cleaned_data["type"]]

    @property
    def values(self) -> dict[str, Value]:
        said = self.cleaned_data
        names = ("starts_at", "minutes", "is_incoming", "subject", "body")
        return {name: said[name] for name in names} | {"contacts": tuple(said["contacts"])}

    def refuse(self, refusal: Refusal) -> None:
        self.add_error(refusal.field if refusal.field in self.fields else None, in_words(refusal.reason))


def _initial(row: Interaction | None, type_: str) -> dict[str, Any]:
    if row is None:
        kind = type_ if type_ in DATA_TYPES else Interaction.Type.CALL.value
        return {"type": kind, "starts_at": timezone.localtime().replace(second=0, microsecond=0)}
    names = ("type", "starts_at", "minutes", "subject", "body")
    incoming = {True: "yes", False: "no"}.get(row.is_incoming, "") if row.is_incoming is not None else ""
    taking_part = list(row.contacts.values_list("pk", flat=True))
    return {name: getattr(row, name) for name in names} | {"is_incoming": incoming, "contacts": taking_part}
