"""What the census says of the customers to move: who is found in HubSpot by the old ID, and what does not fit."""

from typing import Any

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from integrations.hub.models import Customer
from integrations.sync.models import RecordLink

from .facts import links_of, to_move
from .models import Company, Move, Stay


def without(move: Move) -> QuerySet[Customer]:
    """Customers whose old ID no company holds."""
    return to_move(move).exclude(Exists(Company.objects.filter(move=move, old_key=OuterRef("old_id"))))


def unknown(move: Move) -> QuerySet[Any]:
    """Companies whose old ID nobody here has: those that may be mistyped first, then who was never a customer here."""
    known = links_of(move.old_id).filter(source_id=OuterRef("old_key"))
    lacking = without(move).exclude(name_key="").values("name_key")
    may_be = Case(When(name_key__in=lacking, then=Value(True)), default=Value(False))
    found: QuerySet[Any] = _with_old_id(move).exclude(Exists(known))
    return found.annotate(may_be_mistyped=may_be).order_by("-may_be_mistyped", "name", "pk")


def mistyped(move: Move) -> QuerySet[Any]:
    """Of them, those under the name of a customer that no company is found for."""
    return unknown(move).filter(may_be_mistyped=True)


def strangers(move: Move) -> QuerySet[Any]:
    """The others of them: no trouble."""
    return unknown(move).filter(may_be_mistyped=False)


def twins(move: Move) -> QuerySet[Company]:
    """Companies that share an old ID with another one: nobody could tell which of them the customer is."""
    others = Company.objects.filter(move=move, old_key=OuterRef("old_key")).exclude(pk=OuterRef("pk"))
    return _with_old_id(move).filter(Exists(others)).order_by("old_key", "pk")


def outside(move: Move) -> QuerySet[Company]:
    """Companies of customers to move that HubSpot does not count into the scope."""
    return _with_old_id(move).filter(Exists(_moving(move)), in_scope=False)


def inside(move: Move) -> QuerySet[Company]:
    """Companies of customers to move that it does."""
    return _with_old_id(move).filter(Exists(_moving(move)), in_scope=True)


def _with_old_id(move: Move) -> QuerySet[Company]:
    return Company.objects.filter(move=move).exclude(old_key="").order_by("name", "pk")


def _moving(move: Move) -> QuerySet[RecordLink]:
    stays = Stay.objects.filter(move=move).values("hub_id")
    return links_of(move.old_id).filter(source_id=OuterRef("old_key")).exclude(hub_id__in=stays)
