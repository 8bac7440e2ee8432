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
LIMITS = ("reserve_percent", "brake_floor", "brake_percent", "brake_mrr_percent")
"""What holds syncs back: the share of the calls that is not theirs, and from when on a person looks first."""
DRIFTS = ("on_field_gone", "on_field_retyped", "on_field_locked", "on_value_new", "on_required_new")
"""What a sync does when the CRM's fields have changed since somebody looked at them."""


def _limit(label: Any, example: int, most: int, too_many: Any, help_text: Any) -> forms.IntegerField:
    """A whole number that keeps what it is when it is left blank."""
    return forms.IntegerField(
        error_messages={"invalid": _("A whole number, such as %(example)s.") % {"example": example}},
        label=label,
        required=False,
        validators=[MinValueValidator(0, _("0 or more.")), MaxValueValidator(most, too_many)],
        help_text=help_text,
    )


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

    reserve_percent = _limit(
        _("Share of the daily calls left to others, %"),
        20,
        95,
        _("At most 95, or no sync gets anywhere."),
        _("Syncs wait when the rest is used up, and go on by themselves when there is room again."),
    )
    brake_floor = _limit(
        _("Records that the brake always lets through"),
        10,
        100_000,
        _("At most 100,000."),
        _("In one sync, of those that would churn, be emptied, go or get another ID."),
    )
    brake_percent = _limit(
        _("Share that the brake lets through, %"),
        10,
        100,
        _("At most 100."),
        _("Of the linked records. What is above this share and above the number before waits for an admin."),
    )
    brake_mrr_percent = _limit(
        _("Change of MRR that the brake lets through, %"),
        10,
        1_000,
        _("At most 1,000."),
        _("Of the MRR of one currency. Agreements that would move it further in one sync wait for an admin."),
    )

    class Meta:
        model = Connection
        fields = ("name", "order", "every_minutes", "full_every_hours", *LIMITS, *DRIFTS)
        labels = {
            "name": _("Name"),
            "on_field_gone": _("When a mapped field is gone"),
            "on_field_retyped": _("When a mapped field is of another type"),
            "on_field_locked": _("When a field can no longer be written"),
            "on_value_new": _("When a list has a value that nothing is mapped to"),
            "on_required_new": _("When the CRM insists on a field that nothing fills"),
        }
        help_texts = {
            "on_field_gone": _("A resting line keeps what the hub has; it wakes when the field is back or replaced."),
            "on_field_retyped": _("Going on refuses single values that do not fit."),
            "on_field_locked": _("A resting line neither reads nor writes; going on, each refused write says why."),
            "on_value_new": _("Going on, records with the new value keep what they have here."),
            "on_required_new": _("Going on, records made here may be refused by the CRM, each with its reason."),
        }
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
            *LIMITS,
            *DRIFTS,
        )
        for name in DRIFTS:
            self.fields[name].required = False

    def clean(self) -> dict[str, Any]:
        """Left blank, a number stays what it is."""
        given: dict[str, Any] = super().clean() or self.cleaned_data
        blank = [name for name in ("order", *LIMITS, *DRIFTS) if name in given and given[name] in {None, ""}]
        return given | {name: getattr(self.instance, name) for name in blank}


def policies_of(connection: Connection) -> list[tuple[str, str]]:
    """For whoever only reads them."""
    labels: dict[str, Any] = ScheduleForm.Meta.labels
    return [(str(labels[name]), getattr(connection, f"get_{name}_display")()) for name in DRIFTS]


def _places(connection: Connection) -> str:
    """The rule, and where the others stand."""
    said = _("Of a customer that several connections have, the lowest number writes; later ones fill blanks.")
    others = Connection.objects.exclude(pk=connection.pk).exclude(state=Connection.State.ARCHIVED)
    places = ", ".join(f"{name} {order}" for name, order in others.values_list("name", "order"))
    return f"{said} {gettext('Now: %(places)s.') % {'places': places}}" if places else str(said)
