"""Which light a connection and each of its data types shows, and how far behind it is."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .durations import behind, clock, since
from .models import Block, Connection, ConnectionState, Mode, Run
from .repair import wanted_sign_in
from .situation import live_of

Health = ConnectionState.Health


@dataclass(frozen=True, slots=True)
class Light:
    state: str
    """A key of accounts.vocabulary.STATES."""
    word: str | Promise = ""
    """Empty: the vocabulary's own word."""
    lag: str = ""


GRAVITY = ("key", "bad", "brake", "quota", "run", "pause", "ok", "disabled")


def gravest(lights: Iterable[Light]) -> Light | None:
    """Of several data types that share a place; one that is switched off does not speak for the others."""
    return min(lights, key=lambda light: GRAVITY.index(light.state), default=None)


def of_connection(connection: Connection, runs: Sequence[Run], now: datetime) -> Light:
    """What a person decided first, then the gravest of what is true; a calm connection is in sync."""
    calm = Light("pause", connection.get_state_display()) if connection.state == Connection.State.DRAFT else Light("ok")
    return _resting(connection) or _troubled(connection, runs, now) or _moving(runs, now) or calm


def of_block(
    connection: Connection, block: Block | None, runs: Sequence[Run], now: datetime, held: Collection[str] | None = None
) -> Light:
    """`held` names the data types of which rows wait behind the brake; None: not known, so it shows on each."""
    if block is None or block.mode == Mode.DISABLED:
        return Light("disabled", lag=_("by choice"))
    if held is not None and block.object not in held:
        runs = [run for run in runs if run.state != Run.State.HELD]
    return (
        _resting(connection)
        or _troubled(connection, runs, now)
        or _moving(runs, now, block.object)
        or _caught_up(connection, block, now)
    )


def _troubled(connection: Connection, runs: Sequence[Run], now: datetime) -> Light | None:
    live = live_of(connection)
    held = next((run for run in runs if run.state == Run.State.HELD), None)
    if live.health == Health.SIGN_IN:
        return Light("key", lag=since(live.health_since, now) if live.health_since else "")
    if held:
        return Light("brake", lag=since(held.finished_at or held.created_at, now))
    if live.health in {Health.WRONG, Health.DOWN}:
        return Light("bad", live.get_health_display(), since(live.health_since, now) if live.health_since else "")
    return _failed(runs, now)


def _failed(runs: Sequence[Run], now: datetime) -> Light | None:
    latest = next((run for run in runs if run.slot == Run.Slot.REAL), None)
    if latest is None or latest.state != Run.State.FAILED:
        return None
    if wanted_sign_in(latest):
        # Asked only where somebody has signed in since: it is no failure any more, and nothing is proved yet.
        return Light("quota", gettext_lazy("Signed in again"), _("the next sync tells"))
    return Light("bad", lag=since(latest.finished_at or latest.created_at, now))


def _resting(connection: Connection) -> Light | None:
    if connection.state == Connection.State.PAUSED:
        return Light("pause", lag=_("by a person"))
    if connection.is_archived:
        return Light("pause", connection.get_state_display())
    return None


def _moving(runs: Sequence[Run], now: datetime, object_name: str = "") -> Light | None:
    active = next((run for run in runs if run.is_active and run.slot == Run.Slot.REAL), None)
    if active is None:
        return None
    if active.state == Run.State.WAITING:
        return Light(
            "quota", lag=_("goes on at %(time)s") % {"time": clock(active.due_at, now)} if active.due_at else ""
        )
    return Light("run", active.get_phase_display(), _how_far(active, object_name))


def _how_far(run: Run, object_name: str) -> str:
    read, total = run.counts.get(f"{object_name}.read", 0), run.totals.get(object_name)
    if run.phase != Run.Phase.READ or not total:
        return ""
    return _("%(percent)s %% read") % {"percent": min(100 * read // total, 100)}


def _caught_up(connection: Connection, block: Block, now: datetime) -> Light:
    if connection.state == Connection.State.DRAFT:
        return Light("pause", connection.get_state_display())
    if block.caught_up_at is None:
        return Light("pause", gettext_lazy("Not read yet"))
    lag = now - block.caught_up_at
    # A green light must mean it: two syncs missed in a row is late, whatever the reason.
    late = lag > timedelta(minutes=max(3 * connection.every_minutes, connection.every_minutes + 15))
    return Light("quota", gettext_lazy("Behind"), behind(lag)) if late else Light("ok", lag=behind(lag))


def of_completeness(blocks: Sequence[Block]) -> Light:
    """ "No errors" and "complete" are two lights: this one only says whether every record is explained."""
    read = [block for block in blocks if block.mode != Mode.DISABLED and block.unexplained is not None]
    if not read:
        return Light("pause", gettext_lazy("Not counted yet"), _("a complete reading counts"))
    missing = sum(abs(block.unexplained or 0) for block in read)
    if missing:
        return Light("bad", gettext_lazy("Incomplete"), _("%(n)s not explained") % {"n": intcomma(missing)})
    number = intcomma(sum(block.counted or 0 for block in read))
    return Light("ok", gettext_lazy("Complete"), _("all %(n)s explained") % {"n": number})
