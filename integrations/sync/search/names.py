"""Who the rows of a page are about: names are resolved on the hub and the links, a page at a time, never in the journal."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from integrations.hub.fields import BUILT_IN, BY_HAND, own_labels
from integrations.hub.models import Agreement, Contact, Customer, Interaction, Stage

from ..kinds import INTERACTIONS
from ..models import RECORDED, Connection, RecordLink
from ..models.journal import JournalRow
from ..origin import record_url
from ..registry import system_of
from ..store.hub_rows import SCORE

POINTS_TO_RECORD = ("parent", "customer")
"""Fields whose value is the source id of a customer."""
CALLED_BY = (("name",), ("first_name", "last_name"), ("email",), ("plan",), ("subject",))
UPLOADED = {"health_score": _("Health score, uploaded"), "pulse": _("CSM Pulse, uploaded")}
"""What goes out is told apart from what was changed here."""
Labels = Mapping[tuple[str, str], str | Promise]
"""(data type, field) → label."""


@dataclass(frozen=True, slots=True)
class Subject:
    name: str
    hub_url: str = ""
    of: str = ""
    """The customer that it hangs on."""
    of_url: str = ""


@dataclass(slots=True)
class Names:
    connections: Mapping[int, Connection] = field(default_factory=dict)
    subjects: Mapping[tuple[str, int], Subject] = field(default_factory=dict)
    records: Mapping[tuple[int, str], str] = field(default_factory=dict)
    """(connection, source id) → name; ids of one CRM do not repeat over its data types."""
    labels: Labels = field(default_factory=dict)
    stages: Mapping[str, str] = field(default_factory=dict)
    runs: Mapping[int, str] = field(default_factory=dict)
    """Run → the address of its page: a page's rows are of few runs."""

    def subject(self, row: JournalRow, planned_name: str = "") -> Subject:
        known = self.subjects.get((row.object, row.hub_id or 0))
        if known:
            return known
        name = planned_name or self.records.get((row.connection_id or 0, row.source_id), "")
        return Subject(name or row.source_id or _called(row))

    def label(self, object_name: str, field_name: str) -> str | Promise:
        return self.labels.get((object_name, field_name), field_name)

    def short(self, connection_id: int | None) -> str:
        connection = self.connections.get(connection_id or 0)
        return system_of(connection.system).abilities.short if connection else "SK"

    def slug(self, connection_id: int | None) -> str:
        connection = self.connections.get(connection_id or 0)
        return connection.slug if connection else ""

    def crm_url(self, row: JournalRow) -> str:
        connection = self.connections.get(row.connection_id or 0)
        return record_url(connection, row.object, row.source_id) if connection else ""


def names_of(rows: Sequence[JournalRow], labels: Labels | None = None) -> Names:
    """`labels`, of fields, where the page has asked for them already."""
    return Names(
        connections=Connection.objects.in_bulk({row.connection_id for row in rows if row.connection_id}),
        subjects=_subjects(rows),
        records=_records(rows),
        labels=field_labels() if labels is None else labels,
        stages=dict(Stage.objects.values_list("name", "label")),
        runs={run_id: reverse("sync:run", args=[run_id]) for run_id in {row.run_id for row in rows} if run_id},
    )


def field_labels() -> dict[tuple[str, str], str | Promise]:
    labels: dict[tuple[str, str], str | Promise] = {
        (entity, hub_field.name): hub_field.label for entity, fields in BUILT_IN.items() for hub_field in fields
    }
    labels |= {(entity, field.name): field.label for entity, fields in BY_HAND.items() for field in fields}
    labels |= {("agreements", "mrr"): _("MRR")}
    labels |= {("customers", f"{SCORE}{name}"): label for name, label in UPLOADED.items()}
    labels |= {("customers", "parent"): _("Parent"), ("contacts", "customer"): _("Customer")}
    for entity, key, label in own_labels():
        labels[entity, f"custom.{key}"] = label
    return labels


def _subjects(rows: Sequence[JournalRow]) -> dict[tuple[str, int], Subject]:
    """One statement for each kind of row on the page; none is made up for a kind that is not on it."""
    found: dict[tuple[str, int], Subject] = {}
    for object_name, look in (("customers", _customers), ("contacts", _contacts), ("agreements", _agreements)):
        if ids := _hub_ids(rows, object_name):
            found |= look(ids)
    asked = {row.hub_id: row.object for row in rows if row.object in INTERACTIONS and row.hub_id}
    return found | _interactions(asked) if asked else found


def _called(row: JournalRow) -> str:
    """What the row itself says of a name: of one that is deleted, nothing else does any more."""
    held = {**row.after, **{name: value for name, value in row.before.items() if value}}
    for names in CALLED_BY:
        if said := " ".join(str(held[name]) for name in names if held.get(name)):
            return said
    return ""


def _hub_ids(rows: Iterable[JournalRow], object_name: str) -> set[int]:
    return {row.hub_id for row in rows if row.object == object_name and row.hub_id}


def _customers(ids: set[int]) -> dict[tuple[str, int], Subject]:
    found = Customer.objects.filter(pk__in=ids).values_list("pk", "name")
    return {("customers", pk): Subject(name, reverse("hub:customer", args=[pk])) for pk, name in found}


def _contacts(ids: set[int]) -> dict[tuple[str, int], Subject]:
    return {
        ("contacts", contact.pk): Subject(
            str(contact),
            reverse("hub:contact", args=[contact.pk]),
            contact.customer.name,
            reverse("hub:customer", args=[contact.customer_id]),
        )
        for contact in Contact.objects.filter(pk__in=ids).select_related("customer")
    }


def _agreements(ids: set[int]) -> dict[tuple[str, int], Subject]:
    found = Agreement.objects.filter(pk__in=ids).select_related("customer")
    return {("agreements", row.pk): _of(row, "hub:agreement") for row in found}


def _interactions(asked: Mapping[int, str]) -> dict[tuple[str, int], Subject]:
    """Their ids never repeat over the four data types: they are rows of one table."""
    found = Interaction.objects.filter(pk__in=asked).select_related("customer").defer("body")
    return {(asked[row.pk], row.pk): _of(row, "hub:interaction") for row in found}


def _of(row: Agreement | Interaction, page: str) -> Subject:
    there = reverse("hub:customer", args=[row.customer_id])
    return Subject(str(row), reverse(page, args=[row.pk]), row.customer.name, there)


def _records(rows: Sequence[JournalRow]) -> dict[tuple[int, str], str]:
    ids = {row.source_id for row in rows if row.source_id}
    for row in rows:
        for values in (row.before, row.after):
            ids |= {str(values[name]) for name in POINTS_TO_RECORD if values.get(name)}
    links = RecordLink.objects.filter(
        connection__in={row.connection_id for row in rows if row.connection_id},
        object__in=RECORDED,
        source_id__in=ids,
    )
    return {
        (connection, source): name
        for connection, source, name in links.values_list("connection_id", "source_id", "name")
    }
