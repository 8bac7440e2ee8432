from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.db import transaction
from django.db.models import prefetch_related_objects
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from accounts import audit
from accounts.permissions import Permission, requires
from accounts.requests import SignedInRequest
from integrations.sync.models import RECORDED, DataType, Mode

from .. import lights, runs
from ..charts import gauge_of
from ..configuration import in_words, save_version, scope_in_words
from ..connector import ObjectAbility
from ..forecast import forecast_of
from ..forms_connection import ScheduleForm, policies_of
from ..ids_only import said_mode
from ..models import Block, Connection, Run
from ..registry import Registered, system_of, systems
from ..repair import of_connection
from ..situation import Situation, live_of, situation_of
from ..waiting import wait_in_words, waits_until

VERSIONS = 3


@dataclass(frozen=True, slots=True)
class ConnectionLine:
    connection: Connection
    short: str
    light: lights.Light
    blocks: list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class BlockLine:
    ability: ObjectAbility
    label: str
    block: Block | None
    light: lights.Light
    words: list[str]
    mode: str
    complete: lights.Light | None
    """None: it has no records of its own."""


@requires(Permission.SEE_INTEGRATIONS)
@require_GET
def connections(request: SignedInRequest) -> HttpResponse:
    situation = situation_of(request)
    archived = Connection.objects.filter(state=Connection.State.ARCHIVED)
    context = {
        "lines": [_line(situation, connection) for connection in _with_blocks(situation)],
        "archived": [(system_of(old.system).abilities.short, old) for old in archived],
        "offers": [(system, page_of(system, "start")) for system in systems()],
    }
    return render(request, "sync/connections.html", context)


@requires(Permission.SEE_INTEGRATIONS, to_change=Permission.EDIT_INTEGRATIONS)
@require_http_methods(["GET", "HEAD", "POST"])
def connection(request: SignedInRequest, slug: str) -> HttpResponse:
    found = get_object_or_404(Connection.objects.select_related("live"), slug=slug)
    form = ScheduleForm(request.POST or None, instance=found)
    if request.method == "POST" and form.is_valid():
        _save_schedule(request, form)
        return redirect("sync:connection", slug=slug)
    # A refused form has written into its row; the page shows the row as it is stored.
    shown = Connection.objects.select_related("live").get(pk=found.pk)
    return render(request, "sync/connection.html", {"form": form, **_overview(request, shown)})


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def pause(request: SignedInRequest, slug: str) -> HttpResponse:
    said = _("%(name)s is paused. A sync under way ends within half a minute; nothing is written after that.")
    return _acted(request, slug, runs.pause, said)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def resume(request: SignedInRequest, slug: str) -> HttpResponse:
    said = _("%(name)s goes on. What changed in the meantime comes with the next sync.")
    return _acted(request, slug, runs.resume, said)


@requires(Permission.EDIT_INTEGRATIONS)
@require_POST
def archive(request: SignedInRequest, slug: str) -> HttpResponse:
    said = _("%(name)s is archived. Its customers, its log and its versions stay readable; it syncs no more.")
    return _acted(request, slug, runs.archive, said)


def _acted(request: SignedInRequest, slug: str, act: Callable[..., object], said: str) -> HttpResponse:
    found = get_object_or_404(Connection, slug=slug)
    try:
        act(found, by=request.user.label)
    except runs.RunRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.info(request, said % {"name": found.name})
    return redirect("sync:connection", slug=slug)


def _save_schedule(request: SignedInRequest, form: ScheduleForm) -> None:
    with transaction.atomic():
        # Only these columns: the runner moves others of the same row.
        form.instance.save(update_fields=form.changed_data or ["name"])
        version = save_version(form.instance, request.user, _("Schedule and limits"))
    if version is None:
        messages.info(request, _("Nothing was changed."))
        return
    audit.record(request, audit.Verb.CHANGED, form.instance, after={"changes": version.diff}, note=version.note)
    messages.info(request, "; ".join(version.diff))


def _with_blocks(situation: Situation) -> list[Connection]:
    found = list(situation.connections)
    prefetch_related_objects(found, "blocks__lines")
    return found


def _line(situation: Situation, found: Connection) -> ConnectionLine:
    light = lights.of_connection(found, situation.runs.get(found.pk, ()), situation.now)
    abilities = system_of(found.system).abilities
    blocks = [
        (str(DataType(block.object).label), str(said_mode(block, abilities.of(block.object))))
        for block in found.blocks.all()
    ]
    return ConnectionLine(found, abilities.short, light, blocks)


def _overview(request: SignedInRequest, found: Connection) -> dict[str, Any]:
    situation, registered = situation_of(request), system_of(found.system)
    active = situation.runs.get(found.pk, ())
    live = live_of(found)
    return {
        "connection": found,
        "registered": registered,
        "live": live,
        "light": lights.of_connection(found, active, situation.now),
        "blocks": _block_lines(situation, found),
        "scope": scope_in_words(found),
        "policies": policies_of(found),
        "versions": list(found.versions.all()[:VERSIONS]),
        "last_runs": list(found.runs.all()[:VERSIONS]),
        "wizard_url": page_of(registered, "wizard", found.slug, found.wizard_step),
        "sign_in_url": page_of(registered, "sign_in", found.slug),
        "repair": of_connection(live),
        **_waiting(situation, active),
        "gauge": gauge_of(live, found.reserve_percent, registered.abilities.window),
        "forecast": forecast_of(found, live, situation.now).words(situation.now),
    }


def _waiting(situation: Situation, runs_here: Sequence[Run]) -> dict[str, Any]:
    """The run that waits for its hour, and for what."""
    resting = ((run, waits_until(run, situation.now)) for run in runs_here)
    run, until = next(((run, until) for run, until in resting if until), (None, None))
    if run is None or until is None:
        return {}
    return {"waiting": run, "waits": wait_in_words(run, until, situation.now)}


def _block_lines(situation: Situation, found: Connection) -> list[BlockLine]:
    known = {block.object: block for block in found.blocks.prefetch_related("lines")}
    active = situation.runs.get(found.pk, ())
    lines = []
    for ability in system_of(found.system).abilities.objects:
        block = known.get(ability.object)
        is_recorded = ability.object in RECORDED
        # Scores go out with the customers, so they are as far as those are.
        carrier = block if is_recorded or block is None or block.mode == Mode.DISABLED else known.get("customers")
        lines.append(
            BlockLine(
                ability=ability,
                label=str(DataType(ability.object).label),
                block=block,
                mode=str(said_mode(block, ability)) if block else "",
                light=lights.of_block(found, carrier, active, situation.now),
                words=in_words(block, found.name) if block else [_("Not set up yet.")],
                complete=lights.of_completeness([block] if block else []) if is_recorded else None,
            )
        )
    return lines


def page_of(system: Registered, name: str, *args: str) -> str:
    """The system's own page; empty where it has none of that kind."""
    try:
        return reverse(system.urls[name], args=args) if name in system.urls else ""
    except NoReverseMatch:
        return ""
