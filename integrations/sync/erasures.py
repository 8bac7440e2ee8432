"""How many hub values a mapping would empty, estimated before it is saved from what was last settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from integrations.engine.mapping import Direction
from integrations.engine.mapping import Mode as Ceiling
from integrations.engine.merge import within
from integrations.engine.values import digest, from_json
from integrations.hub.fields import BUILT_IN, fields_of

from .models import Block, Connection, DataType, FieldMapping, RecordLink
from .store.links import was_read

EXAMPLES = 20
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
    if not block.pk:
        return []
    before = {line.hub_field: line for line in block.lines.all()}
    modes = (block.mode, mode or block.mode)
    newly = [line for line in lines if _erases(line) and not _erased(before.get(line["hub"]), line, modes)]
    found = [_estimate(block, before.get(line["hub"]), line, labels.get(line["hub"], line["hub"])) for line in newly]
    return [erasure for erasure in found if erasure.number or erasure.unknown]


def seal(erasures: Sequence[Erasure]) -> str:
    """What was shown: another estimate has to be read again before anything is saved. Empty: nothing has to be read."""
    said = [(one.object, one.hub_field, one.number, one.unknown, [who for who, _ in one.examples]) for one in erasures]
    return digest(said) if said else ""


def as_shown(erasures: Sequence[Erasure]) -> dict[str, Any]:
    """What `sync/mapping_erasures.html` and the button below it show."""
    return {
        "erasures": erasures,
        "emptied": sum(erasure.number for erasure in erasures),
        "seal": seal(erasures),
    }


def _erases(line: Line) -> bool:
    """Whether it may empty a value here: a fixed value is never blank, and what only goes out writes nothing here."""
    says_so = line.get("blanks") == FieldMapping.Blanks.ERASE
    return says_so and bool(line["crm"]) and Direction(line.get("direction", Direction.IN)).writes_hub


def _erased(was: FieldMapping | None, line: Line, modes: tuple[str, str]) -> bool:
    """The same line did so before; one that rested in the former mode begins with the mode that wakes it."""
    if was is None or was.crm_field != line["crm"] or was.blanks != FieldMapping.Blanks.ERASE:
        return False
    former, new = Direction(was.direction), Direction(line.get("direction", Direction.IN))
    return former.writes_hub and (_acts(modes[0], former) or not _acts(modes[1], new))


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
        return Erasure(name, label, 0, (), linked.count(), block.object)
    emptied = linked.filter(_blank(f"settled__{name}__1")).exclude(_blank(f"settled__{name}__0"))
    emptied = emptied.filter(was_read(name))
    examples = [
        (link_name, from_json(settled[name][0]))
        for link_name, settled in emptied.order_by("name").values_list("name", "settled")[:EXAMPLES]
    ]
    return Erasure(name, label, emptied.count(), examples, linked.exclude(was_read(name)).count(), block.object)


def _blank(path: str) -> Q:
    return Q(**{path: None}) | Q(**{path: ""}) | Q(**{path: []})
