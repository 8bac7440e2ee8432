"""The kinds of links a portal knows: HubSpot's own and labels that its people made."""

from dataclasses import replace

from .association_types import CUSTOM, TYPES, AssociationType
from .portal import Portal


def custom(portal: Portal) -> list[AssociationType]:
    return [replace(AssociationType(*row), category=CUSTOM) for row in portal.store.state("labels", [])]


def add_label(portal: Portal, start: str, end: str, label: str) -> int:
    """Numbers far from HubSpot’s own, so that one column of the table of links holds both."""
    rows = portal.store.state("labels", [])
    number = 1001 + 2 * len(rows)
    name = label.lower().replace(" ", "_")
    rows += [(number, start, end, name, label, number + 1), (number + 1, end, start, name, label, number)]
    portal.store.set_state("labels", rows)
    return number


def type_of(portal: Portal, number: int) -> AssociationType | None:
    return TYPES.get(number) or next((one for one in custom(portal) if one.number == number), None)


def between(portal: Portal, start: str, end: str) -> list[AssociationType]:
    return [one for one in (*TYPES.values(), *custom(portal)) if (one.start, one.end) == (start, end)]
