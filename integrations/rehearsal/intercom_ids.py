"""The ids of the made-up world as a workspace gives them."""

from integrations.intercom.simulator import hex_id

COMPANIES, PEOPLE, LEADS = 0x1000_0000, 0x2000_0000, 0x3000_0000
"""Where the numbers of each begin."""


def company_id(number: int) -> str:
    return hex_id(COMPANIES + number)


def contact_id(number: int) -> str:
    return hex_id(PEOPLE + number)


def stray_id(number: int) -> str:
    return hex_id(LEADS + number)


def admin_id(number: int) -> str:
    return str(7_387_600 + number)
