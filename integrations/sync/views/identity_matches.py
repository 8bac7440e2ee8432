"""Who would meet whom, before the first write of a connection: a preview's records beside the rows that could be theirs."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.core.paginator import Paginator
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET

from accounts.paging import newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hub.fields import HubField

from ..identity.matches import (
    MEETS,
    OBJECTS,
    OUTCOMES,
    UNKNOWN,
    Meeting,
    compared_fields,
    keys_met,
    meetings,
    met,
    outcome_counts,
)
from ..lines import spoken
from ..models import Block, DataType, PlannedChange, Run
from ..origin import record_url
from ..registry import system_of
from ..search.export import CHUNK, LIMIT, table_response
from ..search.forms import FilterForm, search_field
from .records import hub_url

ON_PAGE = 25
DEFAULT = "all"


class MeetingSearch(FilterForm):
    q = search_field(gettext_lazy("Name, CRM ID or compared value"))
    key = forms.ChoiceField(label=gettext_lazy("By which key"), required=False)
    show = forms.CharField(required=False, max_length=12, widget=forms.HiddenInput)

    def __init__(self, *args: Any, keys: list[str], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offer("key", [(label, label) for label in keys])

    @property
    def tab(self) -> str:
        shown = str(self.asked.get("show", DEFAULT))
        return shown if shown in OUTCOMES else DEFAULT

    def matching(self, rows: QuerySet[PlannedChange]) -> QuerySet[PlannedChange]:
        asked = self.asked
        rows = rows.filter(OUTCOMES[self.tab][1]).order_by("pk")
        if "key" in asked:
            rows = rows.filter(reason_params__label=asked["key"])
        if "q" in asked:
            words = asked["q"]
            rows = rows.filter(Q(name__icontains=words) | Q(source_id=words) | Q(reason_params__value__icontains=words))
        return rows


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def identity_previews(request: SignedInRequest) -> HttpResponse:
    """Previews whose rows are still there."""
    planned = PlannedChange.objects.filter(run_id=OuterRef("pk"), object__in=OBJECTS, action__in=MEETS)
    runs = Run.objects.filter(Exists(planned), kind=Run.Kind.PREVIEW, state=Run.State.DONE).select_related("connection")
    page = newest_first(runs, before=request.GET.get("before", ""), after=request.GET.get("after", ""))
    return render(
        request,
        "sync/identity_previews.html",
        {
            "page": page,
            "rows": [
                {
                    "run": run,
                    "short": system_of(run.connection.system).abilities.short,
                    "types": [
                        (DataType(name).label, reverse("sync:identity-matches", args=[run.pk, name]))
                        for name in OBJECTS
                        if any(run.counts.get(f"{name}.{action}") for action in MEETS)
                    ],
                }
                for run in page.rows
            ],
        },
    )


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def identity_matches(request: SignedInRequest, pk: int, object_name: str) -> HttpResponseBase:
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk, kind=Run.Kind.PREVIEW)
    block = Block.objects.filter(connection=run.connection, object=object_name).first()
    if object_name not in OBJECTS or block is None:
        raise Http404
    rows = met(run, object_name)
    search = MeetingSearch(request.GET, keys=keys_met(rows))
    if "csv" in request.GET:
        return _exported(run, block, search.matching(rows))
    page = Paginator(search.matching(rows), ON_PAGE).get_page(request.GET.get("page"))
    fields = compared_fields(block)
    counts = outcome_counts(rows)
    kept = {name: value for name, value in search.asked.items() if name != "show"}
    return render(
        request,
        "sync/identity_matches.html",
        {
            "run": run,
            "connection": run.connection,
            "system": system_of(run.connection.system).abilities.label,
            "short": system_of(run.connection.system).abilities.short,
            "object": object_name,
            "object_label": DataType(object_name).label,
            "search": search,
            "page": page,
            "fields": fields,
            "is_current": run.version == run.connection.version,
            "rows": [_shown(run, fields, one) for one in meetings(block, list(page.object_list))],
            "tabs": [
                {
                    "url": f"?{urlencode({**kept, 'show': name})}",
                    "label": label,
                    "count": counts[name],
                    "current": name == search.tab,
                }
                for name, (label, _where) in OUTCOMES.items()
                if counts[name] or name in {DEFAULT, search.tab}
            ],
        },
    )


def _shown(run: Run, fields: list[HubField], one: Meeting) -> dict[str, Any]:
    row = one.planned
    merge = reverse("sync:merge", args=[row.object])
    pks = [candidate.hub_id for candidate in one.candidates]
    return {
        "one": one,
        "crm_url": record_url(run.connection, row.object, row.source_id),
        "reason": spoken(row.reason_code, row.reason_params),
        "notes": [spoken(note["code"], note["params"]) for note in row.notes],
        "outcome": row.get_action_display(),
        "values": [(f.label, value, value is UNKNOWN) for f, value in zip(fields, one.values, strict=True)],
        "candidates": [
            (
                candidate,
                hub_url(row.object, candidate.hub_id),
                zip([f.label for f in fields], candidate.values, strict=True),
            )
            for candidate in one.candidates
        ],
        "merge_url": f"{merge}?{urlencode([('row', pk) for pk in pks[:2]])}" if one.are_two_rows_one else "",
    }


def _exported(run: Run, block: Block, rows: QuerySet[PlannedChange]) -> HttpResponseBase:
    """A line for each record and each row here that could be it."""
    fields = compared_fields(block)
    head = [
        _("CRM ID"), _("Record"), _("Outcome"), _("Key"), _("Compared value"), *(_("%(field)s there") % {"field": f.label} for f in fields),
        _("Hub ID"), _("Row here"), _("Found by"), *(_("%(field)s here") % {"field": f.label} for f in fields), _("Why"),
    ]  # fmt: skip

    def lines() -> Iterator[list[Any]]:
        chunk: list[PlannedChange] = []
        for row in rows[:LIMIT].iterator(chunk_size=CHUNK):
            chunk.append(row)
            if len(chunk) == CHUNK:
                yield from _cells(block, chunk)
                chunk = []
        yield from _cells(block, chunk)

    return table_response(head, lines(), f"who-is-who-{run.pk}-{block.object}.csv")


def _cells(block: Block, rows: list[PlannedChange]) -> Iterator[list[Any]]:
    for one in meetings(block, rows):
        row = one.planned
        record = [
            row.source_id,
            row.name,
            row.get_action_display(),
            one.key,
            one.value,
            *("" if value is UNKNOWN else value for value in one.values),
        ]
        why = spoken(row.reason_code, row.reason_params)
        for candidate in one.candidates:
            yield [*record, candidate.hub_id, candidate.name, candidate.how, *candidate.values, why]
        if not one.candidates:
            yield [*record, "", "", "", *("" for _value in one.values), why]
