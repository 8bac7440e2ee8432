"""What holds for every record, mapping and order: played in made-up worlds, a hub on paper behind the rules."""

import unicodedata
from copy import deepcopy

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.mapping import Blanks, Mode
from integrations.engine.plan import Action, Decision, is_news
from integrations.engine.reading import read
from integrations.engine.reasons import SENTENCES
from integrations.engine.records import LinkState, Record
from integrations.engine.values import Value
from tests.engine.paper_hub import QUIET, Paper, erased
from tests.engine.worlds import worlds

# Said here once more, so that a wrong table in the engine cannot agree with itself.
MAY_WRITE_HUB = {("input", "in"), ("input", "both"), ("two-way", "in"), ("two-way", "both")}
MAY_WRITE_CRM = {("output", "out"), ("output", "both"), ("two-way", "out"), ("two-way", "both")}


@given(worlds())
def test_plan_applied_twice_equals_once(paper: Paper):
    decisions = paper.plan()
    paper.apply(decisions)
    once = deepcopy(paper.picture())

    paper.apply(decisions)

    assert paper.picture() == once


@pytest.mark.requirement("I7")
@given(worlds())
def test_second_sync_without_changes_plans_nothing(paper: Paper):
    """A collision is an open question, and what the first sync wrote for others may answer it: only those may move."""
    open_questions = {d.source_id for d in paper.sync() if d.action is Action.COLLISION}

    second = [decision for decision in paper.plan() if decision.source_id not in open_questions]

    assert {decision.action for decision in second} <= QUIET
    assert [(d.changes, d.outward) for d in second if d.changes or d.outward] == []


@pytest.mark.requirement("I7", "I1")
@given(worlds())
def test_open_questions_come_to_rest(paper: Paper):
    questions = [sum(d.action is Action.COLLISION for d in paper.sync()) for _ in range(len(paper.crm) + 2)]
    settled = deepcopy(paper.picture())

    last = paper.sync()

    assert questions == sorted(questions, reverse=True)
    assert {decision.action for decision in last} <= QUIET
    assert [decision for decision in last if is_news(decision, paper.links[decision.source_id])] == []
    assert paper.picture() == settled


@pytest.mark.requirement("R6", "R10", "R12", "C2", "I5")
@given(worlds())
def test_no_write_against_a_direction(paper: Paper):
    direction = {rule.hub_field: rule.direction.value for rule in paper.rules}

    decisions = paper.plan()

    inward = {(paper.mode.value, direction[c.field]) for d in decisions for c in d.changes}
    outward = {(paper.mode.value, direction[c.field]) for d in decisions for c in d.outward}
    assert inward <= MAY_WRITE_HUB
    assert outward <= MAY_WRITE_CRM


@pytest.mark.requirement("R6")
@given(worlds(), st.sampled_from([Mode.INPUT, Mode.DISABLED]))
def test_input_and_disabled_send_nothing(paper: Paper, mode: Mode):
    paper.mode = mode
    crm = deepcopy(paper.crm)

    paper.sync()

    assert paper.crm == crm


@pytest.mark.requirement("R12")
@given(worlds())
def test_disabled_block_writes_nothing(paper: Paper):
    paper.mode = Mode.DISABLED
    hub = deepcopy(paper.hub)

    paper.sync()

    assert paper.hub == hub


@pytest.mark.requirement("C1", "I2")
@given(worlds(), st.data())
def test_records_and_rows_are_linked_one_to_one(paper: Paper, data: st.DataObject):
    before = {name: link.hub_id for name, link in paper.links.items() if link.hub_id is not None}

    for _ in range(2):
        paper.sync(order=data.draw(st.permutations(list(paper.crm))))

    rows = [link.hub_id for link in paper.links.values() if link.hub_id is not None]
    assert len(rows) == len(set(rows))
    assert set(rows) <= paper.hub.keys()
    assert {name: paper.links[name].hub_id for name in before} == before


@given(worlds(), st.data())
def test_order_and_page_size_never_change_the_result(paper: Paper, data: st.DataObject):
    other = deepcopy(paper)
    order = data.draw(st.permutations(list(paper.crm)))
    page_size = data.draw(st.integers(1, 7))

    one = paper.sync()
    two = other.sync(order=order, page_size=page_size)

    assert sorted(one, key=lambda d: d.source_id) == sorted(two, key=lambda d: d.source_id)
    assert paper.picture() == other.picture()


@pytest.mark.requirement("C3", "X26")
@given(worlds(blanks=st.sampled_from([Blanks.KEEP, Blanks.FILL])))
def test_blanks_that_keep_never_erase(paper: Paper):
    hub, crm = deepcopy(paper.hub), deepcopy(paper.crm)

    decisions = paper.sync()

    assert erased(hub, paper.hub) == set()
    assert [c for d in decisions for c in (*d.changes, *d.outward) if c.erases] == []
    assert {name for name in crm if paper.crm[name].keys() != crm[name].keys()} == set()


@given(worlds(blanks=st.just(Blanks.FILL)))
def test_lines_that_fill_never_replace(paper: Paper):
    free = {"name", "phone", "pulse"}

    decisions = paper.plan()

    replaced = [
        c for d in decisions for c in (*d.changes, *d.outward) if c.field in free and c.before not in (None, "")
    ]
    assert replaced == []


@pytest.mark.requirement("I3", "F27")
@given(worlds())
def test_every_record_is_decided_once_with_a_sentence(paper: Paper):
    decisions = paper.plan()

    assert sorted(d.source_id for d in decisions) == sorted(paper.crm)
    for decision in decisions:
        assert str(decision.reason).endswith((".", "”."))
        assert all(note.code in SENTENCES and str(note) for note in decision.notes)
        assert decision.action is not Action.CHURN


@pytest.mark.requirement("I1", "R14")
@given(worlds())
def test_two_sides_end_equal_or_listed(paper: Paper):
    # The first may free a key that the second makes a row of.
    paper.sync()
    paper.sync()

    for decision in paper.sync():
        if decision.link_state is LinkState.LINKED:
            assert apart(paper, decision) <= listed(paper, decision)


def apart(paper: Paper, decision: Decision) -> set[str]:
    """Fields whose two sides differ now, as far as the block's mode lets the line act at all."""
    link = paper.links[decision.source_id]
    record = Record(decision.source_id, paper.crm[decision.source_id])
    acting = [r for r in paper.rules if (paper.mode.value, r.direction.value) in MAY_WRITE_HUB | MAY_WRITE_CRM]
    sides = {r.hub_field: (paper.hub[link.hub_id or 0].get(r.hub_field), read(r, record).value) for r in acting}
    return {name for name, (hub, crm) in sides.items() if as_read(hub) != as_read(crm)}


def listed(paper: Paper, decision: Decision) -> set[str]:
    """Fields that the decision names to a person: in dispute, left standing, or unreadable with the reason said."""
    said = {str(note.params.get("label")) for note in decision.notes if note.code in {"unmapped-value", "not-a-domain"}}
    unread = {rule.hub_field for rule in paper.rules if rule.hub_label in said}
    return unread | {change.field for change in (*decision.asks, *decision.standing)}


def as_read(value: Value) -> str:
    return "" if value is None else unicodedata.normalize("NFC", str(value))
