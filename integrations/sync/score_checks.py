"""Whether a field that takes a score is read as well, wherever the lines come from: a step, the editor, a file or a version.

What was sent would come back as data, and the hub would take its own word for the CRM's.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from django.utils.translation import gettext as _

from integrations.engine.mapping import Direction
from integrations.engine.mapping import Mode as Ceiling
from integrations.engine.merge import within
from integrations.hub.fields import SCORE_FIELDS, fields_of

from .models import Block, DataType, Mode

Line = Mapping[str, Any]
Blocks = Mapping[str, Mapping[str, Any]]
"""As a configuration keeps them."""


@dataclass(frozen=True, slots=True)
class ReadBack:
    hub_field: str
    """Whose line reads the field; always one of customers: scores go to their records."""
    score: str
    path: str
    label: str = field(compare=False)
    """What the CRM calls the field, as far as it is known: another name makes it no other field."""

    def __str__(self) -> str:
        hub = fields_of(DataType.CUSTOMERS).get(self.hub_field)
        said = {
            "field": self.label,
            "score": next(field.label for field in SCORE_FIELDS if field.name == self.score),
            "hub": hub.label if hub else self.hub_field,
        }
        return _(
            "“%(field)s” takes the score “%(score)s” that is sent there, and nothing of it is read back. Read "
            "“%(hub)s” from another field, or send the score to another one."
        ) % (said)


def read_back(blocks: Blocks) -> list[ReadBack]:
    """Empty: no field that takes a score is read, or no score is sent."""
    scores = blocks.get(DataType.SCORES, {})
    if scores.get("mode") != Mode.OUTPUT:
        return []
    taking = {line["crm"]: line for line in scores["lines"] if line.get("crm")}
    customers = blocks.get(DataType.CUSTOMERS, {})
    return [
        ReadBack(line["hub"], taking[line["crm"]]["hub"], line["crm"], _label(line, taking[line["crm"]]))
        for line in customers.get("lines", ())
        if line.get("crm") in taking and _is_read(customers.get("mode", Mode.DISABLED), line)
    ]


def newly_read_back(before: Blocks, after: Blocks) -> list[ReadBack]:
    """Only what a change brings is refused: what stands already would bar every other change, and be cured by none."""
    standing = read_back(before)
    return [one for one in read_back(after) if one not in standing]


def with_lines(blocks: Blocks, block: Block, lines: Sequence[Line]) -> Blocks:
    """The configuration as it would be with other lines of one data type."""
    return {**blocks, block.object: {"mode": block.mode, "lines": lines}}


def _is_read(mode: str, line: Line) -> bool:
    acts = within(Ceiling(mode), Direction(line.get("direction", Direction.IN)))
    return acts is not None and acts.writes_hub


def _label(*lines: Line) -> str:
    labels: Iterable[str] = (line.get("seen", {}).get("label", "") for line in lines)
    return next((label for label in labels if label), str(lines[0]["crm"]))
