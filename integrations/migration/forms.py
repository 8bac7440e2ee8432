"""What is asked before a move begins."""

from typing import Any

from django import forms
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.layout import ConsoleFormHelper
from accounts.models import User
from integrations.hubspot.models import SYSTEM
from integrations.sync.models import Connection
from integrations.sync.registry import systems

from .models import Move


class MoveForm(forms.Form):
    old = forms.ModelChoiceField(
        label=gettext_lazy("From"),
        queryset=Connection.objects.none(),
        empty_label=gettext_lazy("Choose the connection that your customers come from"),
        help_text=gettext_lazy("It stays as it is until chapter 3."),
    )
    carrier = forms.EmailField(
        label=gettext_lazy("HubSpot Super Admin who will carry the connection"),
        required=False,
        help_text=gettext_lazy("Their e-mail address in HubSpot. You can also name them later, in chapter 1."),
    )

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        self.fields["old"].queryset = movable()  # type: ignore[attr-defined]
        self.helper = ConsoleFormHelper()

    def clean_old(self) -> Connection:
        old: Connection = self.cleaned_data["old"]
        if Move.objects.filter(old=old, state=Move.State.OPEN).exists():
            raise self.moving_already(old)
        return old

    def moving_already(self, old: Connection) -> forms.ValidationError:
        move = Move.objects.filter(old=old, state=Move.State.OPEN).first()
        text = _("The customers of {name} are moving already: {link}.")
        url = reverse("migration:move", args=[move.pk]) if move else reverse("migration:moves")
        link = format_html('<a href="{}">{}</a>', url, _("open the move"))
        return forms.ValidationError(format_html(text, name=old.name, link=link))

    def begin(self, by: User) -> Move | None:
        """None where somebody else began it at the same moment; the form says so."""
        old = self.cleaned_data["old"]
        try:
            with transaction.atomic():
                return Move.objects.create(old=old, carrier=self.cleaned_data["carrier"], created_by=by.label[:160])
        except IntegrityError:
            self.add_error("old", self.moving_already(old))
            return None


def movable() -> Any:
    """Whatever made customers here and is no HubSpot itself."""
    makers = [one.abilities.system for one in systems() if one.abilities.of("customers").makes_rows]
    states = [Connection.State.ON, Connection.State.PAUSED]
    return Connection.objects.filter(state__in=states, system__in=makers).exclude(system=SYSTEM)
