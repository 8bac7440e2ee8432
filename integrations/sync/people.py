"""Gives colleagues whom a CRM knows by e-mail only the names that it has for them."""

from collections.abc import Mapping

from django.db.models import Case, Exists, OuterRef, QuerySet, Value, When

from integrations.hub.models import CsmOwner, Customer
from integrations.hub.models.vocabulary import HubObject
from integrations.wire.errors import WireError

from .connector import Colleague, Connector
from .models import Connection, RecordLink

LONGEST_NAME = 160


def name_owners(connection: Connection, connector: Connector) -> Mapping[str, Colleague]:
    """Whom the CRM knew, the inactive too; only blank names are written, and nothing but the name.

    One SELECT, one question to the CRM, one UPDATE; none of the latter two where everybody has a name.
    """
    nameless = dict(nameless_owners(connection).values_list("email", "pk"))
    if not nameless:
        return {}
    try:
        known = connector.people(list(nameless))
    except WireError:
        # A name is a courtesy: what was synced stands, and the next run asks again.
        return {}
    _name({nameless[email]: known[email].name for email in nameless.keys() & known.keys() if known[email].name})
    return known


def nameless_owners(connection: Connection) -> QuerySet[CsmOwner]:
    """Those who look after a customer that this connection brings in: another CRM's colleagues are not asked for here."""
    links = RecordLink.objects.filter(
        connection=connection, object=HubObject.CUSTOMERS, hub_id=OuterRef("pk"), state=RecordLink.State.LINKED
    )
    theirs = Customer.objects.filter(Exists(links), csm=OuterRef("pk"))
    return CsmOwner.objects.filter(Exists(theirs), name="").order_by()


def _name(names: Mapping[int, str]) -> None:
    if not names:
        return
    said = Case(*(When(pk=pk, then=Value(name[:LONGEST_NAME])) for pk, name in names.items()))
    # Blank still: somebody may have typed a name in the meantime.
    CsmOwner.objects.filter(pk__in=names, name="").update(name=said)
