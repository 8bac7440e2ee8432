from collections.abc import Iterator

import pytest
from django.core.cache import cache

from accounts.models import User
from accounts.permissions import Role
from tests.factories import UserFactory
from tests.signed_in import ClientAs, SignedIn


def pytest_configure(config: pytest.Config) -> None:
    # WhiteNoise serves from the packages where nobody collected static files, and warns that nobody did.
    config.addinivalue_line("filterwarnings", "ignore:No directory at:UserWarning")


@pytest.fixture(autouse=True)
def _no_throttle_left_over() -> Iterator[None]:
    yield
    cache.clear()


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
