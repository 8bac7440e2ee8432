"""A CRM's users by id and by e-mail address, for systems that list them all at once: asked once for each connector."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from .connector import Colleague, Unsendable


@dataclass(frozen=True, slots=True)
class User:
    id: str
    email: str
    """In lower case."""
    name: str
    is_active: bool


class People:
    def __init__(self, system: str, ask: Callable[[], Iterable[User]]) -> None:
        self.system = system
        self._ask = ask

    @cached_property
    def users(self) -> tuple[User, ...]:
        return tuple(self._ask())

    @cached_property
    def addresses(self) -> Mapping[str, str]:
        return {user.id: user.email for user in self.users if user.email}

    @cached_property
    def _by_address(self) -> Mapping[str, list[User]]:
        found: defaultdict[str, list[User]] = defaultdict(list)
        for user in self.users:
            found[user.email].append(user)
        return found

    def id_of(self, email: str) -> str:
        """The id of the one active user of that address; whoever cannot own a record is refused by name."""
        people = self._by_address.get(email.strip().lower(), [])
        active = [user for user in people if user.is_active]
        if len(active) == 1:
            return active[0].id
        said = {"email": email, "system": self.system}
        if active:
            raise Unsendable("SEVERAL_USERS", _("%(email)s belongs to several active users of %(system)s.") % said)
        if people:
            raise Unsendable("INACTIVE_USER", _("%(email)s is no longer active in %(system)s.") % said)
        raise Unsendable("UNKNOWN_USER", _("%(system)s has no user with the address %(email)s.") % said)

    def colleagues(self, emails: Iterable[str]) -> dict[str, Colleague]:
        # The inactive first, so that the one who works here now replaces a former user of the same address.
        asked = {email.strip().lower() for email in emails}
        known = sorted((user for user in self.users if user.email in asked), key=lambda user: user.is_active)
        return {user.email: Colleague(user.email, user.name, user.is_active) for user in known}
