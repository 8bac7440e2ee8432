"""HubSpot's owners: a record names one by a number that is neither the user's nor an address, people name him by e-mail."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from integrations.sync.connector import Colleague, Unsendable

from .client import HubSpotClient

PERSON = "PERSON"


class Owners:
    """Asked for once per connector: two calls for five hundred colleagues, one where nobody has left."""

    def __init__(self, client: HubSpotClient) -> None:
        self.client = client

    @cached_property
    def active(self) -> list[Mapping[str, Any]]:
        return list(self.client.owners())

    @cached_property
    def departed(self) -> list[Mapping[str, Any]]:
        return list(self.client.owners(archived=True))

    @cached_property
    def addresses(self) -> dict[str, str]:
        """Owner id → address. A record may still name somebody who has left."""
        return {str(one["id"]): str(one.get("email") or "").lower() for one in (*self.departed, *self.active)}

    def address(self, owner_id: str) -> str:
        """An unknown number stays as it is: the engine says of it, on its own record, that it is no person."""
        return self.addresses.get(owner_id) or owner_id

    def id_of(self, email: str) -> str:
        asked = email.strip().lower()
        found = [one for one in self.active if str(one.get("email") or "").lower() == asked]
        people = [one for one in found if one.get("type", PERSON) == PERSON] or found
        if len(people) == 1:
            return str(people[0]["id"])
        said = {"email": email}
        if people:
            raise Unsendable("SEVERAL_OWNERS", _("%(email)s belongs to several owners in HubSpot.") % said)
        if asked in {str(one.get("email") or "").lower() for one in self.departed}:
            raise Unsendable("OWNER_DEPARTED", _("%(email)s is no longer active in HubSpot.") % said)
        raise Unsendable("UNKNOWN_OWNER", _("HubSpot has no owner with the address %(email)s.") % said)

    def colleagues(self, emails: Iterable[str]) -> dict[str, Colleague]:
        asked = {email.strip().lower() for email in emails}
        # Who left first, so that who works there now replaces a former colleague of the same address.
        everybody = [*((one, False) for one in self.departed), *((one, True) for one in self.active)]
        return {
            address: Colleague(address, name_of(one), is_active)
            for one, is_active in everybody
            if (address := str(one.get("email") or "").lower()) in asked
        }


def name_of(owner: Mapping[str, Any]) -> str:
    return " ".join(part for part in (owner.get("firstName"), owner.get("lastName")) if part)
