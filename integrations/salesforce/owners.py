"""Whom an e-mail address stands for among Salesforce's users: what is written into `OwnerId` and the like."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from integrations.sync.connector import Unsendable

from .client import SalesforceClient
from .people import EMAILS_PER_QUERY
from .soql import fill, id_chunks, select, to_18

PERSON = ".Email"
"""`Owner.Email`, `CSM__r.Email`: how a mapping line names a user."""
STANDARD = "Standard"


@dataclass(frozen=True, slots=True)
class _User:
    id: str
    is_active: bool
    is_person: bool


class Owners:
    """Remembers for the length of a connector whom it asked for: batch after batch names the same few people."""

    def __init__(self, client: SalesforceClient) -> None:
        self.client = client
        self._known: dict[str, list[_User]] = {}

    def learn(self, emails: Iterable[str]) -> None:
        """One query for all that are not known yet."""
        asked = sorted({email.strip().lower() for email in emails} - self._known.keys())
        for chunk in id_chunks(asked, EMAILS_PER_QUERY):
            found = self._ask(chunk)
            self._known |= {email: found.get(email, []) for email in chunk}

    def id_of(self, email: str) -> str:
        """The id of the one active user of that address; whoever cannot own a record is refused by name."""
        people = [user for user in self._known.get(email.strip().lower(), ()) if user.is_person]
        active = [user for user in people if user.is_active]
        if len(active) == 1:
            return active[0].id
        if len(active) > 1:
            raise Unsendable(
                "SEVERAL_USERS", _("%(email)s belongs to several active users of Salesforce.") % {"email": email}
            )
        if people:
            raise Unsendable(
                "INACTIVE_OWNER_OR_USER", _("%(email)s is no longer active in Salesforce.") % {"email": email}
            )
        raise Unsendable("UNKNOWN_USER", _("Salesforce has no user with the address %(email)s.") % {"email": email})

    def _ask(self, emails: tuple[str, ...]) -> Mapping[str, list[_User]]:
        found: defaultdict[str, list[_User]] = defaultdict(list)
        soql = select(["Id", "Email", "IsActive", "UserType"], "User", fill("Email IN {emails}", emails=emails))
        for page in self.client.pages(soql):
            for row in page.records:
                found[str(row["Email"]).lower()].append(user_of(row))
        return found


def user_of(row: Mapping[str, Any]) -> _User:
    # Portals, robots and guests are users too, and own no customer.
    return _User(to_18(row["Id"]), bool(row["IsActive"]), row["UserType"] == STANDARD)
