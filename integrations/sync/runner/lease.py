"""Who may work on a run right now. One conditional UPDATE takes it; every page's transaction asks again by its fence."""

import uuid
from dataclasses import dataclass, field
from typing import Any

from django.conf import settings
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now

from ..clock import from_now
from ..models import Connection, Run

QUIETLY = tuple(state for state in Connection.State if state != Connection.State.ARCHIVED)


class LostLeaseError(Exception):
    """Another worker has the run: leave without a trace."""


class StoppedError(Exception):
    """Somebody cancelled the run, or paused or archived its connection."""


@dataclass(frozen=True, slots=True)
class Lease:
    run_id: int
    fence: int
    owner: str = field(default="", repr=False)
    allowed: tuple[str, ...] = field(default=(Connection.State.ON,), compare=False)
    """States of the connection in which this run may go on."""

    def hold(self) -> None:
        """First statement of every page's transaction: locks the run's row, proves the fence, moves the end on."""
        # EXISTS is asked anew for the row's newest version after a lock wait; a join's IN would not be.
        may = Exists(Connection.objects.filter(pk=OuterRef("connection_id"), state__in=self.allowed))
        if not self._mine().filter(may, cancel_asked=False).update(lease_until=from_now(settings.SYNC_LEASE_SECONDS)):
            raise StoppedError if self._mine().exists() else LostLeaseError

    def write(self, **columns: Any) -> None:
        if not self._mine().update(**columns):
            raise LostLeaseError

    def release(self, **columns: Any) -> None:
        self.write(lease_owner="", lease_until=None, **columns)

    def _mine(self) -> QuerySet[Run]:
        return Run.objects.filter(pk=self.run_id, fence=self.fence, state=Run.State.RUNNING)


def take(run_id: int) -> Lease | None:
    """Attempts are counted here, at the start: a task that dies with its process never reports one."""
    owner = uuid.uuid4().hex
    taken = rung().filter(pk=run_id).update(
        state=Run.State.RUNNING,
        lease_owner=owner,
        lease_until=from_now(settings.SYNC_LEASE_SECONDS),
        fence=F("fence") + 1,
        attempt=F("attempt") + 1,
        stuck=F("stuck") + 1,
        started_at=Coalesce("started_at", Now()),
    )  # fmt: skip
    if not taken:
        return None
    mine = Run.objects.filter(pk=run_id, lease_owner=owner).values_list("fence", "slot", "kind").first()
    if mine is None:
        return None
    fence, slot, kind = mine
    # A run is taken back while its connection rests: previews and undoing are what one does then.
    is_quiet = slot == Run.Slot.PREVIEW or kind == Run.Kind.UNDO
    return Lease(run_id, fence, owner, QUIETLY if is_quiet else (Connection.State.ON,))


def rung() -> QuerySet[Run]:
    """Active runs that nobody works on and that are due."""
    is_free = Q(lease_until=None) | Q(lease_until__lt=Now())
    is_due = Q(due_at=None) | Q(due_at__lte=Now())
    return Run.objects.filter(is_free, is_due, state__in=Run.ACTIVE)
