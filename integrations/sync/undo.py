"""Taking a run back: whether it can be, what it will do, and the run that does it."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Count, Exists, Max, OuterRef, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User

from .models import Change, Connection, Run
from .models.journal import Action
from .runs import RunRefused, insert
from .store.undoing import TAKEN_BACK
from .tasks import ring


@dataclass(frozen=True, slots=True)
class Survey:
    """What taking back will do, counted beforehand."""

    by_action: Mapping[str, int] = field(default_factory=dict)
    touched: int = 0
    """Rows that somebody or something changed since: left as they are, and listed."""
    stays: int = 0
    """Created or deleted in the CRM: left there."""
    why_not: str = ""

    @property
    def total(self) -> int:
        return sum(self.by_action.values()) - self.touched - self.stays


def survey(run: Run) -> Survey:
    refusal = _why_not(run)
    rows = decided(run)
    counted = dict(rows.order_by().values_list("action").annotate(Count("pk")))
    stays = sum(counted.get(action, 0) for action in (Action.CREATE_OUT, Action.DELETE_OUT))
    return Survey(counted, touched_since(run).count(), stays, refusal)


def decided(run: Run) -> QuerySet[Change]:
    return Change.objects.filter(run_id=run.pk, outcome=Change.Outcome.DONE, action__in=TAKEN_BACK)


def touched_since(run: Run) -> QuerySet[Change]:
    """Decisions of the run about rows that have a later decision, by whomever."""
    last = last_change(run)
    later = Change.objects.filter(object=OuterRef("object"), hub_id=OuterRef("hub_id"), pk__gt=last)
    here = decided(run).exclude(action__in=[Action.CREATE_OUT, Action.DELETE_OUT])
    return here.filter(Q(Exists(later.exclude(run_id=run.pk))))


def last_change(run: Run) -> int:
    return int(Change.objects.filter(run_id=run.pk).aggregate(last=Max("pk"))["last"] or 0)


def request_undo(run: Run, by: User) -> Run:
    """Pauses the connection, so that nothing runs against it, and starts the run that takes the other back."""
    refusal = _why_not(run)
    if refusal:
        raise RunRefused(refusal)
    connection = run.connection
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk, state=Connection.State.ON).update(state=Connection.State.PAUSED)
        made = insert(
            connection, Run.Kind.UNDO, by.label, undoes=run,
            cursor={
                "config": run.cursor.get("config", {}), "steps": ["take-back", "send", "rewind"], "step": 0,
                "marked_at": timezone.now().isoformat(), "last_change": last_change(run),
            },
            totals={}, phase=Run.Phase.APPLY,
        )  # fmt: skip
        audit.record(by, "took back a run", connection, note=_("run %(number)s") % {"number": run.pk})
    ring(made.pk)
    return made


def _why_not(run: Run) -> str:
    if run.kind in {Run.Kind.PREVIEW, Run.Kind.UNDO}:
        return _("Only a run that wrote something can be taken back.")
    if run.is_active:
        return _("The run is under way. Cancel it first, or wait for its end.")
    if run.undone_by.exclude(state__in=[Run.State.FAILED, Run.State.CANCELLED]).exists():
        return _("This run was taken back already.")
    if run.connection.state == Connection.State.ARCHIVED:
        return _("The connection is archived; its history stays as it is.")
    if Run.objects.filter(connection=run.connection_id, slot=Run.Slot.REAL, state__in=Run.ACTIVE).exists():
        return _("Another run of this connection is under way. Wait for its end, or cancel it.")
    if not decided(run).exists():
        return _("This run changed nothing that could be taken back, or its rows are older than the log is kept.")
    return ""
