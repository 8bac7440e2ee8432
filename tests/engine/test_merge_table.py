"""The whole merge, cell by cell, as people would look it up; and what no cell may ever do."""

from pathlib import Path

import pytest

from integrations.engine.mapping import Blanks, Direction
from integrations.engine.values import is_blank

from .merge_table import BASES, CRM, HEAD, HUB, Cell, cells, line_of, outcome

TABLE = Path(__file__).with_name("merge_table.txt").read_text(encoding="utf-8").splitlines()
ALL = list(cells())


@pytest.mark.requirement("R177", "R182", "C2", "C3")
def test_every_cell_says_what_the_table_says():
    assert [HEAD, *map(line_of, ALL)] == TABLE


def test_table_has_every_cell_once():
    lines = [line.split("  ", 1)[0] for line in TABLE[1:]]
    assert len(lines) == len(ALL) == len(set(ALL))


@pytest.mark.requirement("I5", "C2")
def test_no_cell_writes_against_its_line():
    against = [
        cell
        for cell in ALL
        if (outcome(cell).to_hub and cell.direction is Direction.OUT)
        or (outcome(cell).to_crm and cell.direction is Direction.IN)
    ]
    assert against == []


@pytest.mark.requirement("C3", "X26")
def test_a_blank_erases_only_where_the_line_says_so():
    erasing = {cell.blanks for cell in ALL if erases(cell)}
    assert erasing == {Blanks.ERASE}


def test_a_side_that_did_not_move_never_wins_over_one_that_did():
    """Where one side alone left the pair, its value stands or nothing is written: the other's never comes back."""
    wrong = []
    for cell in ALL:
        pair, found = BASES[cell.base], outcome(cell)
        if pair is None:
            continue
        hub_moved, crm_moved = HUB[cell.hub] != pair.hub, CRM[cell.crm] != pair.crm
        if (found.to_hub and hub_moved and not crm_moved) or (found.to_crm and crm_moved and not hub_moved):
            wrong.append(cell)
    assert wrong == []


def test_nothing_is_written_twice():
    """What a cell settles is settled: asked again with the values it left, it has nothing to do."""
    restless = []
    for cell in ALL:
        found = outcome(cell)
        if found.ask or found.pair is None:
            continue
        hub = found.value if found.to_hub else HUB[cell.hub]
        crm = found.value if found.to_crm else CRM[cell.crm]
        if (hub, crm) != (found.pair.hub, found.pair.crm):
            restless.append(cell)
    assert restless == []


def erases(cell: Cell) -> bool:
    found = outcome(cell)
    loser = HUB[cell.hub] if found.to_hub else CRM[cell.crm]
    return (found.to_hub or found.to_crm) and is_blank(found.value) and not is_blank(loser)
