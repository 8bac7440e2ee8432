"""Rows that were made here before their data type was sent: no mark names them, so no sync looks at them until somebody asks."""

from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import BigIntegerField, Exists, OuterRef, Q, QuerySet
from django.db.models.fields.json import KT
from django.db.models.functions import Cast
from django.utils import timezone

from .models import Block, Connection, HubMark, Outbox, RecordLink
from .paged_job import locked
from .registry import system_of
from .runner.context import CUSTOMER_OUT, Plan
from .runner.outgoing import PARTED
from .runner.preparing import plans_of_today
from .store.hub_rows import table_of
from .store.marks import OUTWARD, mark

PAGE = 1000


@dataclass(frozen=True, slots=True)
class NeverSent:
    """Of one data type of one connection."""

    connection: Connection
    object: str
    rows: QuerySet[Any]

    @property
    def number(self) -> int:
        return self.rows.count()


def never_sent(block: Block) -> NeverSent | None:
    """None where none could be created: the mapping sends nothing of its own, or no sync has compared the two sides yet."""
    connection, name = block.connection, block.object
    if not block.pk or block.mode not in OUTWARD or connection.is_archived:
        return None
    if not system_of(connection.system).abilities.of(name).creates:
        return None
    plans = plans_of_today(connection)
    plan = plans.get(name)
    # Before the first reading every row looks as if nobody there had it.
    if plan is None or not plan.says_something or (plan.reads and block.cursor is None):
        return None
    return NeverSent(connection, name, _rows(connection, plan, plans.get("customers")))


def create_there(found: NeverSent) -> int:
    """Marks them, so that the next sync creates them as it does what is made here today. Returns how many."""
    now, number, after = timezone.now(), 0, 0
    with transaction.atomic():
        # Who asks at the same time waits, and finds none.
        locked(found.connection)
        while page := list(found.rows.filter(pk__gt=after).order_by("pk").values_list("pk", flat=True)[:PAGE]):
            mark(found.object, page, now, connections=[found.connection.pk])
            number, after = number + len(page), page[-1]
    return number


def _rows(connection: Connection, plan: Plan, customers: Plan | None) -> QuerySet[Any]:
    table, mine = table_of(plan.object), {"connection": connection, "object": plan.object}
    of_row = {"object": plan.object, "hub_id": OuterRef("pk")}
    rows = table.outgoing_rows().filter(
        # Whoever wrote its ID has had a record of it.
        ~Exists(RecordLink.objects.filter(**of_row)), ref_writer=None
    )  # fmt: skip
    rows = rows.filter(
        ~Exists(HubMark.objects.filter(connection=connection, **of_row)),
        ~Exists(Outbox.objects.filter(connection=connection, kind=Outbox.Kind.CREATE, **of_row)),
    )
    parted = RecordLink.objects.filter(
        **mine, state=RecordLink.State.EXCLUDED, reason_code__in=PARTED, reason_params__row__isnull=False
    )
    rows = rows.exclude(pk__in=parted.annotate(row=Cast(KT("reason_params__row"), BigIntegerField())).values("row"))
    return rows.filter(_has_customer(connection, customers)) if table.hangs_on == CUSTOMER_OUT.hub_field else rows


def _has_customer(connection: Connection, customers: Plan | None) -> Q:
    """What hangs on a customer that the CRM does not have, and will not get, would only wait."""
    of_head = {"connection": connection, "object": "customers", "hub_id": OuterRef("customer_id")}
    linked = Q(Exists(RecordLink.objects.filter(**of_head)))
    if customers is None or not customers.says_something:
        return linked
    coming = Exists(HubMark.objects.filter(**of_head, kind=HubMark.Kind.CHANGED))
    return linked | Q(coming) | Q(Exists(Outbox.objects.filter(**of_head, kind=Outbox.Kind.CREATE)))
