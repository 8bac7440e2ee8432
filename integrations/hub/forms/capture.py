"""What an admin says about the mailbox and the calendar that fill the hub beside the CRMs."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper

from ..models import CaptureSettings


class CaptureForm(forms.ModelForm):
    mailbox_connected = forms.BooleanField(
        label=_("A mailbox is connected to this hub"),
        required=False,
        help_text=_("E-mails with customers come from it. What was captured is never sent to a CRM."),
    )
    calendar_connected = forms.BooleanField(
        label=_("A calendar is connected to this hub"),
        required=False,
        help_text=_("Meetings with customers come from it. A connection then asks before it takes meetings too."),
    )

    class Meta:
        model = CaptureSettings
        fields = ("mailbox_connected", "calendar_connected")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.helper = ConsoleFormHelper()
