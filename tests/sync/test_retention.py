"""The journal at size: what is old leaves in bites, what is kept stays readable."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from integrations.sync import retention
from integrations.sync.models import ApiCall, Change, DailyTotal
from integrations.sync.search.forms import begin_of, end_of
from integrations.sync.store.journal import add_totals
from integrations.sync.sweeper import sweep
from tests.sync.fakes import connect

pytestmark = [pytest.mark.django_db, pytest.mark.requirement("E2")]


def decided(days_ago: int, number: int = 1) -> None:
    at = timezone.now() - timedelta(days=days_ago)
    Change.objects.bulk_create(
        Change(at=at, object="customers", action="update", outcome="done", reason_code="agreed", source_id=str(n))
        for n in range(number)
    )


def test_rows_beyond_the_setting_leave_and_totals_stay(settings: Any) -> None:
    settings.JOURNAL_DAYS = 30
    decided(31)
    decided(29)
    DailyTotal.objects.create(
        connection_id=1, day=timezone.now().date() - timedelta(days=31), object="customers", action="update",
        outcome="done", number=1,
    )  # fmt: skip

    sweep()

    assert Change.objects.count() == 1
    assert DailyTotal.objects.count() == 1


def test_zero_keeps_everything(settings: Any) -> None:
    settings.JOURNAL_DAYS = 0
    decided(5000)

    assert retention.forget_old() == 0
    assert Change.objects.count() == 1


def test_one_sweep_takes_so_much_and_no_more(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.JOURNAL_DAYS = 30
    monkeypatch.setattr(retention, "BITE", 3)
    decided(40, 20)

    assert retention.forget_old() == 12
    assert Change.objects.count() == 8


def test_log_says_how_long_it_remembers(admin_client: Client) -> None:
    assert "Rows are kept for 396 days" in admin_client.get(reverse("sync:log")).content.decode()


@pytest.mark.requirement("C6")
def test_calls_of_runs_leave_with_the_journal(settings: Any) -> None:
    settings.JOURNAL_DAYS = 30
    for days in (31, 29):
        ApiCall.objects.create(
            run_id=1, at=timezone.now() - timedelta(days=days), method="GET", address="/limits", status=200,
            milliseconds=1, bytes=1, attempt=1, decision="taken", has_failed=False,
        )  # fmt: skip

    sweep()

    assert ApiCall.objects.count() == 1


@pytest.mark.parametrize("zone", ["America/Los_Angeles", "UTC", "Asia/Tokyo"])
def test_totals_count_a_change_under_the_day_under_which_the_log_shows_it(zone: str) -> None:
    connection = connect()
    with timezone.override(zone):
        for hour in (2, 12, 22):
            moment = datetime(2026, 3, 1, hour, tzinfo=UTC)
            add_totals(connection.pk, [{"object": "customers", "action": "update", "outcome": "done"}], moment)
            number = DailyTotal.objects.get(day=timezone.localdate(moment)).number
            assert begin_of(timezone.localdate(moment)) <= moment < end_of(timezone.localdate(moment))
            assert number >= 1
        assert DailyTotal.objects.count() == (1 if zone == "UTC" else 2)
