"""Writes values of the snapshot back through the hub's one door: journaled, marked for the CRMs, taken back like any edit."""

from collections.abc import Mapping, Sequence
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _

from accounts import audit
from accounts.models import User
from integrations.engine.reasons import Reason
from integrations.engine.values import Value, is_blank
from integrations.hub.door import door
from integrations.hub.models import Customer
from integrations.sync import paged_job
from integrations.sync.store.hub_rows import FOREIGN, table_of

from .comparing import SCANNED, Difference, compared, kept_rows
from .models import Kept, KeptJob, Move
from .snapshot import begin
from .steps import ActRefused

AT_ONCE = 50
MOST_NAMED = 50


def restore(move: Move, by: User, plan: Mapping[str, Any]) -> tuple[int, list[list[str]]] | KeptJob:
    """Few chosen rows at once: how many were written, and which could not be. More of them in the background."""
    if move.kept_at is None:
        raise ActRefused(_("There is no complete snapshot to go back to. Nothing was changed."))
    ids = plan.get("ids")
    if ids is not None and not ids:
        raise ActRefused(_("No row is chosen. Nothing was changed."))
    rows = chosen(move, plan)
    if ids is None or len(ids) > AT_ONCE:
        job = begin(move, by, kind=KeptJob.Kind.RESTORE, plan=dict(plan), total=rows.count())
        audit.record(by, "restored from the snapshot", move, after={"plan": dict(plan)})
        return job
    with transaction.atomic():
        audit.record(by, "restored from the snapshot", move, after={"plan": dict(plan)})
        return write_back(move, list(rows), plan, by.label)


def page(job: KeptJob) -> None:
    """Within the transaction of the page."""
    rows = list(chosen(job.move, job.plan).filter(pk__gt=job.cursor.get("after", 0))[:SCANNED])
    number, left = write_back(job.move, rows, job.plan, job.asked_by)
    columns: dict[str, Any] = {
        "done": job.done + len(rows), "changed": job.changed + number, "left": [*job.left, *left][:MOST_NAMED],
        "cursor": {"after": rows[-1].pk} if rows else job.cursor,
    }  # fmt: skip
    if len(rows) < SCANNED:
        columns |= {"state": KeptJob.State.DONE, "finished_at": timezone.now()}
    elif job.cancel_asked:
        columns |= {"state": KeptJob.State.STOPPED, "finished_at": timezone.now()}
    paged_job.write(job, **columns)


def chosen(move: Move, plan: Mapping[str, Any]) -> Any:
    rows = kept_rows(move, object_name=plan.get("object", ""), q=plan.get("q", ""))
    return rows if plan.get("ids") is None else rows.filter(pk__in=plan["ids"])


def write_back(move: Move, rows: Sequence[Kept], plan: Mapping[str, Any], by: str) -> tuple[int, list[list[str]]]:
    """How many rows were written, and which could not be. A constant number of statements for each data type."""
    field_name, left = plan.get("field", ""), list[list[str]]()
    edits: dict[str, dict[int, dict[str, Value]]] = {}
    names: dict[tuple[str, int], str] = {}
    for one in compared(rows, field_name):
        key = (one.kept.object, one.kept.hub_id)
        names[key] = one.kept.name
        if one.is_gone:
            left.append([one.kept.name, _("It is no longer here.")])
        elif values := _values(one):
            edits.setdefault(one.kept.object, {})[one.kept.hub_id] = values
    number = 0
    assert move.kept_at is not None
    why = Reason("back-to-snapshot", {"by": by, "day": date_format(timezone.localtime(move.kept_at), "j M Y, H:i")})
    for name, of_name in edits.items():
        _drop_lost_heads(name, of_name)
        refused = door().edit(name, of_name, by=by, why=why)
        number += len(of_name) - len(refused)
        left += [[names.get((name, one.hub_id or 0), ""), str(one.reason)] for one in refused]
    return number, left


def _values(one: Difference) -> dict[str, Value]:
    hangs_on = table_of(one.kept.object).hangs_on
    values = {name: then for name, (then, _now) in one.fields.items()}
    if not is_blank(values.get(hangs_on)):
        values[hangs_on] = str(values[hangs_on]).removeprefix(FOREIGN)
    return values


def _drop_lost_heads(name: str, edits: dict[int, dict[str, Value]]) -> None:
    """Whoever hung on a customer that is gone stays where it is: the rest of the row goes back."""
    hangs_on = table_of(name).hangs_on
    asked = {int(str(values[hangs_on])) for values in edits.values() if values.get(hangs_on)}
    there = set(Customer.objects.filter(pk__in=asked).values_list("pk", flat=True)) if asked else set()
    for values in edits.values():
        head = values.get(hangs_on)
        if head and int(str(head)) not in there:
            del values[hangs_on]
