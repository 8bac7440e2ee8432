"""Moves planned rows into the journal, and keeps the daily totals that charts read."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from django.utils.timezone import localdate

from integrations.engine.plan import Action

from ..models import Change, DailyTotal, PlannedChange, Run
from .bulk import upsert

COLUMNS = (
    "at", "run_id", "connection_id", "system", "object", "hub_id", "source_id", "action", "outcome", "before", "after",
    "field_reasons", "reason_code", "reason_params", "notes", "fields", "erases", "actor", "undo",
)  # fmt: skip
SILENT = frozenset({Action.SETTLE.value, Action.MISS.value})
OUTCOMES = {
    Action.REFUSE.value: Change.Outcome.REFUSED.value,
    Action.COLLISION.value: Change.Outcome.LISTED.value,
    Action.ASK.value: Change.Outcome.LISTED.value,
}
Row = Mapping[str, Any]


def outcome_of(action: str) -> str:
    return OUTCOMES.get(action, Change.Outcome.DONE.value)


def write_changes(rows: Iterable[Row]) -> None:
    upsert(Change, COLUMNS, [[row.get(name, {}) if name == "undo" else row[name] for name in COLUMNS] for row in rows])


def drop_planned(pks: Sequence[int]) -> None:
    rows = PlannedChange.objects.filter(pk__in=pks)
    rows._raw_delete(rows.db)


def add_counts(earlier: Mapping[int, Mapping[str, int]]) -> None:
    """To what runs counted that are over. Run → count → how many more; none: no statement."""
    if not earlier:
        return
    over = list(Run.objects.select_for_update().filter(pk__in=earlier).only("counts").order_by("pk"))
    for run in over:
        run.counts = dict(Counter(run.counts) + Counter(earlier[run.pk]))
    Run.objects.bulk_update(over, ["counts"])


def add_totals(connection_id: int, rows: Iterable[Row], now: datetime) -> None:
    """Under the day of the console's own time zone, by which the log and the board count days."""
    numbers = Counter((row["object"], row["action"], row["outcome"]) for row in rows)
    upsert(
        DailyTotal, ["connection_id", "day", "object", "action", "outcome", "number"],
        [(connection_id, localdate(now), *key, number) for key, number in numbers.items()],
        conflict=["connection_id", "day", "object", "action", "outcome"], add=["number"],
    )  # fmt: skip
