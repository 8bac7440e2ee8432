from typing import Any

from crispy_forms.layout import Div, Field, Layout
from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper

from .models import Connection

LONGEST = 31 * 24
LAST = 999


class ScheduleForm(forms.ModelForm):
    every_minutes = forms.IntegerField(
        error_messages={"invalid": _("A whole number of minutes, such as 15.")},
        label=_("Minutes between syncs"),
        validators=[
            MinValueValidator(1, _("At least 1 minute. To stop syncing, pause the connection.")),
            MaxValueValidator(LONGEST * 60, _("At most 44,640 minutes, which are 31 days.")),
        ],
        help_text=_("Each sync reads only what changed since the one before."),
    )
    full_every_hours = forms.IntegerField(
        error_messages={"invalid": _("A whole number of hours, such as 24.")},
        label=_("Hours between complete readings"),
        validators=[
            MinValueValidator(1, _("At least 1 hour.")),
            MaxValueValidator(LONGEST, _("At most 744 hours, which are 31 days.")),
        ],
        help_text=_("A complete reading counts every record and finds what left the source."),
    )

    order = forms.IntegerField(
        error_messages={"invalid": _("A whole number, such as 1.")},
        label=_("Place among the connections"),
        required=False,
        validators=[
            MinValueValidator(0, _("0 or more.")),
            MaxValueValidator(LAST, _("At most 999.")),
        ],
    )

    class Meta:
        model = Connection
        fields = ("name", "order", "every_minutes", "full_every_hours")
        labels = {"name": _("Name")}
        error_messages = {
            "name": {"required": _("A connection needs a name."), "unique": _("Another connection has this name.")}
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["order"].help_text = _places(self.instance)
        self.helper = ConsoleFormHelper()
        self.helper.layout = Layout(
            Field("name"),
            Field("order"),
            Div(Div("every_minutes", css_class="w6"), Div("full_every_hours", css_class="w6"), css_class="cols"),
        )

    def clean_order(self) -> int:
        """Left blank, it keeps its place."""
        given: int | None = self.cleaned_data["order"]
        return self.instance.order if given is None else given


def _places(connection: Connection) -> str:
    """The rule, and where the others stand."""
    said = _("Of a customer that several connections have, the lowest number writes; later ones fill blanks.")
    others = Connection.objects.exclude(pk=connection.pk).exclude(state=Connection.State.ARCHIVED)
    places = ", ".join(f"{name} {order}" for name, order in others.values_list("name", "order"))
    return f"{said} {gettext('Now: %(places)s.') % {'places': places}}" if places else str(said)
