"""How many hub values a mapping would empty, estimated before it is saved from what was last settled."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import Q

from integrations.engine.values import from_json

from .models import Block, FieldMapping, RecordLink
from .store.links import was_read

EXAMPLES = 20


@dataclass(frozen=True, slots=True)
class Erasure:
    hub_field: str
    label: str
    number: int
    """Linked rows that hold a value here and, when last settled, none in the CRM."""
    examples: Sequence[tuple[str, Any]]
    unknown: int
    """Linked rows of which nothing is settled for this field yet: only a preview can tell."""


def erasures_of(block: Block, lines: Sequence[Mapping[str, Any]], labels: Mapping[str, str]) -> list[Erasure]:
    """Only lines that begin to erase, or begin to read another field while erasing."""
    if not block.pk:
        return []
    before = {line.hub_field: line for line in block.lines.all()}
    newly = [line for line in lines if line["blanks"] == "erase" and not _erased(before.get(line["hub"]), line)]
    found = [_estimate(block, before.get(line["hub"]), line, labels[line["hub"]]) for line in newly]
    return [erasure for erasure in found if erasure.number or erasure.unknown]


def _erased(was: FieldMapping | None, line: Mapping[str, Any]) -> bool:
    return was is not None and was.blanks == FieldMapping.Blanks.ERASE and was.crm_field == line["crm"]


def _estimate(block: Block, was: FieldMapping | None, line: Mapping[str, Any], label: str) -> Erasure:
    name = line["hub"]
    linked = RecordLink.objects.filter(
        connection=block.connection_id, object=block.object, state=RecordLink.State.LINKED
    )
    if was is None or was.crm_field != line["crm"]:
        return Erasure(name, label, 0, (), linked.count())
    emptied = linked.filter(_blank(f"settled__{name}__1")).exclude(_blank(f"settled__{name}__0"))
    emptied = emptied.filter(was_read(name))
    examples = [
        (link_name, from_json(settled[name][0]))
        for link_name, settled in emptied.order_by("name").values_list("name", "settled")[:EXAMPLES]
    ]
    return Erasure(name, label, emptied.count(), examples, linked.exclude(was_read(name)).count())


def _blank(path: str) -> Q:
    return Q(**{path: None}) | Q(**{path: ""}) | Q(**{path: []})
