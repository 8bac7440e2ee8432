"""Brings deliveries out: claimed by a conditional update, sent outside every transaction, tried again with growing waits.

A worker that dies between the sending and the note sends again: at least once, and the key tells that it is the same.
"""

from datetime import timedelta

from django.conf import settings
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.translation import override
from django_q.tasks import async_task

from integrations.wire.errors import WireError

from ..models import AlertDelivery
from . import channels, ways
from .texts import Told, told

CLAIM = timedelta(minutes=3)
"""Longer than a task may take: within it nobody else sends the same."""
FIRST_WAIT, LONGEST_WAIT = timedelta(minutes=1), timedelta(hours=1)
MOST_TRIES = 10
State = AlertDelivery.State


def ring(deliveries: list[int]) -> None:
    for pk in deliveries:
        async_task("integrations.sync.alerts.delivery.deliver", pk)


def ring_due() -> int:
    due = list(_due().values_list("pk", flat=True))
    ring(due)
    return len(due)


def deliver(pk: int) -> None:
    if not _due().filter(pk=pk).update(due_at=timezone.now() + CLAIM, tries=F("tries") + 1):
        return
    delivery = AlertDelivery.objects.select_related("alert__connection", "user", "channel").get(pk=pk)
    mine = AlertDelivery.objects.filter(pk=pk, state=State.WAITING, tries=delivery.tries)
    try:
        with override(settings.LANGUAGE_CODE):
            _send(delivery)
    except (ways.SendFailed, WireError) as error:
        mine.update(error=_said(error), **_next(delivery.tries))
    else:
        mine.update(state=State.SENT, sent_at=timezone.now(), due_at=None, error="")


def _send(delivery: AlertDelivery) -> None:
    said, key, alert = told(delivery.alert), str(delivery.key), delivery.alert
    if delivery.channel:
        details = {"event": alert.event, "connection": alert.connection.slug, "at": alert.at.isoformat()}
        ways.channel(channels.open_url(delivery.channel), said, key, details)
    elif delivery.user and delivery.user.is_active:
        ways.mail(delivery.user.email, said, key)
    else:
        raise ways.SendFailed("Nobody is there any more.")


def send_test(url: str, said: Told) -> None:
    """At once, because a person waits for the answer."""
    ways.channel(url, said, "test", {"event": "test"})


def _next(tries: int) -> dict[str, object]:
    if tries >= MOST_TRIES:
        return {"state": State.GIVEN_UP, "due_at": None}
    return {"due_at": timezone.now() + min(FIRST_WAIT * 2 ** (tries - 1), LONGEST_WAIT)}


def _said(error: Exception) -> str:
    return (error.code if isinstance(error, WireError) else str(error))[:255]


def _due() -> QuerySet[AlertDelivery]:
    return AlertDelivery.objects.filter(state=State.WAITING, due_at__lte=timezone.now())
