"""HubSpot under the contract of all connectors."""

from collections.abc import Callable
from typing import Any

import pytest

from integrations.rehearsal.practice_hubspot import PracticeHubSpot
from tests.contract.crm import Crm, Open
from tests.contract.suite import Contract

from .conftest import PLAIN, signed_in_by_app

FIELDS = {
    "customers": {"ref_id": "hs_object_id", "name": "name", "domain": "domain"},
    "contacts": {"ref_id": "hs_object_id", "last_name": "lastname", "first_name": "firstname", "email": "email"},
}
EVERY_STAGE = "customer;evangelist;opportunity;other;lead;94862137"


class HubSpot(Crm):
    fields = FIELDS
    objects = {"customers": "companies", "contacts": "contacts"}
    unspent = {"fresh_limits": True}
    writes = frozenset({"batch_create", "batch_update", "batch_upsert", "batch_archive", "create", "update", "archive"})

    def __init__(self, practice: PracticeHubSpot) -> None:
        self.practice = practice
        self.portal = practice
        self.connection = signed_in_by_app(practice, state="on", stages=EVERY_STAGE)

    def column(self, object_name: str, hub_field: str) -> str:
        return FIELDS[object_name][hub_field]

    def company(self, name: str, **columns: Any) -> str:
        return self.practice.create("companies", name=name, lifecyclestage="customer", **columns)

    def person(self, company: str, last_name: str, **columns: Any) -> str:
        return self.practice.create("contacts", lastname=last_name, associatedcompanyid=company, **columns)

    def under(self, child: str, parent: str) -> None:
        self.practice.edit("companies", child, hs_parent_company_id=parent)

    def move(self, source_id: str, *, inside: bool) -> None:
        self.practice.edit("companies", source_id, lifecyclestage="customer" if inside else "subscriber")

    def is_inside(self, source_id: str) -> bool:
        return bool((self.portal.record("companies", source_id) or {}).get("lifecyclestage") == "customer")

    def values(self, object_name: str) -> dict[str, dict[str, Any]]:
        fields, store = FIELDS[object_name], self.portal.store
        with store.transaction():
            found = store.find(self.objects[object_name])
        told = {one.id: {**one.body, "hs_object_id": one.id} for one in found}
        return {one: {hub: held.get(path) for hub, path in fields.items()} for one, held in told.items()}

    def minimum(self, companies: int, contacts: int) -> int:
        """The portal and two lists of properties; companies by searches of 200. Contacts by whichever way is shorter: the
        ties of a thousand companies and reads of a hundred contacts, or searches of 200 with the ties of a thousand; lists
        of a hundred that name the companies themselves are never shorter than those."""
        tied = -(-companies // 1000) + -(-contacts // 100)
        searched = -(-contacts // 200) + -(-contacts // 1000)
        return 3 + max(1, -(-companies // 200)) + min(tied, searched)


class TestContract(Contract):
    page_size = 200

    @pytest.fixture
    def opened(self, small_practice: Callable[..., PracticeHubSpot]) -> Open:
        def open_crm(accounts: int, **more: Any) -> Crm:
            crm = small_practice(accounts, **more)
            crm.control(**PLAIN)
            return HubSpot(crm)

        return open_crm
