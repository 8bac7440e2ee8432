"""Intercom under the contract of all connectors, where it applies: its records are only linked to rows that are here."""

from collections.abc import Callable
from math import ceil
from typing import Any

import pytest

from integrations.hub.models import Contact, Customer
from integrations.intercom.client import PAGE, SCROLL
from integrations.rehearsal.practice_intercom import PracticeIntercom
from integrations.sync import runs
from integrations.sync.models import Block, Run
from integrations.sync.runner.drive import drive
from tests.contract.crm import Crm, Open
from tests.contract.suite import Contract, link, row_of

from . import hub
from .conftest import signed_in

FIELDS = {
    "customers": {"ref_id": "company_id", "name": "name", "domain": "website"},
    "contacts": {"ref_id": "external_id", "last_name": "@last_name", "first_name": "@first_name", "email": "email"},
}


class Intercom(Crm):
    fields = FIELDS
    objects = {"customers": "company", "contacts": "contact"}
    unspent = {"forget_bursts": True}
    writes = frozenset({"create", "update", "delete", "create-attribute"})
    merges = False
    has_scope = False
    tells_deletions = False

    def __init__(self, practice: PracticeIntercom) -> None:
        self.practice = practice
        practice.control(lists_deserted=True)
        self.connection = signed_in(practice, state="on")
        self.number = 0

    def column(self, object_name: str, hub_field: str) -> str:
        return FIELDS[object_name][hub_field].removeprefix("@last_")

    def company(self, name: str, **columns: Any) -> str:
        self.number += 1
        return self.practice.create("company", company_id=f"made-{self.number}", name=name, **columns)

    def person(self, company: str, last_name: str, **columns: Any) -> str:
        self.number += 1
        return self.practice.create(
            "contact", external_id=f"person-{self.number}", name=last_name, company=company, **columns
        )

    def under(self, child: str, parent: str) -> None:
        raise NotImplementedError("a company of Intercom has no parent")

    def move(self, source_id: str, *, inside: bool) -> None:
        raise NotImplementedError("the whole workspace is in scope")

    def is_inside(self, source_id: str) -> bool:
        return True

    def values(self, object_name: str) -> dict[str, dict[str, Any]]:
        with self.practice.app.book.transaction():
            rows = self.practice.app.book.find(self.objects[object_name])
        return {
            one.id: {hub_field: one.body.get(self.column(object_name, hub_field)) for hub_field in FIELDS[object_name]}
            for one in rows
        }

    def minimum(self, companies: int, contacts: int) -> int:
        """Who am I; a scroll that ends with an empty page, and one number; pages of contacts."""
        return 1 + 2 + ceil(companies / SCROLL) + ceil(contacts / PAGE)

    def block(self, object_name: str, mode: str, **more: Any) -> Block:
        return super().block(object_name, mode, ref_is_common=True, **more)

    def sync(self, kind: str = Run.Kind.DELTA) -> Run:
        """As the CRM brought them: a row for every record, by its ID."""
        with self.practice.app.book.transaction():
            companies = self.practice.app.book.find("company")
            people = self.practice.app.book.find("contact")
        known = set(Customer.objects.values_list("ref_id", flat=True))
        for one in companies:
            if one.body["company_id"] not in known:
                hub.customer(one.body["company_id"])
        known = set(Contact.objects.values_list("ref_id", flat=True))
        owner = Customer.objects.first()
        for one in people if self.connection.blocks.filter(object="contacts").exists() else ():
            if owner and one.body["external_id"] not in known:
                hub.contact(one.body["external_id"], owner)
        run = runs.request_run(self.connection, kind, by="Inès")
        for _attempt in range(8):
            drive(run, 60.0)
            run.refresh_from_db()
            if run.state not in {Run.State.WAITING, Run.State.QUEUED}:
                break
            # A scroll that a lost answer left open dies within a minute.
            self.later(61)
            Run.objects.filter(pk=run.pk).update(due_at=None)
            run.refresh_from_db()
        return run


class TestContract(Contract):
    page_size = 100
    ways = [("in", "crm", "keep"), ("in", "crm", "erase"), ("in", "crm", "fill")]

    @pytest.fixture
    def opened(self, small_crm: Callable[..., PracticeIntercom]) -> Open:
        def open_crm(companies: int, **more: Any) -> Crm:
            return Intercom(small_crm(companies, **more))

        return open_crm

    @pytest.fixture
    def two_way(self) -> Crm:
        pytest.skip("nothing is created there from here; what is written has tests of its own")

    def test_deleted_record_is_gone_and_its_row_stays(self, crm: Crm) -> None:
        crm.block("customers", "input")
        crm.block("contacts", "input")
        crm.sync()
        crm.later()
        [person, *_others] = crm.values("contacts")
        row = row_of(person, "contacts")
        crm.delete("contacts", person)
        crm.later(120)

        crm.sync("full")

        assert (link(person, "contacts").state, Contact.objects.filter(pk=row).exists()) == ("gone", True)
