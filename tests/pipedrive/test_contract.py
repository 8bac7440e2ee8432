"""Pipedrive under the contract of all connectors."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.rehearsal.practice_pipedrive import PracticePipedrive
from tests.contract.crm import Crm, Open
from tests.contract.suite import Contract

from .conftest import signed_in

FIELDS = {
    "customers": {"ref_id": "id", "name": "name", "domain": "website"},
    "contacts": {"ref_id": "id", "last_name": "last_name", "first_name": "first_name", "email": "emails"},
}


class Pipedrive(Crm):
    fields = FIELDS
    objects = {"customers": "organization", "contacts": "person"}
    unspent = {"forget_bursts": True}
    writes = frozenset({"create", "update", "delete", "merge"})
    # Of a merge Pipedrive tells only that the one record was deleted, and nothing leads to the other.
    merges = False
    numbering = "next_number"

    def __init__(self, practice: PracticePipedrive) -> None:
        self.practice = practice
        self.pipedrive = practice
        self.connection = signed_in(practice, state="on")

    def column(self, object_name: str, hub_field: str) -> str:
        return FIELDS[object_name][hub_field]

    def company(self, name: str, **columns: Any) -> str:
        number = self.practice.create("organization", name=name, **columns)
        self.practice.create("deal", title="Won", org_id=int(number), status="won")
        return number

    def person(self, company: str, last_name: str, **columns: Any) -> str:
        return self.practice.create("person", name=last_name, org_id=int(company), **columns)

    def under(self, child: str, parent: str) -> None:
        self.practice.create(
            "organizationRelationship", type="parent", rel_owner_org_id=int(parent), rel_linked_org_id=int(child)
        )

    def move(self, source_id: str, *, inside: bool) -> None:
        for deal in self._deals(source_id):
            self.practice.edit("deal", deal, status="won" if inside else "lost")
        if inside and not self._deals(source_id):
            self.practice.create("deal", title="Won", org_id=int(source_id), status="won")

    def is_inside(self, source_id: str) -> bool:
        return bool(self._deals(source_id, "won"))

    def _deals(self, source_id: str, *statuses: str) -> list[str]:
        with self.pipedrive.book.transaction():
            found = [one for one in self.pipedrive.book.find("deal") if one.body["org_id"] == int(source_id)]
        return [one.id for one in found if not statuses or one.body["status"] in statuses]

    def values(self, object_name: str) -> dict[str, dict[str, Any]]:
        with self.pipedrive.book.transaction():
            found = self.pipedrive.book.find(self.objects[object_name])
        if object_name == "customers":
            return {
                one.id: {"ref_id": one.id, "name": one.body["name"], "domain": one.body.get("website")} for one in found
            }
        return {one.id: {"ref_id": one.id, "last_name": one.body["last_name"] or one.body["name"]} for one in found}

    def minimum(self, companies: int, contacts: int) -> int:
        """Who am I and the fields of two entities; five hundred records to a page."""
        return 3 + -(-companies // 500) + -(-contacts // 500)


class TestContract(Contract):
    page_size = 500

    @pytest.fixture
    def opened(self, small_practice: Callable[..., PracticePipedrive]) -> Open:
        def open_crm(accounts: int, **more: Any) -> Crm:
            return Pipedrive(small_practice(accounts, **more))

        return open_crm

    def test_persons_are_read_once_and_not_counted_beforehand(self, opened: Open) -> None:
        crm = opened(450, contacts_per=2)
        crm.block("customers", "input")
        crm.block("contacts", "input")
        crm.practice.forget_calls()

        crm.sync()

        assert crm.practice.calls() == {"me": 1, "fields": 2, "organizations": 2, "persons": 2}
