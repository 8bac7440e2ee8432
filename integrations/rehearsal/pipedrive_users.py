"""The colleagues of the made-up world as users of a Pipedrive account."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from .world import BEGINNING, Colleague, World

Row = dict[str, Any]
FIRST_USER = 25_455_000
"""Numbers of users are long, those of all other things count from one."""


def users(world: World) -> Iterator[tuple[int, Row, datetime, datetime]]:
    """Only people: Pipedrive has no automated users."""
    for colleague in world.colleagues:
        if colleague.profile:
            yield user_id(colleague.number), _user(colleague), BEGINNING, BEGINNING


def user_id(number: int) -> int:
    return FIRST_USER + number


def _user(colleague: Colleague) -> Row:
    is_admin = colleague.profile == "System Administrator"
    moment = BEGINNING.strftime("%Y-%m-%d %H:%M:%S")
    permission_set = f"00000000-0000-4000-8000-{colleague.number:012d}"
    apps = ("sales", "global", "account_settings") if is_admin else ("sales",)
    return {
        "name": f"{colleague.first} {colleague.last}", "email": colleague.email, "lang": 1, "locale": "en_US",
        "timezone_name": "Europe/Paris", "timezone_offset": "+01:00", "default_currency": "EUR", "icon_url": None,
        "active_flag": colleague.active, "is_deleted": False, "is_admin": int(is_admin),
        "role_id": 1 if is_admin else 2,
        "created": moment, "has_created_company": colleague.number == 1,
        "access": [{"app": app, "admin": is_admin, "permission_set_id": permission_set} for app in apps], "phone": None,
        "modified": moment, "last_login": moment,
    }  # fmt: skip
