from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from integrations.engine.mapping import Blanks, Direction, Kind, Mode, OnConflict
from integrations.engine.match import Match
from integrations.engine.plan import Action, Decision, Scope, decide, decide_moved, is_news
from integrations.engine.reasons import Reason
from integrations.engine.records import Choice, HubRow, Link, LinkState, Pair, Record, Side
from tests.engine.made_up import MONDAY, TUESDAY, line, linked, record, row

STAGES = {"run": "run", "trial": "trial", "churn": "churn"}
NAME, OWNER = line("name"), line("owner", Kind.PERSON)
STAGE = line("stage", Kind.CHOICE, choices=STAGES)
BOTH: dict[str, Any] = {"direction": Direction.BOTH}


def decided(found: Record, *rules, link=None, match=None, hub=None, inside=True, **more: Any) -> Decision:
    more = {"system": "Salesforce", "scope": Scope(inside), **more}
    return decide(found, rules, link=link, match=match, hub=hub, **more)


def changed(decision: Decision) -> dict[str, tuple[object, object]]:
    return {change.field: (change.before, change.after) for change in decision.changes}


@pytest.mark.requirement("R15", "R24", "R29")
def test_unknown_record_is_created():
    found = record(name="Acme", owner="Ann@acme.example", phone=None)
    nothing = Match(reason=Reason("no-key-matched", {"keys": "Domain acme.example", "system": "Salesforce"}))

    decision = decided(found, NAME, OWNER, line("phone"), match=nothing)

    assert (decision.action, decision.link_state, decision.hub_id) == (Action.CREATE, LinkState.LINKED, None)
    assert changed(decision) == {"name": (None, "Acme"), "owner": (None, "ann@acme.example")}
    assert decision.settled["phone"] == Pair(None, None)
    assert str(decision.reason) == "No key matched: nothing here has Domain acme.example."


def test_what_the_crm_holds_is_kept_where_its_reading_does_not_lead_back_to_it():
    website = line("domain", Kind.DOMAIN, **BOTH)
    read = decided(
        record(domain="https://www.acme.example/fr"), website, link=linked(domain="acme.example"),
        hub=row(domain="acme.example"), mode=Mode.TWO_WAY,
    )  # fmt: skip
    kept = read.settled["domain"]
    assert (kept.crm, kept.raw) == ("acme.example", "https://www.acme.example/fr")

    typed = decide_moved(
        "001A",
        [website],
        link=Link(LinkState.LINKED, 7, {"domain": kept}),
        hub=row(domain="acme.test"),
        mode=Mode.TWO_WAY,
    )

    assert [(out.before, out.after, out.raw) for out in typed.outward] == [("acme.example", "acme.test", kept.raw)]
    assert typed.settled["domain"].raw is None, "what is sent takes its place"


def test_what_only_comes_in_is_kept_as_it_was_read():
    read = decided(
        record(domain="www.acme.example"), line("domain", Kind.DOMAIN), link=linked(domain="acme.example"),
        hub=row(domain="acme.example"),
    )  # fmt: skip

    assert (read.action, read.settled["domain"].raw) == (Action.UNCHANGED, None)


@pytest.mark.parametrize("blanks", list(Blanks))
def test_created_record_takes_nothing_from_an_output_line_and_sends_no_blank(blanks):
    rule = line(direction=Direction.OUT, blanks=blanks)

    created = decided(record(name="Acme"), rule, mode=Mode.TWO_WAY)
    link = Link(LinkState.LINKED, 7, created.settled)
    again = decided(record(name="Acme"), rule, link=link, hub=row(), mode=Mode.TWO_WAY)

    assert (created.action, created.changes, created.settled) == (Action.CREATE, (), {"name": Pair(None, "Acme")})
    assert (again.action, again.outward) == (Action.UNCHANGED, ())


@pytest.mark.requirement("R10")
@pytest.mark.parametrize("mode", [Mode.OUTPUT, Mode.DISABLED])
def test_unknown_record_is_not_created_where_the_block_does_not_write_the_hub(mode):
    decision = decided(record(name="Acme"), line(**BOTH), mode=mode)

    assert (decision.action, decision.reason.code) == (Action.EXCLUDE, "output-only")


def test_matched_record_is_linked_at_first_contact():
    by_key = Match(7, "ref_id", reason=Reason("linked-by-key", {"label": "Customer ID", "value": "1", "system": "S"}))

    decision = decided(record(name="Acme"), NAME, match=by_key, hub=row(name="Acme Ltd"))

    assert (decision.action, decision.hub_id) == (Action.LINK, 7)
    assert changed(decision) == {"name": ("Acme Ltd", "Acme")}
    assert decision.settled == {"name": Pair("Acme", "Acme")}
    assert str(decision.reason) == "Matched on Customer ID 1: one hit."


@pytest.mark.requirement("F32", "C1")
def test_colliding_record_is_listed():
    collision = Reason("rivals", {"label": "Domain", "value": "acme.example", "system": "Salesforce", "count": 1})
    note = Reason("shared-key", {"label": "Name", "value": "acme", "system": "Salesforce", "count": 2})

    decision = decided(record(name="Acme"), NAME, match=Match(collision=collision, notes=(note,)))

    assert (decision.action, decision.reason, decision.link_state) == (Action.COLLISION, collision, LinkState.COLLISION)
    assert (decision.hub_id, decision.changes, decision.notes) == (None, (), (note,))


@pytest.mark.requirement("R5")
def test_linked_record_is_updated():
    decision = decided(record(name="Acme SA"), NAME, link=linked(name="Acme"), hub=row(name="Acme"))

    assert (decision.action, decision.hub_id) == (Action.UPDATE, 7)
    assert changed(decision) == {"name": ("Acme", "Acme SA")}
    assert str(decision.reason) == "Only Salesforce changed it; the hub did not."


@pytest.mark.requirement("C1")
def test_link_outranks_every_key():
    rival = Match(9, "email", reason=Reason("linked-by-key"))

    decision = decided(record(name="Acme"), NAME, link=linked(name="Acme"), match=rival, hub=row(name="Acme"))

    assert (decision.action, decision.hub_id) == (Action.UNCHANGED, 7)


def test_half_of_a_merge_that_died_no_longer_decides():
    dead = Link(LinkState.MERGED, 7)

    decision = decided(record(name="Acme"), NAME, link=dead, match=Match())

    assert (decision.action, decision.hub_id) == (Action.CREATE, None)


@pytest.mark.requirement("C3", "X26")
@pytest.mark.parametrize(
    ("blanks", "action", "changes"),
    [(Blanks.KEEP, Action.SETTLE, {}), (Blanks.ERASE, Action.UPDATE, {"name": ("Acme", None)})],
)
def test_blank_erases_only_where_the_line_says_so(blanks, action, changes):
    decision = decided(record(name=None), line(blanks=blanks), link=linked(name="Acme"), hub=row(name="Acme"))

    assert (decision.action, changed(decision)) == (action, changes)
    assert [change.erases for change in decision.changes] == [True] * len(changes)


def test_erasure_explains_a_row_before_anything_else():
    rules = [NAME, line("phone", blanks=Blanks.ERASE)]
    before: dict[str, Any] = {"name": "Acme", "phone": "1"}

    decision = decided(record(name="Acme SA", phone=""), *rules, link=linked(**before), hub=row(**before))

    assert len(decision.changes) == 2
    assert str(decision.reason) == "Blanks rule of Phone is “erase”."


@pytest.mark.requirement("R6")
def test_edit_in_the_hub_is_never_sent_under_input():
    decision = decided(record(name="Acme"), line(**BOTH), link=linked(name="Acme"), hub=row(name="Typed"))

    assert (decision.action, decision.changes, decision.outward) == (Action.SETTLE, (), ())
    assert [(left.field, left.before, left.after) for left in decision.standing] == [("name", "Typed", "Acme")]
    assert decision.settled == {"name": Pair("Typed", "Acme")}


def test_edit_in_the_hub_is_sent_under_two_way():
    decision = decided(
        record(name="Acme"), line(**BOTH), link=linked(name="Acme"), hub=row(name="Typed"), mode=Mode.TWO_WAY
    )

    assert (decision.action, decision.changes) == (Action.PUSH, ())
    assert [(out.field, out.before, out.after) for out in decision.outward] == [("name", "Acme", "Typed")]
    assert str(decision.reason) == "Only the hub changed it; Salesforce did not."


@pytest.mark.parametrize(
    ("hub_at", "crm_at", "expected"),
    [(MONDAY, TUESDAY, {"name": ("Hub", "Crm")}), (TUESDAY, MONDAY, {}), (None, MONDAY, None)],
)
def test_latest_change_compares_the_record_with_the_field(hub_at, crm_at, expected):
    rule = line(on_conflict=OnConflict.LATEST, **BOTH)
    hub = HubRow(7, {"name": "Hub"}, {"name": hub_at} if hub_at else {})

    decision = decided(record("001A", crm_at, name="Crm"), rule, link=linked(name="x"), hub=hub, mode=Mode.TWO_WAY)

    if expected is None:
        assert (decision.action, decision.asks[0].field) == (Action.ASK, "name")
        assert decision.settled == {"name": Pair("x", "x")}
    else:
        assert changed(decision) == expected
        assert len(decision.outward) == (not expected)


def test_field_in_dispute_does_not_hold_the_others():
    rules = [line(on_conflict=OnConflict.ASK, **BOTH), line("phone")]
    hub = row(name="Hub", phone="1")

    decision = decided(
        record(name="Crm", phone="2"), *rules, link=linked(name="x", phone="1"), hub=hub, mode=Mode.TWO_WAY
    )

    assert (decision.action, changed(decision)) == (Action.UPDATE, {"phone": ("1", "2")})
    assert [(ask.field, ask.before, ask.after) for ask in decision.asks] == [("name", "Hub", "Crm")]


@pytest.mark.requirement("F24", "F31", "C14")
@pytest.mark.parametrize("link", [None, linked(name="Acme")])
def test_refused_record_names_every_field_and_waits(link):
    rules = [NAME, line("due", Kind.DATE), line("fee", Kind.MONEY)]
    found = record(name="Acme SA", due="31/02/2027", fee="1 234,50")

    decision = decided(found, *rules, link=link, match=Match(), hub=row(name="Acme"))

    assert (decision.action, decision.link_state, decision.changes) == (Action.REFUSE, LinkState.FAILING, ())
    assert decision.hub_id == (7 if link else None)
    assert [(field.field, field.after) for field in decision.refused] == [("due", "31/02/2027"), ("fee", "1 234,50")]
    assert str(decision.reason) == "Due: “31/02/2027” is not a date. The record waits."


def test_refused_value_of_an_output_line_is_overwritten():
    rule = line("due", Kind.DATE, direction=Direction.OUT)

    decision = decided(record(due="soon"), rule, link=linked(due=None), hub=row(due=MONDAY.date()), mode=Mode.TWO_WAY)

    assert [(out.field, out.after) for out in decision.outward] == [("due", MONDAY.date())]


def test_failing_record_that_recovers_counts_as_linked_again():
    link = replace(linked(name="Acme"), state=LinkState.FAILING)

    decision = decided(record(name="Acme"), NAME, link=link, hub=row(name="Acme"))

    assert (decision.action, decision.link_state, decision.reason.code) == (
        Action.SETTLE, LinkState.LINKED, "back-in-sync"
    )  # fmt: skip


@pytest.mark.requirement("C13", "C9")
def test_unmapped_value_keeps_the_field_and_its_pair():
    decision = decided(
        record(stage="Partner", name="New"),
        STAGE,
        NAME,
        link=linked(stage="run", name="Old"),
        hub=row(stage="run", name="Old"),
    )

    assert changed(decision) == {"name": ("Old", "New")}
    assert decision.settled["stage"] == Pair("run", "run", is_unread=True)
    assert [str(note) for note in decision.notes] == [
        "Stage: nothing here is mapped to “Partner”. The field keeps what it has."
    ]


def test_unmapped_value_of_a_new_record_leaves_the_default():
    decision = decided(record(stage="Partner"), STAGE)

    assert (decision.action, decision.changes) == (Action.CREATE, ())
    assert decision.settled == {"stage": Pair(None, None, is_unread=True)}
    assert [note.code for note in decision.notes] == ["unmapped-value"]


@pytest.mark.requirement("C4")
def test_default_of_a_new_record_is_nobodys_word_once_its_value_is_mapped():
    """The hub gave the stage it gives to all: the pair says so, and neither asks nor sends it."""
    given = Link(LinkState.LINKED, 7, {"stage": Pair("trial", None, is_unread=True)})
    mapped = replace(STAGE, value_map={"Partner": "run"}, on_conflict=OnConflict.ASK, **BOTH)

    decision = decided(record(stage="Partner"), mapped, link=given, hub=row(stage="trial"), mode=Mode.TWO_WAY)

    assert changed(decision) == {"stage": ("trial", "run")}
    assert (decision.asks, decision.outward) == ((), ())


@pytest.mark.requirement("I3", "I4")
def test_edit_over_what_cannot_be_read_is_asked_about_and_sent_only_where_a_person_says_so():
    rule = replace(STAGE, **BOTH)
    read = decided(
        record(stage="Partner"), rule, link=linked(stage="run"), hub=row(stage="run"), mode=Mode.TWO_WAY
    )  # fmt: skip
    unread = Link(LinkState.LINKED, 7, read.settled)
    edited = row(stage="trial")

    at_once = decided(record(stage="Partner"), rule, link=linked(stage="run"), hub=edited, mode=Mode.TWO_WAY)
    later = decide_moved("001A", [rule], link=unread, hub=edited, mode=Mode.TWO_WAY, system="Salesforce")
    for asked in (at_once, later):
        assert (asked.action, asked.outward) == (Action.ASK, ())
        assert [(ask.before, ask.after) for ask in asked.asks] == [("trial", "Partner")]
        assert str(asked.asks[0].reason) == (
            "Stage: Salesforce holds “Partner”, which its line cannot read. Both keep what they have."
        )

    chosen = replace(unread, chosen={"stage": Choice(Side.HUB, "Inès")})
    sent = decide_moved("001A", [rule], link=chosen, hub=edited, mode=Mode.TWO_WAY, system="Salesforce")
    assert [(out.after, out.raw) for out in sent.outward] == [("trial", "Partner")], "the way back is kept"
    assert sent.asks == ()


@pytest.mark.requirement("I3", "F35")
@pytest.mark.parametrize(("rule", "sent", "taken"), [("hub", "trial", None), ("crm", None, "run"), ("ask", None, None)])
def test_row_that_was_found_with_what_cannot_be_read_meets_it_by_the_rule_once_it_can(rule, sent, taken):
    stage = replace(STAGE, line="1", on_conflict=OnConflict(rule), **BOTH)
    here = row(stage="trial")
    found = decided(record(stage="Partner"), stage, match=Match(7, "domain"), hub=here, mode=Mode.TWO_WAY)
    assert (found.action, found.changes, found.outward, found.asks) == (Action.LINK, (), (), ())
    link = Link(LinkState.LINKED, 7, found.settled)

    edited = decide_moved("001A", [stage], link=link, hub=row(stage="paused"), mode=Mode.TWO_WAY)
    assert [(ask.before, ask.after) for ask in edited.asks] == [("paused", "Partner")]

    met = decided(record(stage="run"), stage, link=link, hub=here, mode=Mode.TWO_WAY)
    assert [out.after for out in met.outward] == ([sent] if sent else [])
    assert changed(met) == ({"stage": ("trial", taken)} if taken else {})
    assert bool(met.asks) is (rule == "ask")
    # The question is for who reads the record: until then it is settled no further.
    assert (
        decide_moved("001A", [stage], link=replace(link, settled=met.settled), hub=here, mode=Mode.TWO_WAY).asks == ()
    )


def test_line_that_only_goes_out_by_now_overwrites_what_it_could_not_read():
    unread = Link(LinkState.LINKED, 7, {"stage": Pair("run", "run", "", "Partner", is_unread=True)})

    sent = decide_moved("001A", [replace(STAGE, **BOTH)], link=unread, hub=row(stage="trial"), mode=Mode.OUTPUT)

    assert [(out.after, out.raw) for out in sent.outward] == [("trial", "Partner")]
    assert sent.asks == ()


@pytest.mark.requirement("R28", "R63")
@pytest.mark.parametrize("link", [None, Link(LinkState.EXCLUDED)])
def test_record_out_of_scope_is_excluded(link):
    why = Reason("customer-out-of-scope", {"system": "Salesforce"})

    decision = decided(record(name="Acme"), NAME, link=link, scope=Scope(inside=False, reason=why))

    assert (decision.action, decision.reason, decision.link_state) == (Action.EXCLUDE, why, LinkState.EXCLUDED)


def test_linked_record_out_of_scope_keeps_its_row():
    decision = decided(record(name="New"), NAME, link=linked(name="Old"), hub=row(name="Old"), inside=False)

    assert (decision.action, decision.hub_id, decision.changes) == (Action.EXCLUDE, 7, ())
    assert decision.reason.code == "left-scope"
    assert decision.settled == {"name": Pair("Old", "Old")}


def test_record_that_never_was_in_scope_says_so():
    assert decided(record(name="Acme"), NAME, inside=False).reason.code == "out-of-scope"


def test_exclusion_by_hand_outranks_the_scope():
    link = Link(LinkState.EXCLUDED, excluded_by_hand=True)

    decision = decided(record(name="Acme"), NAME, link=link, inside=False)

    assert (decision.action, decision.reason.code) == (Action.EXCLUDE, "excluded-by-hand")


@pytest.mark.parametrize(
    ("link", "match", "hub_id"), [(linked(name="Acme"), None, 7), (None, Match(9, "ref_id"), None)]
)
def test_record_whose_row_is_gone_is_refused(link, match, hub_id):
    decision = decided(record(name="Acme"), NAME, link=link, match=match)

    assert (decision.action, decision.reason.code, decision.hub_id) == (Action.REFUSE, "hub-row-gone", hub_id)


CHURNED = replace(linked(stage="run"), state=LinkState.EXCLUDED, churned_from="run")


@pytest.mark.requirement("R16", "R17")
@pytest.mark.parametrize(
    ("rules", "crm_stage", "expected"),
    [
        ([], None, "run"),
        ([STAGE], "Run", "run"),
        ([STAGE], "Trial", "trial"),
        ([STAGE], None, "run"),
        ([STAGE], "unmapped", "run"),
    ],
)
def test_customer_that_comes_back_gets_its_stage_again(rules, crm_stage, expected):
    decision = decided(record(stage=crm_stage), *rules, link=CHURNED, hub=row(stage="churn"), churn_stage="churn")

    assert (decision.action, decision.link_state) == (Action.UNCHURN, LinkState.LINKED)
    assert changed(decision) == {"stage": ("churn", expected)}
    assert expected in str(decision.reason)


def test_customer_that_comes_back_as_churned_stays_churned():
    decision = decided(record(stage="Churn"), STAGE, link=CHURNED, hub=row(stage="churn"), churn_stage="churn")

    assert (decision.action, decision.changes, decision.link_state) == (Action.SETTLE, (), LinkState.LINKED)


def test_stage_that_a_person_set_since_is_not_unchurned():
    decision = decided(record(), link=CHURNED, hub=row(stage="trial"), churn_stage="churn")

    assert (decision.action, decision.changes) == (Action.SETTLE, ())
    assert [note.code for note in decision.notes] == ["unchurn-left"]


def test_unchurned_stage_is_not_sent_out_as_an_edit():
    both = replace(STAGE, direction=Direction.BOTH)

    decision = decided(
        record(stage="Run"), both, link=CHURNED, hub=row(stage="churn"), churn_stage="churn", mode=Mode.TWO_WAY
    )

    assert (changed(decision), decision.outward) == ({"stage": ("churn", "run")}, ())


def test_parent_follows_the_group_and_leaves_it():
    parent = line("parent", Kind.PARENT)

    moved = decided(record(parent="001B"), parent, link=linked(parent="001C"), hub=row(parent="001C"))
    left = decided(record(parent=""), parent, link=linked(parent="001C"), hub=row(parent="001C"))

    assert changed(moved) == {"parent": ("001C", "001B")}
    assert changed(left) == {"parent": ("001C", None)}


@pytest.mark.requirement("F40")
def test_every_pair_remembers_its_line():
    rules = [line("name", line="n1"), line("phone", line="p1"), line("city", line="c1")]
    link = Link(LinkState.LINKED, 7, {"name": Pair("Old", "Old", "n0"), "phone": Pair("1", "1", "p0")})
    found = record(name="Old", phone="2", city="Lyon")

    created = decided(found, *rules)
    updated = decided(found, *rules, link=link, hub=row(name="Typed", phone="1", city="Lyon"))

    assert {pair.line for pair in created.settled.values()} == {"n1", "p1", "c1"}
    assert {name: pair.line for name, pair in updated.settled.items()} == {"name": "n1", "phone": "p1", "city": "c1"}
    assert changed(updated) == {"name": ("Typed", "Old"), "phone": ("1", "2")}


def test_resting_line_keeps_its_pair():
    decision = decided(record(name="New"), line(direction=Direction.OUT), link=linked(name="Old"), hub=row(name="Old"))

    assert (decision.action, decision.settled) == (Action.UNCHANGED, {"name": Pair("Old", "Old")})


@pytest.mark.requirement("I6")
def test_standing_refusal_is_news_only_once():
    refused = decided(record(due="soon"), line("due", Kind.DATE), match=Match())
    known = Link(LinkState.FAILING, reason=refused.reason)

    assert is_news(refused, None)
    assert is_news(refused, Link(LinkState.LINKED))
    assert not is_news(refused, known)
    assert is_news(refused, replace(known, reason=Reason("too-long")))


def test_changes_are_always_news_and_settling_never():
    updated = decided(record(name="New"), NAME, link=linked(name="Old"), hub=row(name="Old"))
    unchanged = decided(record(name="Old"), NAME, link=linked(name="Old"), hub=row(name="Old"))

    assert is_news(updated, linked(name="Old"))
    assert not is_news(unchanged, None)


def test_values_keep_their_types_through_a_plan():
    rules = [line("fee", Kind.MONEY), line("due", Kind.DATE), line("seen", Kind.DATETIME), line("tags", Kind.LIST)]
    values: dict[str, Any] = {
        "fee": Decimal("0.10"),
        "due": MONDAY.date(),
        "seen": datetime(2026, 3, 29, 1, tzinfo=UTC),
        "tags": ("b", "a"),
    }

    created = decided(record(**values), *rules)
    again = decided(record(**values), *rules, link=Link(LinkState.LINKED, 7, created.settled), hub=row(**values))

    assert {change.field: change.after for change in created.changes} == values
    assert again.action is Action.UNCHANGED


@pytest.mark.requirement("C12", "F33")
def test_row_is_taken_over_as_it_was_settled():
    """What its predecessor settled is no first contact: only who left the pair is heard, and our own churn is taken back."""
    pairs = {"name": Pair("Acme", "Acme"), "phone": Pair("1", "1"), "stage": Pair("run", "run")}
    former = Link(LinkState.EXCLUDED, 7, pairs, churned_from="run")
    name, phone = line("name", **BOTH), line("phone", **BOTH)
    found, here = record(name="Acme", phone="2", stage="run"), row(name="Typed", phone="1", stage="churn")
    facts: dict[str, Any] = {
        "match": Match(7, former="001F"),
        "hub": here,
        "mode": Mode.TWO_WAY,
        "churn_stage": "churn",
    }

    decision = decided(found, name, phone, STAGE, former=former, **facts)
    paused = decided(found, name, phone, STAGE, former=replace(former, is_paused=True), **facts)

    assert (decision.action, decision.link_state, decision.hub_id) == (Action.LINK, LinkState.LINKED, 7)
    assert changed(decision) == {"stage": ("churn", "run"), "phone": ("1", "2")}
    assert [(out.field, out.after) for out in decision.outward] == [("name", "Typed")]
    assert str(decision.reason).startswith("001F was merged into it in Salesforce")
    assert (paused.action, paused.changes, paused.outward, paused.settled) == (Action.LINK, (), (), pairs)


@pytest.mark.requirement("C12")
def test_record_that_cannot_be_taken_takes_no_row_over():
    refused = decided(
        record(due="soon"), line("due", Kind.DATE), match=Match(7, former="001F"), former=linked(), hub=row()
    )

    assert (refused.action, refused.link_state, refused.hub_id) == (Action.REFUSE, LinkState.FAILING, None)


@pytest.mark.requirement("R185")
def test_record_of_a_links_only_type_waits_whatever_its_values_are_worth():
    waits = Match(reason=Reason("waits-for-row", {"keys": "Domain acme.example", "system": "Stripe"}))
    found = record(name="Acme", count="many")

    decision = decided(found, NAME, line("count", Kind.INTEGER), match=waits, makes_rows=False)

    assert (decision.action, decision.link_state, decision.hub_id) == (Action.EXCLUDE, LinkState.EXCLUDED, None)
    assert (decision.reason, decision.changes, decision.settled) == (waits.reason, (), {})


def test_record_of_a_links_only_type_becomes_no_row_by_anybodys_word():
    decision = decided(record(name="Acme"), NAME, match=Match(reason=Reason("new-by-hand")), makes_rows=False)

    assert (decision.action, decision.reason.code) == (Action.EXCLUDE, "waits-keyless")


@pytest.mark.requirement("R186")
@pytest.mark.parametrize("link", [None, Link(LinkState.LINKED, 7, {})], ids=["met", "linked"])
def test_record_of_a_links_only_type_leaves_the_id_of_its_row(link):
    facts = {"match": None if link else Match(7, "domain"), "hub": row(ref_id="001A", name=""), "link": link}

    decision = decided(record(ref_id="cus_1", name="Acme"), line("ref_id", Kind.ID), NAME, makes_rows=False, **facts)

    assert changed(decision) == {"name": ("", "Acme")}
    assert "ref_id" not in decision.settled


@pytest.mark.requirement("R190")
def test_record_of_a_links_only_type_is_told_the_id_of_its_row_where_the_line_goes_out():
    ref = line("ref_id", Kind.ID, direction=Direction.OUT)
    facts = {"match": Match(7, "domain"), "hub": row(ref_id="9001", name="Acme"), "mode": Mode.TWO_WAY}

    decision = decided(record(ref_id="old", name="Acme"), ref, NAME, makes_rows=False, **facts)

    assert [(change.field, change.before, change.after) for change in decision.outward] == [("ref_id", "old", "9001")]
    assert changed(decision) == {}
