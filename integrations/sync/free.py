"""Names and addresses that no connection has yet."""

from itertools import count

from django.db.models import Max
from django.utils.text import slugify

from .models import Connection

LONGEST_SLUG = 70
LAST = 32_767
"""The highest order that the database keeps."""


def free_name(label: str) -> str:
    """“HubSpot”, else “HubSpot 2” and so on."""
    taken = set(Connection.objects.filter(name__startswith=label).values_list("name", flat=True))
    names = (label if number == 1 else f"{label} {number}" for number in count(1))
    return next(name for name in names if name not in taken)


def free_slug(name: str, otherwise: str = "connection") -> str:
    """Of the name; `otherwise` where it has no letter that an address takes."""
    wanted = slugify(name)[:LONGEST_SLUG] or otherwise
    taken = set(Connection.objects.filter(slug__startswith=wanted).values_list("slug", flat=True))
    slugs = (wanted if number == 1 else f"{wanted}-{number}" for number in count(1))
    return next(slug for slug in slugs if slug not in taken)


def free_order() -> int:
    """Behind all that are there: a new connection writes over nobody until a person says so.

    Of the same order the older one comes first, so the last place has room for all.
    """
    return min((Connection.objects.aggregate(last=Max("order"))["last"] or 0) + 1, LAST)
