"""Compares what stands with what people were told; each difference becomes one alert, whoever sees it first."""

from collections import defaultdict
from functools import partial

from django.db import transaction
from django.utils import timezone

from ..models import Alert, Connection, Event
from ..situation import Situation
from .delivery import ring
from .recipients import address
from .standing import BESIDE, Standing, standing, undecided


def watch() -> int:
    """Returns how many alerts were raised. Two statements where nothing changed, besides the situation's own."""
    situation = Situation()
    told: dict[int, set[str]] = defaultdict(set)
    for connection_id, event in Alert.objects.filter(ended_at=None).values_list("connection_id", "event"):
        told[connection_id].add(event)
    changed = [one.pk for one in situation.connections if any(_news(one, situation, told.get(one.pk, set())))]
    number = sum(_settle(connection_id) for connection_id in changed)
    _close_archived(told)
    return number


def _news(connection: Connection, situation: Situation, told: set[str]) -> tuple[Standing, set[str]]:
    """What began that nobody was told yet, and what was told and is over."""
    stands = standing(connection, situation)
    begun = {event: details for event, details in stands.items() if event not in told}
    return begun, told - set(stands) - undecided(connection)


def _settle(connection_id: int) -> int:
    """One worker at a time per connection, and on what stands by then: another may have told it meanwhile."""
    with transaction.atomic():
        Connection.objects.select_for_update().get(pk=connection_id)
        situation = Situation()
        connection = next((one for one in situation.connections if one.pk == connection_id), None)
        if connection is None:
            return 0
        now = timezone.now()
        open_alerts = Alert.objects.filter(connection=connection_id, ended_at=None)
        told = set(open_alerts.values_list("event", flat=True))
        begun, over = _news(connection, situation, told)
        open_alerts.filter(event__in=over).update(ended_at=now)
        new = [Alert(connection=connection, event=event, at=now, details=begun[event]) for event in begun]
        still = (told - over) | set(begun)
        if over - BESIDE and not still - BESIDE and connection.is_live:
            # Over at once: it is a word, not a trouble that lasts.
            details = {"over": sorted(over)}
            new.append(Alert(connection=connection, event=Event.RECOVERED, at=now, ended_at=now, details=details))
        deliveries = address(Alert.objects.bulk_create(new))
        transaction.on_commit(partial(ring, [delivery.pk for delivery in deliveries]), robust=True)
    return len(new)


def _close_archived(told: dict[int, set[str]]) -> None:
    if told:
        gone = Alert.objects.filter(ended_at=None, connection__state=Connection.State.ARCHIVED)
        gone.update(ended_at=timezone.now())
