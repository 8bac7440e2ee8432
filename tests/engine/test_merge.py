"""The whole decision table of one field. Each row of TABLE is a rule; together they cover every case exactly once."""

import itertools
import unicodedata
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from integrations.engine.mapping import Blanks, Direction, Kind, Mode, OnConflict, identity
from integrations.engine.merge import Settled, WriteGateError, assert_allowed, same, settle, within
from integrations.engine.records import Pair, Side
from tests.engine.made_up import MONDAY, TUESDAY, line

# situation → (what was settled, the hub's value now, the CRM's value now)
SITUATIONS = {
    "first-same": (None, "a", "a"),
    "first-both-blank": (None, "", None),
    "first-differ": (None, "a", "b"),
    "first-hub-blank": (None, None, "b"),
    "first-crm-blank": (None, "a", ""),
    "unmoved": (Pair("a", "a"), "a", "a"),
    "unmoved-apart": (Pair("a", "b"), "a", "b"),
    "crm-moved": (Pair("a", "a"), "a", "b"),
    "crm-blanked": (Pair("a", "a"), "a", None),
    "crm-filled": (Pair(None, None), None, "b"),
    "hub-moved": (Pair("a", "a"), "b", "a"),
    "hub-blanked": (Pair("a", "a"), "", "a"),
    "hub-filled": (Pair(None, None), "b", ""),
    "both-agree": (Pair("a", "a"), "b", "b"),
    "both-differ": (Pair("a", "a"), "b", "c"),
    "both-hub-blanked": (Pair("a", "a"), None, "c"),
    "both-crm-blanked": (Pair("a", "a"), "b", None),
}
# conflict rule → (the line's rule, when the hub's value changed, when the CRM's record did)
CONFLICTS = {
    "crm": (OnConflict.CRM, MONDAY, TUESDAY),
    "hub": (OnConflict.HUB, MONDAY, TUESDAY),
    "crm-later": (OnConflict.LATEST, MONDAY, TUESDAY),
    "hub-later": (OnConflict.LATEST, TUESDAY, MONDAY),
    "at-once": (OnConflict.LATEST, MONDAY, MONDAY),
    "hub-unknown": (OnConflict.LATEST, None, MONDAY),
    "crm-unknown": (OnConflict.LATEST, MONDAY, None),
    "ask": (OnConflict.ASK, MONDAY, TUESDAY),
}
UNKNOWN = "at-once|hub-unknown|crm-unknown"
# take: the hub takes the CRM's value. send: the CRM is sent the hub's. stand: they differ and nothing is written.
TABLE = f"""
first-same|first-both-blank  *     *          *            none   agreed

first-differ      in    *          keep|erase   take   first-in
first-differ      in    *          fill         stand  only-if-empty
first-differ      out   *          keep|erase   send   first-out
first-differ      out   *          fill         stand  only-if-empty
first-hub-blank   in    *          *            take   first-in
first-hub-blank   out   *          keep         stand  hub-blank-kept
first-hub-blank   out   *          erase        send   blank-erases
first-hub-blank   out   *          fill         stand  only-if-empty
first-crm-blank   in    *          keep         stand  blank-kept
first-crm-blank   in    *          erase        take   blank-erases
first-crm-blank   in    *          fill         stand  only-if-empty
first-crm-blank   out   *          *            send   first-out

unmoved           *     *          *            none   unchanged
unmoved-apart     *     *          *            stand  unchanged

crm-moved     in|both   *          keep|erase   take   only-crm-moved
crm-moved     in|both   *          fill         stand  only-if-empty
crm-blanked   in|both   *          keep         stand  blank-kept
crm-blanked   in|both   *          erase        take   blank-erases
crm-blanked   in|both   *          fill         stand  only-if-empty
crm-filled    in|both   *          *            take   only-crm-moved
crm-moved|crm-blanked|crm-filled  out  *  *     stand  crm-edit-stands

hub-moved     out|both  *          keep|erase   send   only-hub-moved
hub-moved     out|both  *          fill         stand  only-if-empty
hub-blanked   out|both  *          keep         stand  hub-blank-kept
hub-blanked   out|both  *          erase        send   blank-erases
hub-blanked   out|both  *          fill         stand  only-if-empty
hub-filled    out|both  *          *            send   only-hub-moved
hub-moved|hub-blanked|hub-filled  in   *  *     stand  hub-edit-stands

both-agree        *     *          *            none   agreed
both-differ       in    *          keep|erase   take   both-moved-in
both-differ       in    *          fill         stand  only-if-empty
both-differ       out   *          keep|erase   send   both-moved-out
both-differ       out   *          fill         stand  only-if-empty
both-hub-blanked  in    *          *            take   both-moved-in
both-hub-blanked  out   *          keep         stand  hub-blank-kept
both-hub-blanked  out   *          erase        send   blank-erases
both-hub-blanked  out   *          fill         stand  only-if-empty
both-crm-blanked  in    *          keep         stand  blank-kept
both-crm-blanked  in    *          erase        take   blank-erases
both-crm-blanked  in    *          fill         stand  only-if-empty
both-crm-blanked  out   *          *            send   both-moved-out

first-differ|both-differ          both  crm        keep|erase  take   conflict-crm
first-differ|both-differ          both  hub        keep|erase  send   conflict-hub
first-differ|both-differ          both  crm-later  keep|erase  take   latest-crm
first-differ|both-differ          both  hub-later  keep|erase  send   latest-hub
first-differ|both-differ          both  crm|hub|crm-later|hub-later  fill  stand  only-if-empty
first-differ|both-differ          both  ask        *           ask    ask
first-differ|both-differ          both  {UNKNOWN}  *           ask    ask-unknown

first-hub-blank|both-hub-blanked  both  *          keep|fill   take   filled-wins
first-hub-blank|both-hub-blanked  both  crm        erase       take   conflict-crm
first-hub-blank|both-hub-blanked  both  crm-later  erase       take   latest-crm
first-hub-blank|both-hub-blanked  both  hub|hub-later  erase   send   blank-erases
first-hub-blank|both-hub-blanked  both  ask        erase       ask    ask
first-hub-blank|both-hub-blanked  both  {UNKNOWN}  erase       ask    ask-unknown

first-crm-blank|both-crm-blanked  both  *          keep|fill   send   filled-wins
first-crm-blank|both-crm-blanked  both  crm|crm-later  erase   take   blank-erases
first-crm-blank|both-crm-blanked  both  hub        erase       send   conflict-hub
first-crm-blank|both-crm-blanked  both  hub-later  erase       send   latest-hub
first-crm-blank|both-crm-blanked  both  ask        erase       ask    ask
first-crm-blank|both-crm-blanked  both  {UNKNOWN}  erase       ask    ask-unknown
"""
ROWS = [row.split() for row in TABLE.splitlines() if row]
PATTERNS = [tuple(None if part == "*" else set(part.split("|")) for part in row[:4]) for row in ROWS]
CASES = list(itertools.product(SITUATIONS, [d.value for d in Direction], CONFLICTS, [b.value for b in Blanks]))
SAID = {
    "agreed": "Both sides hold the same Owner.",
    "first-in": "Owner is settled anew: the line is input, so the value of Salesforce is taken.",
    "first-out": "Owner is settled anew: the line is output, so the hub’s value goes to Salesforce.",
    "unchanged": "Neither side has changed since the two were settled.",
    "only-crm-moved": "Only Salesforce changed it; the hub did not.",
    "only-hub-moved": "Only the hub changed it; Salesforce did not.",
    "both-moved-in": "Both sides changed Owner. The line is input, so Salesforce wins.",
    "both-moved-out": "Both sides changed Owner. The line is output, so the hub wins.",
    "filled-wins": "Only one side has a value for Owner, and a blank never erases: it fills the other.",
    "conflict-crm": "The two sides differ on Owner. The rule lets Salesforce win.",
    "conflict-hub": "The two sides differ on Owner. The rule lets the hub win.",
    "latest-crm": "The two sides differ on Owner. Salesforce changed it last and wins.",
    "latest-hub": "The two sides differ on Owner. The hub changed it last and wins.",
    "ask": "The two sides differ on Owner, and the rule asks a person. Both keep what they have.",
    "ask-unknown": ("The two sides differ on Owner, and it is not known which changed last. Both keep what they have."),
    "blank-kept": "Owner is blank in Salesforce. Blanks never erase, so the hub keeps its value.",
    "hub-blank-kept": "Owner is blank here. Blanks never erase, so Salesforce keeps its value.",
    "blank-erases": "Blanks rule of Owner is “erase”.",
    "only-if-empty": "Owner is filled only where it is empty. Both sides keep what they have.",
    "crm-edit-stands": "Salesforce changed Owner, but the line is output. The hub keeps its value.",
    "hub-edit-stands": "Owner was changed here, but the line is input. Nothing was sent to Salesforce.",
}


def rows_for(case: tuple[str, ...]) -> list[int]:
    return [
        at
        for at, row in enumerate(PATTERNS)
        if all(part is None or c in part for part, c in zip(row, case, strict=True))
    ]


RULED_BY = {case: rows_for(case) for case in CASES}


def settled(situation: str, direction: str, conflict: str, blanks: str, kind: Kind = Kind.TEXT) -> Settled:
    base, hub, crm = SITUATIONS[situation]
    rule, hub_changed_at, crm_changed_at = CONFLICTS[conflict]
    owner = line("owner", kind, direction=Direction(direction), on_conflict=rule, blanks=Blanks(blanks))
    return settle(
        owner, base, hub, crm, hub_changed_at=hub_changed_at, crm_changed_at=crm_changed_at, system="Salesforce"
    )


def outcome(result: Settled) -> str:
    words = {"take": result.to_hub, "send": result.to_crm, "ask": result.ask, "stand": result.standing}
    return " ".join(word for word, is_so in words.items() if is_so) or "none"


def test_decision_table_covers_every_case_once():
    counts = {case: len(rows) for case, rows in RULED_BY.items()}

    assert len(CASES) == 17 * 3 * 8 * 3
    assert {case: count for case, count in counts.items() if count != 1} == {}


@pytest.mark.requirement("R5", "R6", "R26", "R27", "X10", "X26", "C2", "C3", "F35")
@pytest.mark.parametrize("at", range(len(ROWS)), ids=["-".join(row) for row in ROWS])
def test_settle_follows_the_decision_table(at):
    row = ROWS[at]
    for case in (case for case, rows in RULED_BY.items() if rows == [at]):
        result = settled(*case)

        assert (outcome(result), result.reason.code, str(result.reason)) == (row[4], row[5], SAID[row[5]]), case


@pytest.mark.parametrize("case", CASES[:: len(CASES) // 200], ids="-".join)
def test_settle_leaves_a_pair_that_settles(case):
    base, hub, crm = SITUATIONS[case[0]]

    result = settled(*case)

    hub_after = result.value if result.to_hub else hub
    crm_after = result.value if result.to_crm else crm
    again = settle(line("owner", direction=Direction(case[1])), result.pair, hub_after, crm_after)
    if result.ask:
        assert result.pair == base
    else:
        assert result.pair in {Pair(hub_after, crm_after), base}
        assert (again.to_hub, again.to_crm, again.ask, again.reason.code) == (False, False, False, "unchanged")


@pytest.mark.requirement("X26", "F40")
@pytest.mark.parametrize(("settled_by", "expected"), [("was", "take"), ("is", "stand"), ("", "stand")])
def test_pair_of_another_line_counts_as_never_settled(settled_by, expected):
    rule = line("owner", blanks=Blanks.ERASE, line="is")

    result = settle(rule, Pair("a", None, settled_by), "a", None)

    assert outcome(result) == expected
    assert result.pair == (Pair(None, None, "is") if expected == "take" else Pair("a", None, settled_by))


def test_line_keeps_its_identity_until_something_that_flows_changes():
    rule = line("owner", value_map={"a": "b"})
    alike = [
        replace(rule, hub_label="CSM"),
        replace(rule, on_conflict=OnConflict.ASK),
        replace(rule, max_length=5),
        replace(rule, choices={"b": "b"}),
    ]
    other = [
        replace(rule, crm_field="Manager"),
        replace(rule, direction=Direction.BOTH),
        replace(rule, blanks=Blanks.ERASE),
        replace(rule, value_map={"a": "c"}),
        replace(rule, transform="lower"),
        replace(rule, argument="x"),
        replace(rule, constant="x"),
        replace(rule, constant=date(2026, 1, 1)),
    ]

    identities = {identity(rule), *(identity(changed) for changed in other)}

    assert {identity(changed) for changed in alike} == {identity(rule)}
    assert len(identities) == 1 + len(other)


@pytest.mark.parametrize("blanks", [b.value for b in Blanks])
def test_blank_parent_is_a_fact(blanks):
    result = settled("crm-blanked", "in", "crm", blanks, Kind.PARENT)

    assert (result.to_hub, result.value, result.reason.code) == (True, None, "only-crm-moved")


@pytest.mark.parametrize(
    ("one", "two", "is_same"),
    [
        (None, "", True),
        ("", (), True),
        (None, 0, False),
        (None, False, False),
        (0, False, False),
        (1, True, False),
        (Decimal("1.50"), Decimal("1.5"), True),
        (3, Decimal("3.0"), True),
        ("3", 3, False),
        ("é", unicodedata.normalize("NFD", "é"), True),
        ("Acme", "acme", False),
        (("a", "b"), ("b", "a"), True),
        (("a", "b"), ("a",), False),
        (("a",), "a", False),
        (("é",), (unicodedata.normalize("NFD", "é"),), True),
        (date(2026, 1, 1), datetime(2026, 1, 1, tzinfo=UTC), False),
        (datetime(2026, 1, 1, 12, tzinfo=UTC), datetime(2026, 1, 1, 13, tzinfo=timezone(timedelta(hours=1))), True),
    ],
)
def test_same_value(one, two, is_same):
    assert same(one, two) is is_same
    assert same(two, one) is is_same


@pytest.mark.requirement("R6", "R10", "C2")
@pytest.mark.parametrize(("direction", "side"), [(Direction.IN, Side.CRM), (Direction.OUT, Side.HUB)])
def test_write_gate_refuses_a_write_against_the_direction(direction, side):
    with pytest.raises(WriteGateError):
        assert_allowed(direction, side)
    assert_allowed(direction, side.other)
    assert_allowed(Direction.BOTH, side)


@pytest.mark.requirement("R12", "X10")
@pytest.mark.parametrize(
    ("mode", "expected"),
    [
        (Mode.DISABLED, [None, None, None]),
        (Mode.INPUT, [Direction.IN, None, Direction.IN]),
        (Mode.OUTPUT, [None, Direction.OUT, Direction.OUT]),
        (Mode.TWO_WAY, [Direction.IN, Direction.OUT, Direction.BOTH]),
    ],
)
def test_mode_is_a_ceiling_over_the_lines(mode, expected):
    assert [within(mode, direction) for direction in (Direction.IN, Direction.OUT, Direction.BOTH)] == expected
