"""What the records of a practice Zoho are made of: ids by the numbers of the world, and bodies without empty fields."""

from datetime import datetime
from typing import Any

from integrations.zoho.simulator import made_id

Body = dict[str, Any]
Row = tuple[str, Body, datetime, datetime]
"""Id, fields, made, changed."""


def user_id(number: int) -> str:
    return made_id(500_000 + number)


def account_id(number: int) -> str:
    return made_id(1_000_000 + number)


def contact_id(number: int) -> str:
    return made_id(3_000_000 + number)


def deal_id(number: int) -> str:
    return made_id(6_000_000 + number)


def subscription_id(number: int) -> str:
    return made_id(7_000_000 + number)


def activity_id(number: int) -> str:
    return made_id(8_000_000 + number)


def filled(**values: Any) -> Body:
    """Empty fields are kept nowhere: they are told as null all the same."""
    return {name: value for name, value in values.items() if value is not None}
