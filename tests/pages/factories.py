"""Rows as the runner leaves them, made directly: the pages are tested on what they read, not on how it came about."""

from datetime import timedelta
from typing import Any

import factory
from django.utils import timezone
from factory.django import DjangoModelFactory

from integrations.engine.compare import fold
from integrations.hub.models import Contact, Customer, Stage
from integrations.sync.models import (
    Block,
    Change,
    Connection,
    ConnectionState,
    DailyTotal,
    FieldMapping,
    Heartbeat,
    Outbox,
    PlannedChange,
    RecordLink,
    Run,
)
from tests.sync import fakes

SYSTEM = fakes.ABILITIES.system


class ConnectionFactory(DjangoModelFactory[Connection]):
    class Meta:
        model = Connection

    system = SYSTEM
    name = factory.Sequence(lambda n: f"Paper {n}")
    slug = factory.Sequence(lambda n: f"paper-{n}")
    state = Connection.State.ON
    web_url = "https://paper.example"
    version = 3


class StateFactory(DjangoModelFactory[ConnectionState]):
    class Meta:
        model = ConnectionState

    connection = factory.SubFactory(ConnectionFactory)
    health = ConnectionState.Health.OK


class BlockFactory(DjangoModelFactory[Block]):
    class Meta:
        model = Block

    connection = factory.SubFactory(ConnectionFactory)
    object = "customers"
    caught_up_at = factory.LazyFunction(timezone.now)


class LineFactory(DjangoModelFactory[FieldMapping]):
    class Meta:
        model = FieldMapping

    block = factory.SubFactory(BlockFactory)
    hub_field = factory.Sequence(lambda n: f"field{n}")
    crm_field = "Tier"


class RunFactory(DjangoModelFactory[Run]):
    class Meta:
        model = Run

    connection = factory.SubFactory(ConnectionFactory)
    kind = Run.Kind.FIRST
    state = Run.State.DONE
    phase = Run.Phase.APPLY
    version = 3
    requested_by = "Inès Moreau"
    started_at = factory.LazyFunction(lambda: timezone.now() - timedelta(minutes=3))
    finished_at = factory.LazyFunction(timezone.now)
    counts = factory.LazyFunction(lambda: {"customers.read": 4, "customers.create": 3, "customers.unchanged": 1})
    totals = factory.LazyFunction(lambda: {"customers": 4})
    calls = 7
    calls_by_kind = factory.LazyFunction(lambda: {"query": 5, "describe": 2})


class PreviewFactory(RunFactory):
    kind = Run.Kind.PREVIEW
    slot = Run.Slot.PREVIEW
    phase = Run.Phase.DECIDE


class LinkFactory(DjangoModelFactory[RecordLink]):
    class Meta:
        model = RecordLink

    connection = factory.SubFactory(ConnectionFactory)
    object = "customers"
    source_object = "Company"
    source_id = factory.Sequence(lambda n: f"C{n:05}")
    name = factory.Sequence(lambda n: f"Company {n}")
    state = RecordLink.State.LINKED


class WriteFactory(DjangoModelFactory[Outbox]):
    """A write that the CRM refused, and that waits for its next try."""

    class Meta:
        model = Outbox

    connection = factory.SubFactory(ConnectionFactory)
    object = "customers"
    source_id = factory.Sequence(lambda n: f"W{n:05}")
    hub_id = factory.Sequence(lambda n: 70_000 + n)
    kind = Outbox.Kind.UPDATE
    state = Outbox.State.REFUSED
    name = factory.Sequence(lambda n: f"Company {n}")
    after = factory.LazyFunction(lambda: {"name": "After"})
    reason_code = "only-hub-moved"
    attempts = 1
    planned_at = factory.LazyFunction(timezone.now)
    due_at = factory.LazyFunction(lambda: timezone.now() + timedelta(hours=1))
    error_code = "FIELD_CUSTOM_VALIDATION_EXCEPTION"
    error_message = "Name must be in capitals."


class _RowFactory(DjangoModelFactory[Any]):
    class Meta:
        abstract = True

    class Params:
        of = None
        """The run, which also names the connection."""

    at = factory.LazyFunction(timezone.now)
    run_id = factory.LazyAttribute(lambda row: row.of.pk if row.of else None)
    connection_id = factory.LazyAttribute(lambda row: row.of.connection_id if row.of else None)
    system = SYSTEM
    object = "customers"
    source_id = factory.Sequence(lambda n: f"R{n:05}")
    action = "update"
    before = factory.LazyFunction(lambda: {"name": "Before"})
    after = factory.LazyFunction(lambda: {"name": "After"})
    fields = factory.LazyAttribute(lambda row: "".join(f" {name} " for name in row.after))
    reason_code = "only-crm-moved"
    reason_params = factory.LazyFunction(lambda: {"system": "Paper CRM"})


class ChangeFactory(_RowFactory):
    class Meta:
        model = Change

    outcome = Change.Outcome.DONE


class RefusalFactory(ChangeFactory):
    action = "refuse"
    outcome = Change.Outcome.REFUSED
    before = factory.LazyFunction(dict)
    after = factory.LazyFunction(lambda: {"nps_score": "n/a"})
    reason_code = "not-a-number"
    reason_params = factory.LazyFunction(lambda: {"system": "Paper CRM", "label": "NPS score", "value": "n/a"})


class PlannedFactory(_RowFactory):
    class Meta:
        model = PlannedChange

    outcome = Change.Outcome.PLANNED
    name = factory.Sequence(lambda n: f"Company {n}")


class TotalFactory(DjangoModelFactory[DailyTotal]):
    class Meta:
        model = DailyTotal

    day = factory.LazyFunction(timezone.localdate)
    object = "customers"
    action = "create"
    outcome = "done"
    number = 5


class HeartbeatFactory(DjangoModelFactory[Heartbeat]):
    class Meta:
        model = Heartbeat

    name = "canary"
    answered_at = factory.LazyFunction(timezone.now)


class CustomerFactory(DjangoModelFactory[Customer]):
    class Meta:
        model = Customer

    name = factory.Sequence(lambda n: f"Customer {n}")
    name_key = factory.LazyAttribute(lambda row: fold(row.name))
    stage = factory.LazyFunction(lambda: Stage.objects.get_or_create(name="run", defaults={"label": "Run"})[0])


class ContactFactory(DjangoModelFactory[Contact]):
    class Meta:
        model = Contact

    customer = factory.SubFactory(CustomerFactory)
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Lindqvist {n}")
    name_key = factory.LazyAttribute(lambda row: fold(f"{row.first_name} {row.last_name}"))
