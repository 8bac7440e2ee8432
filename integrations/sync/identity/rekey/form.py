"""What a person says of a re-key: which rows, where the new IDs come from, whose they are, and whose give way."""

from typing import Any, cast

from django import forms
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from accounts.layout import ConsoleFormHelper

from ...models import Connection, DataType, ReKey
from .choosing import OBJECTS, owners
from .offered import fields_offered

Named = list[tuple[str, "str | Promise"]]


class ReKeyForm(forms.Form):
    object = forms.ChoiceField(label=_("Which rows"), choices=[(one.value, one.label) for one in OBJECTS])
    source = forms.ChoiceField(label=_("Where the new IDs come from"), choices=ReKey.Source.choices)
    field = forms.ChoiceField(label=_("Field that holds them"), required=False)
    file = forms.FileField(
        label=_("File"),
        required=False,
        help_text=_("CSV, two columns: the old ID, then the new one. Titles are passed over."),
    )
    connection = forms.ChoiceField(
        label=_("Whose IDs the new ones are"),
        required=False,
        help_text=_("From then on this connection owns them: it recognises by them, and it alone changes them."),
    )
    replaces = forms.ChoiceField(
        label=_("Whose IDs give way"),
        required=False,
        help_text=_("IDs of other connections stay, and are listed. What was typed or imported always gives way."),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        connections = list(Connection.objects.exclude(state=Connection.State.DRAFT).order_by("order", "name"))
        named: Named = [(one.slug, one.name) for one in connections]
        owning = {owner for name in OBJECTS for owner, _number in owners(name)}
        own: Named = [
            (key, _("%(field)s of %(rows)s") % {"field": name, "rows": DataType(object_name).label.lower()})
            for object_name in OBJECTS
            for key, name in fields_offered(object_name)
        ]
        self._choices("field", [("", _("No field")), *own])
        self._choices("connection", [("", _("No connection’s")), *named])
        self._choices(
            "replaces", [("", _("Only what nobody owns")), *((o.slug, o.name) for o in connections if o.pk in owning)]
        )

        self.helper = ConsoleFormHelper()

    def _choices(self, name: str, choices: Named) -> None:
        cast("forms.ChoiceField", self.fields[name]).choices = choices

    def connection_of(self, name: str) -> Connection | None:
        slug = self.cleaned_data.get(name)
        return Connection.objects.filter(slug=slug).first() if slug else None
