"""Two connections with one customer: the first live one writes a field, and who writes the stage churns."""

from dataclasses import replace

import pytest

from integrations.engine.mapping import Direction, Kind, OnConflict
from integrations.engine.merge import settle
from integrations.engine.precedence import Holder, keeper_of_stage, writer_of, written_before, yielding
from integrations.engine.records import Pair
from tests.engine.made_up import line

FIRST = Holder(4, "France", 1, frozenset({"name", "stage"}))
SECOND = Holder(2, "Spain", 2, frozenset({"name", "domain", "stage"}))


def test_first_live_connection_that_carries_a_field_in_writes_it():
    assert writer_of("name", [SECOND, FIRST]) is FIRST
    assert writer_of("domain", [SECOND, FIRST]) is SECOND
    assert writer_of("pulse", [SECOND, FIRST]) is None
    assert writer_of("name", [SECOND, replace(FIRST, is_live=False)]) is SECOND


def test_same_order_the_older_connection_comes_first():
    newer, older = Holder(9, "Newer", 1, frozenset({"name"})), Holder(3, "Older", 1, frozenset({"name"}))

    assert writer_of("name", [newer, older]) is older
    assert written_before(9, 1, [newer, older]) == {"name": "Older"}
    assert written_before(3, 1, [newer, older]) == {}


def test_later_connection_yields_only_the_fields_that_an_earlier_one_writes():
    written = written_before(SECOND.connection_id, SECOND.order, [SECOND, FIRST])

    rules = yielding([line("name"), line("domain"), line("parent", Kind.PARENT)], {**written, "parent": "France"})

    assert [(rule.hub_field, rule.yields_to) for rule in rules] == [("name", "France"), ("domain", "")]
    assert written_before(SECOND.connection_id, SECOND.order, [SECOND, replace(FIRST, is_live=False)]) == {}


def test_stage_is_kept_by_who_writes_it_else_by_the_first():
    blind, paused = replace(FIRST, writes=frozenset({"name"})), replace(FIRST, is_live=False)

    assert keeper_of_stage([SECOND, FIRST]) is FIRST
    assert keeper_of_stage([SECOND, paused]) is paused
    assert keeper_of_stage([SECOND, blind]) is SECOND
    assert keeper_of_stage([replace(SECOND, writes=frozenset()), blind]) is blind
    assert keeper_of_stage([]) is None


@pytest.mark.parametrize("conflict", OnConflict)
@pytest.mark.parametrize("base", [None, Pair("a", "a")])
def test_yielding_line_never_writes_over_the_hub(conflict: OnConflict, base: Pair | None):
    rule = line(direction=Direction.BOTH, on_conflict=conflict, yields_to="France")

    outcome = settle(rule, base, "b", "c", system="Salesforce")

    assert not outcome.to_hub
    assert not outcome.ask
    assert outcome.to_crm is (conflict is OnConflict.HUB)


def test_yielding_line_fills_a_blank_and_says_why_it_does_not_write():
    rule = line(yields_to="France")

    filled = settle(rule, None, None, "c", system="Salesforce")
    kept = settle(rule, Pair("a", "a"), "a", "c", system="Salesforce")

    assert (filled.to_hub, filled.value) == (True, "c")
    assert (kept.standing, str(kept.reason)) == (
        True,
        "The connection “France” comes first and writes Name. From Salesforce it is filled only where it is empty.",
    )


def test_edit_of_the_hub_goes_out_through_a_yielding_line():
    rule = line(direction=Direction.BOTH, yields_to="France")

    outcome = settle(rule, Pair("a", "a"), "b", "a", system="Salesforce")

    assert (outcome.to_crm, outcome.value) == (True, "b")
