"""Zoho's users by id and by e-mail address: one call for two hundred of them, asked once for each connector."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property

from django.utils.translation import gettext as _

from integrations.sync.connector import Colleague

from .client import ZohoClient
from .columns import Unsendable

ACTIVE = "active"


@dataclass(frozen=True, slots=True)
class User:
    id: str
    email: str
    name: str
    is_active: bool


class People:
    def __init__(self, client: ZohoClient) -> None:
        self.client = client

    @cached_property
    def users(self) -> tuple[User, ...]:
        return tuple(
            User(str(one["id"]), str(one.get("email") or "").lower(), str(one.get("full_name") or ""), one.get("status") == ACTIVE)
            for one in self.client.users()
        )  # fmt: skip

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
        said = {"email": email}
        if active:
            raise Unsendable("SEVERAL_USERS", _("%(email)s belongs to several active users of Zoho.") % said)
        if people:
            raise Unsendable("INACTIVE_USER", _("%(email)s is no longer active in Zoho.") % said)
        raise Unsendable("UNKNOWN_USER", _("Zoho has no user with the address %(email)s.") % said)

    def colleagues(self, emails: Iterable[str]) -> dict[str, Colleague]:
        # The inactive first, so that the one who works here now replaces a former user of the same address.
        asked = {email.strip().lower() for email in emails}
        known = sorted((user for user in self.users if user.email in asked), key=lambda user: user.is_active)
        return {user.email: Colleague(user.email, user.name, user.is_active) for user in known}
