"""Applying exactly a preview: takes its rows over, and refuses those whose source moved since."""

from collections.abc import Mapping
from itertools import takewhile
from typing import Any

from django.utils import timezone

from integrations.engine.reasons import Reason

from ..connector import How, Read
from ..models import Change, PlannedChange, RecordLink, Run
from ..store.journal import add_totals, drop_planned, write_changes
from .applying import COLUMNS
from .context import Context
from .reading import IDS_OF_ONE_CALL
from .step import Place, Step


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
    phase = Run.Phase.READ

    def fetch(self, context: Context, place: Mapping[str, Any]) -> tuple[list[dict[str, Any]], dict[str, Any]]:
        """The next rows of one object, and the modified stamps that their records have now."""
        chunk = self._chunk(context, int(place.get("after", 0)))
        if not chunk:
            return [], {}
        ids = tuple(row["source_id"] for row in chunk)
        read = Read(str(chunk[0]["object"]), How.BY_ID, (), ids=ids)
        stamps: dict[str, Any] = {}
        token, is_first = "", True
        while token or is_first:
            page = context.open().page(read, token)
            stamps |= {record.source_id: record.modified_at for record in page.records}
            token, is_first = page.next, False
        return chunk, stamps

    def work(
        self, context: Context, place: Mapping[str, Any], fetched: tuple[list[dict[str, Any]], dict[str, Any]]
    ) -> Place | None:
        chunk, stamps = fetched
        if not chunk:
            return None
        moved = [row for row in chunk if row["modified_at"] and stamps.get(row["source_id"]) != row["modified_at"]]
        self._refuse(context, moved)
        return {"after": chunk[-1]["pk"]}

    def _chunk(self, context: Context, after: int) -> list[dict[str, Any]]:
        rows = PlannedChange.objects.filter(run_id=context.run.pk, pk__gt=after).order_by("pk")
        found = list(rows.values(*COLUMNS)[:IDS_OF_ONE_CALL])
        # One call asks for one object: the chunk ends where the object changes.
        return list(takewhile(lambda row: row["object"] == found[0]["object"], found))

    def _refuse(self, context: Context, moved: list[dict[str, Any]]) -> None:
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
            context.count(f"{row['object']}.{row['action']}", -1)
            context.count(f"{row['object']}.refuse")
            context.count(f"{row['object']}.applied.refused")
        write_changes(journal)
        add_totals(context.connection.pk, journal, now)
        # Linked ones are read anew by the next run, whatever its cursor; unlinked ones have no hash and are anyway.
        ids = [row["source_id"] for row in moved]
        RecordLink.objects.filter(connection=context.connection, source_id__in=ids).update(source_hash="")
        drop_planned([row["pk"] for row in moved])
