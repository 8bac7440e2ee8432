"""What the keys did not recognise, but what may be here all the same: asked about by tables that propose."""

from collections.abc import Collection, Mapping, Sequence

from integrations.engine.reading import read
from integrations.engine.reasons import Reason
from integrations.engine.records import Record
from integrations.engine.values import Value, all_from_json

from ..models import PlannedChange, RecordLink, Staged
from ..store.alike import Asked
from ..store.bulk import fetch
from .context import Context, Plan


def proposed(context: Context, plan: Plan, source_ids: Sequence[str]) -> dict[str, Reason]:
    """source id → why it waits for a person; a constant number of statements."""
    table = context.table(plan.object)
    if not table.proposes or not source_ids or not table.may_propose():
        return {}
    staged = Staged.objects.filter(run_id=context.run.pk, object=plan.object, source_id__in=source_ids)
    rows = fetch(staged.order_by("pk"), ("source_id", "payload", "customer_ids"), len(source_ids))
    customers = _rows_of_customers(context, {one for row in rows for one in row["customer_ids"]})
    asked = {
        row["source_id"]: Asked(
            _values(plan, table.told, Record(row["source_id"], all_from_json(row["payload"])), context.system),
            frozenset(pk for one in row["customer_ids"] for pk in customers.get(one, ())),
        )
        for row in rows
    }
    found = table.likely(context.connection.pk, asked)
    return {
        source_id: Reason(reason.code, {**reason.params, "system": context.system})
        for source_id, reason in found.items()
    }


def _values(plan: Plan, told: Collection[str], record: Record, system: str) -> Mapping[str, Value]:
    return {rule.hub_field: read(rule, record, system=system).value for rule in plan.rules if rule.hub_field in told}


def _rows_of_customers(context: Context, source_ids: set[str]) -> dict[str, set[int]]:
    """By the links, and by what this run has decided so far: customers meet their rows in the same run."""
    found: dict[str, set[int]] = {}
    links = RecordLink.objects.filter(connection=context.connection, object="customers", source_id__in=source_ids)
    decided = PlannedChange.objects.filter(run_id=context.run.pk, object="customers", source_id__in=source_ids)
    for rows in (links, decided):
        for source_id, hub_id in rows.values_list("source_id", "hub_id"):
            if hub_id is not None:
                found.setdefault(source_id, set()).add(hub_id)
    return found
