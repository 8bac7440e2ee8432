from typing import Any, cast

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper
from integrations.wire.errors import Misconfigured

from .alerts import channels
from .models import Alert, AlertChannel, Connection, Event


class AlertSearch(forms.Form):
    event = forms.ChoiceField(label=_("What"), required=False, choices=[("", _("Any")), *Event.choices])
    connection = forms.ChoiceField(label=_("Connection"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        known = Connection.objects.values_list("slug", "name")
        cast("forms.ChoiceField", self.fields["connection"]).choices = [("", _("All")), *known]
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select"

    def matching(self, alerts: QuerySet[Alert]) -> QuerySet[Alert]:
        if not self.is_valid():
            return alerts.none()
        event, slug = self.cleaned_data["event"], self.cleaned_data["connection"]
        if event:
            alerts = alerts.filter(event=event)
        return alerts.filter(connection__slug=slug) if slug else alerts


def events_field() -> forms.MultipleChoiceField:
    return forms.MultipleChoiceField(
        label=_("Tell about"), required=False, choices=Event.choices, widget=forms.CheckboxSelectMultiple
    )


class ChoiceForm(forms.Form):
    events = events_field()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["events"].label = _("Mail me at once when a connection")
        self.helper = ConsoleFormHelper()


class ChannelForm(forms.ModelForm):
    url = forms.CharField(
        label=_("Address"),
        max_length=1000,
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        help_text=_(
            "The incoming webhook of a Slack, Discord or Google Chat room, or any https address that takes JSON. "
            "Whoever has it can write there: it is kept sealed and never shown whole again."
        ),
    )
    events = events_field()

    class Meta:
        model = AlertChannel
        fields = ("name", "connection")
        error_messages = {"name": {"unique": _("Another channel has this name.")}}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.order_fields(["name", "url", "connection", "events"])
        self.fields["events"].required = True
        self.fields["events"].initial = list(Event.values)
        connection = cast("forms.ModelChoiceField", self.fields["connection"])
        connection.queryset = Connection.objects.exclude(state=Connection.State.ARCHIVED)
        connection.empty_label = str(_("All connections"))
        self.helper = ConsoleFormHelper()

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        try:
            channels.keep(self.instance, url)
        except Misconfigured as refusal:
            raise forms.ValidationError(refusal.message) from None
        return url

    def save(self, commit: bool = True) -> AlertChannel:
        self.instance.events = self.cleaned_data["events"]
        return cast("AlertChannel", super().save(commit))
