"""Before rows are applied that a person let through, a preview's or what the brake held: refuses those whose source moved since."""

from collections.abc import Collection, Mapping, Sequence
from itertools import takewhile
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.engine.reasons import Reason
from integrations.engine.records import LinkState

from ..connector import How, Page, Read
from ..models import Change, HubMark, PlannedChange, RecordLink, Run
from ..models.journal import Action
from ..store.journal import add_totals, drop_planned, write_changes
from ..store.staging import hashed
from ..tallies import UNREAD
from .applying import COLUMNS
from .context import Context
from .outbound import read_by_id
from .reading import IDS_OF_ONE_CALL, Walk
from .step import ASKS, Place, Step

WENT = (Action.CHURN, Action.GONE, Action.DELETE)
Row = dict[str, Any]


class Adopt(Step):
    """The rows change hands in one statement, and with them what was read and decided: this run's page must add up too."""

    phase = Run.Phase.READ

    def work(self, context: Context, place: Mapping[str, Any], fetched: Any) -> Place | None:
        preview = context.run.preview
        assert preview is not None
        PlannedChange.objects.filter(run_id=preview.pk).update(run_id=context.run.pk, is_held=False)
        context.totals |= preview.totals
        for key, number in preview.counts.items():
            context.count(key, number)
        return None


class Verify(Step):
    """Asks for the records of the rows, and refuses the rows that do not stand any more as they were decided."""

    phase = Run.Phase.READ

    def fetch(self, context: Context, place: Mapping[str, Any]) -> tuple[list[Row], list[Row]]:
        """The next rows of one object, and those among them whose records have moved."""
        chunk = self._chunk(context, int(place.get("after", 0)))
        if not chunk:
            return [], []
        stamps = _stamps(context, chunk)
        moved = [row for row in chunk if _has_moved(row, stamps)]
        same = _read_the_same(context, [row for row in moved if row["outward"]])
        return chunk, [row for row in moved if row["pk"] not in same]

    def work(self, context: Context, place: Mapping[str, Any], fetched: tuple[list[Row], list[Row]]) -> Place | None:
        chunk, moved = fetched
        if not chunk:
            return None
        _refuse(context, moved)
        return {"after": chunk[-1]["pk"]}

    def _chunk(self, context: Context, after: int) -> list[Row]:
        # Of what bears no stamp only one thing can be told: whether a record that was not to be found is there again.
        may_tell = Q(modified_at__isnull=False) | Q(action__in=WENT, link__state=LinkState.GONE.value)
        rows = PlannedChange.objects.filter(may_tell, run_id=context.run.pk, pk__gt=after).order_by("pk")
        # Of what only goes out no run reads a stamp: the one that is known is of the last write, and the hub's word goes.
        rows = rows.exclude(object__in=[name for name, plan in context.plans.items() if not plan.reads])
        found = list(rows.values(*COLUMNS)[:IDS_OF_ONE_CALL])
        # One call asks for one object: the chunk ends where the object changes.
        return list(takewhile(lambda row: row["object"] == found[0]["object"], found))


class Returned(Walk):
    """Whoever is in scope again does not churn: a view that was put right moves no stamp of the records it shows."""

    how = How.IDS

    def at_hand(self, context: Context, place: Mapping[str, Any]) -> Any:
        return ASKS if self._churning(context).exists() else Page()

    def fetch(self, context: Context, place: Mapping[str, Any]) -> Page | None:
        return super().fetch(context, place) if self._churning(context).exists() else Page()

    def take(self, context: Context, page: Page) -> None:
        _refuse(context, list(self._churning(context).filter(source_id__in=page.ids).values(*COLUMNS)))

    def _churning(self, context: Context) -> QuerySet[PlannedChange]:
        return PlannedChange.objects.filter(run_id=context.run.pk, object=self.object, action=Action.CHURN)


def _stamps(context: Context, chunk: Sequence[Row]) -> dict[str, Any]:
    """source id → when its record was last modified, of those that are there."""
    ids = tuple(row["source_id"] for row in chunk)
    read = Read(str(chunk[0]["object"]), How.BY_ID, (), ids=ids)
    stamps: dict[str, Any] = {}
    token, is_first = "", True
    while token or is_first:
        page = context.open().page(read, token)
        stamps |= {record.source_id: record.modified_at for record in page.records}
        token, is_first = page.next, False
    return stamps


def _has_moved(row: Row, stamps: Mapping[str, Any]) -> bool:
    if row["modified_at"] is None:
        return row["source_id"] in stamps
    return bool(stamps.get(row["source_id"]) != row["modified_at"])


def _read_the_same(context: Context, rows: Sequence[Row]) -> Collection[int]:
    """Rows whose records hold what they were decided by, whatever their stamp says.

    What only goes out was decided without reading: its stamp is the one of the last reading, and has moved since with
    everything that no line reads.
    """
    if not rows:
        return frozenset()
    plan = context.plans[rows[0]["object"]]
    stored, fields = read_by_id(context, plan, [row["source_id"] for row in rows]), frozenset(plan.crm_fields)
    hashes = {source_id: hashed(record, fields) for source_id, record in stored.items()}
    return {row["pk"] for row in rows if row["source_hash"] and hashes.get(row["source_id"]) == row["source_hash"]}


def _refuse(context: Context, moved: Sequence[Row]) -> None:
    if not moved:
        return
    reason, now = Reason("source-moved", {"system": context.system}), timezone.now()
    journal = [
        {
            **row, "at": now, "run_id": context.run.pk, "connection_id": context.connection.pk, "actor": "",
            "reason_code": reason.code, "reason_params": dict(reason.params),
            "outcome": Change.Outcome.REFUSED.value,
        }
        for row in moved
    ]  # fmt: skip
    for row in moved:
        _count(context, row)
    write_changes(journal)
    add_totals(context.connection.pk, journal, now)
    # Linked ones are read anew by the next run, whatever its cursor; unlinked ones have no hash and are anyway.
    links = RecordLink.objects.filter(
        connection=context.connection, object=moved[0]["object"], source_id__in=[row["source_id"] for row in moved]
    )
    links.update(source_hash="", next_try_at=Now())
    _ask_again(context, [row for row in moved if row["action"] == Action.DELETE_OUT.value])
    drop_planned([row["pk"] for row in moved])


def _ask_again(context: Context, deletions: Sequence[Row]) -> None:
    """Somebody worked on a record that is to be deleted: the next run decides it anew, by the mark of its row."""
    if deletions:
        HubMark.objects.filter(
            connection=context.connection, object=deletions[0]["object"], kind=HubMark.Kind.DELETED,
            hub_id__in=[row["hub_id"] for row in deletions],
        ).update(seen_by=None)  # fmt: skip


def _count(context: Context, row: Row) -> None:
    context.count(f"{row['object']}.{row['action']}", -1)
    context.count(f"{row['object']}.refuse")
    context.count(f"{row['object']}.applied.refused")
    if row["action"] in WENT:
        # The source did not count it, so it explains none of that number.
        context.count(f"{row['object']}.{UNREAD}")
