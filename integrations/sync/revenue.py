"""From which connection a customer's revenue is taken: the first live one, by order, that has agreements of the customer."""

from django.db.models import Case, IntegerField, OuterRef, QuerySet, Subquery, Value, When

from integrations.hub.models import Agreement

from .models import Connection, RecordLink

OBJECT = "agreements"
LIVE_FIRST = Case(
    When(connection__state=Connection.State.ON, then=Value(0)), default=Value(1), output_field=IntegerField()
)
"""One that rests still has its agreements counted where no live one has any."""

FIRST = (LIVE_FIRST, "connection__order", "connection_id")
"""Of several links, the one that counts."""


def with_sources(rows: QuerySet[Agreement]) -> QuerySet[Agreement]:
    """`own_source`: the connection a row comes from, None where it was typed here; `first_source`: the one that counts."""
    links = RecordLink.objects.filter(object=OBJECT).order_by(*FIRST)
    siblings = Agreement.objects.filter(customer_id=OuterRef(OuterRef("customer_id"))).values("pk")
    own = links.filter(hub_id=OuterRef("pk")).values("connection_id")[:1]
    first = links.filter(hub_id__in=siblings).values("connection_id")[:1]
    return rows.annotate(own_source=Subquery(own), first_source=Subquery(first))
