"""Who moves, under which old ID: the questions that every chapter asks of the hub."""

from collections.abc import Iterable

from django.db.models import CharField, Exists, OuterRef, QuerySet, Subquery

from integrations.hub.models import Customer
from integrations.sync.models import RecordLink

from .models import Move, Stay


def to_move(move: Move) -> QuerySet[Customer]:
    """Customers whose record in the old CRM is known, without those that stay behind. `old_id`: its ID there.

    The links of the old connection outlive it: who moved is the same set after it was retired as before.
    """
    links = links_of(move.old_id).filter(hub_id=OuterRef("pk"))
    stays = Stay.objects.filter(move=move, hub_id=OuterRef("pk"))
    return Customer.objects.filter(Exists(links), ~Exists(stays)).annotate(
        old_id=Subquery(links.values("source_id")[:1], output_field=CharField())
    )


def arrived(move: Move) -> QuerySet[Customer]:
    """Of them, those that a HubSpot company is linked to."""
    return to_move(move).filter(Exists(arrivals(move).filter(hub_id=OuterRef("pk"))))


def not_arrived(move: Move) -> QuerySet[Customer]:
    return to_move(move).exclude(Exists(arrivals(move).filter(hub_id=OuterRef("pk"))))


def arrivals(move: Move) -> QuerySet[RecordLink]:
    """Companies that have a row here. Unlike the old CRM, which is over, HubSpot must still have them."""
    return links_of(move.new_id).exclude(state=RecordLink.State.GONE)


def made_by_move(move: Move) -> QuerySet[Customer]:
    """Customers that HubSpot has and the old CRM never had."""
    old = links_of(move.old_id).filter(hub_id=OuterRef("pk"))
    new = links_of(move.new_id).filter(hub_id=OuterRef("pk"))
    return Customer.objects.filter(Exists(new), ~Exists(old))


def links_of(connection_id: int | None, object_name: str = "customers") -> QuerySet[RecordLink]:
    """The records of a connection that have a row here."""
    links = RecordLink.objects.filter(connection=connection_id, object=object_name, hub_id__isnull=False)
    return links.filter(state__in=[RecordLink.State.LINKED, RecordLink.State.FAILING, RecordLink.State.GONE])


def names_of(ids: Iterable[int]) -> dict[int, str]:
    return dict(Customer.objects.filter(pk__in=list(ids)).values_list("pk", "name"))
