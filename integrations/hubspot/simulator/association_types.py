"""Which numbers HubSpot itself gives to the ways two records hang together; each counts in one direction only."""

from dataclasses import dataclass

DEFINED = "HUBSPOT_DEFINED"
CUSTOM = "USER_DEFINED"


@dataclass(frozen=True, slots=True)
class AssociationType:
    number: int
    start: str
    end: str
    name: str
    """As the associations of a record call it."""
    label: str | None = None
    inverse: int = 0
    category: str = DEFINED


def _pair(number: int, back: int, start: str, end: str, names: tuple[str, str], label: str | None = None) -> tuple[
    AssociationType, AssociationType
]:  # fmt: skip
    forth = AssociationType(number, start, end, names[0], label, back)
    return forth, AssociationType(back, end, start, names[1], label, number)


_PAIRS = [
    _pair(1, 2, "contacts", "companies", ("contact_to_company", "company_to_contact"), "Primary"),
    _pair(279, 280, "contacts", "companies", ("contact_to_company_unlabeled", "company_to_contact_unlabeled")),
    _pair(5, 6, "deals", "companies", ("deal_to_company", "company_to_deal"), "Primary"),
    _pair(341, 342, "deals", "companies", ("deal_to_company_unlabeled", "company_to_deal_unlabeled")),
    _pair(3, 4, "deals", "contacts", ("deal_to_contact", "contact_to_deal")),
    _pair(578, 579, "leads", "contacts", ("lead_to_primary_contact", "contact_to_primary_lead"), "Primary"),
    _pair(610, 611, "leads", "companies", ("lead_to_primary_company", "company_to_primary_lead"), "Primary"),
    _pair(449, 449, "contacts", "contacts", ("contact_to_contact", "contact_to_contact")),
    _pair(450, 450, "companies", "companies", ("company_to_company", "company_to_company")),
    _pair(451, 451, "deals", "deals", ("deal_to_deal", "deal_to_deal")),
]
_ACTIVITY_NUMBERS = {
    "notes": (190, 202, 214), "calls": (182, 194, 206), "emails": (186, 198, 210), "meetings": (188, 200, 212),
    "tasks": (192, 204, 216),
}  # fmt: skip
for _start, _numbers in _ACTIVITY_NUMBERS.items():
    for _end, _number in zip(("companies", "contacts", "deals"), _numbers, strict=True):
        _one, _other = _start[:-1], {"companies": "company", "contacts": "contact", "deals": "deal"}[_end]
        _PAIRS.append(_pair(_number, _number - 1, _start, _end, (f"{_one}_to_{_other}", f"{_other}_to_{_one}")))

CHILD_TO_PARENT = AssociationType(14, "companies", "companies", "child_to_parent_company", "Parent Company", 13)
PARENT_TO_CHILD = AssociationType(13, "companies", "companies", "parent_to_child_company", "Child Company", 14)
TYPES = {one.number: one for pair in _PAIRS for one in pair} | {14: CHILD_TO_PARENT, 13: PARENT_TO_CHILD}
PRIMARY = {1: 279, 5: 341, 2: 280, 6: 342}
"""A primary link is an unlabelled one too: reads tell both."""
PRIMARY_OF = {plain: primary for primary, plain in PRIMARY.items()}


def default_between(start: str, end: str) -> AssociationType | None:
    """The one without a label."""
    found = [one for one in TYPES.values() if (one.start, one.end, one.label) == (start, end, None)]
    return found[0] if found else next((one for one in TYPES.values() if (one.start, one.end) == (start, end)), None)
