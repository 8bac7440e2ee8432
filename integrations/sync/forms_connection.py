from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper

from .models import Connection

LONGEST = 31 * 24


class ScheduleForm(forms.ModelForm):
    every_minutes = forms.IntegerField(
        label=_("Minutes between syncs"),
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST * 60)],
        help_text=_("Each sync reads only what changed since the one before."),
    )
    full_every_hours = forms.IntegerField(
        label=_("Hours between complete readings"),
        validators=[MinValueValidator(1), MaxValueValidator(LONGEST)],
        help_text=_("A complete reading counts every record and finds what left the source."),
    )

    class Meta:
        model = Connection
        fields = ("name", "every_minutes", "full_every_hours")
        labels = {"name": _("Name")}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ConsoleFormHelper()
        self.helper.layout = Layout(
            Field("name"),
            Div(Div("every_minutes", css_class="w6"), Div("full_every_hours", css_class="w6"), css_class="cols"),
        )
