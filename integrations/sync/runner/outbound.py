"""What both ends of the way out ask: whether a write may still go, and what the CRM keeps of a record now."""

from collections.abc import Sequence

from integrations.engine.records import Record
from integrations.engine.values import all_from_json

from ..connector import How, Read, Send
from ..models import OnDelete, Outbox
from ..store.marks import OUTWARD
from ..store.outbox import DELETED_OUT
from .applying import sendable
from .context import CUSTOMER_OUT, Context, Plan

IDS_OF_ONE_CALL = 2000


def may_go(plan: Plan, row: Outbox) -> bool:
    """Whether these lines still say what the write says: it may have waited while somebody changed them."""
    if row.kind == Outbox.Kind.DELETE:
        return row.reason_code != DELETED_OUT or (plan.mode in OUTWARD and plan.on_hub_delete == OnDelete.DELETE)
    if row.kind == Outbox.Kind.CREATE and plan.mode not in OUTWARD:
        return False
    there = {rule.hub_field: rule.crm_field for rule in (*plan.rules, CUSTOMER_OUT)}
    return sendable(plan).issuperset(row.after) and all(there.get(name) in row.payload for name in row.after)


def send_of(row: Outbox) -> Send:
    return Send(
        source_id=row.source_id,
        key="" if row.source_id else row.key,
        values=all_from_json(row.payload),
        delete=row.kind == Outbox.Kind.DELETE,
    )


def read_by_id(context: Context, plan: Plan, ids: Sequence[str]) -> dict[str, Record]:
    """source id → the record with all mapped fields, as the CRM keeps it now."""
    fields = tuple(dict.fromkeys((*context.connector.fields_needed(plan.object), *plan.crm_fields)))
    stored: dict[str, Record] = {}
    for start in range(0, len(ids), IDS_OF_ONE_CALL):
        read = Read(plan.object, How.BY_ID, fields, ids=tuple(ids[start : start + IDS_OF_ONE_CALL]))
        token, is_first = "", True
        while token or is_first:
            page = context.open().page(read, token)
            stored |= {record.source_id: record for record in page.records}
            token, is_first = page.next, False
    return stored
