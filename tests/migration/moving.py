"""A small move: customers whose old CRM is gone but for its links, and a practice HubSpot that holds the same companies."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from accounts.models import User
from accounts.permissions import Role
from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.hub.models import Customer, CustomField, CustomKey
from integrations.migration.models import Move
from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from integrations.sync.configuration import save_version
from integrations.sync.models import Connection, RecordLink, Run
from integrations.sync.runner.drive import drive
from tests.factories import UserFactory
from tests.hub.factories import ContactFactory, CustomerFactory
from tests.hubspot.conftest import PLAIN, allow, signed_in

OLD_PROPERTY = "old_crm_id"


@dataclass
class Moving:
    move: Move
    crm: PracticeHubSpot
    customers: list[Customer]
    companies: list[str]
    """HubSpot's ids, in the order of the customers."""
    admin: User

    def run(self, run_id: int | None) -> Run:
        """What a worker would do."""
        return drive(Run.objects.get(pk=run_id or 0), 20)

    def again(self) -> Move:
        self.move = Move.objects.get(pk=self.move.pk)
        return self.move


def old_id(number: int) -> str:
    return f"001{number:015}"


def begin(
    tmp_path: Path, settings: Any, number: int = 3, *, old: Connection | None = None, **columns: Any
) -> Moving:  # fmt: skip
    """`number` customers, each with one contact, all of them in HubSpot under another ID."""
    crm = PracticeHubSpot(tmp_path, number, contacts_per=1)
    crm.control(**PLAIN)
    allow(settings, crm)
    old = old or Connection.objects.create(
        system="salesforce", name="Old", slug="old", state=Connection.State.ARCHIVED
    )  # fmt: skip
    new: Connection = signed_in(crm, **columns)
    save_version(new, None)
    field = CustomField.objects.create(entity="customers", name="Old CRM ID", type="STRING", is_key=True)
    move = Move.objects.create(
        old=old, new=Connection.objects.get(pk=new.pk), old_id_field=f"custom.{field.key}",
        old_id_property=OLD_PROPERTY, created_by="Inès",
    )  # fmt: skip
    ids = _company_ids(crm)
    customers = [_customer(move, field, place, crm.record("companies", ids[place])) for place in range(number)]
    for place, company in enumerate(ids):
        crm.edit("companies", company, **{OLD_PROPERTY: old_id(place), "lifecyclestage": "customer"})
    crm.forget_calls()
    return Moving(move, crm, customers, ids, UserFactory.create(role=Role.ADMIN))


def _company_ids(crm: PracticeHubSpot) -> list[str]:
    with crm.store.transaction():
        return [str(row[0]) for row in crm.store.execute("SELECT id FROM _record WHERE kind = 'companies' ORDER BY id")]


def _customer(move: Move, field: CustomField, number: int, company: dict[str, Any] | None) -> Customer:
    told = company or {}
    made = CustomerFactory.create(
        name=told.get("name", f"Customer {number}"), ref_id=old_id(number), ref_writer=move.old_id,
        custom={field.key: old_id(number)}, domain="",
    )  # fmt: skip
    CustomKey.objects.create(field=field, row_id=made.pk, value=compared(Compare.ID, old_id(number)))
    RecordLink.objects.create(
        connection=move.old, object="customers", source_object="Account", source_id=old_id(number), name=made.name,
        state="linked", hub_id=made.pk,
    )  # fmt: skip
    ContactFactory.create(customer=made, email=f"nobody{number}@elsewhere.example")
    return made
