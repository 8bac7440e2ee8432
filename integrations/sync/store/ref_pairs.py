"""Keeps the syncs quiet about IDs that were exchanged here: no line that reads the ID takes it for somebody's edit."""

from collections.abc import Mapping

from integrations.engine.mapping import Direction, Mode
from integrations.engine.merge import within
from integrations.engine.plan import REF
from integrations.engine.values import to_json

from ..models import FieldMapping, RecordLink
from .bulk import update


def settle_refs(object_name: str, ids: Mapping[int, str]) -> None:
    """hub id → the ID that the row has now. What the CRM holds stays as it was settled: neither side has moved.

    Lines that write the CRM are left alone: their next sync tells it the new ID.
    """
    links = RecordLink.objects.filter(object=object_name, hub_id__in=ids, settled__has_key=REF)
    found = links.exclude(connection__in=telling(object_name)).values_list("pk", "hub_id", "settled")
    moved = [
        ({**settled, REF: [to_json(ids[hub_id]), *settled[REF][1:]]}, pk) for pk, hub_id, settled in found if hub_id
    ]
    update(RecordLink, ["settled"], moved)


def telling(object_name: str) -> list[int]:
    """Connections whose line writes the ID into the CRM."""
    lines = FieldMapping.objects.filter(block__object=object_name, hub_field=REF)
    rows = lines.values_list("block__connection", "block__mode", "direction")
    acts = ((pk, within(Mode(mode), Direction(direction))) for pk, mode, direction in rows)
    return [pk for pk, direction in acts if direction is not None and direction.writes_crm]
