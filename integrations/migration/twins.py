"""Customers that HubSpot made and that may be here already: by name, domain, ID of the old CRM, or a contact's e-mail."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import F, OuterRef, Q, QuerySet, Subquery
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.hub.models import Contact, Customer, CustomKey

from .models import Move
from .steps import SHOWN
from .sums import created

LABELS: dict[str, str | Promise] = {
    "twin_by_name": _("same name"),
    "twin_by_domain": _("same domain"),
    "twin_by_key": _("same old ID"),
    "twin_by_email": _("a contact with the same e-mail"),
}


@dataclass(frozen=True, slots=True)
class Twin:
    made: Customer
    other: int
    by: str | Promise


def twins(move: Move) -> QuerySet[Any]:
    """Of those that were created, the ones that share something with another customer: all in the form in which it is compared."""
    found = created(move).annotate(**{name: Subquery(other.values("of")[:1]) for name, other in _others().items()})
    shares = Q()
    for name in LABELS:
        shares |= Q(**{f"{name}__isnull": False})
    return found.filter(shares).order_by("pk")


def pairs(move: Move, after: int = 0, size: int = SHOWN) -> Iterator[Twin]:
    for row in twins(move).filter(pk__gt=after)[:size]:
        for name, label in LABELS.items():
            if other := getattr(row, name):
                yield Twin(row, other, label)
                break


def _others() -> dict[str, QuerySet[Any]]:
    """Each with `of`: the other customer."""
    rows = Customer.objects.exclude(pk=OuterRef("pk")).annotate(of=F("pk")).order_by("pk")
    # From one's own keys and contacts, which are few, to whoever has the same: never through everybody's.
    same_key = CustomKey.objects.filter(field=OuterRef("field"), value=OuterRef("value")).exclude(
        row_id=OuterRef("row_id")
    )
    keys = CustomKey.objects.filter(field__entity="customers", row_id=OuterRef("pk")).exclude(value="")
    same_email = Contact.objects.filter(email_key=OuterRef("email_key")).exclude(customer=OuterRef("customer"))
    people = Contact.objects.filter(customer=OuterRef("pk")).exclude(email_key="")
    return {
        "twin_by_name": rows.filter(name_key=OuterRef("name_key")).exclude(name_key=""),
        "twin_by_domain": rows.filter(domain_key=OuterRef("domain_key")).exclude(domain_key=""),
        "twin_by_key": _met(keys, same_key.order_by("row_id").values("row_id")),
        "twin_by_email": _met(people, same_email.order_by("customer_id").values("customer_id")),
    }


def _met(mine: QuerySet[Any], others: QuerySet[Any]) -> QuerySet[Any]:
    return mine.annotate(of=Subquery(others[:1])).filter(of__isnull=False).order_by("pk")
