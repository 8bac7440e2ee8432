"""The census: HubSpot's companies, listed in the background page by page, so that the checks count here and not there.

As everywhere the queue is a doorbell: where the listing stands is kept with every page, under a lease and a fence.
"""

import logging
import time
from dataclasses import asdict, dataclass
from datetime import datetime
from functools import partial
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _
from django_q.tasks import async_task

from integrations.engine.compare import compared, domain_key
from integrations.engine.mapping import Compare
from integrations.hubspot import census as there
from integrations.hubspot.connector import HubSpotConnector
from integrations.sync.clock import from_now
from integrations.sync.store.hub_rows import own_domains
from integrations.wire.errors import RateLimited, Transient, WireError

from .models import Company, Move
from .portal import portal_of

logger = logging.getLogger(__name__)

TASK = "integrations.migration.census.answer"
RUNNING, DONE, STOPPED = "running", "done", "stopped"
STARTS = 5
"""So many starts without a page: then a person looks."""
MEASURED_BY_IT = ("old-id-filled-there", "lifecycle")
"""Steps that are measured anew when the listing is through."""
COLUMNS = ("name", "domain", "old_id", "old_key", "name_key", "domain_key", "stage", "in_scope")


@dataclass(frozen=True, slots=True)
class Census:
    """How it stands: what `Move.census` holds."""

    state: str = ""
    token: str = ""
    number: int = 0
    left: int = 0
    """Companies of the present part of the listing that are still to come."""
    at: str = ""
    trouble: str = ""
    stuck: int = 0
    old_id: str = ""
    """The property and the scope under which it was begun: under others it says nothing any more."""
    scope: str = ""

    @property
    def is_running(self) -> bool:
        return self.state == RUNNING

    @property
    def ended(self) -> datetime | None:
        return datetime.fromisoformat(self.at) if self.at else None

    @property
    def expected(self) -> int:
        return self.number + self.left


class _Lost(Exception):  # noqa: N818 (nobody's error: another worker has it)
    pass


def census_of(move: Move) -> Census:
    return Census(**move.census)


def is_current(move: Move) -> bool:
    """Through, and of the property and the scope that are chosen now."""
    found = census_of(move)
    return found.state == DONE and (found.old_id, found.scope) == (move.old_id_property, portal_of(move).scope_key)


def begin(move: Move) -> None:
    """From the first page; what an earlier listing found goes."""
    connector = portal_of(move)
    fresh = Census(RUNNING, at=timezone.now().isoformat(), old_id=move.old_id_property, scope=connector.scope_key)
    with transaction.atomic():
        begun = Move.objects.filter(pk=move.pk)
        begun.update(census=asdict(fresh), census_lease_until=None, census_fence=F("census_fence") + 1)
        Company.objects.filter(move=move).delete()
        ring(move.pk)
    move.refresh_from_db(fields=["census"])


# --- What a worker does


def ring(move_id: int) -> None:
    transaction.on_commit(partial(async_task, TASK, move_id), robust=True)


def ring_waiting() -> None:
    """What fell by the wayside; the sweeper asks each minute."""
    for move_id in waiting().values_list("pk", flat=True):
        ring(move_id)


def answer(move_id: int) -> None:
    if work(move_id):
        ring(move_id)


def waiting() -> QuerySet[Move]:
    is_free = Q(census_lease_until=None) | Q(census_lease_until__lt=Now())
    return Move.objects.filter(is_free, state=Move.State.OPEN, census__state=RUNNING)


def work(move_id: int) -> bool:
    """One slice. Whether it wants another; delivered twice, the second finds the lease taken and makes no call."""
    taken = waiting().filter(pk=move_id)
    if not taken.update(census_lease_until=from_now(settings.SYNC_LEASE_SECONDS), census_fence=F("census_fence") + 1):
        return False
    move = Move.objects.select_related("old", "new").get(pk=move_id)
    ends_at = time.monotonic() + settings.SYNC_SLICE_SECONDS
    if census_of(move).stuck >= STARTS:
        return _stop(move, _("Its worker ended %(n)s times without a word: it may lack memory.") % {"n": STARTS})
    try:
        _write(move, stuck=census_of(move).stuck + 1)
        connector, is_first = portal_of(move, interactive=False), True
        while is_first or (census_of(move).is_running and time.monotonic() < ends_at):
            is_first = False
            _page(move, connector)
        _mine(move).update(census_lease_until=None)
    except _Lost:
        return False
    except (Transient, RateLimited) as trouble:
        return _later(move, trouble)
    except WireError as trouble:
        return _stop(move, str(trouble))
    except Exception as error:
        logger.exception("The census of move %s failed in a page.", move.pk)
        if census_of(move).stuck >= STARTS:
            return _stop(move, f"{type(error).__name__}: {error}")
        _mine(move).update(census_lease_until=None)
    if census_of(move).state == DONE:
        _measure(move)
    return census_of(move).is_running


def _page(move: Move, connector: HubSpotConnector) -> None:
    """Asked outside, kept in one transaction with where the next one begins: after a kill the same page comes again."""
    now = census_of(move)
    page = there.page(connector, now.old_id, now.token)
    own = own_domains()
    rows = [_company(move, one, own) for one in page.companies]
    with transaction.atomic():
        _write(
            move, token=page.next, number=now.number + len(rows), left=page.left, stuck=0, trouble="",
            state=RUNNING if page.next else DONE, at=timezone.now().isoformat(),
        )  # fmt: skip
        Company.objects.bulk_create(
            rows, update_conflicts=True, unique_fields=["move", "source_id"], update_fields=COLUMNS
        )


def _company(move: Move, seen: there.Seen, own: frozenset[str]) -> Company:
    old_id = "" if seen.old_id is None else compared(Compare.ID, seen.old_id)
    return Company(
        move=move, source_id=seen.source_id, name=_clean(seen.name, 255), domain=_clean(seen.domain, 255),
        old_id=_clean(old_id if not isinstance(seen.old_id, str) else seen.old_id, 120), old_key=old_id[:120],
        name_key=compared(Compare.TEXT, seen.name)[:255], domain_key=domain_key(seen.domain, own)[:255],
        stage=_clean(seen.stage, 120), in_scope=seen.in_scope,
    )  # fmt: skip


def _clean(text: str, longest: int) -> str:
    # No database stores it.
    return text.replace("\0", "")[:longest]


def _later(move: Move, trouble: Transient | RateLimited) -> bool:
    """The lease is the appointment: the sweeper rings when it has run out."""
    wait = max(float(settings.SYNC_LEASE_SECONDS), trouble.after or 0.0)
    try:
        _write(move, trouble=_("%(why)s It goes on by itself.") % {"why": f"{trouble}."}, stuck=0)
    except _Lost:
        return False
    _mine(move).update(census_lease_until=from_now(wait))
    return False


def _stop(move: Move, why: str) -> bool:
    _mine(move).update(
        census={**move.census, "state": STOPPED, "trouble": why[:500]}, census_lease_until=None
    )  # fmt: skip
    return False


def _measure(move: Move) -> None:
    from . import checking
    from .chapters import step_of  # steps measure by what stands here

    checking.check_all(move, [step_of(key) for key in MEASURED_BY_IT])


def _mine(move: Move) -> QuerySet[Move]:
    return Move.objects.filter(pk=move.pk, census_fence=move.census_fence)


def _write(move: Move, **columns: Any) -> None:
    """Holds the lease on, too."""
    kept = {**move.census, **columns}
    if not _mine(move).update(census=kept, census_lease_until=from_now(settings.SYNC_LEASE_SECONDS)):
        raise _Lost
    move.census = kept
