"""What a connector puts into a new record by itself is ours: settled as it goes, and no data of anybody's."""

from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest

from integrations.engine.mapping import Direction, FieldRule, Kind, Mode
from integrations.engine.placeholders import with_placeholders
from integrations.engine.plan import Action, Decision, Scope, decide, decide_made
from integrations.engine.records import HubRow, Link, LinkState, Pair, Record
from integrations.engine.values import Value
from integrations.engine.writing import outgoing

MINUTES = FieldRule("minutes", "Minutes", Kind.INTEGER, crm_field="Length", direction=Direction.BOTH, line="m")
SUBJECT = FieldRule("subject", "Subject", Kind.TEXT, crm_field="Title", direction=Direction.BOTH, line="s")
BODY = FieldRule("body", "Text", Kind.TEXT, crm_field="Body", direction=Direction.BOTH, line="b")


def insists(sent: Any) -> dict[str, Value]:
    return {"Length": 0, "Title": str(sent.get("Body") or "Untitled")}


def made(rules: list[FieldRule], **values: Value) -> Decision:
    hub = HubRow(7, values)
    decision = decide_made(hub, rules, mode=Mode.TWO_WAY, system="CRM")
    return with_placeholders(decision, rules, hub, insists, mode=Mode.TWO_WAY, system="CRM")


def read_back(rule: FieldRule, settled: Pair, hub: Value, crm: Value) -> Decision:
    link = Link(LinkState.LINKED, 7, {rule.hub_field: settled})
    record, row = Record("c1", {rule.crm_field: crm}), HubRow(7, {rule.hub_field: hub})
    return decide(record, [rule], scope=Scope(), link=link, match=None, hub=row, mode=Mode.TWO_WAY, system="CRM")


@pytest.mark.requirement("C4")
def test_placeholder_is_said_and_settled_as_ours() -> None:
    decision = made([MINUTES, SUBJECT], subject="Review", minutes=None)

    assert decision.settled["minutes"] == Pair(None, 0, "m")
    said = decision.outward[-1]
    assert (said.field, said.after, said.reason.code, said.reason.params["value"]) == (
        "minutes", None, "hub-default", "0",
    )  # fmt: skip


@pytest.mark.requirement("C4")
def test_placeholder_that_is_read_back_changes_nothing() -> None:
    pair = made([MINUTES, SUBJECT], subject="Review", minutes=None).settled["minutes"]

    decision = read_back(MINUTES, pair, None, 0)

    assert (decision.action, decision.changes, decision.outward) == (Action.UNCHANGED, (), ())


@pytest.mark.requirement("C4")
def test_what_somebody_makes_of_a_placeholder_comes_in() -> None:
    pair = made([MINUTES, SUBJECT], subject="Review", minutes=None).settled["minutes"]

    [change] = read_back(MINUTES, pair, None, 15).changes

    assert (change.field, change.before, change.after) == ("minutes", None, 15)


@pytest.mark.parametrize("minutes", [0, 30])
def test_what_the_hub_says_is_no_placeholder(minutes: int) -> None:
    decision = made([MINUTES, SUBJECT], subject="Review", minutes=minutes)

    assert decision.settled["minutes"] == Pair(minutes, minutes, "m")


def test_default_of_the_line_goes_before_a_placeholder() -> None:
    line = FieldRule(
        "minutes", "Minutes", Kind.INTEGER, crm_field="Length", direction=Direction.BOTH, line="m", default_out="20"
    )

    decision = made([line, SUBJECT], subject="Review", minutes=None)

    assert decision.settled["minutes"] == Pair(None, 20, "m")
    assert [change.field for change in decision.outward] == ["minutes", "subject"]


def test_placeholder_may_be_made_of_what_goes() -> None:
    decision = made([SUBJECT, BODY], subject="", body="First line")

    assert decision.settled["subject"] == Pair("", "First line", "s")


@pytest.mark.requirement("C4")
def test_line_that_only_reads_takes_no_placeholder_for_the_crms_word() -> None:
    reads = FieldRule("minutes", "Minutes", Kind.INTEGER, crm_field="Length", direction=Direction.IN, line="m")

    decision = made([reads, SUBJECT], subject="Review", minutes=45)

    assert [change.field for change in decision.outward] == ["subject"]
    assert decision.settled["minutes"] == Pair(45, 0, "m")
    assert read_back(reads, decision.settled["minutes"], 45, 0).changes == ()
    assert read_back(reads, decision.settled["minutes"], 45, 15).changes[0].after == 15


@pytest.mark.parametrize(
    ("kind", "typed", "sent"),
    [
        (Kind.INTEGER, "0", 0),
        (Kind.MONEY, "12.50", Decimal("12.50")),
        (Kind.BOOL, "false", False),
        (Kind.DATETIME, "2026-01-02T03:04:05+00:00", datetime(2026, 1, 2, 3, 4, 5, tzinfo=UTC)),
        (Kind.TEXT, "Unknown", "Unknown"),
        (Kind.INTEGER, "many", "many"),
    ],
)
@pytest.mark.requirement("C4")
def test_default_of_a_line_goes_and_settles_by_its_type(kind: Kind, typed: str, sent: Value) -> None:
    rule = FieldRule("own", "Own", kind, crm_field="Own", direction=Direction.BOTH, line="o", default_out=typed)

    assert outgoing(rule, None, creating=True).value == sent


@pytest.mark.requirement("C4")
@pytest.mark.parametrize(
    ("kind", "typed", "kept", "value_map"),
    [(Kind.INTEGER, "0", 0, {}), (Kind.BOOL, "false", False, {}), (Kind.TEXT, "Hot", "Hot", {"Hot": "warm"})],
)
def test_default_that_is_read_back_changes_nothing(
    kind: Kind, typed: str, kept: Value, value_map: dict[str, str]
) -> None:
    rule = FieldRule(
        "own", "Own", kind, crm_field="Own", direction=Direction.BOTH, line="o", default_out=typed, value_map=value_map
    )
    pair = decide_made(HubRow(7, {"own": None}), [rule], mode=Mode.TWO_WAY).settled["own"]

    assert read_back(rule, pair, None, kept).changes == ()
