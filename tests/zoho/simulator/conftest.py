from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho

from .caller import Caller


class Clock:
    """Stands still until a test moves it."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 30, 0, 120_000, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def zoho(tmp_path: Path, clock: Clock) -> Iterator[PracticeZoho]:
    """Five accounts with two contacts each."""
    with PracticeZoho(tmp_path, accounts=5, contacts_per=2, clock=clock) as practice:
        yield practice


@pytest.fixture
def api(zoho: PracticeZoho) -> Caller:
    return Caller.signed_in(zoho)


@pytest.fixture
def lively(tmp_path: Path, clock: Clock) -> Iterator[PracticeZoho]:
    """The lifelike world."""
    with PracticeZoho(tmp_path, clock=clock) as practice:
        yield practice


@pytest.fixture
def lively_api(lively: PracticeZoho) -> Caller:
    return Caller.signed_in(lively)
