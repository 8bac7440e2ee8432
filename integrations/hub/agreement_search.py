"""The search form of the list of agreements: GET, so that every view of the list is a link."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from integrations.engine.compare import fold

from . import panels
from .models import Agreement
from .search import ANY, NOBODY, Search, held_by

SORTS = {
    "start": "start_date",
    "end": "end_date",
    "customer": "customer__name_key",
    "plan": "plan",
    "revenue": "converted",
    "changed": "updated_at",
}


class AgreementSearch(Search):
    status = forms.ChoiceField(label=_("Status"), required=False, choices=[ANY, *Agreement.Status.choices])
    currency = forms.ChoiceField(label=_("Currency"), required=False)
    revenue = forms.ChoiceField(
        label=_("In the sum"),
        required=False,
        choices=[
            ANY,
            ("counted", _("Counted")),
            ("unconverted", _("No exchange rate")),
            ("unknown", _("No amount")),
            ("elsewhere", _("Counted by another connection")),
        ],
    )
    gone = forms.ChoiceField(
        label=_("In the CRM"), required=False, choices=[ANY, ("no", _("Still there")), ("yes", _("Gone"))]
    )
    source = forms.ChoiceField(label=_("Comes from"), required=False)
    customer = forms.IntegerField(required=False, min_value=1, max_value=10**18, widget=forms.HiddenInput)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["q"].widget.attrs["placeholder"] = _("Plan, customer or external ID")
        used = Agreement.objects.exclude(currency="").order_by("currency").values_list("currency", flat=True)
        self.offer("currency", *((code, code) for code in used.distinct()))
        self.offer("source", (NOBODY, _("No connection")), *panels.desk().connections())

    def matching(self, rows: QuerySet[Agreement]) -> QuerySet[Agreement]:
        """`rows` as `revenue.counted` made them."""
        if not self.is_valid():
            return rows.none()
        asked = self.cleaned_data
        if asked["q"]:
            rows = rows.filter(self._words(asked["q"]))
        for name in ("status", "currency", "customer"):
            if asked[name]:
                rows = rows.filter(**{name: asked[name]})
        if asked["gone"]:
            rows = rows.filter(gone_at__isnull=asked["gone"] == "no")
        if asked["revenue"]:
            rows = rows.filter(_COUNTED[asked["revenue"]])
        return held_by(rows, "agreements", asked["source"]) if asked["source"] else rows

    def _words(self, value: str) -> Q:
        return Q(plan__icontains=value) | Q(customer__name_key__contains=fold(value)) | Q(ref_id__icontains=value)


_COUNTED = {
    "counted": Q(is_counted=True),
    "unconverted": Q(is_unconverted=True),
    "unknown": Q(mrr__isnull=True),
    "elsewhere": Q(is_elsewhere=True),
}
