"""What every filter form of these pages shares: GET, small controls, and a wish that cannot be read filters nothing out silently."""

from collections.abc import Iterable
from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models import RECORDED, Connection

ANY = ("", _("Any"))
OBJECTS = [(kind.value, kind.label) for kind in RECORDED]
Choices = Iterable[tuple[str, "str | Promise"]]


class FilterForm(forms.Form):
    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.widget.attrs["class"] = "form-select" if isinstance(field.widget, forms.Select) else "form-control"

    @property
    def asked(self) -> dict[str, Any]:
        """Only what was filled in and understood."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value not in (None, "")}

    def offer(self, name: str, choices: Choices) -> None:
        self.fields[name].choices = [ANY, *choices]  # type: ignore[attr-defined]


def search_field(placeholder: str | Promise) -> forms.CharField:
    widget = forms.TextInput(attrs={"type": "search", "placeholder": placeholder})
    return forms.CharField(label=_("Find"), required=False, max_length=200, widget=widget)


def objects_of(connection: Connection) -> Choices:
    """The data types that a connection has, in their usual order; one that is disabled may still have rows."""
    had = set(connection.blocks.values_list("object", flat=True))
    return [(name, label) for name, label in OBJECTS if name in had]


def connection_choices() -> Choices:
    return Connection.objects.values_list("slug", "name")


def begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())


def end_of(day: date) -> datetime:
    return begin_of(day + timedelta(days=1))
