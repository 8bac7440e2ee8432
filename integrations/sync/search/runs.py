"""Finds runs by connection, state, kind and day."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from accounts.days import day_field

from ..models import Run
from .forms import FilterForm, begin_of, connection_choices, end_of


class RunSearch(FilterForm):
    connection = forms.ChoiceField(label=_("Connection"), required=False)
    state = forms.ChoiceField(label=_("State"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    day = day_field(_("Day"))

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("connection", connection_choices())
        self.offer("state", Run.State.choices)
        self.offer("kind", Run.Kind.choices)

    def matching(self, runs: QuerySet[Run]) -> QuerySet[Run]:
        if not self.is_valid():
            return runs.none()
        asked = self.asked
        if "connection" in asked:
            runs = runs.filter(connection__slug=asked["connection"])
        if "day" in asked:
            runs = runs.filter(created_at__gte=begin_of(asked["day"]), created_at__lt=end_of(asked["day"]))
        return runs.filter(**{name: asked[name] for name in ("state", "kind") if name in asked})
