"""The one way to ask for a day in a filter: only days whose begin and end every database and time zone can hold."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


def day_field(label: Any) -> forms.DateField:
    said = _("Only days from 1900 to 2999 can be looked for.")
    return forms.DateField(
        label=label,
        required=False,
        widget=forms.DateInput(attrs={"type": "date"}),
        validators=[MinValueValidator(FIRST, said), MaxValueValidator(LAST, said)],
        error_messages={"invalid": _("A day is written as year, month and day: 2026-11-25.")},
    )
