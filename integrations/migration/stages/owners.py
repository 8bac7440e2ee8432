"""Who writes the Customer ID of the customers that move: one connection at a time."""

from django.db.models import Exists, OuterRef

from integrations.sync.models import Connection, FieldMapping, Mode, RecordLink
from integrations.sync.registry import system_of

from ..facts import to_move
from ..models import Move

READS = [FieldMapping.Direction.IN, FieldMapping.Direction.BOTH]


def other_writers(move: Move) -> list[str]:
    """Names of connections beside HubSpot that carry an ID into rows of customers that move."""
    held = RecordLink.objects.filter(
        connection=OuterRef("pk"), object="customers", state=RecordLink.State.LINKED,
        hub_id__in=to_move(move).values("pk"),
    )  # fmt: skip
    lines = FieldMapping.objects.filter(
        block__connection=OuterRef("pk"), block__object="customers", hub_field="ref_id", direction__in=READS,
    ).exclude(block__mode=Mode.DISABLED)  # fmt: skip
    others = Connection.objects.exclude(pk=move.new_id or 0).exclude(state=Connection.State.ARCHIVED)
    found = others.filter(Exists(lines), Exists(held)).order_by("order", "name")
    # A tool that only links leaves the ID to the CRM.
    return [one.name for one in found if system_of(one.system).abilities.of("customers").makes_rows]
