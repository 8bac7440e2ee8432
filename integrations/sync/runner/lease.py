"""Who may work on a run right now. One conditional UPDATE takes it; every page's transaction asks again by its fence."""

import uuid
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, cast

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection
from django.db.models import Exists, F, OuterRef, Q, QuerySet
from django.db.models.functions import Coalesce, Now
from django.db.models.sql import UpdateQuery

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
    allowed: tuple[str, ...] = (Connection.State.ON,)
    """States of the connection in which this run may go on."""

    def hold(self) -> None:
        """First statement of every page's transaction: locks the run's row, proves the fence, moves the end on."""
        with connection.cursor() as cursor:
            cursor.execute(*_hold(self, settings.SYNC_LEASE_SECONDS))
            is_mine = bool(cursor.rowcount)
        if not is_mine:
            raise StoppedError if self.of_run().exists() else LostLeaseError

    def write(self, **columns: Any) -> None:
        if not self.of_run().update(**columns):
            raise LostLeaseError

    def release(self, **columns: Any) -> None:
        self.write(lease_owner="", lease_until=None, **columns)

    def of_run(self) -> QuerySet[Run]:
        """The run's row, as long as nobody else has taken it."""
        return Run.objects.filter(pk=self.run_id, fence=self.fence, state=Run.State.RUNNING)


@lru_cache(maxsize=64)
def _hold(lease: Lease, seconds: int) -> tuple[str, tuple[Any, ...]]:
    """Put together once for a slice: Django writes this statement more slowly than a database carries it out."""
    # EXISTS is asked anew for the row's newest version after a lock wait; a join's IN would not be.
    may = Exists(Connection.objects.filter(pk=OuterRef("connection_id"), state__in=lease.allowed))
    query = cast("UpdateQuery", lease.of_run().filter(may, cancel_asked=False).query.chain(UpdateQuery))
    query.add_update_values({"lease_until": from_now(seconds)})
    return query.get_compiler(DEFAULT_DB_ALIAS).as_sql()


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
