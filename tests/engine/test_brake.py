from decimal import Decimal

import pytest

from integrations.engine.brake import Harm, code_of, held, limit, revenue_held
from integrations.engine.reasons import Reason


@pytest.mark.requirement("C5", "F36")
@pytest.mark.parametrize(("linked", "expected"), [(0, 10), (99, 10), (100, 10), (119, 11), (1284, 128)])
def test_limit_is_a_tenth_but_at_least_ten(linked, expected):
    assert limit(linked) == expected


@pytest.mark.requirement("C5", "F36")
@pytest.mark.parametrize("kind", ["churned", "emptied", "deleted", "rekeyed"])
def test_brake_holds_above_the_limit(kind):
    at_the_limit, above = Harm(**{kind: 24}), Harm(**{kind: 25})

    [reason] = held(above, 240)

    assert held(at_the_limit, 240) == ()
    assert reason.code == f"brake-{kind}"
    assert "25 of 240 linked records; the brake holds above 24." in str(reason)


def test_brake_names_every_kind_of_harm():
    reasons = held(Harm(churned=11, emptied=11, deleted=10, rekeyed=11), 40)

    assert [reason.code for reason in reasons] == ["brake-churned", "brake-emptied", "brake-rekeyed"]


def test_brake_is_off_on_a_first_run():
    assert held(Harm(churned=500), 40, first_run=True) == ()


@pytest.mark.requirement("C3")
@pytest.mark.parametrize(("moved", "is_held"), [("100", False), ("-100", False), ("100.01", True), ("-100.01", True)])
def test_total_mrr_may_move_by_a_tenth(moved, is_held):
    reasons = revenue_held({"EUR": Decimal(1000)}, {"EUR": Decimal(moved)})

    assert bool(reasons) == is_held


def test_each_currency_is_held_for_itself_with_both_totals():
    [reason] = revenue_held({"EUR": Decimal(2000), "USD": Decimal(10)}, {"EUR": Decimal(-1000), "SEK": Decimal(5)})

    assert reason.params == {"currency": "EUR", "before": "2,000.00", "after": "1,000.00", "percent": 10}
    assert "2,000.00" in str(reason)


def test_thresholds_are_the_connections():
    assert held(Harm(churned=11), 40, floor=20) == ()
    assert held(Harm(churned=21), 40, floor=20, percent=60) == ()
    assert [one.params["limit"] for one in held(Harm(churned=25), 40, floor=20, percent=60)] == [24]
    assert revenue_held({"EUR": Decimal(100)}, {"EUR": Decimal(15)}, percent=20) == ()


@pytest.mark.requirement("F34", "F36")
def test_deletions_in_the_crm_are_a_harm_of_their_own():
    counts = Harm(deleted=24, deleted_out=25)

    [reason] = held(counts, 240)

    assert reason.code == code_of("deleted_out") == "brake-deleted-out"
    said = str(Reason(reason.code, {**reason.params, "system": "Salesforce"}))
    assert said == "The run would delete 25 records in Salesforce, beside 240 linked records; the brake holds above 24."
