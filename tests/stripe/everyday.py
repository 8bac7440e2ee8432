"""What tests of Stripe do again and again: customers here, blocks as the set-up makes them, runs to their end."""

from typing import Any

from integrations.hub.models import Customer, CustomField, Stage
from integrations.rehearsal.practice_stripe import PracticeStripe
from integrations.setup.saving import first_block, set_constant, set_line
from integrations.stripe.connector import StripeConnector
from integrations.stripe.guide import GUIDE
from integrations.stripe.models import StripeConnection
from integrations.sync import runs
from integrations.sync.configuration import snapshot, write
from integrations.sync.connector import Page, Read
from integrations.sync.models import Run
from integrations.sync.own_keys import key_field
from integrations.sync.runner.drive import drive


def customer(name: str, domain: str = "", **columns: Any) -> Customer:
    stage = Stage.objects.get(name="run")
    return Customer.objects.create(
        name=name, name_key=name.casefold(), domain=domain, domain_key=domain, stage=stage, **columns
    )


def set_up(connection: StripeConnection, *, own_id: str = "") -> CustomField:
    """As somebody leaves it who takes what the steps propose."""
    data = snapshot(connection)
    field = key_field("customers", "Stripe ID")
    for name in ("customers", "agreements"):
        data["blocks"][name] = first_block(GUIDE, name, None)
    customers, agreements = data["blocks"]["customers"], data["blocks"]["agreements"]
    set_line(customers, f"custom.{field.key}", "id", None)
    if own_id:
        set_line(customers, "ref_id", own_id, None)
    own = ["ref_id"] if own_id else []
    customers.update(merge_keys=[f"custom.{field.key}", *own, "name", "domain"], ref_is_common=bool(own_id))
    set_constant(agreements, "amount_format", "MRR")
    write(connection, data)
    type(connection).objects.filter(pk=connection.pk).update(state="on")
    connection.refresh_from_db()
    return field


def sync(connection: StripeConnection, kind: str = Run.Kind.DELTA) -> Run:
    run = runs.request_run(connection, kind, by="Inès")
    for _attempt in range(8):
        drive(run, 60.0)
        run.refresh_from_db()
        if run.state not in {Run.State.WAITING, Run.State.QUEUED}:
            break
        Run.objects.filter(pk=run.pk).update(due_at=None)
        run.refresh_from_db()
    return run


def pages(connection: StripeConnection, read: Read) -> list[Page]:
    """By page tokens alone, each with a connector of its own, as after a crash."""
    found, token = [], ""
    while True:
        page = StripeConnector(connection).read(read, token)
        found.append(page)
        token = page.next
        if not token:
            return found


def later(crm: PracticeStripe, seconds: int) -> None:
    """From now on the account's clock is that far ahead."""
    crm.control(clock_offset=seconds)


def subscribe(crm: PracticeStripe, customer_id: str, **values: Any) -> str:
    price = values.pop("price", "price_team_eur_month")
    items = [{"price": price, "quantity": values.pop("quantity", 1)}]
    return crm.create("subscription", customer=customer_id, items=items, **values)
