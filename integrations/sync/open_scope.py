"""A connection of which nobody has said which records come in: its schedule starts nothing, and says so until somebody chooses."""

from django.db.models.functions import Now

from .models import Connection, ConnectionState
from .registry import child_of, missing_scope
from .repair import NO_SCOPE
from .runner.finishing import note_health

Health = ConnectionState.Health


def note_open_scope(connection: Connection) -> None:
    """As a trouble of the connection: it shows in its light, on what needs a person, and is told once."""
    note_health(connection.pk, Health.WRONG, NO_SCOPE)


def forget_chosen_scopes() -> None:
    """Whoever chose one need not wait for the hour of the next sync."""
    lacking = {"live__health": Health.WRONG, "live__health_code": NO_SCOPE}
    for connection in Connection.objects.filter(**lacking):
        if missing_scope(child_of(connection)):
            continue
        # The CRM has not been asked yet whether all is well.
        note_health(connection.pk, Health.UNKNOWN)
        Connection.objects.filter(pk=connection.pk, state=Connection.State.ON).update(next_run_at=Now())
