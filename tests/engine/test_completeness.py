import pytest

from integrations.engine.completeness import Tally


@pytest.mark.requirement("C10")
def test_tally_that_adds_up_is_complete():
    tally = Tally(1394, linked=1271, excluded={"out-of-scope": 115, "excluded-by-hand": 3}, failing=3, collisions=2)

    assert (tally.explained, tally.missing, tally.is_complete, tally.has_errors) == (1394, 0, True, True)


@pytest.mark.requirement("C10", "C15")
@pytest.mark.parametrize(("counted", "missing"), [(12, 2), (8, -2)])
def test_tally_that_does_not_add_up_says_by_how_much(counted, missing):
    tally = Tally(counted, linked=10)

    assert (tally.missing, tally.is_complete, tally.has_errors) == (missing, False, False)
