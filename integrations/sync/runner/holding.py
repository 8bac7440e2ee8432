"""What the brake holds must not depend on its record changing once more: the next run decides it anew, whatever its cursor."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from django.db.models import Exists, OuterRef, QuerySet
from django.db.models.functions import Now
from django.utils import timezone

from integrations.engine.records import LinkState

from ..models import PlannedChange, RecordLink
from ..models.journal import Action
from ..store.links import empty_columns, write_links
from .context import Context

PAGE = 1000
HELD = "held-by-brake"
ROW = ("pk", "source_id", "name", "modified_at", "link")
OF_ITS_LINK = ("parent_id", "customer_id")


def held_rows(context: Context) -> QuerySet[PlannedChange]:
    return PlannedChange.objects.filter(run_id=context.run.pk, is_held=True)


def keep_due(context: Context) -> None:
    """A later delta reads by its cursor, and has none of these: all of them are read by id."""
    for name, plan in context.plans.items():
        if not plan.reads:
            continue
        # A deletion that is to go out waits by its mark: no reading of its record says more about it.
        rows = held_rows(context).filter(object=name).exclude(action=Action.DELETE_OUT.value)
        links = RecordLink.objects.filter(
            connection=context.connection, object=name, source_id__in=rows.values("source_id")
        )
        links.update(source_hash="", next_try_at=Now())
        _note_unlinked(context, name, rows.filter(action__in=[Action.CREATE.value, Action.LINK.value]))


def _note_unlinked(context: Context, name: str, rows: QuerySet[PlannedChange]) -> None:
    """Records that were about to be linked are listed as left out until then: only a link can be due."""
    known = RecordLink.objects.filter(connection=context.connection, object=name, source_id=OuterRef("source_id"))
    strangers, after = rows.filter(~Exists(known)).order_by("pk").values(*ROW), 0
    now = timezone.now()
    while page := list(strangers.filter(pk__gt=after)[:PAGE]):
        columns = {row["source_id"]: _link_of(context, name, row, now) for row in page}
        write_links(context.connection.pk, name, columns)
        after = page[-1]["pk"]


def _link_of(context: Context, name: str, row: Mapping[str, Any], now: datetime) -> dict[str, Any]:
    return {
        **empty_columns(context.abilities.of(name).source_object, now, context.run.pk),
        **{column: row["link"].get(column, "") for column in OF_ITS_LINK},
        "name": row["name"], "modified_at": row["modified_at"], "state": LinkState.EXCLUDED.value,
        "reason_code": HELD, "reason_params": {"system": context.system}, "next_try_at": now,
    }  # fmt: skip
