"""How many credits an organisation has for a day, by its licence: no answer of Zoho says it."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Edition:
    base: int
    of_a_user: int
    most: int = 0
    """0: no more than the licence's users make."""


EDITIONS = {
    "free": Edition(5_000, 0, 5_000),
    "standard": Edition(50_000, 250, 100_000),
    "professional": Edition(50_000, 500, 3_000_000),
    "enterprise": Edition(50_000, 1_000, 5_000_000),
    "zohoone": Edition(50_000, 1_000, 5_000_000),
    "ultimate": Edition(50_000, 2_000),
}


def credits_of(organisation: Mapping[str, Any]) -> int:
    """0: an edition that is not known here says nothing."""
    licence = organisation.get("license_details") or {}
    name = "".join(char for char in str(licence.get("paid_type") or "").lower() if char.isalpha())
    edition = EDITIONS.get(name if licence.get("paid", True) else "free")
    users = int(licence.get("users_license_purchased") or 0)
    if edition is None:
        return 0
    total = edition.base + edition.of_a_user * users
    return min(total, edition.most) if edition.most else total
