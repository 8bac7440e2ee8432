"""Finds rows of a plan: by what would happen, by record, by value, by field. A plan is one run's rows, so it may be counted."""

import json
from collections.abc import Mapping
from typing import Any

from django import forms
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count, Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from ..models import PlannedChange
from ..models.journal import Action
from ..tallies import SENT
from .forms import Choices, FilterForm, search_field
from .names import field_labels

WRITES = (Action.CREATE, Action.LINK, Action.UPDATE, Action.CHURN, Action.UNCHURN, Action.GONE, Action.DELETE)
"""What applying the plan changes in the hub."""
GOES_OUT = Q(action__in=SENT) | ~Q(outward={})
"""What it writes to the CRM, alone or beside a change here; all else is listed."""
TABS: Mapping[str, tuple[str | Promise, Q]] = {
    "changes": (_("What changes"), Q(action__in=WRITES) | GOES_OUT),
    "sent": (_("Sent"), GOES_OUT),
    "created": (_("Created"), Q(action=Action.CREATE)),
    "linked": (_("Linked"), Q(action=Action.LINK)),
    "twins": (_("Same name here"), Q(action=Action.CREATE, said__contains='"same-name"')),
    "updated": (_("Updated"), Q(action__in=[Action.UPDATE, Action.UNCHURN])),
    "erasures": (_("Erasures"), Q(erases=True)),
    "held": (_("A sync would hold"), Q(is_held=True)),
    "churned": (_("Churned and gone"), Q(action__in=[Action.CHURN, Action.GONE])),
    "deleted": (_("Deleted"), Q(action=Action.DELETE)),
    "person": (_("Needs a person"), Q(action__in=[Action.COLLISION, Action.REFUSE, Action.ASK]) | ~Q(asks={})),
    "excluded": (_("Excluded"), Q(action=Action.EXCLUDE)),
}
DEFAULT_TAB = "changes"


class PlanSearch(FilterForm):
    q = search_field(_("Name, CRM ID or value"))
    object = forms.ChoiceField(label=_("Data type"), required=False)
    field = forms.ChoiceField(label=_("Field"), required=False)
    reason = forms.CharField(required=False, max_length=60, widget=forms.HiddenInput)
    show = forms.CharField(required=False, max_length=20, widget=forms.HiddenInput)

    def __init__(self, *args: Any, fields: list[tuple[str, Any]], objects: Choices, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("object", objects)
        self.offer("field", fields)

    @property
    def tab(self) -> str:
        shown = str(self.asked.get("show", DEFAULT_TAB))
        return shown if shown in TABS else DEFAULT_TAB

    def matching(self, rows: QuerySet[PlannedChange]) -> QuerySet[PlannedChange]:
        asked = self.asked
        rows = _with_notes(rows).filter(TABS[self.tab][1])
        if "q" in asked:
            rows = _holding(rows, asked["q"])
        if "object" in asked:
            rows = rows.filter(object=asked["object"])
        if "field" in asked:
            rows = rows.filter(fields__contains=f" {asked['field']} ")
        return rows.filter(reason_code=asked["reason"]) if "reason" in asked else rows


def tab_counts(rows: QuerySet[PlannedChange]) -> dict[str, int]:
    counts: dict[str, int] = _with_notes(rows).aggregate(
        **{name: Count("pk", filter=where) for name, (_l, where) in TABS.items()}
    )
    return {**counts, "touched": counts["updated"] + counts["linked"]}


def _with_notes(rows: QuerySet[PlannedChange]) -> QuerySet[PlannedChange]:
    return rows.annotate(said=Cast("notes", TextField()))


def field_choices(rows: QuerySet[PlannedChange]) -> list[tuple[str, str]]:
    """Only fields that the plan touches, each with its number of rows."""
    labels = {name: label for (_entity, name), label in reversed(field_labels().items())}
    wanted = {f"f{n}": Count("pk", filter=Q(fields__contains=f" {name} ")) for n, name in enumerate(labels)}
    counts = rows.aggregate(**wanted)
    found = [(name, str(label), counts[f"f{n}"]) for n, (name, label) in enumerate(labels.items())]
    return [
        (name, f"{label} ({intcomma(number)})") for name, label, number in sorted(found, key=lambda f: -f[2]) if number
    ]


def _holding(rows: QuerySet[PlannedChange], words: str) -> QuerySet[PlannedChange]:
    # SQLite keeps JSON as it was written, with escapes; PostgreSQL shows it with the characters themselves.
    escaped = json.dumps(words)[1:-1]
    rows = rows.annotate(was=Cast("before", TextField()), becomes=Cast("after", TextField()))
    found = Q(name__icontains=words) | Q(source_id=words)
    for spelling in {words, escaped}:
        found |= Q(was__icontains=spelling) | Q(becomes__icontains=spelling)
    return rows.filter(found)
