"""The numbers of the made-up world as a portal gives them: in no order, and shared by a company and a contact."""

_FIRST, _SPREAD, _PRIME = 210_000_000_000, 7_919, 1_000_003
_OWNERS = 42_600_000


def record_id(number: int) -> str:
    """One number may name a company and a contact: ids are unique within their object only."""
    return str(_FIRST + number * _SPREAD % _PRIME)


def owner_id(number: int) -> str:
    return str(_OWNERS + 17 * number)
