"""How everything stands now: read once a request, shared by the rail, the board and the list of what needs a person."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cached_property
from threading import local

from django.db.models import Count, Min, OuterRef, Q, QuerySet, Subquery
from django.http import HttpRequest
from django.utils import timezone

from . import workers
from .drift_words import Told, keys_told, lines_told, required_told
from .models import RECORDED, Conflict, Connection, ConnectionState, Mode, Outbox, PlannedChange, RecordLink, Run
from .store.marks import OUTWARD
from .store.outbox import STUCK
from .unmapped import Unmapped, unmapped_of

IS_REQUIRED = Q(blocks__required_at__isnull=False) & ~Q(blocks__mode=Mode.DISABLED)
IS_KEYLESS = Q(blocks__key_gone_at__isnull=False, blocks__mode__in=OUTWARD)
TROUBLED = (RecordLink.State.FAILING, RecordLink.State.COLLISION)


@dataclass(frozen=True, slots=True)
class Trouble:
    """Records of one connection that do not go through, for one cause."""

    connection_id: int
    object: str
    state: str
    reason_code: str
    number: int
    sample_id: int
    given_up: int = 0
    """Of these, how many no run tries by itself any more."""


class _Built(local):
    """Putting this statement together takes longer than all else that is done for it, and it is the same for every page.

    Each thread keeps its own: while it is compiled, a statement is written into.
    """

    @cached_property
    def connections(self) -> QuerySet[Connection]:
        latest = Run.objects.filter(connection=OuterRef("pk"), slot=Run.Slot.REAL).order_by("-pk")
        through = latest.filter(state__in=[Run.State.DONE, Run.State.HELD])
        # One that was cancelled does not tell how it would have ended.
        judged = latest.filter(state__in=[Run.State.DONE, Run.State.HELD, Run.State.FAILED])
        disputed = Conflict.objects.filter(connection=OuterRef("pk"), side="").order_by().values("connection")
        unsent = Outbox.objects.filter(connection=OuterRef("pk"), state__in=STUCK).order_by().values("connection")
        return (
            Connection.objects.exclude(state=Connection.State.ARCHIVED)
            .select_related("live")
            .annotate(
                latest_run=Subquery(latest.values("pk")[:1]),
                judged_run=Subquery(judged.values("pk")[:1]),
                through_run=Subquery(through.values("pk")[:1]),
                through_version=Subquery(through.values("version")[:1]),
                suspended=Count("blocks__lines", filter=Q(blocks__lines__suspended_at__isnull=False)),
                noticed=Count("blocks__lines", filter=Q(blocks__lines__noticed_at__isnull=False)),
                required=Count("blocks", filter=IS_REQUIRED, distinct=True),
                keyless=Count("blocks", filter=IS_KEYLESS, distinct=True),
                open_conflicts=Subquery(disputed.annotate(number=Count("pk")).values("number")),
                conflicts_since=Subquery(disputed.annotate(since=Min("opened_at")).values("since")),
                unsent=Subquery(unsent.annotate(number=Count("pk")).values("number")),
                unsent_given_up=Subquery(unsent.annotate(number=Count("given_up_at")).values("number")),
                unsent_of=Subquery(unsent.annotate(first=Min("object")).values("first")),
                unsent_since=Subquery(unsent.annotate(since=Min("planned_at")).values("since")),
            )
            # A query that counts forgets the model's own order.
            .order_by("order", "name")
        )


_built = _Built()


class Situation:
    """Each part is one statement, asked when a page first needs it."""

    @cached_property
    def now(self) -> datetime:
        return timezone.now()

    @cached_property
    def connections(self) -> Sequence[Connection]:
        return list(_built.connections.all())

    @cached_property
    def runs(self) -> Mapping[int, Sequence[Run]]:
        """Per connection: what is under way or held, the latest real run, and the latest that tells how it ended; newest first."""
        named = {pk for one in self.connections for pk in (one.latest_run, one.judged_run) if pk}  # type: ignore[attr-defined]
        known = {connection.pk: connection for connection in self.connections}
        found: dict[int, list[Run]] = defaultdict(list)
        for run in Run.objects.filter(Q(state__in=[*Run.ACTIVE, Run.State.HELD]) | Q(pk__in=named)).order_by("-pk"):
            found[run.connection_id].append(run)
            if run.connection_id in known:
                run.connection = known[run.connection_id]
        return found

    @cached_property
    def held(self) -> Mapping[int, Mapping[str, int]]:
        """Per held run: how many rows of each data type wait behind the brake."""
        runs = [run.pk for runs in self.runs.values() for run in runs if run.state == Run.State.HELD]
        rows = PlannedChange.objects.filter(run_id__in=runs, is_held=True)
        found: dict[int, dict[str, int]] = defaultdict(dict)
        for run_id, object_name, number in rows.values_list("run_id", "object").annotate(Count("pk")).order_by():
            found[run_id or 0][object_name] = number
        return found

    @cached_property
    def troubles(self) -> Sequence[Trouble]:
        groups = (
            # Named connections, data types and states: the index by state is read, never the table.
            RecordLink.objects.filter(
                connection__in=[connection.pk for connection in self.connections],
                object__in=RECORDED,
                state__in=TROUBLED,
            )
            .values("connection_id", "object", "state", "reason_code")
            .annotate(number=Count("pk"), sample_id=Min("pk"), given_up=Count("given_up_at"))
            .order_by("-number", "reason_code")
        )
        return [Trouble(**group) for group in groups]

    @cached_property
    def drifted(self) -> Mapping[int, Sequence[Told]]:
        """Per connection: what changed in the CRM under its mapping. Asked only where the counts say that there is some."""
        lines = [one.pk for one in self.connections if one.suspended or one.noticed]  # type: ignore[attr-defined]
        blocks = [one.pk for one in self.connections if one.required]  # type: ignore[attr-defined]
        keyless = [one.pk for one in self.connections if one.keyless]  # type: ignore[attr-defined]
        found: dict[int, list[Told]] = defaultdict(list)
        for told in (*lines_told(lines), *required_told(blocks), *keys_told(keyless)):
            found[told.connection_id].append(told)
        return found

    @cached_property
    def unmapped(self) -> Sequence[Unmapped]:
        return unmapped_of(self.connections)

    @cached_property
    def workers(self) -> workers.WorkersHealth:
        return workers.health()

    @property
    def live_runs(self) -> Sequence[Run]:
        return [run for runs in self.runs.values() for run in runs if run.is_active]


def live_of(connection: Connection) -> ConnectionState:
    """A connection that never signed in has no row yet: it stands as unknown."""
    return getattr(connection, "live", None) or ConnectionState(connection=connection)


def situation_of(request: HttpRequest) -> Situation:
    known: Situation | None = getattr(request, "situation", None)
    if known is None:
        known = request.situation = Situation()  # type: ignore[attr-defined]
    return known
