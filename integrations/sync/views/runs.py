"""The list of runs, one run, and what may be done to it."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.paginator import Paginator
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.paging import PAGE_SIZE, newest_first
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest

from .. import runs as actions
from ..calls import calls_in_words
from ..drift_words import lines_told, say
from ..durations import spoken as spoken_span
from ..lines import lines_of
from ..models import Change, Connection, PlannedChange, Run
from ..models.journal import Action
from ..notes import notes_of
from ..onsets import onset_of_run
from ..progress import progress_of
from ..registry import system_of
from ..repair import Repair, of_run
from ..search.runs import RunSearch
from ..tallies import came_of_it, sum_of, tallies_of, to_compare
from ..waiting import wait_in_words, waits_until
from .versions import address_of

STATES = {
    Run.State.QUEUED: "pause",
    Run.State.RUNNING: "run",
    Run.State.WAITING: "quota",
    Run.State.HELD: "brake",
    Run.State.DONE: "ok",
    Run.State.FAILED: "bad",
    Run.State.CANCELLED: "pause",
}
"""Keys of accounts.vocabulary.STATES; the word is the run's own."""


@requires(Permission.SEE_RUNS)
@require_GET
def run_list(request: SignedInRequest) -> HttpResponse:
    search = RunSearch(request.GET)
    page = newest_first(
        search.matching(Run.objects.select_related("connection")),
        before=request.GET.get("before", ""),
        after=request.GET.get("after", ""),
    )
    return render(request, "sync/runs.html", {"search": search, "page": page, "rows": [listed(r) for r in page.rows]})


def listed(run: Run) -> dict[str, Any]:
    return {
        "run": run,
        "short": system_of(run.connection.system).abilities.short,
        "state": STATES[Run.State(run.state)],
        "took": spoken_span(run.finished_at - run.started_at) if run.finished_at and run.started_at else "",
        "outcome": came_of_it(run) if run.state in {Run.State.DONE, Run.State.HELD} else _why(run),
    }


def _why(run: Run) -> str:
    found = _repair(run)
    return found.why if found else ""


def _repair(run: Run) -> Repair | None:
    """What a run that works again met before is over: it would only frighten."""
    return None if run.state == Run.State.RUNNING else of_run(run)


@requires(Permission.SEE_RUNS)
@require_GET
def run_page(request: SignedInRequest, pk: int) -> HttpResponse:
    run = get_object_or_404(Run.objects.select_related("connection", "preview"), pk=pk)
    if run.kind == Run.Kind.PREVIEW:
        return redirect("sync:preview", pk=pk)
    return render(
        request,
        "sync/run.html",
        run_context(run)
        | {
            "causes": _causes(run),
            "notes": notes_of(run),
            "held": _held(run, request.GET.get("page")),
            "rested": rested(run),
            **_onset(run),
            **_taking_back(run),
        },
    )


def rested(run: Run) -> list[tuple[str, str]]:
    """Mapping lines that the run left aside, in words, each with its place in the mapping."""
    if run.kind == Run.Kind.UNDO:
        return []
    until = run.finished_at or timezone.now()
    lines = [told for told in lines_told([run.connection_id]) if told.rests and told.since <= until]
    slug = run.connection.slug
    return [
        (say(told.as_details), f"{reverse('sync:mapping', args=[slug, told.object])}#row-{told.hub_field}")
        for told in lines
    ]


def _onset(run: Run) -> dict[str, Any]:
    found = onset_of_run(run)
    return {"onset": found, "onset_url": address_of(run.connection, found.version)} if found else {}


def _taking_back(run: Run) -> dict[str, Any]:
    """Whether the run wrote anything, by its own counts; the page behind the button says the rest."""
    undone_by = run.undone_by.exclude(state__in=[Run.State.FAILED, Run.State.CANCELLED]).first()
    wrote = sum(number for key, number in run.counts.items() if key.endswith((".applied.done", ".sent.done")))
    is_over = not run.is_active and run.kind != Run.Kind.UNDO
    return {"undone_by": undone_by, "may_undo": bool(wrote) and is_over and undone_by is None}


def run_context(run: Run) -> dict[str, Any]:
    progress = progress_of(run) if run.is_active else None
    left = timedelta(seconds=progress.seconds_left) if progress and progress.seconds_left else None
    return {
        "run": run,
        "connection": run.connection,
        "short": system_of(run.connection.system).abilities.short,
        "system": system_of(run.connection.system).abilities.label,
        "state": STATES[Run.State(run.state)],
        "phases": _phases(run),
        "progress": progress,
        "rate": _rate(progress.rate_per_second) if progress and progress.rate_per_second else "",
        "time_left": spoken_span(left) if left else "",
        "ends_at": timezone.now() + left if left else None,
        "took": spoken_span(run.finished_at - run.started_at) if run.finished_at and run.started_at else "",
        "sum": sum_of(run),
        "tallies": tallies_of(run),
        "compared": to_compare(run),
        "repair": _repair(run),
        "waits_until": waits_until(run, timezone.now()),
        "calls_by_kind": calls_in_words(run),
    }


@requires(Permission.SEE_RUNS)
@require_GET
def run_live(request: SignedInRequest, pk: int) -> HttpResponse:
    """Only the numbers, for the page that shows them; when the run is over, the page itself is asked for again."""
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk)
    template = "sync/run_said.html" if request.GET.get("part") == "said" else "sync/run_live.html"
    response = render(request, template, run_context(run))
    if not run.is_active and request.htmx:
        response["HX-Refresh"] = "true"
    return response


def _rate(per_second: float) -> str:
    return intcomma(round(per_second)) if per_second >= 10 else formats.number_format(round(per_second, 1), 1)


def _phases(run: Run) -> list[dict[str, Any]]:
    """Read, decide, apply: which is done, which is under way, which only a person begins."""
    order = [Run.Phase.READ, Run.Phase.DECIDE, Run.Phase.APPLY]
    at = order.index(Run.Phase(run.phase)) if run.phase in order else len(order)
    finished = run.state in {Run.State.DONE, Run.State.HELD}
    return [
        {
            "number": n + 1,
            "label": phase.label,
            "is_done": finished or n < at,
            "is_now": n == at and run.is_active,
            "is_asked_for": run.kind == Run.Kind.PREVIEW and phase == Run.Phase.APPLY,
        }
        for n, phase in enumerate(order)
    ]


def _causes(run: Run) -> list[dict[str, Any]]:
    """What the run refused, grouped by cause, each with one record as its example."""
    refused = Change.objects.filter(run_id=run.pk).filter(
        Q(action=Action.REFUSE) | Q(outcome=Change.Outcome.REFUSED) | Q(action=Action.COLLISION)
    )
    groups = list(
        refused.values("object", "action", "reason_code")
        .annotate(number=Count("pk"), sample=Max("pk"))
        .order_by("-number", "reason_code")
    )
    samples = {
        line.row.pk: line for line in lines_of(list(Change.objects.filter(pk__in=[g["sample"] for g in groups])))
    }
    return [{**group, "line": samples[group["sample"]]} for group in groups]


def _held(run: Run, asked: str | None) -> dict[str, Any] | None:
    if run.state != Run.State.HELD:
        return None
    waiting = PlannedChange.objects.filter(run_id=run.pk, is_held=True).order_by("rank", "pk")
    page = Paginator(waiting, PAGE_SIZE).get_page(asked)
    return {"lines": lines_of(list(page)), "page": page, "number": page.paginator.count}


def _act(
    request: SignedInRequest, pk: int, act: Callable[[Run, str], object], verb: str, said: str, to: str = "sync:run"
) -> HttpResponse:
    """An act without a verb is audited by itself."""
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk)
    try:
        started = act(run, request.user.label)
    except actions.RunRefused as refusal:
        messages.error(request, str(refusal))
        return redirect(to, pk=pk)
    if verb:
        audit.record(request, verb, run.connection, note=f"run {run.pk}")
    messages.success(request, said)
    return redirect("sync:run", pk=started.pk) if isinstance(started, Run) else redirect(to, pk=pk)


def _if_held(act: Callable[[Run, str], object]) -> Callable[[Run, str], object]:
    """Somebody else may have decided while this page stood open."""

    def guarded(run: Run, by: str) -> object:
        if run.state != Run.State.HELD:
            raise actions.RunRefused(_("Nothing of this run is held any more."))
        return act(run, by)

    return guarded


@requires(Permission.RUN_SYNC)
@require_POST
def cancel(request: SignedInRequest, pk: int) -> HttpResponse:
    said = _("The run stops after its present slice. What was applied stays, what was not is left as it is.")
    return _act(request, pk, actions.cancel, "stopped a run", said)


@requires(Permission.RUN_SYNC)
@require_POST
def try_now(request: SignedInRequest, pk: int) -> HttpResponse:
    said = _("The run asks again now. Where it is refused again, it waits anew and loses nothing.")
    return _act(request, pk, actions.try_now, "", said)


@requires(Permission.RUN_SYNC)
@require_POST
def apply(request: SignedInRequest, pk: int) -> HttpResponse:
    said = _("Exactly these rows are applied. A row whose source has moved since is refused and listed.")
    return _act(request, pk, actions.apply_preview, "applied a preview", said, "sync:preview")


@requires(Permission.RUN_SYNC)
@require_POST
def release(request: SignedInRequest, pk: int) -> HttpResponse:
    said = _("The held rows are applied now, each only if it still stands as you saw it.")
    return _act(request, pk, _if_held(actions.release_held), "released held rows", said)


@requires(Permission.RUN_SYNC)
@require_POST
def drop(request: SignedInRequest, pk: int) -> HttpResponse:
    said = _("The held rows are dropped. Nothing is written for them, and later runs do not ask about them again.")
    return _act(request, pk, _if_held(actions.drop_held), "dropped held rows", said)


@requires(Permission.RUN_SYNC)
@require_POST
def discard(request: SignedInRequest, pk: int) -> HttpResponse:
    """A preview that is still reading stops; a finished one loses its rows. Neither has written anything."""
    run = get_object_or_404(Run.objects.select_related("connection"), pk=pk, kind=Run.Kind.PREVIEW)
    # Without rows and still "done" it would read as a preview in which nothing changes.
    Run.objects.filter(pk=pk, state=Run.State.DONE).update(state=Run.State.CANCELLED)
    actions.discard(run, request.user.label)
    audit.record(request, "discarded a preview", run.connection, note=f"run {pk}")
    messages.success(request, _("The preview was discarded. Nothing had been written."))
    return redirect("sync:connection", slug=run.connection.slug)


@requires(Permission.RUN_SYNC)
@require_POST
def sync_now(request: SignedInRequest, slug: str) -> HttpResponse:
    connection = get_object_or_404(Connection, slug=slug)
    kind = request.POST.get("kind", "")
    if kind not in {Run.Kind.DELTA, Run.Kind.FULL, Run.Kind.PREVIEW, Run.Kind.FIRST}:
        kind = Run.Kind.DELTA
    try:
        run = actions.request_run(connection, kind, by=request.user.label)
    except actions.RunRefused as refusal:
        messages.error(request, f"{refusal} {_how_it_waits(refusal.run)}".strip())
        active = refusal.run
        return redirect("sync:run", pk=active.pk) if active else redirect("sync:connection", slug=slug)
    audit.record(request, "started a run", connection, note=f"{run.get_kind_display()}, run {run.pk}")
    return redirect("sync:preview" if run.kind == Run.Kind.PREVIEW else "sync:run", pk=run.pk)


def _how_it_waits(active: Run | None) -> str:
    now = timezone.now()
    until = waits_until(active, now) if active else None
    if active is None or until is None:
        return ""
    return f"{wait_in_words(active, until, now)} {_('“Try now” lets it ask at once.')}"
