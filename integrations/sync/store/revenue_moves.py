"""By how much a run's planned rows would move the MRR of each currency, and which rows do it."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any

from django.db.models import QuerySet, Sum

from integrations.engine.agreements import COUNTED
from integrations.engine.values import all_from_json
from integrations.hub.models import Agreement

from ..models import PlannedChange, RecordLink
from .applying import WRITING, stated_of
from .hub_rows import Names, Write, table_of

OBJECT = "agreements"
NOTHING = ("", Decimal(0))


@dataclass(slots=True)
class Moves:
    total: dict[str, Decimal] = field(default_factory=lambda: defaultdict(Decimal))
    rows: list[int] = field(default_factory=list)
    """The planned rows that move MRR of any currency."""
    last: int = 0
    """Where the next page begins; 0: there is none."""


def standing_revenue(connection_id: int) -> dict[str, Decimal]:
    """Active MRR of the agreements that the connection holds, by currency."""
    held = RecordLink.objects.filter(connection=connection_id, object=OBJECT, hub_id__isnull=False).values("hub_id")
    rows = Agreement.objects.filter(pk__in=held, status=COUNTED, mrr__isnull=False).order_by()
    return dict(rows.values_list("currency").annotate(total=Sum("mrr")))


def moving(run_id: int) -> QuerySet[PlannedChange]:
    return PlannedChange.objects.filter(run_id=run_id, object=OBJECT, action__in=WRITING)


def moves_of(run_id: int, connection_id: int, after: int, limit: int) -> Moves:
    """One page, two statements."""
    moves, table = Moves(), table_of(OBJECT)
    rows = list(moving(run_id).filter(pk__gt=after).order_by("pk").values("pk", "hub_id", "after", "link")[:limit])
    found = table.load(connection_id, [row["hub_id"] for row in rows if row["hub_id"]])
    for row in rows:
        loaded = found.get(row["hub_id"] or 0)
        former, later = _counts(loaded.columns if loaded else None), _counts(_later(row, loaded, connection_id))
        if former != later:
            moves.rows.append(row["pk"])
            moves.total[former[0]] -= former[1]
            moves.total[later[0]] += later[1]
    moves.last = rows[-1]["pk"] if len(rows) == limit else 0
    return moves


def standing_moves(moved: Mapping[str, Any], more: Mapping[str, Decimal]) -> dict[str, str]:
    """Sums as a run's cursor keeps them, between one page and the next."""
    sums = {currency: Decimal(text) for currency, text in moved.items()}
    return {
        currency: str(sums.get(currency, Decimal(0)) + more.get(currency, Decimal(0))) for currency in {**sums, **more}
    }


def _later(row: Mapping[str, Any], loaded: Any, connection_id: int) -> Mapping[str, Any]:
    table = table_of(OBJECT)
    values = {name: value for name, value in all_from_json(row["after"]).items() if name != table.hangs_on}
    return table.row_of(Write(0, values, loaded, stated=stated_of(row)), Names(), connection_id)


def _counts(columns: Mapping[str, Any] | None) -> tuple[str, Decimal]:
    if columns is None or columns["status"] != COUNTED or columns["mrr"] is None:
        return NOTHING
    return columns["currency"], Decimal(columns["mrr"])
