from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from pytest_django import Settings

from accounts.models import User
from integrations.salesforce.models import SalesforceConnection
from integrations.sync.models import Run
from tests.salesforce.conftest import allow
from tests.security.marked import MarkedSalesforce
from tests.security.syncing import connect, sync
from tests.signed_in import ClientAs, SignedIn


@pytest.fixture
def crm(tmp_path: Path, settings: Settings) -> Iterator[MarkedSalesforce]:
    """Three accounts with a contact each, behind secrets that can be found wherever they leak."""
    with MarkedSalesforce(tmp_path, 3, contacts_per=1) as practice:
        allow(settings, practice)
        yield practice


@pytest.fixture
def admin(client_as: ClientAs, admin_user: User) -> SignedIn:
    return client_as(admin_user)


@pytest.fixture
def connection(admin: SignedIn, crm: MarkedSalesforce) -> SalesforceConnection:
    """Signed in through the browser and set up: the next run would read it."""
    return connect(admin, crm)


@pytest.fixture
def synced(connection: SalesforceConnection) -> Callable[..., Run]:
    def run(kind: str = Run.Kind.DELTA, seconds: float = 20.0) -> Run:
        return sync(connection, kind, seconds)

    return run
