"""Keeps every value of the hub as it stands before stage A: a page at a time, in the background, while no sync runs."""

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import Count
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from integrations.engine.values import all_to_json, is_blank
from integrations.sync import paged_job
from integrations.sync.models import RecordLink, Run
from integrations.sync.store.hub_rows import SCORE, Loaded, table_of

from .figures import INTERACTIONS, MRR, Figures, figures_of, total_mrr
from .models import Kept, KeptJob, Move, Passage
from .steps import ActRefused

OBJECTS = ("customers", "contacts", "agreements")
PAGE = 500
AT_WORK = gettext_lazy("Something is being done with this snapshot. Wait for its end. Nothing was changed.")
NOT_UNDER_A_RUN = (Run.Kind.PREVIEW, Run.Kind.UNDO)


def concerned(move: Move) -> list[int]:
    return [pk for pk in (move.old_id, move.new_id) if pk]


def stage_a_ran(move: Move) -> Run | None:
    """The first run that may have changed something under a saved stage."""
    stages = Passage.objects.filter(move=move).order_by("version").values_list("version", flat=True)
    if move.new_id is None or not (first := stages.first()):
        return None
    runs = Run.objects.filter(connection=move.new_id, slot=Run.Slot.REAL, version__gte=first)
    return runs.exclude(kind__in=NOT_UNDER_A_RUN).order_by("pk").first()


def run_since(move: Move) -> Run | None:
    """A run of a connection concerned that began after the snapshot and before stage A: it may have changed values."""
    runs = Run.objects.filter(connection__in=concerned(move), slot=Run.Slot.REAL, created_at__gt=move.kept_at)
    if first := stage_a_ran(move):
        runs = runs.filter(pk__lt=first.pk)
    return runs.exclude(kind__in=NOT_UNDER_A_RUN).order_by("-pk").first()


def take(move: Move, by: User) -> KeptJob:
    """Anew as often as one likes, until stage A has run: from then on it is the way back."""
    if stage_a_ran(move):
        raise ActRefused(
            _("Stage A has run. The snapshot from before it is the way back, and stays. Nothing was changed.")
        )
    total = sum(table_of(name).model._default_manager.count() for name in OBJECTS)
    job = begin(move, by, kind=KeptJob.Kind.TAKE, total=total)
    Move.objects.filter(pk=move.pk).update(kept_at=None)
    move.kept_at = None
    return job


def begin(move: Move, by: User, **columns: object) -> KeptJob:
    """One at a time, and none beside a run of a connection concerned."""
    try:
        with transaction.atomic():
            paged_job.require_quiet(concerned(move))
            job = KeptJob.objects.create(
                move=move, connections=concerned(move), asked_by=by.label[:160], **columns
            )  # fmt: skip
            paged_job.ring(job)
            return job
    except paged_job.Refused as refusal:
        raise ActRefused(str(refusal)) from None
    except IntegrityError:
        raise ActRefused(AT_WORK) from None


def go_on(move: Move) -> None:
    job = KeptJob.objects.filter(move=move, state=KeptJob.State.WORKING).first()
    if job is None:
        raise ActRefused(_("Nothing is stopped. Nothing was started."))
    try:
        with transaction.atomic():
            paged_job.go_on(job)
    except paged_job.Refused as refusal:
        raise ActRefused(str(refusal)) from None


def is_at_work(move: Move) -> bool:
    """Syncs stand still meanwhile, and only the pages of an open move can end it."""
    return KeptJob.objects.filter(move=move, state=KeptJob.State.WORKING).exists()


def give_up(move: Move) -> None:
    """One that is at work ends with its page; one that is stopped already ends at once, and syncs may start again."""
    jobs = KeptJob.objects.filter(move=move, state=KeptJob.State.WORKING)
    ended = jobs.exclude(trouble="").update(state=KeptJob.State.STOPPED, finished_at=timezone.now(), lease_until=None)
    if not ended and not jobs.update(cancel_asked=True):
        raise ActRefused(_("It is over already. Nothing was stopped."))


def page(job: KeptJob) -> None:
    """Within the transaction of the page."""
    if job.cancel_asked:
        paged_job.write(job, state=KeptJob.State.STOPPED, finished_at=timezone.now())
        return
    at, after = job.cursor.get("object", 0), job.cursor.get("after", 0)
    if not job.cursor:
        Kept.objects.filter(move=job.move_id)._raw_delete(Kept.objects.db)
    if at == len(OBJECTS):
        _end(job)
        return
    name = OBJECTS[at]
    rows = table_of(name).model._default_manager.filter(pk__gt=after).order_by("pk")
    ids = list(rows.values_list("pk", flat=True)[:PAGE])
    found = table_of(name).load(0, ids)
    figures = figures_of(found) if name == "customers" else {}
    Kept.objects.bulk_create(
        Kept(
            move_id=job.move_id, object=name, hub_id=pk, name=called(name, loaded), values=values_of(loaded),
            figures=figures.get(pk, {}),
        )
        for pk, loaded in found.items()
    )  # fmt: skip
    cursor = {"object": at, "after": ids[-1]} if len(ids) == PAGE else {"object": at + 1, "after": 0}
    paged_job.write(job, cursor=cursor, done=job.done + len(found), plan=_added(job, name, figures, len(found)))


def _added(job: KeptJob, name: str, figures: Mapping[int, Figures], number: int) -> dict[str, Any]:
    """The figures of all together, for the report."""
    plan = {**job.plan, name: job.plan.get(name, 0) + number}
    if figures:
        so_far = [{MRR: plan.get(MRR, {})}, *figures.values()]
        plan[MRR] = {currency: str(mrr) for currency, mrr in total_mrr(so_far).items()}
        plan[INTERACTIONS] = plan.get(INTERACTIONS, 0) + sum(one[INTERACTIONS] for one in figures.values())
    return plan


def _end(job: KeptJob) -> None:
    now = timezone.now()
    plan = {**job.plan, "links": {str(pk): number for pk, number in _linked()}}
    paged_job.write(job, state=KeptJob.State.DONE, finished_at=now, total=job.done, plan=plan)
    # As of the beginning: whatever changed since then may have been kept before it changed.
    Move.objects.filter(pk=job.move_id).update(kept_at=job.asked_at)


def _linked() -> Any:
    """Connection → customers that are linked to it: what tools beside the CRM must still have afterwards."""
    linked = RecordLink.objects.filter(object="customers", state=RecordLink.State.LINKED).order_by()
    return linked.values_list("connection").annotate(Count("pk"))


def linked_before(move: Move, connection_id: int) -> int | None:
    """None: the snapshot does not know the connection."""
    known = figures_then(move).get("links", {}).get(str(connection_id))
    return int(known) if known is not None else None


def figures_then(move: Move) -> dict[str, Any]:
    """Of all together, as the snapshot found them; empty: there is none."""
    job = KeptJob.objects.filter(move=move, kind=KeptJob.Kind.TAKE, state=KeptJob.State.DONE).first()
    return dict(job.plan) if job else {}


def values_of(loaded: Loaded) -> dict[str, object]:
    """hub field → value; what is missing is empty."""
    values = loaded.hub.values.items()
    return dict(
        all_to_json({name: value for name, value in values if not is_blank(value) and not name.startswith(SCORE)})
    )


def called(name: str, loaded: Loaded) -> str:
    values = loaded.hub.values
    if name == "contacts":
        full = f"{values.get('first_name') or ''} {values.get('last_name') or ''}".strip()
        return (full or str(values.get("email") or ""))[:255]
    return str(values.get("name" if name == "customers" else "plan") or values.get("ref_id") or "")[:255]


def kept_numbers(move: Move) -> dict[str, int]:
    """data type → rows of the snapshot."""
    return dict(Kept.objects.filter(move=move).order_by().values_list("object").annotate(Count("pk")))
