"""Finds calls of a run by how they ended, and by what they were for."""

from typing import Any

from django import forms
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from ..calls import KINDS
from ..models import ApiCall
from .forms import FilterForm

STATUSES = (
    ("failed", _("Failed")),
    ("200", _("200 to 299, done")),
    ("300", _("300 to 399, elsewhere")),
    ("400", _("400 to 499, refused")),
    ("500", _("500 to 599, broken over there")),
    ("none", _("No answer")),
)
SPAN = 100


class CallSearch(FilterForm):
    status = forms.ChoiceField(label=_("Status"), required=False)
    kind = forms.ChoiceField(label=_("Asked for"), required=False)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("status", STATUSES)
        self.offer("kind", KINDS.items())

    def matching(self, calls: QuerySet[ApiCall]) -> QuerySet[ApiCall]:
        if not self.is_valid():
            return calls.none()
        asked = self.asked
        if "kind" in asked:
            calls = calls.filter(kind=asked["kind"])
        match asked.get("status"):
            case None:
                return calls
            case "failed":
                return calls.filter(has_failed=True)
            case "none":
                return calls.filter(status=0)
            case span:
                return calls.filter(status__gte=int(span), status__lt=int(span) + SPAN)
