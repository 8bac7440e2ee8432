"""A re-key at work: new IDs given, or former ones given back, a page of rows in each transaction, through the hub's one door.

Each row is asked anew when its turn comes: one that moved since it was looked at is left alone and listed. The lines
that read the ID take none of it for an edit; those that write it tell their CRM at the next sync.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models.functions import Now
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.engine.plan import REF
from integrations.engine.reasons import Reason
from integrations.engine.rekey import GIVES, Present, why_left
from integrations.hub.door import door

from ... import paged_job
from ...decisions import forget_plans
from ...models import RecordLink, ReKey, ReKeyRow
from ...paged_job import Refused, write
from ...store.bulk import update
from ...store.hub_rows import table_of
from ...store.ref_pairs import settle_refs
from .carrying import carried
from .choosing import concerned
from .looking import compare, counted, holders_of, look
from .offered import offered

PAGE = 500
NOTE = 300
State = ReKey.State
At = ReKeyRow.Step
GONE = "hub-row-gone"


@dataclass(frozen=True, slots=True)
class _Way:
    """Forth or back: which rows, what they have, what they get, and what is said of it."""

    takes: At
    done: At
    left: At
    code: str
    of: Callable[[ReKey, Mapping[str, Any]], Present]
    to: Callable[[ReKey, Mapping[str, Any]], Present]
    asks_source: bool


FORTH = _Way(
    At.WAITS, At.DONE, At.LEFT, "re-keyed",
    of=lambda _job, row: Present(row["old_id"], row["old_owner"]),
    to=lambda job, row: Present(row["new_id"], job.connection_id), asks_source=True,
)  # fmt: skip
BACK = _Way(
    At.DONE, At.BACK, At.KEPT, "re-key-taken-back",
    of=lambda job, row: Present(row["new_id"], job.connection_id),
    to=lambda _job, row: Present(row["old_id"], row["old_owner"]), asks_source=False,
)  # fmt: skip


# --- What a person asks for


def confirm(job: ReKey, by: User, why: str) -> None:
    if not why.strip():
        raise Refused(_("Say why: the next reader of the log will want to know. Nothing was changed."))
    if not any(job.counts.get(fate.value) for fate in GIVES):
        raise Refused(_("No row would get another ID. There is nothing to do."))
    with transaction.atomic():
        still = concerned(job.object)
        paged_job.require_quiet(still)
        begun = ReKey.objects.filter(pk=job.pk, state=State.READY)
        if not begun.update(
            state=State.WORKING, why=why.strip()[:NOTE], asked_by=by.label[:160], connections=still, after=0,
            carried=carried(job), finished_at=None, stuck=0, trouble="", cancel_asked=False,
        ):  # fmt: skip
            raise Refused(_("This was confirmed already, or dropped. Nothing else was started."))
        audit.record(by, "began a re-key", job, note=f"{job.object}: {why.strip()[:NOTE]}")
        paged_job.ring(job)


def take_back(job: ReKey, by: User) -> None:
    with transaction.atomic():
        still = concerned(job.object)
        paged_job.require_quiet(still)
        begun = ReKey.objects.filter(pk=job.pk, state=State.DONE)
        if not begun.update(
            state=State.TAKING_BACK, taken_back_by=by.label[:160], connections=still, after=0, finished_at=None,
            stuck=0, trouble="", cancel_asked=False,
        ):  # fmt: skip
            raise Refused(_("There is nothing to take back: it is not done yet, or it was taken back already."))
        audit.record(by, "began to take back a re-key", job)
        paged_job.ring(job)


def stop(job: ReKey, by: User) -> None:
    """At the end of the page that is under way; what is done by then can be taken back."""
    paged_job.stop(job, ReKey.ACTIVE)
    audit.record(by, "stopped a re-key", job)


def go_on(job: ReKey, by: User) -> None:
    paged_job.go_on(job)
    audit.record(by, "went on with a re-key", job)


def drop(job: ReKey, _by: User) -> None:
    """One that changed nothing goes without a trace."""
    untouched = ReKey.objects.filter(pk=job.pk, state__in=[State.READY, State.CANCELLED])
    with transaction.atomic():
        if not untouched.select_for_update().exists():
            raise Refused(_("It is under way, or it changed rows: it stays, so that it can be taken back."))
        rows = job.rows.all()
        rows._raw_delete(rows.db)
        untouched.delete()


# --- What a worker does


def register() -> None:
    paged_job.register(ReKey, _page)


def work(job_id: int) -> bool:
    """One slice; whether it wants another."""
    return paged_job.do(ReKey._meta.label, job_id)


def _page(job: ReKey) -> None:
    if job.cancel_asked:
        write(job, **_ended(job))
        return
    match job.state:
        case State.LOOKING:
            look(job)
        case State.COMPARING:
            compare(job)
        case State.WORKING:
            _give(job, FORTH, State.DONE)
        case State.TAKING_BACK:
            _give(job, BACK, State.TAKEN_BACK)


def _give(job: ReKey, way: _Way, then: State) -> None:
    rows = job.rows.filter(fate__in=GIVES, step=way.takes, pk__gt=job.after).order_by("pk")
    page = list(rows.values("pk", "hub_id", "old_id", "old_owner", "new_id")[:PAGE])
    if not page:
        # What the stop of another page left behind waits no more.
        write(job, state=then, counts=counted(job), finished_at=Now(), after=0)
        by = job.asked_by if way is FORTH else job.taken_back_by
        audit.record(None, "re-keyed" if way is FORTH else "took back a re-key", job, note=f"for {by}")
        return
    left, done = _exchange(job, way, page), (way.done.value, "")
    update(ReKeyRow, ["step", "why"], [(*left.get(row["hub_id"] or 0, done), row["pk"]) for row in page])
    write(job, after=page[-1]["pk"])


def _exchange(job: ReKey, way: _Way, page: Sequence[Mapping[str, Any]]) -> dict[int, tuple[str, str]]:
    """hub id → (step, why) of those that were left as they are."""
    by = job.asked_by if way is FORTH else job.taken_back_by
    going = {row["hub_id"]: (way.of(job, row), way.to(job, row)) for row in page}
    left = {pk: (way.left.value, why) for pk, why in _in_the_way(job, way, going).items()}
    edits = {pk: {REF: to.id} for pk, (_of, to) in going.items() if pk not in left}
    owners = {pk: to.owner for pk, (_of, to) in going.items()}
    reason = Reason(way.code, {"by": by, "number": job.pk})
    for refusal in door().edit(job.object, edits, by=by, why=reason, owners=owners):
        left[refusal.hub_id or 0] = (way.left.value, refusal.reason.code)
    done = {pk: to.id for pk, (_of, to) in going.items() if pk not in left}
    settle_refs(job.object, done)
    # What a run decided on the former ID must not be applied over the new one.
    links = RecordLink.objects.filter(object=job.object, hub_id__in=done)
    forget_plans(list(links.only("connection_id", "object", "source_id")))
    return left


def _in_the_way(job: ReKey, way: _Way, going: Mapping[int, tuple[Present, Present]]) -> dict[int, str]:
    """Locked until the page is through: whoever edits one of them meanwhile waits."""
    model = table_of(job.object).model
    found = model._default_manager.select_for_update(of=("self",)).filter(pk__in=going).order_by("pk")
    rows = {row["pk"]: row for row in found.values("pk", "ref_id", "ref_writer", "custom")}
    offers = offered(job, rows) if way.asks_source and job.source != ReKey.Source.FILE else None
    taken = _taken(job, {pk: to for pk, (_of, to) in going.items()})
    left = {}
    for pk, (of, to) in going.items():
        row = rows.get(pk)
        if row is None:
            left[pk] = GONE
            continue
        is_offered = offers is None or list(offers.get(pk, ())) == [to.id]
        why = why_left(Present(row["ref_id"], row["ref_writer"]), of, is_offered=is_offered, is_taken=pk in taken)
        if why:
            left[pk] = why
    return left


def _taken(job: ReKey, wanted: Mapping[int, Present]) -> set[int]:
    """Rows whose ID another row has by now; one statement for each owner, of which there are as many as connections.

    Contacts may share an ID: what this job gave back itself is in nobody's way.
    """
    held: dict[int, set[int]] = {}
    for owner in {to.owner for to in wanted.values() if to.id}:
        ids = {to.id for to in wanted.values() if to.id and to.owner == owner}
        holders = holders_of(job.object, owner, ids)
        for pk, to in wanted.items():
            others = {one for one in holders.get(to.id, ()) if one != pk} if to.id and to.owner == owner else set()
            if others:
                held[pk] = others
    back = set(job.rows.filter(step=At.BACK, hub_id__in=set().union(*held.values())).values_list("hub_id", flat=True))
    return {pk for pk, others in held.items() if others - back}


def _ended(job: ReKey) -> Mapping[str, Any]:
    """Stopped by a person."""
    over = {"finished_at": Now(), "cancel_asked": False, "after": 0}
    if job.rows.filter(step=At.DONE).exists():
        return {**over, "state": State.DONE, "counts": counted(job), "taken_back_by": ""}
    then = State.TAKEN_BACK if job.state == State.TAKING_BACK else State.CANCELLED
    return {**over, "state": then, "counts": counted(job)}
