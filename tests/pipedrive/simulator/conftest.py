import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import orjson
import pytest
from django.conf import settings

from integrations.rehearsal.practice_pipedrive import PracticePipedrive

from .caller import Caller

SPECS = Path(os.environ.get("SPECS_DIR") or settings.BASE_DIR.parent / "shared" / "specs") / "pipedrive"


@pytest.fixture
def practice(tmp_path: Path) -> Iterator[PracticePipedrive]:
    """Ten plain companies with two people each; nothing settles late, no limit of calls."""
    with PracticePipedrive(tmp_path, accounts=10, contacts_per=2) as account:
        account.control(unlimited=True, index_lag=0, stamp_lag=0)
        yield account


@pytest.fixture
def call(practice: PracticePipedrive) -> Caller:
    return Caller(practice)


@pytest.fixture(scope="module")
def lifelike(tmp_path_factory: pytest.TempPathFactory) -> Iterator[PracticePipedrive]:
    """For reading only: one for a whole module."""
    with PracticePipedrive(tmp_path_factory.mktemp("lifelike")) as account:
        account.control(unlimited=True)
        yield account


@pytest.fixture
def ask(lifelike: PracticePipedrive) -> Caller:
    return Caller(lifelike)


def spec(name: str) -> Any:
    return orjson.loads(spec_path(name).read_bytes())


def spec_path(name: str) -> Path:
    path = SPECS / name
    if not path.exists():
        pytest.skip(f"{name} is not here; set SPECS_DIR to the folder of recorded answers.")
    return path
