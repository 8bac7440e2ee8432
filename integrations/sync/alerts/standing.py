"""Which troubles a connection has now. Read from what the runs left behind, so that no crash can lose one."""

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from ..models import Connection, ConnectionState, Event, Run
from ..situation import Situation, live_of

DOWN_FOR = timedelta(minutes=10)
"""A CRM that pauses for a moment is no news."""
OF_HEALTH = {
    ConnectionState.Health.SIGN_IN: Event.SIGN_IN,
    ConnectionState.Health.WRONG: Event.SETTING,
    ConnectionState.Health.QUOTA: Event.QUOTA,
}
BESIDE = frozenset({Event.FIELD.value, Event.DRIFT.value})
"""No sync stands still because of these: they neither keep a connection from going on again nor let it by their end."""

Standing = Mapping[str, dict[str, Any]]
"""Event → what its text names."""


def standing(connection: Connection, situation: Situation) -> Standing:
    """Nothing for a connection that a person has stopped: what it met before is no longer anybody's trouble."""
    if not connection.is_live:
        return {}
    runs = situation.runs.get(connection.pk, ())
    return {**_of_health(connection, situation), **_of_runs(connection, runs), **_of_schema(connection, situation)}


def undecided(connection: Connection) -> frozenset[str]:
    """What is not over though it stands no more: the next run takes over what an older one held, and only its end tells.

    One that is cancelled does not tell; the schedule sends another.
    """
    is_open = connection.is_live and connection.latest_run != connection.judged_run  # type: ignore[attr-defined]
    return frozenset({Event.HELD.value}) if is_open else frozenset()


def _of_health(connection: Connection, situation: Situation) -> dict[str, dict[str, Any]]:
    live = live_of(connection)
    event = OF_HEALTH.get(ConnectionState.Health(live.health))
    if live.health == ConnectionState.Health.DOWN and live.health_since:
        event = Event.DOWN if situation.now - live.health_since >= DOWN_FOR else None
    if event is None:
        return {}
    until = live.parked_until.isoformat() if live.parked_until else ""
    return {event: {"code": live.health_code, "message": live.health_message, "until": until}}


def _of_runs(connection: Connection, runs: Any) -> dict[str, dict[str, Any]]:
    found = {}
    held = next((run for run in runs if run.state == Run.State.HELD), None)
    if held:
        found[Event.HELD.value] = {"run": held.pk}
    judged = next((run for run in runs if run.pk == connection.judged_run), None)  # type: ignore[attr-defined]
    if judged and _crashed(judged):
        found[Event.FAILED.value] = {"run": judged.pk}
    return found


def _crashed(run: Run) -> bool:
    """What the wire refused, whose code the run keeps, is the health's: it may be well again before the next run ends."""
    return run.state == Run.State.FAILED and "code" not in run.reason_params


def _of_schema(connection: Connection, situation: Situation) -> dict[str, dict[str, Any]]:
    """Each alert names what stood when it was raised; what joins later is on the board."""
    told = situation.drifted.get(connection.pk, ())
    groups = {
        Event.FIELD.value: [one.as_details for one in told if one.rests],
        Event.DRIFT.value: [one.as_details for one in told if not one.rests],
    }
    return {event: {"count": len(drifts), "drifts": drifts} for event, drifts in groups.items() if drifts}
