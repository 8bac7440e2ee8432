import gc
import os
from collections.abc import Iterator
from datetime import date, datetime, tzinfo

import pytest
from django.core.cache import cache
from django.utils import timezone

from accounts.models import User
from accounts.permissions import Role
from tests.factories import UserFactory
from tests.signed_in import ClientAs, SignedIn
from tests.today import TODAY


def pytest_configure(config: pytest.Config) -> None:
    # WhiteNoise serves from the packages where nobody collected static files, and warns that nobody did.
    config.addinivalue_line("filterwarnings", "ignore:No directory at:UserWarning")


def pytest_collection_finish() -> None:
    # What stands in memory by now stays: looking through it again and again for garbage takes a tenth of all time.
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 100)


ANY_DATABASE = (
    "tests/accounts/",
    "tests/contract/test_calls.py",
    "tests/engine/",
    "tests/wire/",
    "tests/rehearsal/",
    "tests/contract/test_every_pair.py",
    "tests/salesforce/test_wizard",
    "tests/salesforce/test_calls.py",
    "tests/test_every_address.py",
    "tests/security/test_secrets_stay.py",
    "tests/security/test_headers.py",
)
"""What these prove has nothing to do with the database under the hub."""
ANOTHER_CRM = (
    "tests/hubspot/", "tests/pipedrive/", "tests/zoho/", "tests/sellsy/", "tests/stripe/", "tests/intercom/",
)  # fmt: skip
"""From which CRM the rows came is nothing that a database would know: it is asked about Salesforce, and about the pairs."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """On the second database of a CI run, only what a database can change is asked again."""
    if not os.environ.get("SECOND_DATABASE"):
        return
    once: list[pytest.Item] = []
    again: list[pytest.Item] = []
    for item in items:
        (again if _may_differ(item) else once).append(item)
    config.hook.pytest_deselected(items=once)
    items[:] = again


def _may_differ(item: pytest.Item) -> bool:
    uses_it = "db" in getattr(item, "fixturenames", ()) or item.get_closest_marker("django_db") is not None
    return uses_it and not item.nodeid.startswith((*ANY_DATABASE, *ANOTHER_CRM))


@pytest.fixture(autouse=True)
def _no_throttle_left_over() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def one_day(monkeypatch: pytest.MonkeyPatch) -> None:
    known = timezone.localdate

    def localdate(value: datetime | None = None, zone: tzinfo | None = None) -> date:
        return TODAY if value is None else known(value, zone)

    monkeypatch.setattr(timezone, "localdate", localdate)


@pytest.fixture
def admin_user(db: None) -> User:
    return UserFactory.create(name="Inès Moreau", email="ines@aldervale.example", role=Role.ADMIN)


@pytest.fixture
def client_as(db: None) -> ClientAs:
    """`client_as(Role.CSM)` signs a new person in; `client_as(user)` that one. `client.user` says who it is."""

    def sign_in(who: Role | User) -> SignedIn:
        user = who if isinstance(who, User) else UserFactory.create(role=who)
        client = SignedIn()
        client.force_login(user)
        client.user = user
        return client

    return sign_in
