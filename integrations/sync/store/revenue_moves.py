"""By how much a run's planned rows would move the MRR of each currency, and which rows do it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import Sum

from integrations.engine.agreements import COUNTED
from integrations.engine.values import all_from_json
from integrations.hub.models import Agreement

from ..models import PlannedChange, RecordLink
from .applying import WRITING
from .hub_rows import Names, Write, table_of

OBJECT = "agreements"


@dataclass(slots=True)
class Moves:
    total: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rows: dict[str, list[int]] = field(default_factory=lambda: defaultdict(list))
    """Currency → the planned rows that move its MRR."""

    def add(self, pk: int, before: Mapping[str, Any] | None, after: Mapping[str, Any]) -> None:
        former, later = _counts(before), _counts(after)
        if former == later:
            return
        for (currency, mrr), sign in ((former, -1), (later, 1)):
            if mrr:
                self.total[currency] += sign * mrr
                self.rows[currency].append(pk)


def standing_revenue(connection_id: int) -> dict[str, Decimal]:
    """Active MRR of the agreements that the connection holds, by currency."""
    held = RecordLink.objects.filter(connection=connection_id, object=OBJECT, hub_id__isnull=False).values("hub_id")
    rows = Agreement.objects.filter(pk__in=held, status=COUNTED, mrr__isnull=False).order_by()
    return dict(rows.values_list("currency").annotate(total=Sum("mrr")))


def moves_of(run_id: int, connection_id: int, page: int) -> Moves:
    """A page at a time, two statements each, so that a million planned rows fit."""
    moves, table, after = Moves(), table_of(OBJECT), 0
    planned = PlannedChange.objects.filter(run_id=run_id, object=OBJECT, action__in=WRITING).order_by("pk")
    while rows := list(planned.filter(pk__gt=after).values("pk", "hub_id", "after")[:page]):
        found = table.load(connection_id, [row["hub_id"] for row in rows if row["hub_id"]])
        for row in rows:
            loaded = found.get(row["hub_id"] or 0)
            values = {name: value for name, value in all_from_json(row["after"]).items() if name != table.hangs_on}
            later = table.row_of(Write(0, values, loaded), Names(), connection_id)
            moves.add(row["pk"], loaded.columns if loaded else None, later)
        after = rows[-1]["pk"]
    return moves


def _counts(columns: Mapping[str, Any] | None) -> tuple[str, Decimal]:
    if columns is None or columns["status"] != COUNTED or columns["mrr"] is None:
        return "", Decimal(0)
    return columns["currency"], Decimal(columns["mrr"])
