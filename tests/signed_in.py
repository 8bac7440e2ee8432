from collections.abc import Callable

from django.test import Client

from accounts.models import User
from accounts.permissions import Role


class SignedIn(Client):
    """A browser in which somebody is signed in; `user` says who."""

    user: User


ClientAs = Callable[[Role | User], SignedIn]
