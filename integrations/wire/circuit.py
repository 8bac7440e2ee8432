"""Stops calling a host that does not answer, and lets one call through now and then to see whether it is back."""

import threading
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from .errors import Transient

FAILURES_TO_OPEN = 5
COOLING = timedelta(seconds=30)


@dataclass(slots=True)
class Circuit:
    failures: int = 0
    closed_again_at: datetime | None = None


@dataclass(slots=True)
class Circuits:
    """One for every session of a process, or one each: what knows of a dead host shares it."""

    _by_host: dict[str, Circuit] = field(default_factory=dict)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def require_closed(self, host: str, now: datetime) -> None:
        with self._lock:
            circuit = self._by_host.get(host)
            if circuit is None or circuit.closed_again_at is None:
                return
            if now < circuit.closed_again_at:
                wait = (circuit.closed_again_at - now).total_seconds()
                raise Transient("HOST_UNREACHABLE", f"{host} does not answer.", after=wait)
            # Only this caller tries; the others wait for what it finds.
            circuit.closed_again_at = now + COOLING

    def failed(self, host: str, now: datetime) -> None:
        with self._lock:
            circuit = self._by_host.setdefault(host, Circuit())
            circuit.failures += 1
            if circuit.failures >= FAILURES_TO_OPEN:
                circuit.closed_again_at = now + COOLING

    def answered(self, host: str) -> None:
        with self._lock:
            self._by_host.pop(host, None)
