"""Who hears of an alert, and by which way: people by their own choice or their role's, channels by their list."""

from collections.abc import Iterable, Sequence

from django.utils import timezone

from accounts.models import User
from accounts.permissions import Permission, Role

from ..models import Alert, AlertChannel, AlertChoice, AlertDelivery, Event


def default_events(user: User) -> list[str]:
    return list(Event.values) if user.role == Role.ADMIN else []


def chosen_events(user: User, connection_id: int, choices: dict[tuple[int, int | None], list[str]]) -> list[str]:
    """The choice for this connection, else the one for all, else what the role hears."""
    for key in ((user.pk, connection_id), (user.pk, None)):
        if key in choices:
            return choices[key]
    return default_events(user)


def address(alerts: Sequence[Alert]) -> list[AlertDelivery]:
    """Writes the deliveries, inside the transaction that raised the alerts: neither exists without the other."""
    if not alerts:
        return []
    now = timezone.now()
    people, channels = _people(), list(AlertChannel.objects.all())
    choices = {(one.user_id, one.connection_id): one.events for one in AlertChoice.objects.all()}
    deliveries = []
    for alert in alerts:
        deliveries += [
            AlertDelivery(alert=alert, user=user, to=user.email, due_at=now)
            for user in people
            if alert.event in chosen_events(user, alert.connection_id, choices)
        ]
        deliveries += [
            AlertDelivery(alert=alert, channel=channel, to=channel.name, due_at=now)
            for channel in channels
            if alert.event in channel.events and channel.connection_id in {None, alert.connection_id}
        ]
    return AlertDelivery.objects.bulk_create(deliveries)


def _people() -> Iterable[User]:
    """Whoever may not see connections is told nothing about them, whatever was chosen under an earlier role."""
    return list(User.objects.filter(is_active=True, role__in=Permission.SEE_RUNS.roles).order_by("pk"))
