"""A bulk hard delete at work: page by page, each in one transaction that proves the lease first.

First everything is in the backup, then the first page is deleted; a page that changed meanwhile is kept once more before
it goes. No sync runs meanwhile, and the connections concerned rest until a person resumes them: what is still in a CRM
would come in again at once.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any, TypeAlias

from django.db import transaction
from django.db.models.functions import Now
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.engine.plan import Action
from integrations.engine.reasons import Reason
from integrations.hub.door import door
from integrations.hub.models import Customer

from .. import paged_job
from ..models import Change, Connection, HardDelete, HardDeletePage
from ..paged_job import Refused, write
from ..store.journal import write_changes
from . import image
from .backup import BackupBroken, Piece, append, forget, read
from .choosing import ids_of

State: TypeAlias = HardDelete.State
At: TypeAlias = HardDeletePage.Step
MOST_NAMED = 50
NOTE = 300


@dataclass(frozen=True, slots=True)
class _Stage:
    takes: At
    """Pages at this step are its own."""
    work: Callable[[HardDelete, HardDeletePage], None]
    then: Callable[[HardDelete], Mapping[str, Any]]
    """The columns of the job once no page is left."""


# --- What a person asks for


def confirm(job: HardDelete, by: User, *, typed: str, why: str) -> None:
    if typed.strip().replace(",", "").replace(" ", "") != str(job.customers):
        raise Refused(_("Type the number of customers, %(n)s, to say that you mean it.") % {"n": job.customers})
    if not why.strip():
        raise Refused(_("Say why: the next reader of the log will want to know. Nothing was deleted."))
    with transaction.atomic():
        paged_job.require_quiet()
        name = f"hard-delete-{job.pk}-{timezone.now():%Y%m%d-%H%M%S}.jsonl.gz"
        begun = HardDelete.objects.filter(pk=job.pk, state=State.DRAFT)
        if not begun.update(state=State.BACKING_UP, why=why.strip()[:NOTE], file=name, asked_by=by.label[:160]):
            raise Refused(_("This was confirmed already. Nothing else was started."))
        _pause(job, job.connections)
        audit.record(by, "began a bulk hard delete", job, note=f"{job.customers} customers: {why.strip()[:NOTE]}")
        paged_job.ring(job)


def restore(job: HardDelete, by: User) -> None:
    with transaction.atomic():
        paged_job.require_quiet()
        begun = HardDelete.objects.filter(pk=job.pk, state=State.DELETED).exclude(file="")
        if not begun.update(
            state=State.CHECKING, restored_by=by.label[:160], in_the_way=[], left={}, trouble="", stuck=0,
            cancel_asked=False, finished_at=None,
        ):  # fmt: skip
            raise Refused(_("There is nothing to restore: it was never deleted, it is back, or its backup is gone."))
        audit.record(by, "began to restore a bulk hard delete", job)
        paged_job.ring(job)


def stop(job: HardDelete, by: User) -> None:
    """At the end of the page that is under way; what is deleted by then can be restored, now or later."""
    paged_job.stop(job, HardDelete.STOPPABLE)
    audit.record(by, "stopped a bulk hard delete", job)


def go_on(job: HardDelete, by: User) -> None:
    """Again from the page at which it stopped."""
    paged_job.go_on(job)
    audit.record(by, "went on with a bulk hard delete", job)


def drop(job: HardDelete, by: User) -> None:
    """A draft goes without a trace; of a deletion the backup goes, and with it the way back."""
    with transaction.atomic():
        now = HardDelete.objects.select_for_update().filter(pk=job.pk).first()
        if now is not None and now.state == State.DRAFT:
            now.delete()
            return
        over = HardDelete.objects.filter(pk=job.pk, state__in=[State.DELETED, State.RESTORED, State.CANCELLED])
        if not over.exclude(file="").update(file=""):
            raise Refused(_("There is no backup to delete."))
        audit.record(by, "deleted the backup of a bulk hard delete", job, note=job.file)
        transaction.on_commit(partial(forget, job.file))


# --- What a worker does


def register() -> None:
    paged_job.register(HardDelete, _page, hopeless=(BackupBroken, OSError))


def work(job_id: int) -> bool:
    """One slice; whether it wants another."""
    return paged_job.do(HardDelete._meta.label, job_id)


def _page(job: HardDelete) -> None:
    stage = STAGES[State(job.state)]
    page = job.pages.filter(step=stage.takes).order_by("number").first()
    if job.cancel_asked or page is None:
        write(job, **(_ended(job) if job.cancel_asked else stage.then(job)))
    else:
        stage.work(job, page)


def _back_up(job: HardDelete, page: HardDeletePage) -> None:
    _keep(job, page, image.take(page.ids), At.KEPT)


def _delete(job: HardDelete, page: HardDeletePage) -> None:
    kept = image.loads(read(job.file, _piece(page)))
    image.lock(page.ids)
    now = image.take(page.ids).with_cut_ties(kept)
    if not now.is_of(kept):
        kept = now
        _keep(job, page, kept, At.KEPT)
    door().delete(
        "customers", page.ids, by=job.asked_by, why=Reason("hard-deleted", {"by": job.asked_by, "number": job.pk})
    )
    image.drop_known(image.known_ids(kept))
    _moved(page, At.DELETED)


def _check(job: HardDelete, page: HardDeletePage) -> None:
    kept = image.loads(read(job.file, _piece(page)))
    if len(job.in_the_way) < MOST_NAMED and (found := _in_the_way(kept)):
        write(job, in_the_way=[*job.in_the_way, *found][:MOST_NAMED])
    _moved(page, At.CHECKED)


def _put_back(job: HardDelete, page: HardDeletePage) -> None:
    kept = image.loads(read(job.file, _piece(page)))
    if left := image.put_back(kept):
        write(job, left=dict(Counter(job.left) + left))
    write_changes(_journal(job, kept))
    _moved(page, At.BACK)


def _tie(job: HardDelete, page: HardDeletePage) -> None:
    image.tie(image.loads(read(job.file, _piece(page))))
    _moved(page, At.TIED)


def _checked(job: HardDelete) -> Mapping[str, Any]:
    if not job.in_the_way:
        return {"state": State.RESTORING}
    job.pages.filter(step=At.CHECKED).update(step=At.DELETED)
    return {"state": State.DELETED, "finished_at": Now()}


def _deleted(job: HardDelete) -> Mapping[str, Any]:
    audit.record(None, "deleted in bulk for good", job, note=f"{job.customers} customers, for {job.asked_by}")
    return {"state": State.DELETED, "finished_at": Now()}


def _restored(job: HardDelete) -> Mapping[str, Any]:
    audit.record(None, "restored a bulk hard delete", job, note=f"for {job.restored_by}")
    return {"state": State.RESTORED, "finished_at": Now()}


def _ended(job: HardDelete) -> Mapping[str, Any]:
    """Stopped by a person: what is gone by now stays gone until it is restored."""
    if job.state == State.CHECKING:
        job.pages.filter(step=At.CHECKED).update(step=At.DELETED)
        return {"state": State.DELETED, "finished_at": Now(), "cancel_asked": False}
    job.pages.exclude(step=At.DELETED).delete()
    gone = len(ids_of(job))
    if gone:
        return {"state": State.DELETED, "customers": gone, "finished_at": Now(), "cancel_asked": False}
    transaction.on_commit(partial(forget, job.file))
    return {"state": State.CANCELLED, "file": "", "finished_at": Now(), "cancel_asked": False}


STAGES: Mapping[State, _Stage] = {
    State.BACKING_UP: _Stage(At.CHOSEN, _back_up, lambda _job: {"state": State.DELETING}),
    State.DELETING: _Stage(At.KEPT, _delete, _deleted),
    State.CHECKING: _Stage(At.DELETED, _check, _checked),
    State.RESTORING: _Stage(At.CHECKED, _put_back, lambda _job: {"state": State.TYING}),
    State.TYING: _Stage(At.BACK, _tie, _restored),
}


def _keep(job: HardDelete, page: HardDeletePage, kept: image.Image, step: At) -> None:
    _rest(job, image.connections_of(kept))
    piece = append(job.file, job.size, kept.dumps())
    job.pages.filter(pk=page.pk).update(offset=piece.offset, length=piece.length, digest=piece.digest, step=step)
    write(job, size=piece.offset + piece.length)


def _rest(job: HardDelete, connections: set[int]) -> None:
    """Connections that came to know these customers after they were counted."""
    if new := sorted(connections - set(job.connections)):
        write(job, connections=[*job.connections, *new])
        _pause(job, new)


def _pause(job: HardDelete, connections: Sequence[int]) -> None:
    for one in Connection.objects.filter(pk__in=connections, state=Connection.State.ON).order_by("pk"):
        Connection.objects.filter(pk=one.pk).update(state=Connection.State.PAUSED)
        audit.record(None, "paused", one, note=f"bulk hard delete {job.pk}, {job.asked_by}")


def _moved(page: HardDeletePage, step: At) -> None:
    HardDeletePage.objects.filter(pk=page.pk).update(step=step)


def _piece(page: HardDeletePage) -> Piece:
    return Piece(page.offset, page.length, page.digest)


def progress_of(job: HardDelete) -> tuple[int, int]:
    """Pages that the present stage is through with, and all."""
    stage = STAGES[State(job.state)]
    total = job.pages.count()
    return total - job.pages.filter(step=stage.takes).count(), total


def _in_the_way(kept: image.Image) -> list[list[Any]]:
    """Records that are linked to another row by now: two rows for one record, and nobody could tell which is meant."""
    found: list[list[Any]] = []
    for names, links in image.links_now(kept):
        taken = links.exclude(image.IS_FREE).order_by("pk")
        for object_name, source_id, hub_id in taken.values_list("object", "source_id", "hub_id")[:MOST_NAMED]:
            found.append([object_name, names[source_id] or source_id, hub_id])
    return found or _same_ref(kept)


def _same_ref(kept: image.Image) -> list[list[Any]]:
    columns = image.columns_of(Customer)
    ref, writer, name = (columns.index(one) for one in ("ref_id", "ref_writer", "name"))
    mine = {(row[writer], row[ref]): row[name] for row in kept.tables[image.name_of(Customer)] if row[ref]}
    rows = Customer.objects.filter(ref_id__in={ref_id for _writer, ref_id in mine}, ref_writer__isnull=False)
    taken = rows.order_by("pk").values_list("ref_writer", "ref_id", "pk")
    return [
        ["customers", mine[writer_id, ref_id], pk] for writer_id, ref_id, pk in taken if (writer_id, ref_id) in mine
    ]


def _journal(job: HardDelete, kept: image.Image) -> list[dict[str, Any]]:
    reason, now = Reason("hard-restored", {"by": job.restored_by, "number": job.pk}), timezone.now()
    return [
        {
            "at": now, "run_id": None, "connection_id": None, "system": "", "object": name, "hub_id": pk,
            "source_id": "", "action": Action.RESTORE.value, "outcome": Change.Outcome.DONE.value, "before": {},
            "after": {}, "field_reasons": {}, "reason_code": reason.code, "reason_params": dict(reason.params),
            "notes": [], "fields": "", "erases": False, "actor": job.restored_by,
        }
        for name, pks in image.known_ids(kept).items()
        for pk in pks
    ]  # fmt: skip
