"""Every cell of the merge as one line of text: what the two sides hold, what the line allows, and what comes of it.

`python -m tests.engine.merge_table > tests/engine/merge_table.txt` writes the table anew; the difference is what to review.
"""

from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import product
from typing import NamedTuple

from integrations.engine.mapping import Blanks, Direction, FieldRule, Kind, OnConflict
from integrations.engine.merge import Settled, settle
from integrations.engine.records import Pair
from integrations.engine.values import Value

BASES = {"never": None, "–": Pair(None, None), "A": Pair("A", "A"), "A/B": Pair("A", "B")}
"""What was settled: never, both blank, both A, or left standing apart."""
HUB: dict[str, Value] = {"–": None, "A": "A", "B": "B"}
CRM: dict[str, Value] = {"–": None, "A": "A", "B": "B", "C": "C"}
EARLIER, LATER = datetime(2026, 3, 2, tzinfo=UTC), datetime(2026, 3, 3, tzinfo=UTC)
HEAD = "settled   hub  CRM  line  conflict     blanks  outcome      sentence"


class Cell(NamedTuple):
    base: str
    hub: str
    crm: str
    direction: Direction
    on_conflict: str
    blanks: Blanks


CONFLICTS = {
    "crm": (OnConflict.CRM, None, None),
    "hub": (OnConflict.HUB, None, None),
    "latest: hub": (OnConflict.LATEST, LATER, EARLIER),
    "latest: crm": (OnConflict.LATEST, EARLIER, LATER),
    "latest: ?": (OnConflict.LATEST, None, LATER),
    "ask": (OnConflict.ASK, None, None),
}


def cells() -> Iterator[Cell]:
    for base, hub, crm, direction, blanks in product(BASES, HUB, CRM, Direction, Blanks):
        # Only where both sides may be written is there anything for a conflict rule to say.
        rules = CONFLICTS if direction is Direction.BOTH else ("crm",)
        for on_conflict in rules:
            yield Cell(base, hub, crm, direction, on_conflict, blanks)


def outcome(cell: Cell) -> Settled:
    rule, hub_at, crm_at = CONFLICTS[cell.on_conflict]
    line = FieldRule(
        "name", "Name", Kind.TEXT, crm_field="Name", direction=cell.direction, on_conflict=rule, blanks=cell.blanks
    )
    return settle(
        line, BASES[cell.base], HUB[cell.hub], CRM[cell.crm], hub_changed_at=hub_at, crm_changed_at=crm_at, system="CRM"
    )


def line_of(cell: Cell) -> str:
    found = outcome(cell)
    written = "–" if found.value is None else str(found.value)
    done = (
        f"hub := {written}" if found.to_hub
        else f"CRM := {written}" if found.to_crm
        else "ask" if found.ask
        else "apart" if found.standing
        else "."
    )  # fmt: skip
    conflict = cell.on_conflict if cell.direction is Direction.BOTH else ""
    return (
        f"{cell.base:<9} {cell.hub:<4} {cell.crm:<4} {cell.direction.value:<5} {conflict:<12} {cell.blanks.value:<7} "
        f"{done:<12} {found.reason}"
    )


if __name__ == "__main__":
    print(HEAD)
    for one in cells():
        print(line_of(one))
