"""The one way to ask for a day in a filter: only days whose begin and end every database and time zone can hold."""

from datetime import date
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator

FIRST, LAST = date(1900, 1, 1), date(2999, 12, 31)


def day_field(label: Any) -> forms.DateField:
    bounds = [MinValueValidator(FIRST), MaxValueValidator(LAST)]
    return forms.DateField(
        label=label, required=False, widget=forms.DateInput(attrs={"type": "date"}), validators=bounds
    )
