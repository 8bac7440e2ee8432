"""The snapshot beside the hub as it is now, for Admins: what differs, and the way back for rows, a field or everything."""

import csv
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_GET, require_POST

from accounts.paging import as_id
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from accounts.templatetags.console import said
from integrations.hub.models import Customer, Stage
from integrations.sync.models import DataType
from integrations.sync.nouns import rows as so_many_rows
from integrations.sync.search.export import Echo, safe
from integrations.sync.search.forms import FilterForm, search_field
from integrations.sync.search.names import field_labels
from integrations.sync.store.hub_rows import FOREIGN

from .. import comparing, restoring
from .. import snapshot as snapshots
from ..models import KeptJob, Move
from ..snapshot import OBJECTS, kept_numbers
from ..snapshot_step import standing_job
from ..steps import ActRefused

PAGES = {"customers": "hub:customer", "contacts": "hub:contact", "agreements": "hub:agreement"}
HEADS = ("parent", "customer")
"""Fields that name another customer."""


class KeptSearch(FilterForm):
    q = search_field(gettext_lazy("Name"))
    object = forms.ChoiceField(label=gettext_lazy("Data type"), required=False)
    field = forms.ChoiceField(label=gettext_lazy("Field"), required=False)

    def __init__(self, data: Any, labels: Mapping[tuple[str, str], Any]) -> None:
        super().__init__(data)
        self.offer("object", [(name, DataType(name).label) for name in OBJECTS])
        asked = self.data.get("object")
        names = {
            name: f"{label}" for (entity, name), label in labels.items()
            if entity in ({asked} if asked in OBJECTS else set(OBJECTS)) and name in comparing.comparable(entity)
        }  # fmt: skip
        self.offer("field", sorted(names.items(), key=lambda pair: str(pair[1]).casefold()))


@requires(Permission.EDIT_INTEGRATIONS)
@require_GET
def snapshot(request: SignedInRequest, pk: int) -> HttpResponse:
    return _shown(request, _move(pk))


@requires(Permission.EDIT_INTEGRATIONS)
@require_GET
def snapshot_csv(request: SignedInRequest, pk: int) -> HttpResponse | StreamingHttpResponse:
    move, labels = _move(pk), field_labels()
    search = KeptSearch(request.GET, labels)
    response = StreamingHttpResponse(_lines(move, search, labels), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="snapshot-{move.pk}.csv"'
    return response


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def restore(request: SignedInRequest, pk: int) -> HttpResponse:
    """`what`: "rows" (the chosen ones), "field" (the one that is filtered by), "all"."""
    move = get_object_or_404(Move, pk=pk, state=Move.State.OPEN)
    search = KeptSearch(request.POST, field_labels())
    asked, what = search.asked, request.POST.get("what", "")
    plan: dict[str, Any] = {name: asked[name] for name in ("object", "field", "q") if name in asked}
    if what == "rows":
        plan["ids"] = [row for text in request.POST.getlist("row") if (row := as_id(text))]
    elif what == "field" and not plan.get("field"):
        messages.error(request, _("Choose the field first. Nothing was changed."))
        return _back(pk, plan)
    elif what not in {"field", "all"}:
        messages.error(request, _("Choose what goes back: rows, a field or everything. Nothing was changed."))
        return _back(pk, plan)
    try:
        done = restoring.restore(move, request.user, plan)
    except ActRefused as refusal:
        messages.error(request, str(refusal))
        return _back(pk, plan)
    if isinstance(done, KeptJob):
        messages.success(
            request,
            _("Up to %(rows)s are being looked at in the background; this page says how far it is.")
            % {"rows": so_many_rows(done.total)},
        )
    else:
        number, left = done
        messages.success(request, _("%(rows)s went back to the snapshot.") % {"rows": so_many_rows(number)})
        for name, why in left:
            messages.error(request, _("%(name)s stays as it is: %(why)s") % {"name": name, "why": why})
    return _back(pk, plan)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def restore_stop(request: SignedInRequest, pk: int) -> HttpResponse:
    return _acted(request, pk, snapshots.give_up)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def restore_go_on(request: SignedInRequest, pk: int) -> HttpResponse:
    return _acted(request, pk, snapshots.go_on)


def _acted(request: SignedInRequest, pk: int, act: Callable[[Move], None]) -> HttpResponse:
    try:
        act(get_object_or_404(Move, pk=pk, state=Move.State.OPEN))
    except ActRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("migration:snapshot", pk=pk)


def _shown(request: SignedInRequest, move: Move) -> HttpResponse:
    labels = field_labels()
    search = KeptSearch(request.GET, labels)
    asked = search.asked
    rows = comparing.kept_rows(move, object_name=asked.get("object", ""), q=asked.get("q", ""))
    found = comparing.differing(rows, field_name=asked.get("field", ""), after=as_id(request.GET.get("after", "")))
    numbers = kept_numbers(move)
    context = {
        "move": move,
        "search": search,
        "asked": asked,
        "query": urlencode(asked),
        "rows": _drawn(found.rows, labels),
        "found": found,
        "numbers": [(DataType(name).label, numbers.get(name, 0)) for name in OBJECTS],
        "kept": sum(numbers.values()),
        "job": standing_job(move, KeptJob.Kind.RESTORE),
        "taking": standing_job(move),
        "field_label": dict(search.fields["field"].choices).get(asked.get("field", "")),  # type: ignore[attr-defined]
        "is_identity": asked.get("field") == comparing.IDENTITY,
    }
    return render(request, "migration/snapshot.html", context)


def _drawn(rows: Sequence[comparing.Difference], labels: Mapping[tuple[str, str], Any]) -> list[dict[str, Any]]:
    stages, heads = dict(Stage.objects.values_list("name", "label")), _heads(rows)
    return [
        {
            "kept": one.kept,
            "is_gone": one.is_gone,
            "type": DataType(one.kept.object).label,
            "url": "" if one.is_gone else reverse(PAGES[one.kept.object], args=[one.kept.hub_id]),
            "fields": [
                (labels.get((one.kept.object, name), name), *(_word(name, value, stages, heads) for value in pair))
                for name, pair in one.fields.items()
            ],
        }
        for one in rows
    ]


def _word(name: str, value: Any, stages: Mapping[str, str], heads: Mapping[str, str]) -> Any:
    if name == "stage":
        return stages.get(str(value), value)
    return heads.get(str(value), value) if name in HEADS else value


def _heads(rows: Iterable[comparing.Difference]) -> dict[str, str]:
    asked = {
        str(value) for one in rows for name, pair in one.fields.items() if name in HEADS for value in pair if value
    }
    ids = [int(value.removeprefix(FOREIGN)) for value in asked]
    found = Customer.objects.filter(pk__in=ids).values_list("pk", "name") if ids else ()
    return {f"{FOREIGN}{pk}": name for pk, name in found}


def _lines(move: Move, search: KeptSearch, labels: Mapping[tuple[str, str], Any]) -> Iterator[str]:
    asked, writer = search.asked, csv.writer(Echo())
    rows = comparing.kept_rows(move, object_name=asked.get("object", ""), q=asked.get("q", ""))
    head = [_("Data type"), _("Name"), _("Hub ID"), _("Field"), _("In the snapshot"), _("Now")]
    yield "\ufeff" + writer.writerow(head)
    for one in comparing.every_difference(rows, asked.get("field", "")):
        record = [one.kept.object, one.kept.name, one.kept.hub_id]
        if one.is_gone:
            yield writer.writerow([safe(cell) for cell in [*record, "", "", _("no longer here")]])
        for name, (then, now) in one.fields.items():
            cells = [*record, labels.get((one.kept.object, name), name), said(then), said(now)]
            yield writer.writerow([safe(cell) for cell in cells])


def _move(pk: int) -> Move:
    return get_object_or_404(Move.objects.select_related("old", "new"), pk=pk)


def _back(pk: int, plan: Mapping[str, Any]) -> HttpResponse:
    query = urlencode({name: plan[name] for name in ("object", "field", "q") if name in plan})
    answer = redirect("migration:snapshot", pk=pk)
    answer["Location"] += f"?{query}" if query else ""
    return answer
