"""Keeps one cluster working: sweeps, asks the canary, and restarts the cluster when it goes silent or dies.

A django-q2 cluster whose idle worker was killed looks healthy and does nothing for ever; only a real task that does not
come back shows it.
"""

import logging
import threading
import time
from collections.abc import Callable
from datetime import datetime

from django.conf import settings
from django.db import DatabaseError, close_old_connections

from .cluster import Cluster
from .models import Heartbeat
from .sweeper import sweep
from .tasks import CANARY, ring_canary
from .workers import note_asked, note_restarted

logger = logging.getLogger(__name__)
MOST_PATIENCE = 8


class Supervisor:
    def __init__(self, cluster: Cluster, clock: Callable[[], float] = time.monotonic) -> None:
        self.cluster = cluster
        self.stopping = threading.Event()
        self._clock = clock
        self._last_answer: datetime | None = None
        self._heard_at = clock()
        self._patience = 1
        self._sweep_at = self._ask_at = clock()

    def run(self) -> None:
        self.cluster.start()
        try:
            while not self.stopping.is_set():
                self.tick()
                self.stopping.wait(self._pause())
        finally:
            self.cluster.stop()

    def tick(self) -> None:
        now = self._clock()
        try:
            if now >= self._sweep_at:
                self._sweep_at = now + settings.SYNC_SWEEP_SECONDS
                sweep()
            if now >= self._ask_at:
                self._ask_at = now + settings.SYNC_CANARY_SECONDS
                note_asked()
                ring_canary()
            self._listen(now)
        except (DatabaseError, OSError) as error:
            # A database or broker that is away: nothing can be known or done until it is back.
            logger.warning("The supervisor cannot reach its database or broker: %s", error)
            self._heard_at = now
        finally:
            close_old_connections()

    def _listen(self, now: float) -> None:
        answered = Heartbeat.objects.filter(name=CANARY).values_list("answered_at", flat=True).first()
        if answered != self._last_answer:
            self._last_answer, self._heard_at, self._patience = answered, now, 1
        silent = now - self._heard_at
        if self.cluster.is_running and silent <= settings.SYNC_SILENCE_SECONDS * self._patience:
            return
        logger.warning("The workers have been silent for %.0f s: restarting them.", silent)
        note_restarted()
        self.cluster.restart()
        self._heard_at = self._clock()
        # On a busy machine a start may take longer than the silence allowed: the same wait again would restart for ever.
        self._patience = min(self._patience * 2, MOST_PATIENCE)

    def _pause(self) -> float:
        due = min(self._sweep_at, self._ask_at, self._clock() + settings.SYNC_CANARY_SECONDS / 2)
        return min(max(due - self._clock(), 0.2), 1.0)
