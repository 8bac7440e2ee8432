from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from tests.sellsy.simulator import contract
from tests.sellsy.simulator.api import Api


class Clock:
    """Stands still until it is moved."""

    def __init__(self) -> None:
        self.now = datetime(2026, 11, 26, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def move(self, seconds: float) -> None:
        self.now += timedelta(seconds=seconds)


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def small(tmp_path: Path, clock: Clock) -> Iterator[Callable[..., PracticeSellsy]]:
    """`small(3, contacts_per=1)`: as many companies as a test wants to count."""
    opened: list[PracticeSellsy] = []

    def make(accounts: int, **more: Any) -> PracticeSellsy:
        practice = PracticeSellsy(tmp_path / str(len(opened)), accounts, clock=clock, **more)
        practice.control(unlimited=True)
        opened.append(practice)
        return practice

    yield make
    for one in opened:
        one.__exit__(None, None, None)


@pytest.fixture
def practice(small: Callable[..., PracticeSellsy]) -> PracticeSellsy:
    """Three companies, one contact each."""
    return small(3, contacts_per=1)


@pytest.fixture
def api(practice: PracticeSellsy) -> Api:
    return Api(practice)


@pytest.fixture(scope="session")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticeSellsy]:
    """The lifelike account, for tests that only read."""
    with PracticeSellsy(tmp_path_factory.mktemp("sellsy"), clock=Clock()) as practice:
        practice.control(unlimited=True)
        yield practice


@pytest.fixture(scope="session")
def reader(world: PracticeSellsy) -> Api:
    return Api(world)


@pytest.fixture
def recorded() -> Path:
    contract.must_be_there()
    return contract.SPECS / "recorded"
