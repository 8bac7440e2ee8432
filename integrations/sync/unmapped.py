"""Values of a CRM that nothing is mapped to: how many linked records keep what they have because of it, per field."""

from collections.abc import Sequence
from dataclasses import dataclass

from django.core.cache import cache
from django.db.models import Count

from integrations.engine.mapping import Kind
from integrations.hub.fields import HubField, fields_of

from .models import Block, Connection, FieldMapping, Mode, RecordLink
from .store.links import was_read

KEPT = 24 * 3600


@dataclass(frozen=True, slots=True)
class Unmapped:
    connection_id: int
    object: str
    field: str
    label: str
    number: int


def unmapped_of(connections: Sequence[Connection]) -> list[Unmapped]:
    """Counted once after each run that went through: nothing else moves these numbers.

    A configuration that no run has decided under yet says nothing: of its lines nobody knows what they will find.
    """
    keys = {
        connection.pk: f"unmapped:{connection.pk}:{connection.through_run}"  # type: ignore[attr-defined]
        for connection in connections
        if connection.through_version == connection.version  # type: ignore[attr-defined]
    }
    known = cache.get_many(keys.values())
    missing = [pk for pk, key in keys.items() if key not in known]
    if missing:
        counted = {pk: [one for one in _count(missing) if one.connection_id == pk] for pk in missing}
        cache.set_many({keys[pk]: found for pk, found in counted.items()}, KEPT)
        known |= {keys[pk]: found for pk, found in counted.items()}
    return [one for key in keys.values() for one in known[key]]


def _count(connections: Sequence[int]) -> list[Unmapped]:
    blocks = Block.objects.filter(connection__in=connections).exclude(mode=Mode.DISABLED).prefetch_related("lines")
    return [one for block in blocks for one in _of_block(block)]


def _of_block(block: Block) -> list[Unmapped]:
    fields = fields_of(block.object)
    lines = [line for line in block.lines.all() if line.hub_field in fields and _translates(line, fields)]
    if not lines:
        return []
    # What was not read had a value that is not mapped: a blank one would have been settled as blank.
    linked = RecordLink.objects.filter(
        connection=block.connection_id,
        object=block.object,
        state=RecordLink.State.LINKED,
        rules_hash=block.rules_hash,
    )
    wanted = {f"n{n}": Count("pk", filter=~was_read(line.hub_field)) for n, line in enumerate(lines)}
    numbers = linked.aggregate(**wanted)
    return [
        Unmapped(block.connection_id, block.object, line.hub_field, str(fields[line.hub_field].label), numbers[f"n{n}"])
        for n, line in enumerate(lines)
        if numbers[f"n{n}"]
    ]


def _translates(line: FieldMapping, fields: dict[str, HubField]) -> bool:
    reads = bool(line.crm_field) and line.suspended_at is None and line.direction != FieldMapping.Direction.OUT
    return reads and (fields[line.hub_field].kind is Kind.CHOICE or bool(line.value_map))
