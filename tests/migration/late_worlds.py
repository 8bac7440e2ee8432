"""A team half-way through its move: customers of a Pipedrive, most of whom HubSpot has found, and tools beside them."""

from datetime import timedelta
from typing import Any

from django.utils import timezone

from accounts.models import User
from integrations.hub.models import Agreement, Contact, Customer, Interaction, Stage
from integrations.migration import snapshot
from integrations.migration.keeping import page
from integrations.migration.models import KeptJob, Move, Passage
from integrations.sync import paged_job
from integrations.sync.configuration.columns import model_of
from integrations.sync.models import Block, Change, Connection, ConnectionState, FieldMapping, RecordLink, Run
from tests.hub.factories import ContactFactory, CustomerFactory


def connect(system: str, name: str = "", **columns: Any) -> Connection:
    made = model_of(system)._default_manager.create(
        system=system, name=name or system.title(), slug=name or system, state=Connection.State.ON, **columns
    )
    ConnectionState.objects.create(connection=made)
    return Connection.objects.get(pk=made.pk)


def link(connection: Connection, row: Any, source_id: str, *, name: str = "customers", **columns: Any) -> RecordLink:
    now = timezone.now()
    return RecordLink.objects.create(
        **{
            "connection": connection, "object": name, "source_object": "x", "source_id": source_id,
            "state": RecordLink.State.LINKED, "hub_id": row.pk if row else None, "name": str(row or source_id),
            "linked_at": now, "synced_at": now, **columns,
        }
    )  # fmt: skip


def moving(customers: int = 3, *, arrived: bool = True) -> Move:
    """`customers` of Pipedrive with a contact, an agreement and a call each; `arrived`: HubSpot has found them all."""
    old, new = connect("pipedrive"), connect("hubspot")
    move = Move.objects.create(old=old, new=new, created_by="Inès Moreau")
    for n in range(1, customers + 1):
        row = CustomerFactory.create(
            name=f"Customer {n}", ref_id=str(500 + n), ref_writer=old.pk, domain=f"c{n}.example"
        )
        link(old, row, str(500 + n))
        ContactFactory.create(customer=row, email=f"anna@c{n}.example")
        Agreement.objects.create(
            customer=row, plan="Gold", amount=100, mrr=100, currency="EUR", status=Agreement.Status.ACTIVE,
            start_date=timezone.localdate() - timedelta(days=30),
        )  # fmt: skip
        Interaction.objects.create(customer=row, type="call", subject="Hello", starts_at=timezone.now())
        if arrived:
            arrive(move, row, f"9{n}")
    return move


def arrive(move: Move, row: Customer, source_id: str) -> None:
    assert move.new is not None
    link(move.new, row, source_id)
    Customer.objects.filter(pk=row.pk).update(ref_id=source_id, ref_writer=move.new_id)


def stage_a(move: Move, **columns: Any) -> Run:
    """Saved, and its first run is over."""
    assert move.new is not None
    number = RecordLink.objects.filter(connection=move.new_id, object="customers").count()
    run = Run.objects.create(
        **{
            "connection": move.new, "kind": Run.Kind.FIRST, "state": Run.State.DONE, "phase": Run.Phase.APPLY, "version": 1,
            "started_at": timezone.now() - timedelta(minutes=90), "finished_at": timezone.now(),
            "totals": {"customers": number}, "counts": {"customers.link": number}, **columns,
        }
    )  # fmt: skip
    Passage.objects.create(move=move, stage="a", version=1, run_id=run.pk, by="Inès Moreau")
    Block.objects.update_or_create(
        connection=move.new, object="customers",
        defaults={"counted": number, "unexplained": 0, "full_read_at": timezone.now(), "caught_up_at": timezone.now()},
    )  # fmt: skip
    return run


def made_there(move: Move, run: Run, name: str, source_id: str, **columns: Any) -> Customer:
    """One that HubSpot brought and nobody had."""
    assert move.new is not None
    row = CustomerFactory.create(**{"name": name, "ref_id": source_id, "ref_writer": move.new_id, **columns})
    link(move.new, row, source_id)
    Change.objects.create(
        at=timezone.now(), run_id=run.pk, connection_id=move.new_id, system="hubspot", object="customers", hub_id=row.pk,
        source_id=source_id, action="create", outcome="done",
    )  # fmt: skip
    return row


def work(job: KeptJob) -> KeptJob:
    for _slice in range(200):
        if not paged_job.work(KeptJob, job.pk, page):
            break
    job.refresh_from_db()
    return job


def kept(move: Move, by: User) -> KeptJob:
    job = work(snapshot.take(move, by))
    move.refresh_from_db()
    return job


def lines(connection: Connection, name: str, mapped: dict[str, str], **columns: Any) -> Block:
    block, _made = Block.objects.get_or_create(connection=connection, object=name, defaults=columns)
    for position, (hub, crm) in enumerate(mapped.items()):
        FieldMapping.objects.create(block=block, position=position, hub_field=hub, crm_field=crm)
    return block


def everything() -> dict[str, list[Any]]:
    models = (Customer, Contact, Agreement, Interaction)
    return {model.__name__: list(model._default_manager.order_by("pk").values()) for model in models}


def default_stage() -> Stage:
    return Stage.objects.get(is_default=True)
