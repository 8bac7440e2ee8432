"""Taking a run back: whether it can be, what it will do, and the run that does it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field

from django.db import transaction
from django.db.models import Case, CharField, Count, Max, Min, QuerySet, Value, When
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.engine.undo import LISTINGS

from .models import Change, Connection, Run
from .models.journal import Action
from .registry import system_of
from .retention import kept_since
from .runner.undoing import STEPS
from .runs import RunRefused, insert, supersede
from .store import taken_back
from .store.outbox import unsent_of
from .tasks import ring

NOTE = 300
TOUCHED, HUNG = "touched-since", "hung-on-since"
"""Why a row stays as it is: the reasons' codes."""
NOT_OURS = (Action.DELETE_OUT, Action.CREATE_OUT)
"""Stays in the CRM, unless a person says otherwise."""


@dataclass(frozen=True, slots=True)
class Survey:
    """What taking back will do, counted beforehand."""

    by_action: Mapping[str, int] = field(default_factory=dict)
    """What the run did, whatever becomes of it."""
    touched: Mapping[str, int] = field(default_factory=dict)
    """Of these, by action: rows that somebody or something changed since, which are left as they are, and listed."""
    hung: Mapping[str, int] = field(default_factory=dict)
    """And rows that the run made and that something hangs on by now: left as they are, and listed."""
    unsent: int = 0
    """Writes to the CRM that the run decided and that still wait: they are dropped."""
    deletes: bool = False
    """The CRM lets us delete what the run created there."""
    why_not: str = ""

    @property
    def left(self) -> int:
        return sum(self.touched.values()) + sum(self.hung.values())

    def left_of(self, action: str) -> int:
        return self.touched.get(action, 0) + self.hung.get(action, 0)

    @property
    def created_out(self) -> int:
        return self.by_action.get(Action.CREATE_OUT, 0)

    @property
    def total(self) -> int:
        """Rows that change, here or in the CRM; a listing changes only what is known of its record."""
        aside = {*LISTINGS, *NOT_OURS}
        return sum(number for action, number in self.by_action.items() if action not in aside) - self.left


def survey(run: Run) -> Survey:
    """Where the run cannot be taken back, nothing is counted: the sentence is the answer."""
    if why_not := why_not_undone(run):
        return Survey(why_not=why_not)
    earlier = taken_back.earlier_attempts(run)
    counted = taken_back.decided(run.pk, earlier).order_by().values_list("action").annotate(Count("pk"))
    left: dict[str, dict[str, int]] = defaultdict(dict)
    grouped = left_alone(run).order_by().values_list("why_left", "action")  # type: ignore[misc]  # annotated there
    for why, action, number in grouped.annotate(Count("pk")):
        left[why][action] = number
    return Survey(
        by_action=dict(counted),
        touched=left[TOUCHED],
        hung=left[HUNG],
        unsent=unsent_of(run).count(),
        deletes=any(ability.deletes_out for ability in system_of(run.connection.system).abilities.objects),
    )


def left_alone(run: Run) -> QuerySet[Change]:
    """What stays as it is, newest first; `why_left` is the reason's code."""
    earlier = taken_back.earlier_attempts(run)
    touched, hung = taken_back.touched(run.pk, earlier), _only_hung(run, earlier)
    rows = Change.objects.filter(pk__in=touched.values("pk")) | Change.objects.filter(pk__in=hung.values("pk"))
    why = Case(
        When(pk__in=touched.values("pk"), then=Value(TOUCHED)), default=Value(HUNG),
        output_field=CharField(),
    )  # fmt: skip
    return rows.annotate(why_left=why).order_by("-pk")


def request_undo(run: Run, by: User, note: str, *, delete_out: bool = False) -> Run:
    """Pauses the connection, so that nothing runs against it, and starts the run that takes the other back."""
    if refusal := why_not_undone(run):
        raise RunRefused(refusal)
    if not note.strip():
        raise RunRefused(
            _("Say why the run is taken back: the next reader of the log will want to know. Nothing was done.")
        )
    connection = run.connection
    with transaction.atomic():
        Connection.objects.filter(pk=connection.pk, state=Connection.State.ON).update(state=Connection.State.PAUSED)
        made = insert(
            connection, Run.Kind.UNDO, by.label, undoes=run, phase=Run.Phase.APPLY,
            cursor=_cursor(run) | {"note": note.strip()[:NOTE], "delete_out": delete_out},
        )  # fmt: skip
        # What it holds was decided on what is about to go back.
        supersede(made)
        audit.record(by, "took back a run", connection, note=f"run {run.pk}: {note.strip()[:NOTE]}")
        ring(made.pk)
    return made


def why_not_undone(run: Run) -> str:
    if run.kind == Run.Kind.PREVIEW:
        return _("Only a run that wrote something can be taken back.")
    if run.kind == Run.Kind.UNDO:
        return _(
            "A taking back is not taken back itself. Allow the records that should return; the next run brings them."
        )
    if run.is_active:
        return _("The run is under way. Cancel it first, or wait for its end.")
    if run.undone_by.exclude(state__in=[Run.State.FAILED, Run.State.CANCELLED]).exists():
        return _("This run was taken back already.")
    if run.connection.is_archived:
        return _("The connection is archived; its history stays as it is.")
    if Run.objects.filter(connection=run.connection_id, slot=Run.Slot.REAL, state__in=Run.ACTIVE).exists():
        return _("Another run of this connection is under way. Wait for its end, or cancel it.")
    since = kept_since()
    if since is not None and (run.started_at or run.created_at) < since:
        return _("Its rows are older than the log is kept, so its former values are no longer known.")
    if not taken_back.decided(run.pk, taken_back.earlier_attempts(run)).exclude(action__in=[*LISTINGS]).exists():
        return _("This run changed nothing that could be taken back.")
    return ""


def _cursor(run: Run) -> dict[str, object]:
    """Under the configuration of the run that is taken back: its lines say what a value is in the CRM."""
    earlier = taken_back.earlier_attempts(run)
    rows = taken_back.decided(run.pk, earlier).order_by()
    found = rows.aggregate(first=Min("pk"), last=Max("pk"), number=Count("pk"))
    return {
        "config": run.cursor.get("config", {}), "steps": list(STEPS), "step": 0, "earlier": earlier,
        "marked_at": timezone.now().isoformat(), "first_change": found["first"] or 0, "last_change": found["last"] or 0,
        "decisions": found["number"],
    }  # fmt: skip


def _only_hung(run: Run, earlier: list[int]) -> QuerySet[Change]:
    return taken_back.hung(run.pk, earlier).exclude(pk__in=taken_back.touched(run.pk, earlier).values("pk"))
