"""What a token may do: `ZohoCRM.modules.ALL`, `ZohoCRM.modules.accounts.READ` and their like."""

import re

from .errors import ZohoError

KNOWN = re.compile(r"(ZohoCRM|ZohoSearch|ZohoFiles|AaaServer|aaaserver|ZohoBigin)(\.[A-Za-z_]+){1,3}")
# Reading, making, changing and removing have names of their own; WRITE takes making and changing together.
_WIDER = {"CREATE": ("CREATE", "WRITE", "ALL"), "UPDATE": ("UPDATE", "WRITE", "ALL")}


def require(granted: str, *needed: str) -> None:
    """Each needed scope is `area.name.OPERATION`; the area's own, without the name, covers it too."""
    held = {scope.strip().lower() for scope in granted.split(",")}
    if not all(_covers(held, one) for one in needed):
        raise ZohoError("OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL", 401)


def _covers(held: set[str], needed: str) -> bool:
    place, _, operation = needed.rpartition(".")
    parts = place.split(".")
    # `ZohoCRM.modules.accounts` is covered by `ZohoCRM.modules` as well, never by `ZohoCRM` alone.
    places = [".".join(parts[:end]) for end in range(2, len(parts) + 1)]
    wider = _WIDER.get(operation, (operation, "ALL"))
    return any(f"{one}.{more}".lower() in held for one in places for more in wider)
