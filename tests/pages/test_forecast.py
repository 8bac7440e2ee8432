"""How many calls the next sync and a preview take, and how long the allowance lasts."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from integrations.sync.forecast import forecast_of
from integrations.sync.models import Connection, ConnectionState
from tests.pages.factories import PreviewFactory, RunFactory
from tests.signed_in import SignedIn

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("C6")]


def ran(connection: Connection, kind: str, *calls: int, **columns: Any) -> None:
    for number in calls:
        RunFactory.create(connection=connection, kind=kind, calls=number, **columns)


def words(connection: Connection, used: int | None = 100, limit: int | None = 1000, hours_ago: int = 0) -> str:
    now = timezone.now()
    live = ConnectionState(
        connection=connection, quota_used=used, quota_limit=limit, quota_at=now - timedelta(hours=hours_ago)
    )
    return " ".join(forecast_of(connection, live, now).words(now))


def test_before_the_first_run_nothing_is_guessed(calm: Connection) -> None:
    assert words(calm) == "How many calls a sync takes is known after the first one."


def test_a_sync_takes_what_the_last_ones_took(calm: Connection) -> None:
    ran(calm, "first", 40)
    ran(calm, "delta", 900, 4, 5, 6, 5, 5)
    ran(calm, "delta", 700, state="failed")

    said = words(calm)

    assert "The next sync takes about 5 calls of the 700 that syncs may still make." in said
    assert "A preview takes about 40 calls of the 700 that syncs may still make." in said


@pytest.mark.parametrize(
    ("used", "said"),
    [
        (100, "With a sync every 15 minutes it is enough for the whole day."),
        (780, "With a sync every 15 minutes it is enough until"),
        (800, "What does not fit waits until quota returns"),
    ],
)
def test_it_says_how_long_the_calls_last(calm: Connection, used: int, said: str) -> None:
    ran(calm, "delta", 5)

    assert said in words(calm, used)


def test_reserve_counts_as_gone(calm: Connection) -> None:
    calm.reserve_percent = 50
    ran(calm, "delta", 1)

    assert "about 1 call of the 400 that syncs may still make" in words(calm)


@pytest.mark.parametrize("unknown", [{"used": None}, {"limit": None}, {"hours_ago": 25}])
def test_without_a_word_of_the_crm_of_today_nothing_is_left_or_missing(
    calm: Connection, unknown: dict[str, Any]
) -> None:
    ran(calm, "delta", 5)

    assert words(calm, **unknown) == "The next sync takes about 5 calls."


def test_preview_is_reckoned_by_the_largest_complete_reading(calm: Connection) -> None:
    ran(calm, "full", 30)
    PreviewFactory.create(connection=calm, calls=44)

    assert "A preview takes about 44 calls" in words(calm)


def test_connection_page_shows_gauge_reserve_line_and_forecast(admin: SignedIn, calm: Connection) -> None:
    ran(calm, "delta", 5)
    Connection.objects.update(reserve_percent=25)
    ConnectionState.objects.update(quota_used=600, quota_limit=1000, quota_at=timezone.now())

    page = " ".join(admin.get("/connections/paper/").content.decode().split())

    assert "600 of 1,000" in page
    assert "400 are left. The mark is the reserve line: the last 25 % are for other people" in page
    assert 'd="M112.5 0V12"' in page
    assert "The next sync takes about 5 calls of the 150 that syncs may still make." in page


def test_connection_page_without_a_reading_says_so(admin: SignedIn, calm: Connection) -> None:
    assert "has not said yet how many calls it allows" in admin.get("/connections/paper/").content.decode()


def test_board_draws_the_reserve_of_each_connection(admin: SignedIn, calm: Connection) -> None:
    Connection.objects.update(reserve_percent=40)
    ConnectionState.objects.update(quota_used=650, quota_limit=1000, quota_at=timezone.now())

    page = admin.get("/").content.decode()

    assert 'd="M90.0 0V12"' in page
    assert '<span class="gauge is-quota">' in page
