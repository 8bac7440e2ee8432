"""What the forms of all steps share: they belong to a connection, and their modes offer what Salesforce can do here."""

from typing import Any

from crispy_forms.layout import Layout
from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper
from integrations.sync.models.connection import Mode

from ..abilities import ABILITIES
from ..looks import Looks

MEANINGS = {
    Mode.INPUT: _("Input only: a change in Salesforce changes the hub. A change in the hub never reaches Salesforce."),
    Mode.TWO_WAY: _("Two ways: a change on either side reaches the other, for each field whose mapping says so."),
    Mode.DISABLED: _("Disabled: nothing is read and nothing is written."),
}


class StepForm(forms.Form):
    def __init__(self, looks: Looks, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.looks = looks
        self.connection = looks.connection
        self.helper = ConsoleFormHelper()

    def lay_out(self, *fields: Any) -> None:
        self.helper.layout = Layout(*fields)


def mode_field(object_name: str) -> forms.ChoiceField:
    choices = [(mode.value, MEANINGS[Mode(mode.value)]) for mode in ABILITIES.of(object_name).modes]
    return forms.ChoiceField(label=_("Mode"), choices=choices, widget=forms.RadioSelect)
