import pytest

from integrations.sync import registry
from integrations.sync.models import Block, Connection, FieldMapping
from tests.configuration.factories import connect
from tests.configuration.fakes import BROOK, SYSTEM, BrookConnector


@pytest.fixture(autouse=True)
def brook(monkeypatch: pytest.MonkeyPatch) -> type[BrookConnector]:
    monkeypatch.setitem(registry._systems, SYSTEM, BROOK)
    BrookConnector.reset()
    return BrookConnector


@pytest.fixture
def connection(db: None) -> Connection:
    return connect()


@pytest.fixture
def customers(connection: Connection) -> Block:
    return connection.blocks.get(object="customers")


@pytest.fixture
def stage_line(customers: Block) -> FieldMapping:
    return FieldMapping.objects.create(
        block=customers, position=9, hub_field="stage", crm_field="Phase", value_map={"Live": "run"}
    )
