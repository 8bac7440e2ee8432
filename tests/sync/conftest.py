from collections.abc import Iterator

import pytest

from integrations.sync.models import Connection, Run
from integrations.sync.runner.drive import drive
from integrations.sync.runs import request_run
from tests.sync.fakes import WORLDS, PaperCrm, connect


@pytest.fixture
def connection(db: None) -> Iterator[Connection]:
    yield connect()
    WORLDS.clear()


@pytest.fixture
def crm(connection: Connection) -> PaperCrm:
    return WORLDS[connection.pk]


@pytest.fixture
def sync(connection: Connection):
    """`sync()` runs to the end what the schedule would run; `sync("full")`, `sync("preview")` what a person asks."""

    def run(kind: str = Run.Kind.DELTA) -> Run:
        connection.refresh_from_db()
        return drive(request_run(connection, kind, by="test"), 20)

    return run
