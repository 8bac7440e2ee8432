"""How many hub values a mapping would empty, estimated before it is saved: from what the hub holds, where the CRM was
blank when last settled.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from hashlib import blake2b
from itertools import product
from typing import Any

from django.db.models import Exists, OuterRef, Q, QuerySet

from integrations.engine.mapping import Blanks, Direction, FieldRule, Kind, identity
from integrations.engine.mapping import Mode as Ceiling
from integrations.engine.merge import within
from integrations.engine.values import digest, from_json
from integrations.hub.fields import BUILT_IN, fields_of

from .models import Block, Connection, DataType, FieldMapping, RecordLink
from .store.hub_rows import TABLES, table_of
from .store.links import LINE_AT, was_read

EXAMPLES = 20
AT_ONCE = 5000
Line = Mapping[str, Any]
"""As a configuration keeps it."""


@dataclass(frozen=True, slots=True)
class Erasure:
    hub_field: str
    label: str
    number: int
    """Linked rows that hold a value here and, when last settled, none in the CRM."""
    examples: Sequence[tuple[str, Any]]
    unknown: int
    """Linked rows of which nothing is settled for this field yet: only a preview can tell."""
    object: str = ""
    concerned: str = ""
    """Which records these are, however many: others of the same number say something else."""


def erasures_in(connection: Connection | None, data: Mapping[str, Any]) -> list[Erasure]:
    """What a whole configuration would empty once it stands in the place of the connection's own."""
    if connection is None:
        # Nothing is linked to what does not exist yet.
        return []
    blocks = [(one, data["blocks"].get(one.object)) for one in connection.blocks.prefetch_related("lines")]
    return [
        erasure
        for block, said in blocks
        if said
        for erasure in erasures_of(block, said["lines"], _labels(block, said["lines"]), mode=said["mode"])
    ]


def erasures_of(
    block: Block, lines: Sequence[Line], labels: Mapping[str, str], *, mode: str | None = None
) -> list[Erasure]:
    """Only lines that begin to erase, or begin to read another field while erasing. `mode`: where it changes as well."""
    if not block.pk or block.object not in TABLES:
        # What has no rows of its own here, as the upload of scores, empties none.
        return []
    before = {line.hub_field: line for line in block.lines.all()}
    modes = (block.mode, mode or block.mode)
    newly = [line for line in lines if _erases(line, modes[1]) and not _erased(before.get(line["hub"]), line, modes[0])]
    found = [_estimate(block, before.get(line["hub"]), line, labels.get(line["hub"], line["hub"])) for line in newly]
    return [erasure for erasure in found if erasure.number or erasure.unknown]


def seal(erasures: Sequence[Erasure]) -> str:
    """What was shown: another estimate has to be read again before anything is saved. Empty: nothing has to be read."""
    said = [(one.object, one.hub_field, one.number, one.unknown, one.concerned) for one in erasures]
    return digest(said) if said else ""


def as_shown(erasures: Sequence[Erasure]) -> dict[str, Any]:
    """What `sync/mapping_erasures.html` and the button below it show."""
    return {
        "erasures": erasures,
        "emptied": sum(erasure.number for erasure in erasures),
        "seal": seal(erasures),
    }


def _erases(line: Line, mode: str) -> bool:
    """Whether it may empty a value here: a fixed value is never blank, and what rests or only goes out writes nothing."""
    says_so = line.get("blanks") == FieldMapping.Blanks.ERASE
    return says_so and bool(line["crm"]) and _acts(mode, Direction(line.get("direction", Direction.IN)))


def _erased(was: FieldMapping | None, line: Line, mode: str) -> bool:
    """The same line did so before; one that rested in the former mode begins with the mode that wakes it."""
    if was is None or was.crm_field != line["crm"] or was.blanks != FieldMapping.Blanks.ERASE:
        return False
    return _acts(mode, Direction(was.direction))


def _acts(mode: str, direction: Direction) -> bool:
    left = within(Ceiling(mode), direction)
    return left is not None and left.writes_hub


def _labels(block: Block, lines: Sequence[Line]) -> dict[str, str]:
    """Each says of which data type it is; a field that the configuration brings along is called by its name."""
    known = fields_of(block.object) if block.object in BUILT_IN else {}
    names = [line["hub"] for line in lines]
    said = {name: str(known[name].label) if name in known else name for name in names}
    return {name: f"{DataType(block.object).label}, {label}" for name, label in said.items()}


def _estimate(block: Block, was: FieldMapping | None, line: Line, label: str) -> Erasure:
    name = line["hub"]
    linked = RecordLink.objects.filter(
        connection=block.connection_id, object=block.object, state=RecordLink.State.LINKED
    )
    if was is None or was.crm_field != line["crm"]:
        unknown, who = _counted(linked)
        return Erasure(name, label, 0, (), unknown, block.object, digest([who]))
    read, table = _read(was), table_of(block.object)
    # Of the hub's half the pair knows nothing that was typed or emptied here since.
    here = table.model._default_manager.filter(table.filled(name), pk=OuterRef("hub_id"))
    emptied = linked.filter(read, _blank(f"settled__{name}__1"), Exists(here))
    number, which = _counted(emptied)
    unknown, who = _counted(linked.exclude(read))
    return Erasure(name, label, number, _examples(block, emptied, name), unknown, block.object, digest([which, who]))


def _read(was: FieldMapping) -> Q:
    """Links of which the pair says what the line reads: one that another line left says nothing of this one's field."""
    rule = FieldRule(
        was.hub_field, "", Kind.TEXT, was.crm_field, value_map=was.value_map, transform=was.transform,
        argument=was.argument, constant=from_json(was.constant),
    )  # fmt: skip
    # Which way it goes and what blanks do changes nothing of what is read.
    alike = {identity(replace(rule, blanks=blanks, direction=way)) for blanks, way in product(Blanks, Direction)}
    path = f"settled__{was.hub_field}__{LINE_AT}"
    said = Q(**{f"{path}__isnull": True}) | Q(**{f"{path}__in": ["", *sorted(alike)]})
    return was_read(was.hub_field) & said


def _counted(links: QuerySet[RecordLink]) -> tuple[int, str]:
    """How many, and which; read as a stream, never held, for there may be a million."""
    number, which = 0, blake2b(digest_size=16)
    for pk in links.order_by("pk").values_list("pk", flat=True).iterator(chunk_size=AT_ONCE):
        number += 1
        which.update(b"%d " % pk)
    return number, which.hexdigest()


def _examples(block: Block, emptied: QuerySet[RecordLink], name: str) -> list[tuple[str, Any]]:
    first = list(emptied.order_by("name", "pk").values_list("name", "hub_id")[:EXAMPLES])
    rows = table_of(block.object).load(block.connection_id, {hub_id for _, hub_id in first if hub_id})
    return [(who, rows[hub_id].hub.values.get(name)) for who, hub_id in first if hub_id in rows]


def _blank(path: str) -> Q:
    return Q(**{path: None}) | Q(**{path: ""}) | Q(**{path: []})
