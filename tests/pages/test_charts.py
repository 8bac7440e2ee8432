from datetime import date, timedelta

import pytest
from django.template.loader import render_to_string

from integrations.sync.charts import Day, daily_chart, days_until, gauge_of
from integrations.sync.models import ConnectionState
from integrations.wire.quota import RESERVE_MET
from tests.pages.factories import TotalFactory

TODAY = date(2026, 11, 20)


def _days(*changed: int, refused: int = 0) -> list[Day]:
    return [Day(TODAY + timedelta(days=n), number, refused) for n, number in enumerate(changed)]


def test_highest_bar_reaches_no_higher_than_the_scale() -> None:
    chart = daily_chart(_days(100, 3900))

    lowest_top = min(float(bar.y) for bar in chart.bars)

    assert [tick.value for tick in chart.scale] == [2000, 4000, 6000]
    assert lowest_top >= float(chart.scale[-1].at)


def test_every_bar_stands_on_its_base() -> None:
    chart = daily_chart(_days(5, 17, 60, refused=3))

    ends = {(bar.kind, round(float(bar.y) + float(bar.height))) for bar in chart.bars}

    assert ends == {("c-in", 160), ("c-bad", 206)}


def test_day_with_one_change_is_still_seen() -> None:
    chart = daily_chart(_days(1, 100_000))

    assert min(float(bar.height) for bar in chart.bars) >= 1


@pytest.mark.parametrize("most", [1, 2, 3, 7, 31, 999, 1000, 3001, 123_456_789])
def test_scale_holds_any_number_and_stays_round(most: int) -> None:
    values = [int(str(tick.value)) for tick in daily_chart(_days(most)).scale]

    assert values[-1] >= most
    assert [value * 3 for value in values] == [values[-1], values[-1] * 2, values[-1] * 3]


def test_chart_without_changes_is_empty() -> None:
    chart = daily_chart(_days(0, 0))

    assert (chart.is_empty, chart.bars, chart.scale) == (True, [], [])


@pytest.mark.django_db
def test_days_without_a_total_are_days_too() -> None:
    TotalFactory.create(connection_id=1, day=TODAY, action="create", number=4)
    TotalFactory.create(connection_id=2, day=TODAY, action="update", number=3)
    TotalFactory.create(connection_id=1, day=TODAY, action="refuse", outcome="refused", number=2)
    TotalFactory.create(connection_id=1, day=TODAY, action="update", outcome="refused", number=1)
    TotalFactory.create(connection_id=1, day=TODAY, action="exclude", number=90)
    TotalFactory.create(connection_id=1, day=TODAY - timedelta(days=3), number=900)

    assert days_until(TODAY, 2) == [Day(TODAY - timedelta(days=1), 0, 0), Day(TODAY, 7, 3)]


def test_gauge_turns_at_the_reserve() -> None:
    below, above = ConnectionState(quota_used=79, quota_limit=100), ConnectionState(quota_used=80, quota_limit=100)

    gauges = [gauge_of(below, 20), gauge_of(above, 20)]

    assert [(gauge.fill, gauge.mark, gauge.is_spent) for gauge in gauges if gauge] == [
        ("118.5", "120.0", False),
        ("120.0", "120.0", True),
    ]


@pytest.mark.parametrize(
    ("health", "code", "refused"),
    [("quota", "REQUEST_LIMIT_EXCEEDED", True), ("quota", RESERVE_MET, False), ("ok", "", False)],
)
def test_gauge_says_that_the_crm_refused_though_its_own_number_leaves_room(
    health: str, code: str, refused: bool
) -> None:
    gauge = gauge_of(ConnectionState(quota_used=3, quota_limit=100, health=health, health_code=code), 20)

    shown = render_to_string("sync/gauge.html", {"gauge": gauge})

    assert gauge is not None
    assert gauge.is_refused is refused
    assert ("Refused: limit exceeded" in shown) is refused
    assert ("is-quota" in shown) is refused


def test_gauge_never_leaves_its_track() -> None:
    gauge = gauge_of(ConnectionState(quota_used=250, quota_limit=100), 20)

    assert gauge is not None
    assert gauge.fill == "150.0"


def test_unknown_quota_has_no_gauge() -> None:
    assert gauge_of(ConnectionState(), 20) is None


def test_gauge_of_a_quota_that_nobody_told_is_full_once_calls_are_refused() -> None:
    gauge = gauge_of(ConnectionState(health="quota", health_code="DAILY"), 20)

    shown = render_to_string("sync/gauge.html", {"gauge": gauge})

    assert gauge is not None
    assert (gauge.fill, "Refused: limit exceeded" in shown, "0 of 0" in shown) == ("150.0", True, False)


def test_gauge_says_what_the_calls_are_counted_over() -> None:
    gauge = gauge_of(ConnectionState(quota_used=5, quota_limit=1666), 20, "10 seconds")

    shown = render_to_string("sync/gauge.html", {"gauge": gauge})

    assert "5 of 1,666 within 10 seconds" in shown
