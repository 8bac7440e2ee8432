from typing import Any

import pytest

from accounts.permissions import Role
from integrations.sync.models import Connection
from tests.pages.factories import BlockFactory, ConnectionFactory, HeartbeatFactory, StateFactory
from tests.signed_in import ClientAs, SignedIn


@pytest.fixture
def admin(client_as: ClientAs) -> SignedIn:
    return client_as(Role.ADMIN)


@pytest.fixture
def calm(db: None) -> Connection:
    """A connection that is on and caught up, and workers that answer: nothing needs anybody."""
    connection = ConnectionFactory.create(name="Paper", slug="paper")
    StateFactory.create(connection=connection)
    for name in ("customers", "contacts"):
        BlockFactory.create(connection=connection, object=name)
    HeartbeatFactory.create()
    return connection


@pytest.fixture
def text() -> Any:
    """The page as text, spaces folded, so that a sentence can be looked for however the template breaks it."""

    def of(response: Any) -> str:
        return " ".join(response.content.decode().split())

    return of
