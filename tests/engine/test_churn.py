import itertools
from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from integrations.engine.churn import Evidence, absent
from integrations.engine.plan import Action, Decision
from integrations.engine.reasons import Reason
from integrations.engine.records import Link, LinkState
from tests.engine.made_up import linked

LINK = linked(7, name="Acme")


def decided(link: Link = LINK, evidence: Evidence = Evidence.NONE, **facts: Any) -> Decision:
    usual: dict[str, Any] = {
        "complete": True,
        "listing_size": 200,
        "churn_on": True,
        "stage": "run",
        "churn_stage": "churn",
    }
    return absent(link, source_id="001A", evidence=evidence, system="Salesforce", survivor="001S", **{**usual, **facts})


@pytest.mark.requirement("R16", "R17", "R68", "X36")
@pytest.mark.parametrize(
    ("evidence", "misses", "state", "code"),
    [
        (Evidence.DELETED, 0, LinkState.GONE, "deleted-in-crm"),
        (Evidence.OUTSIDE, 0, LinkState.EXCLUDED, "left-scope"),
        (Evidence.NONE, 1, LinkState.GONE, "missing-twice"),
    ],
)
def test_customer_that_left_churns(evidence, misses, state, code):
    decision = decided(replace(LINK, misses=misses), evidence)

    [change] = decision.changes
    assert (decision.action, decision.link_state, decision.reason.code) == (Action.CHURN, state, code)
    assert (change.field, change.before, change.after) == ("stage", "run", "churn")
    assert (decision.hub_id, decision.settled) == (7, LINK.settled)


@pytest.mark.requirement("R18")
@pytest.mark.parametrize(
    ("evidence", "misses", "action", "state"),
    [
        (Evidence.DELETED, 0, Action.GONE, LinkState.GONE),
        (Evidence.OUTSIDE, 0, Action.EXCLUDE, LinkState.EXCLUDED),
        (Evidence.NONE, 1, Action.GONE, LinkState.GONE),
    ],
)
def test_customer_that_left_keeps_its_stage_where_the_option_is_off(evidence, misses, action, state):
    decision = decided(replace(LINK, misses=misses), evidence, churn_on=False)

    assert (decision.action, decision.link_state, decision.changes) == (action, state, ())
    assert "Nothing was deleted here." in str(decision.reason)


@pytest.mark.requirement("X36", "C5")
def test_customer_missing_once_waits():
    decision = decided()

    assert (decision.action, decision.link_state, decision.changes) == (Action.MISS, LinkState.LINKED, ())
    assert decision.reason.code == "missing-once"


@pytest.mark.requirement("C5", "F36", "X36")
@pytest.mark.parametrize(
    ("evidence", "facts", "code"),
    [
        (Evidence.NONE, {"listing_size": 0}, "empty-listing"),
        (Evidence.OUTSIDE, {"listing_size": 0}, "empty-listing"),
        (Evidence.NONE, {"listing_size": None}, "incomplete-read"),
        (Evidence.NONE, {"complete": False}, "incomplete-read"),
        (Evidence.OUTSIDE, {"complete": False}, "incomplete-read"),
        (Evidence.DELETED, {"complete": False}, "incomplete-read"),
    ],
)
def test_doubtful_absence_concludes_nothing(evidence, facts, code):
    decision = decided(replace(LINK, misses=5), evidence, **facts)

    assert (decision.action, decision.link_state, decision.reason.code) == (Action.UNCHANGED, LinkState.LINKED, code)


@pytest.mark.parametrize("listing_size", [0, None])
def test_deletion_needs_no_listing(listing_size):
    assert decided(evidence=Evidence.DELETED, listing_size=listing_size).action is Action.CHURN


@pytest.mark.requirement("R16")
@pytest.mark.parametrize("evidence", [Evidence.NONE, Evidence.DELETED, Evidence.OUTSIDE])
def test_customer_churned_before_stays(evidence):
    decision = decided(replace(LINK, state=LinkState.EXCLUDED, churned_from="run", misses=1), evidence, stage="churn")

    assert decision.action is Action.UNCHANGED


@pytest.mark.parametrize("facts", [{"stage": "churn"}, {"churn_stage": ""}])
def test_stage_that_is_not_ours_to_take_is_left(facts):
    decision = decided(evidence=Evidence.DELETED, **facts)

    assert (decision.action, decision.changes) == (Action.GONE, ())


def test_option_switched_on_later_churns_who_left_before():
    decision = decided(replace(LINK, state=LinkState.GONE, misses=1))

    assert decision.action is Action.CHURN


@pytest.mark.requirement("C12", "F33")
@pytest.mark.parametrize("link", [LINK, replace(LINK, churned_from="run"), replace(LINK, state=LinkState.GONE)])
def test_merged_record_never_churns(link):
    decision = decided(link, Evidence.MERGED)

    assert (decision.action, decision.link_state, decision.changes) == (Action.GONE, LinkState.MERGED, ())
    assert str(decision.reason) == "Merged into 001S in Salesforce. Nothing was deleted here."


def test_record_excluded_by_hand_stays_excluded():
    link = Link(LinkState.EXCLUDED, 7, excluded_by_hand=True)

    assert decided(link, Evidence.DELETED).action is Action.UNCHANGED


def test_unlinked_record_that_is_deleted_is_gone():
    decision = decided(Link(LinkState.COLLISION), Evidence.DELETED)

    assert (decision.action, decision.link_state, decision.hub_id) == (Action.GONE, LinkState.GONE, None)


def test_record_outside_says_why_where_it_is_known():
    reason = Reason("out-of-scope", {"system": "Salesforce"})

    assert decided(evidence=Evidence.OUTSIDE, reason=reason).reason == reason


@pytest.mark.parametrize("evidence", list(Evidence))
@pytest.mark.parametrize("churn_on", [True, False])
def test_decided_absence_is_not_decided_again(evidence, churn_on):
    first = decided(replace(LINK, misses=1), evidence, churn_on=churn_on)
    churned = bool(first.changes)

    link = replace(LINK, state=first.link_state, misses=2, churned_from="run" if churned else "")
    second = decided(link, evidence, churn_on=churn_on, stage="churn" if churned else "run")

    assert second.action is Action.UNCHANGED


LINKS = st.builds(
    Link,
    state=st.sampled_from(list(LinkState)),
    hub_id=st.none() | st.just(7),
    misses=st.integers(0, 9),
    churned_from=st.sampled_from(["", "run"]),
    excluded_by_hand=st.booleans(),
)


@pytest.mark.requirement("C5", "X36")
@given(LINKS, st.sampled_from(list(Evidence)), st.none() | st.integers(0, 3), st.booleans(), st.sampled_from("rc"))
def test_incomplete_read_churns_nobody(link, evidence, listing_size, churn_on, stage):
    decision = decided(
        link, evidence, complete=False, listing_size=listing_size, churn_on=churn_on, stage=stage, churn_stage="c"
    )

    assert (decision.action, decision.changes, decision.link_state) == (Action.UNCHANGED, (), link.state)


@pytest.mark.requirement("C5", "X36")
@given(st.lists(st.tuples(st.booleans(), st.booleans(), st.integers(0, 3)), max_size=12))
def test_mere_absence_churns_only_after_two_complete_listings_in_a_row(reads):
    link, misses_in_a_row = LINK, 0
    for seen, complete, others in reads:
        if seen:
            link, misses_in_a_row = replace(link, misses=0), 0
            continue
        misses_in_a_row += complete and others > 0
        decision = decided(link, complete=complete, listing_size=others)
        if decision.action is Action.MISS:
            link = replace(link, misses=link.misses + 1)

        assert (decision.action is Action.CHURN) is (complete and others > 0 and misses_in_a_row >= 2)
        if decision.action is Action.CHURN:
            break


def test_every_absence_has_a_sentence_and_never_a_write_but_the_stage():
    for evidence, churn_on, state, misses in itertools.product(Evidence, (True, False), LinkState, (0, 1)):
        decision = decided(Link(state, 7, misses=misses), evidence, churn_on=churn_on)

        assert str(decision.reason).endswith(".")
        assert {change.field for change in decision.changes} <= {"stage"}
