"""Stripe and Intercom, which stand beside the CRM: where each keeps an ID, and whether it still finds its customers.

The one place of a move that knows the two by name.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from integrations.hub.models import Contact, Customer, CustomKey
from integrations.intercom.evidence import held_in
from integrations.intercom.models import SYSTEM as INTERCOM
from integrations.stripe.models import SYSTEM as STRIPE
from integrations.sync.models import Block, Connection, FieldMapping, Mode, RecordLink
from integrations.sync.registry import connector_for

PAGE = 1000
CUSTOM, REF = "custom.", "ref_id"
STRIPE_ID = "id"
FIXED = {"customers": "company_id", "contacts": "external_id"}
"""What Intercom never changes, or what the team's own product knows people by: no place for an ID that is new."""
MODELS = {"customers": Customer, "contacts": Contact}


def connected(system: str) -> list[Connection]:
    resting = [Connection.State.DRAFT, Connection.State.ARCHIVED]
    return list(Connection.objects.filter(system=system).exclude(state__in=resting).order_by("order", "pk"))


def records(connection: Connection, name: str, state: str) -> str:
    return f"{reverse('sync:records', args=[connection.slug, name])}?state={state}"


def linked(connection: Connection, name: str = "customers") -> QuerySet[RecordLink]:
    return RecordLink.objects.filter(
        connection=connection, object=name, state=RecordLink.State.LINKED, hub_id__isnull=False
    )


def unlinked(connection: Connection, name: str = "customers") -> QuerySet[RecordLink]:
    records_there = RecordLink.objects.filter(connection=connection, object=name, hub_id=None)
    return records_there.exclude(state__in=[RecordLink.State.GONE, RecordLink.State.MERGED])


def was_read(connection: Connection, name: str) -> bool:
    return Block.objects.filter(connection=connection, object=name, full_read_at__isnull=False).exists()


# --- Stripe


def stripe_field(connection: Connection) -> str:
    """The hub field that keeps Stripe's own ID; empty: none is chosen."""
    lines = FieldMapping.objects.filter(block__connection=connection, block__object="customers", crm_field=STRIPE_ID)
    return lines.filter(hub_field__startswith=CUSTOM).values_list("hub_field", flat=True).first() or ""


def stripe_page(connection: Connection) -> str:
    return reverse(f"{STRIPE}:wizard", args=[connection.slug, "customers"])


def without_stripe_id(connection: Connection, hub_field: str) -> QuerySet[Customer]:
    filled = CustomKey.objects.filter(field__entity="customers", field__key=hub_field.removeprefix(CUSTOM)).exclude(
        value=""
    )
    rows = Customer.objects.filter(pk__in=linked(connection).values("hub_id"))
    return rows.exclude(pk__in=filled.values("row_id")).order_by("name", "pk")


# --- Intercom


@dataclass(frozen=True, slots=True)
class Attribute:
    """Where Intercom keeps the ID of a data type."""

    label: str
    is_own: bool
    """One that may hold the new ID."""
    fills: bool
    """Each sync writes the ID of here into it."""
    is_read: bool
    """Its block carries IDs at least."""


def attribute_of(connection: Connection, name: str) -> Attribute | None:
    block = Block.objects.filter(connection=connection, object=name).first()
    line = FieldMapping.objects.filter(block=block, hub_field=REF).first() if block else None
    if block is None or line is None or not line.crm_field:
        return None
    return Attribute(
        line.crm_label or line.crm_field,
        line.crm_field != FIXED[name],
        line.direction != FieldMapping.Direction.IN,
        block.mode != Mode.DISABLED,
    )


def intercom_page(connection: Connection, step: str = "move") -> str:
    return reverse(f"{INTERCOM}:wizard", args=[connection.slug, step])


@dataclass(frozen=True, slots=True)
class Held:
    """A linked record, the ID that it holds, and the one that its row here has."""

    link: RecordLink
    there: str
    here: str

    @property
    def is_same(self) -> bool:
        return bool(self.here) and self.there == self.here


def held(connection: Connection, name: str) -> Iterator[Held]:
    """Two statements for each thousand records."""
    after = 0
    while page := list(linked(connection, name).filter(pk__gt=after).order_by("pk")[:PAGE]):
        here = dict(MODELS[name]._default_manager.filter(pk__in=[one.hub_id for one in page]).values_list("pk", REF))
        for one in page:
            yield Held(one, _last(one.settled.get(REF)), here.get(one.hub_id, ""))
        after = page[-1].pk


def in_first_page(connection: Connection, name: str) -> tuple[int, int, int]:
    """Asked in Intercom, where no sync writes the IDs: records of one page, those with an ID, and those whose ID is here."""
    line = FieldMapping.objects.get(block__connection=connection, block__object=name, hub_field=REF)
    connector: Any = connector_for(connection, read_only=True, interactive=True)
    rows, values = connector.ids_held(name)
    found = held_in(name, {line.crm_field: values.get(line.crm_field, [])}, rows)[line.crm_field]
    return rows, found.filled, found.known


def _last(pair: Sequence[object] | None) -> str:
    """What the record holds by what was last settled; empty: no ID of it was ever written or read."""
    return str(pair[1] or "") if pair else ""
