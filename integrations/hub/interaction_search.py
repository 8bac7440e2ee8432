"""The search form of the list of interactions: GET, so that every view of the list is a link."""

from datetime import date, datetime, time, timedelta
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.days import day_field
from integrations.engine.compare import fold

from .models import Interaction
from .search import ANY, Search


class InteractionSearch(Search):
    type = forms.ChoiceField(label=_("What"), required=False, choices=[ANY, *Interaction.Type.choices])
    direction = forms.ChoiceField(
        label=_("Who reached out"),
        required=False,
        choices=[ANY, ("in", _("The customer")), ("out", _("The team")), ("unsaid", _("Not said"))],
    )
    origin = forms.ChoiceField(
        label=_("Origin"), required=False, choices=[ANY, ("hand", _("Typed here")), ("captured", _("Captured"))]
    )
    first = day_field(_("From"))
    last = day_field(_("To"))
    customer = forms.IntegerField(required=False, min_value=1, max_value=10**18, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = _("Subject, customer or external ID")

    def matching(self, rows: QuerySet[Interaction]) -> QuerySet[Interaction]:
        if not self.is_valid():
            return rows.none()
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(_words(asked["q"]))
        if asked["direction"]:
            rows = rows.filter(is_incoming={"in": True, "out": False}.get(asked["direction"]))
        if asked["first"]:
            rows = rows.filter(starts_at__gte=_begin_of(asked["first"]))
        if asked["last"]:
            rows = rows.filter(starts_at__lt=_begin_of(asked["last"] + timedelta(days=1)))
        return rows.filter(**{name: asked[name] for name in ("type", "origin", "customer") if asked[name]})


def _words(value: str) -> Q:
    return Q(subject__icontains=value) | Q(customer__name_key__contains=fold(value)) | Q(ref_id=value)


def _begin_of(day: date) -> datetime:
    return datetime.combine(day, time.min, timezone.get_current_timezone())
