"""Marks hub rows that changed for the connections that carry changes out, so that nobody has to look through all rows."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db.models import Exists, OuterRef

from ..models import Block, Connection, DataType, FieldMapping, HubMark, Mode
from .bulk import upsert

OUTWARD = (Mode.TWO_WAY, Mode.OUTPUT)
NOTHING_GOES_OUT = "nothing-goes-out"
"""Why a row that was made here waits: its data type is sent, and none of its lines goes out."""


def outward_connections(object_name: str, besides: int | None = None) -> list[int]:
    """Connections that write this data type. Paused ones and drafts too: what changes meanwhile goes out later."""
    blocks = Block.objects.filter(object=object_name, mode__in=OUTWARD)
    if object_name == DataType.CUSTOMERS:
        # Scores are a channel of their own, over the links of customers.
        blocks |= Block.objects.filter(object=DataType.SCORES, mode__in=OUTWARD)
    living = blocks.exclude(connection__state=Connection.State.ARCHIVED).exclude(connection=besides)
    return sorted(set(living.values_list("connection_id", flat=True)))


def only_sent(connection_id: int) -> list[str]:
    """Data types of which nothing is read: only a mark makes a run look at a row of theirs."""
    blocks = Block.objects.filter(connection=connection_id, mode=Mode.OUTPUT).exclude(object=DataType.SCORES)
    return list(blocks.values_list("object", flat=True))


def mark(
    object_name: str,
    hub_ids: Iterable[int],
    now: datetime,
    *,
    kind: str = HubMark.Kind.CHANGED,
    connections: Sequence[int] | None = None,
) -> None:
    """A later mark moves the earlier one on: what a run saw before is not what stands there now."""
    targets = outward_connections(object_name) if connections is None else connections
    rows = [(connection_id, object_name, hub_id, kind, now, None) for connection_id in targets for hub_id in hub_ids]
    columns = ["connection", "object", "hub_id", "kind", "at", "seen_by"]
    upsert(HubMark, columns, rows, conflict=columns[:3], update=["kind", "at", "seen_by"])


def silent_blocks(object_name: str, hub_id: int) -> list[Block]:
    """Where this row waits to be created, though none of the lines goes out."""
    marks = HubMark.objects.filter(object=object_name, hub_id=hub_id, kind=HubMark.Kind.CHANGED)
    going = FieldMapping.objects.filter(block=OuterRef("pk"), suspended_at=None).exclude(crm_field="")
    blocks = Block.objects.filter(object=object_name, mode__in=OUTWARD, connection__in=marks.values("connection"))
    silent = blocks.exclude(Exists(going.exclude(direction=FieldMapping.Direction.IN)))
    living = silent.exclude(connection__state=Connection.State.ARCHIVED)
    return list(living.select_related("connection").order_by("connection__order", "connection_id"))
