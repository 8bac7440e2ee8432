"""Whether workers work: how long ago a real task last advanced the heartbeat."""

from dataclasses import dataclass
from datetime import datetime

from django.conf import settings
from django.db.models import F
from django.db.models.functions import Now
from django.utils import timezone

from .models import Heartbeat
from .tasks import CANARY


@dataclass(frozen=True, slots=True)
class WorkersHealth:
    is_alive: bool
    last_answer_at: datetime | None
    silent_seconds: float | None
    """None: never heard of."""
    restarts: int


def health() -> WorkersHealth:
    heart = Heartbeat.objects.filter(name=CANARY).first()
    if heart is None or heart.answered_at is None:
        return WorkersHealth(
            is_alive=False, last_answer_at=None, silent_seconds=None, restarts=heart.restarts if heart else 0
        )
    silent = max((timezone.now() - heart.answered_at).total_seconds(), 0.0)
    return WorkersHealth(silent <= settings.SYNC_SILENCE_SECONDS, heart.answered_at, silent, heart.restarts)


def note_asked() -> None:
    Heartbeat.objects.get_or_create(name=CANARY)
    Heartbeat.objects.filter(name=CANARY).update(asked_at=Now())


def note_restarted() -> None:
    Heartbeat.objects.filter(name=CANARY).update(restarted_at=Now(), restarts=F("restarts") + 1)
