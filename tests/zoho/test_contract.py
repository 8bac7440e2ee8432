"""Zoho CRM under the contract of all connectors."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.rehearsal.practice_zoho import PracticeZoho
from tests.contract.crm import Crm, Open
from tests.contract.suite import Contract

from .conftest import signed_in

FIELDS = {
    "customers": {"ref_id": "id", "name": "Account_Name", "domain": "Website"},
    "contacts": {"ref_id": "id", "last_name": "Last_Name", "first_name": "First_Name", "email": "Email"},
}


def pages(rows: int) -> int:
    """An empty answer is one too."""
    return max(1, -(-rows // 2000))


class Zoho(Crm):
    fields = FIELDS
    objects = {"customers": "Accounts", "contacts": "Contacts"}
    unspent = {"unlimited": True}
    writes = frozenset({"insert", "update", "upsert", "delete", "merge"})
    # Of a merge Zoho tells only that the one record was deleted, and nothing leads to the other.
    merges = False

    def __init__(self, practice: PracticeZoho) -> None:
        self.practice = practice
        self.zoho = practice
        self.connection = signed_in(practice, state="on")

    def column(self, object_name: str, hub_field: str) -> str:
        return FIELDS[object_name][hub_field]

    def company(self, name: str, **columns: Any) -> str:
        return self.practice.create("Accounts", Account_Name=name, **columns)

    def person(self, company: str, last_name: str, **columns: Any) -> str:
        return self.practice.create("Contacts", Last_Name=last_name, Account_Name=company, **columns)

    def under(self, child: str, parent: str) -> None:
        self.practice.edit("Accounts", child, Parent_Account=parent)

    def move(self, source_id: str, *, inside: bool) -> None:
        self.practice.edit("Accounts", source_id, Account_Type="Customer" if inside else "Prospect")

    def is_inside(self, source_id: str) -> bool:
        with self.zoho.store.transaction():
            found = self.zoho.store.get("Accounts", source_id)
        return bool(found and found.body.get("Account_Type") != "Prospect")

    def values(self, object_name: str) -> dict[str, dict[str, Any]]:
        with self.zoho.store.transaction():
            found = self.zoho.store.find(self.objects[object_name])
        return {
            one.id: {hub: one.id if path == "id" else one.body.get(path) for hub, path in FIELDS[object_name].items()}
            for one in found
        }

    def minimum(self, companies: int, contacts: int) -> int:
        """Who am I and the fields of two modules; queries of 2,000 rows."""
        return 3 + pages(companies) + pages(contacts)


class TestContract(Contract):
    page_size = 2000

    @pytest.fixture
    def opened(self, small_practice: Callable[..., PracticeZoho]) -> Open:
        def open_crm(accounts: int, **more: Any) -> Crm:
            return Zoho(small_practice(accounts, **more))

        return open_crm
