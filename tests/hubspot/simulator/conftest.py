"""A practice portal for each test: twelve companies with two contacts each, a clock that stands still."""

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings

from integrations.rehearsal.practice_hubspot import PracticeHubSpot

from .wire import Clock, Wire

SPECS = (
    Path(os.environ.get("SPECS_DIR") or Path(settings.BASE_DIR).parent / "shared" / "specs") / "hubspot" / "recorded"
)
PLAIN = {"unlimited": True, "index_lag": 0, "property_lag": 0}
"""For tests that are about something else."""


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def crm(tmp_path: Path, clock: Clock) -> Iterator[PracticeHubSpot]:
    with PracticeHubSpot(tmp_path, accounts=12, contacts_per=2, clock=clock) as practice:
        practice.control(**PLAIN)
        yield practice


@pytest.fixture
def wire(crm: PracticeHubSpot) -> Wire:
    return Wire(crm)


@pytest.fixture
def empty(tmp_path: Path, clock: Clock) -> Iterator[Wire]:
    """A portal without a record: what a test makes is all there is."""
    with PracticeHubSpot(tmp_path, accounts=0, clock=clock) as practice:
        practice.control(**PLAIN)
        yield Wire(practice)


@pytest.fixture(scope="module")
def lifelike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Wire]:
    """The whole made-up world; tests that share it only read."""
    with PracticeHubSpot(tmp_path_factory.mktemp("lifelike")) as practice:
        practice.control(**PLAIN)
        yield Wire(practice)


@pytest.fixture(scope="session")
def recorded() -> Callable[[str], dict[str, Any]]:
    def read(name: str) -> dict[str, Any]:
        path = SPECS / f"{name}.json"
        if not path.exists():
            pytest.skip(f"The recording {name} is not here; set SPECS_DIR to the folder of recordings.")
        found: dict[str, Any] = orjson.loads(path.read_bytes())
        return found

    return read


@pytest.fixture
def portal_as_recorded(tmp_path: Path, clock: Clock) -> Iterator[Wire]:
    if not SPECS.exists():
        pytest.skip("The recordings are not here; set SPECS_DIR to the folder of recordings.")
    with PracticeHubSpot(tmp_path, load=SPECS, clock=clock) as practice:
        practice.control(**PLAIN)
        yield Wire(practice)
