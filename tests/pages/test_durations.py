from datetime import timedelta

import pytest

from integrations.sync.durations import behind, spoken


@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (0, "0 s"),
        (59, "59 s"),
        (60, "1 min"),
        (192, "3 min 12 s"),
        (3600, "1 h"),
        (19_080, "5 h 18 min"),
        (86_400 * 3, "3 days"),
    ],
)
def test_span_in_its_two_largest_units(seconds: int, said: str) -> None:
    assert spoken(timedelta(seconds=seconds)) == said


@pytest.mark.requirement("R355")
@pytest.mark.parametrize(
    ("seconds", "said"),
    [
        (-5, "less than 1 min behind"),
        (59, "less than 1 min behind"),
        (239, "3 min behind"),
        (19_090, "5 h 18 min behind"),
    ],
)
def test_lag_is_a_number_of_minutes(seconds: int, said: str) -> None:
    assert behind(timedelta(seconds=seconds)) == said
