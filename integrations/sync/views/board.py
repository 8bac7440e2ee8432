"""The status board: a light and a lag for every data type, what needs a person, and what the last days brought."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models import Count
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_GET, require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.hub.fields import INTERACTION_TYPES
from integrations.hub.models import Contact, Customer

from .. import charts, guide, lights, matters, runs
from ..models import RECORDED, Block, Connection, DailyTotal, Mode, RecordLink, Run
from ..models.journal import Action
from ..nouns import causes, writes
from ..registry import system_of
from ..situation import Situation, live_of, situation_of
from .runs import listed

ALWAYS = ("customers", "contacts")
"""Every connection has them; the other columns stand where one carries the data type."""
LATEST = 6
Column = tuple[str | Promise, tuple[str, ...]]
"""Its label, and the data types that it shows."""


@dataclass(frozen=True, slots=True)
class LightRow:
    connection: Connection
    short: str
    by_object: Sequence[tuple[str, lights.Light | None]]
    """Per column, by its label; None: the system does not offer the data type."""
    completeness: lights.Light
    gauge: charts.Gauge | None


@requires(Permission.ENTER)
@require_GET
def board(request: SignedInRequest) -> HttpResponse:
    if not request.user.may(Permission.SEE_RUNS):
        return redirect("hub:customers")
    situation = situation_of(request)
    steps = guide.steps(situation.connections)
    if steps is not None:
        return render(request, "sync/welcome.html", {"steps": steps, "offers": guide.offers()})
    blocks = _blocks(situation)
    columns = _columns(blocks)
    found = matters.matters(situation)
    return render(
        request,
        "sync/board.html",
        {
            "now": situation.now,
            "workers": situation.workers,
            "stats": _stats(situation, [block for own in blocks.values() for block in own.values()]),
            "matters": found,
            "columns": [label for label, _names in columns],
            "light_rows": [_light_row(situation, one, blocks, columns) for one in situation.connections],
            "chart": charts.daily_chart(charts.days_until(timezone.localdate())),
            "latest": [listed(run) for run in Run.objects.select_related("connection")[:LATEST]],
        },
    )


@requires(Permission.SEE_RUNS)
@require_GET
def needs(request: SignedInRequest) -> HttpResponse:
    situation = situation_of(request)
    return render(request, "sync/needs.html", {"matters": matters.matters(situation), "now": situation.now})


@requires(Permission.RUN_SYNC)
@require_POST
def sync_all(request: SignedInRequest) -> HttpResponse:
    asked = 0
    for connection in Connection.objects.filter(state=Connection.State.ON):
        try:
            run = runs.request_run(connection, Run.Kind.DELTA, by=request.user.label)
        except runs.RunRefused as refusal:
            messages.info(request, f"{connection}: {refusal}")
        else:
            asked += 1
            audit.record(request, "started a run", connection, note=f"run {run.pk}")
    messages.success(request, ngettext("%(n)s sync begins.", "%(n)s syncs begin.", asked) % {"n": asked})
    return redirect("sync:board")


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def pause_all(request: SignedInRequest) -> HttpResponse:
    paused = 0
    for connection in Connection.objects.filter(state=Connection.State.ON):
        # Somebody else may have paused it a moment ago: then there is nothing left to do.
        with suppress(runs.RunRefused):
            runs.pause(connection, request.user.label)
            paused += 1
    text = ngettext("%(n)s connection rests.", "%(n)s connections rest.", paused) % {"n": paused}
    messages.success(request, f"{text} {_('Nothing is read or written until you resume.')}")
    return redirect("sync:board")


def _blocks(situation: Situation) -> Mapping[int, dict[str, Block]]:
    found: dict[int, dict[str, Block]] = {}
    for block in Block.objects.filter(connection__in=[c.pk for c in situation.connections]):
        found.setdefault(block.connection_id, {})[block.object] = block
    return found


def _columns(blocks: Mapping[int, dict[str, Block]]) -> list[Column]:
    """One for each data type that somebody carries; the kinds of interactions share one."""
    carried = {name for own in blocks.values() for name, block in own.items() if block.mode != Mode.DISABLED}
    shown = [kind for kind in RECORDED if kind in ALWAYS or kind in carried]
    single = [(kind.label, (kind.value,)) for kind in shown if kind not in INTERACTION_TYPES]
    kinds = tuple(kind.value for kind in shown if kind in INTERACTION_TYPES)
    return [*single, (_("Interactions"), kinds)] if kinds else list(single)


def _light_row(
    situation: Situation, connection: Connection, blocks: Mapping[int, dict[str, Block]], columns: Sequence[Column]
) -> LightRow:
    own, around = blocks.get(connection.pk, {}), situation.runs.get(connection.pk, ())
    abilities = system_of(connection.system).abilities
    offered = {ability.object for ability in abilities.objects}
    held = {name for run in around for name in situation.held.get(run.pk, ())}
    shown = [
        (
            str(label),
            lights.gravest(
                lights.of_block(connection, own.get(name), around, situation.now, held)
                for name in names
                if name in offered
            ),
        )
        for label, names in columns
    ]
    completeness = lights.of_completeness(list(own.values()))
    gauge = charts.gauge_of(live_of(connection), connection.reserve_percent, abilities.window)
    return LightRow(connection, abilities.short, shown, completeness, gauge)


def _stats(situation: Situation, blocks: Sequence[Block]) -> list[dict[str, Any]]:
    excluded = dict(
        RecordLink.objects.filter(
            connection__in=[c.pk for c in situation.connections], object__in=ALWAYS, state=RecordLink.State.EXCLUDED
        )
        .values_list("object")
        .annotate(Count("pk"))
        .order_by()
    )
    today = list(
        DailyTotal.objects.filter(day=timezone.localdate()).values_list("object", "action", "outcome", "number")
    )
    return [
        _population(_("Customers"), Customer.objects.count(), _new(today, "customers"), excluded.get("customers", 0)),
        _population(_("Contacts"), Contact.objects.count(), _new(today, "contacts"), excluded.get("contacts", 0)),
        _changes(today),
        _errors(situation),
        _complete(blocks),
    ]


def _new(today: Sequence[tuple[str, str, str, int]], object_name: str) -> int:
    return sum(n for name, action, outcome, n in today if (name, action, outcome) == (object_name, "create", "done"))


def _population(label: str, number: int, new: int, excluded: int) -> dict[str, Any]:
    note = _("+%(new)s today, %(excluded)s excluded") % {"new": intcomma(new), "excluded": intcomma(excluded)}
    return {"label": label, "figure": intcomma(number), "note": note}


def _changes(today: Sequence[tuple[str, str, str, int]]) -> dict[str, Any]:
    done = [(action, n) for _name, action, outcome, n in today if action in charts.INTO_HUB and outcome == "done"]
    created = sum(n for action, n in done if action == Action.CREATE)
    total = sum(n for _action, n in done)
    note = _("%(created)s created, %(other)s changed") % {
        "created": intcomma(created),
        "other": intcomma(total - created),
    }
    return {"label": _("Changes today"), "figure": intcomma(total), "note": note}


def _errors(situation: Situation) -> dict[str, Any]:
    failing = [t for t in situation.troubles if t.state == RecordLink.State.FAILING]
    refused = sum(trouble.number for trouble in failing)
    writes_by_connection: list[int] = [one.unsent or 0 for one in situation.connections]  # type: ignore[attr-defined]
    unsent = sum(writes_by_connection)
    if not refused + unsent:
        return {"label": _("Errors"), "figure": "0", "note": _("no record is refused"), "state": "ok"}
    note = _("%(writes)s not taken") % {"writes": writes(unsent)} if unsent else causes(len(failing))
    return {"label": _("Errors"), "figure": intcomma(refused + unsent), "note": note, "state": "bad"}


def _complete(blocks: Sequence[Block]) -> dict[str, Any]:
    light = lights.of_completeness(blocks)
    read = [b for b in blocks if b.unexplained is not None and b.mode != Mode.DISABLED]
    counted = sum(block.counted or 0 for block in read)
    missing = sum(abs(block.unexplained or 0) for block in read)
    figure = intcomma(counted - missing) if read else _("not yet")
    return {"label": light.word, "figure": figure, "note": light.lag, "state": light.state}
