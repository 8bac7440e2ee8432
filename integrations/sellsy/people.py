"""Sellsy's staff by number and by address: who owns what, and how our colleagues are called there."""

from collections.abc import Iterable, Mapping
from functools import cached_property
from typing import Any

from integrations.sync.connector import Colleague

from .client import SellsyClient

BLOCKED = "blocked"
"""Who left is blocked, not gone; and still named as the owner of what was theirs."""


class Staff:
    """All in a call or two, once in the life of a connector: every record names a few of the same people."""

    def __init__(self, client: SellsyClient) -> None:
        self.client = client

    @cached_property
    def _rows(self) -> list[Mapping[str, Any]]:
        return list(self.client.staffs())

    @cached_property
    def _addresses(self) -> dict[int, str]:
        return {int(one["id"]): str(one.get("email") or "").lower() for one in self._rows}

    def email_of(self, number: Any) -> str:
        return self._addresses.get(int(number), "") if number else ""

    def colleagues(self, emails: Iterable[str]) -> dict[str, Colleague]:
        wanted = {email.lower() for email in emails}
        # The blocked first, so that the one who works here now replaces a former one of the same address.
        rows = sorted(self._rows, key=lambda one: one.get("status") != BLOCKED)
        return {
            email: Colleague(email, name_of(one), one.get("status") != BLOCKED)
            for one in rows
            if (email := str(one.get("email") or "").lower()) in wanted
        }


def name_of(staff: Mapping[str, Any]) -> str:
    return " ".join(part for part in (staff.get("firstname"), staff.get("lastname")) if part)
