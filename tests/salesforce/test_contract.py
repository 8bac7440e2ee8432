"""Salesforce under the contract of all connectors."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.rehearsal.practice import PracticeSalesforce
from tests.contract.crm import Crm, Open
from tests.contract.suite import Contract

from .conftest import signed_in

FIELDS = {
    "customers": {"ref_id": "Id", "name": "Name", "domain": "Website"},
    "contacts": {"ref_id": "Id", "last_name": "LastName", "first_name": "FirstName", "email": "Email"},
}


class Salesforce(Crm):
    fields = FIELDS
    objects = {"customers": "Account", "contacts": "Contact"}
    # No id of Salesforce's own looks like another system's: a number of the team's may.
    numbers = {"customers": "AccountNumber", "contacts": "Department"}
    writes = frozenset({"create_many", "update_many", "upsert_many", "delete_many", "create", "update", "upsert"})

    def __init__(self, practice: PracticeSalesforce) -> None:
        self.practice = practice
        self.salesforce = practice
        self.connection = signed_in(practice, state="on")

    def column(self, object_name: str, hub_field: str) -> str:
        return FIELDS[object_name][hub_field]

    def company(self, name: str, **columns: Any) -> str:
        return self.practice.create("Account", Name=name, **columns)

    def person(self, company: str, last_name: str, **columns: Any) -> str:
        return self.practice.create("Contact", LastName=last_name, AccountId=company, **columns)

    def under(self, child: str, parent: str) -> None:
        self.practice.edit("Account", child, ParentId=parent)

    def numbered(self, object_name: str, number: str, make: Callable[[], str]) -> str:
        made = make()
        self.practice.edit(self.objects[object_name], made, **{self.numbers[object_name]: number})
        return made

    def move(self, source_id: str, *, inside: bool) -> None:
        self.practice.edit("Account", source_id, Type="Customer" if inside else "Prospect")

    def is_inside(self, source_id: str) -> bool:
        [row] = self.salesforce.query(f"SELECT Type FROM Account WHERE Id = '{source_id}'")
        return bool(row["Type"] != "Prospect")

    def values(self, object_name: str) -> dict[str, dict[str, Any]]:
        fields = FIELDS[object_name]
        rows = self.salesforce.query(
            f"SELECT {', '.join(fields.values())} FROM {self.objects[object_name]} ORDER BY Id"
        )
        return {row["Id"]: {hub: row[path] for hub, path in fields.items()} for row in rows}

    def minimum(self, companies: int, contacts: int) -> int:
        """Who am I and two describes; a count and pages of 2,000 of each."""
        return 3 + 2 + -(-companies // 2000) + -(-contacts // 2000)


class TestContract(Contract):
    page_size = 2000

    @pytest.fixture
    def opened(self, small_practice: Callable[..., PracticeSalesforce]) -> Open:
        def open_crm(accounts: int, **more: Any) -> Crm:
            return Salesforce(small_practice(accounts, **more))

        return open_crm
