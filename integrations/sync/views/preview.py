"""A preview: every record and field that would change, why, whether it adds up, and the button that applies exactly this."""

from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.db.models import Count, Max, QuerySet
from django.http import HttpResponseBase
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET

from accounts.paging import PAGE_SIZE
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import runs as actions
from ..configuration import scope_in_words
from ..lines import lines_of, spoken
from ..models import Change, DataType, PlannedChange, Run
from ..models.journal import Action
from ..open_values import open_values_of
from ..registry import system_of
from ..search.export import csv_response
from ..search.forms import objects_of
from ..search.planned import TABS, WRITES, PlanSearch, field_choices, tab_counts
from ..tallies import SENT
from .runs import rested, run_context


@requires(Permission.SEE_RUNS)
@require_GET
def preview(request: SignedInRequest, pk: int) -> HttpResponseBase:
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk, kind=Run.Kind.PREVIEW)
    if run.is_active:
        return render(request, "sync/preview_reading.html", run_context(run))
    planned = PlannedChange.objects.filter(run_id=run.pk)
    search = PlanSearch(request.GET, fields=field_choices(planned), objects=objects_of(run.connection))
    matching = search.matching(planned).order_by("rank", "pk")
    if "csv" in request.GET:
        return csv_response(matching, f"preview-{run.pk}.csv")
    context = run_context(run) | _plan(run, planned, search, matching, request.GET.get("page"))
    return render(request, "sync/preview.html", context)


def _plan(
    run: Run, planned: QuerySet[PlannedChange], search: PlanSearch, matching: QuerySet[PlannedChange], page: str | None
) -> dict[str, Any]:
    counts = tab_counts(planned)
    writes = _writes(planned)
    shown = Paginator(matching, PAGE_SIZE).get_page(page)
    return {
        "search": search,
        "page": shown,
        "lines": lines_of(list(shown)),
        "tabs": _tabs(search, counts),
        "counts": counts,
        "excluded_reasons": _reasons(planned),
        "applied_by": run.applied_by.order_by("-pk").first(),
        "why_not": _why_not(run),
        "number": sum(writes.values()),
        "said": _said(writes, planned.filter(action__in=WRITES).exclude(outward={}).count()),
        "open_values": open_values_of(run),
        "rested": rested(run),
        "came_since": _came_since(run),
        "meetings": _meetings(run),
        **_out_of_scope(run),
    }


def _tabs(search: PlanSearch, counts: dict[str, int]) -> list[dict[str, Any]]:
    kept = {name: value for name, value in search.asked.items() if name not in {"show", "reason"}}
    return [
        {
            "url": f"?{urlencode({**kept, 'show': name})}",
            "label": label,
            "count": counts[name],
            "current": name == search.tab,
        }
        for name, (label, _where) in TABS.items()
        if counts[name] or name in {"changes", search.tab}
    ]


def _why_not(run: Run) -> str:
    """Why this preview cannot be applied any more, in the words that applying it would refuse with."""
    try:
        actions._require_applicable(run)
    except actions.RunRefused as refusal:
        return str(refusal)
    return ""


def _out_of_scope(run: Run) -> dict[str, Any]:
    """What is made in the CRM is read back like all else there: outside of what is read, the next run excludes it."""
    number = run.counts.get(f"{DataType.CUSTOMERS}.{Action.CREATE_OUT}", 0)
    if not number:
        return {}
    read = scope_in_words(run.connection, only=system_of(run.connection.system).scope)
    return {"made_there": number, "read_there": "; ".join(f"{label}: {value}" for label, value in read)}


def _came_since(run: Run) -> int:
    """Customers and contacts that others brought in after this preview looked: some of what it calls new may be they, and waits."""
    new = [name for name in (DataType.CUSTOMERS, DataType.CONTACTS) if run.counts.get(f"{name}.create")]
    if run.state != Run.State.DONE or not new or run.started_at is None:
        return 0
    came = Change.objects.filter(action=Action.CREATE, outcome=Change.Outcome.DONE, object__in=new)
    return came.filter(at__gt=run.started_at).exclude(connection_id=run.connection_id).count()


def _meetings(run: Run) -> list[tuple[str, Any]]:
    """Where its records stand beside the rows that could be theirs."""
    unknown = (Action.CREATE, Action.LINK, Action.COLLISION)
    return [
        (reverse("sync:identity-matches", args=[run.pk, name.value]), name.label)
        for name in (DataType.CUSTOMERS, DataType.CONTACTS)
        if any(run.counts.get(f"{name.value}.{action}") for action in unknown)
    ]


def _reasons(planned: QuerySet[PlannedChange]) -> list[dict[str, Any]]:
    """Why records stay out, the largest reason first, each with one record's parameters to say it in words."""
    groups = list(
        planned.filter(action=Action.EXCLUDE)
        .values("reason_code")
        .annotate(number=Count("pk"), sample=Max("pk"))
        .order_by("-number", "reason_code")
    )
    samples = dict(planned.filter(pk__in=[g["sample"] for g in groups]).values_list("pk", "reason_params"))
    return [{**group, "said": spoken(group["reason_code"], samples[group["sample"]])} for group in groups]


def _writes(planned: QuerySet[PlannedChange]) -> dict[str, int]:
    found = planned.filter(action__in=[*WRITES, *SENT]).values_list("action").annotate(Count("pk")).order_by()
    return {str(action): number for action, number in found}


def _said(writes: dict[str, int], beside: int) -> str:
    """`beside`: rows that change here and in the CRM as well."""
    words = {
        Action.CREATE: _("%(n)s created"),
        Action.LINK: _("%(n)s linked"),
        Action.UPDATE: _("%(n)s updated"),
        Action.UNCHURN: _("%(n)s un-churned"),
        Action.CHURN: _("%(n)s churned"),
        Action.GONE: _("%(n)s gone"),
        Action.DELETE: _("%(n)s deleted here"),
        Action.PUSH: _("%(n)s changed in the CRM"),
        Action.CREATE_OUT: _("%(n)s created in the CRM"),
        Action.DELETE_OUT: _("%(n)s deleted in the CRM"),
    }
    said = [text % {"n": intcomma(writes[action])} for action, text in words.items() if writes.get(action)]
    return ", ".join([*said, *([_("%(n)s of them also in the CRM") % {"n": intcomma(beside)}] if beside else [])])
