from collections.abc import Callable, Iterator

import pytest
from django.core.cache import cache
from django.test import Client

from accounts.models import User
from accounts.permissions import Role
from tests.factories import UserFactory


@pytest.fixture(autouse=True)
def _no_throttle_left_over() -> Iterator[None]:
    yield
    cache.clear()


@pytest.fixture
def admin_user(db: None) -> User:
    return UserFactory(name="Inès Moreau", email="ines@aldervale.example", role=Role.ADMIN)


@pytest.fixture
def client_as(db: None) -> Callable[..., Client]:
    """`client_as(Role.CSM)` signs a new person in; `client_as(user)` that one. `client.user` says who it is."""

    def sign_in(who: Role | User) -> Client:
        user = who if isinstance(who, User) else UserFactory(role=who)
        client = Client()
        client.force_login(user)
        client.user = user
        return client

    return sign_in
