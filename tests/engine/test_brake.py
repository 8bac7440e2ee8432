import pytest

from integrations.engine.brake import Harm, held, limit


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
