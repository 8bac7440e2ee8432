"""Sellsy under the contract of all connectors: it is only read."""

from collections.abc import Callable
from math import ceil
from typing import Any

import pytest

from integrations.rehearsal.practice_sellsy import PracticeSellsy
from integrations.sellsy.client import BATCH, PAGE
from tests.contract.crm import Crm, Open
from tests.contract.suite import Contract

from .conftest import signed_in

FIELDS = {
    "customers": {"ref_id": "id", "name": "name", "domain": "website"},
    "contacts": {"ref_id": "id", "last_name": "last_name", "first_name": "first_name", "email": "email"},
}


class Sellsy(Crm):
    fields = FIELDS
    objects = {"customers": "company", "contacts": "contact"}
    unspent = {"clear_quotas": True}
    writes = frozenset({"values.update", "rpc", "companies.create", "companies.update", "contacts.update"})
    merges = False
    numbering = "next_number"

    def __init__(self, practice: PracticeSellsy) -> None:
        self.practice = practice
        self.sellsy = practice
        with practice.store.transaction():
            # In a made-up world some are prospects, some are archived: here all are to come in.
            practice.store.execute(
                "UPDATE _record SET body = json_set(body, '$.type', 'client', '$.is_archived', json('false')) WHERE kind = 'company'"
            )
        self.connection = signed_in(practice, state="on")

    def column(self, object_name: str, hub_field: str) -> str:
        return FIELDS[object_name][hub_field]

    def company(self, name: str, **columns: Any) -> str:
        return self.practice.create("company", name=name, type="client", **columns)

    def person(self, company: str, last_name: str, **columns: Any) -> str:
        found = self.practice.create("contact", last_name=last_name, **columns)
        with self.sellsy.store.transaction():
            self.sellsy.store.link(("company", company), ("contact", found))
        return found

    def under(self, child: str, parent: str) -> None:
        raise NotImplementedError("a company of Sellsy has no parent")

    def move(self, source_id: str, *, inside: bool) -> None:
        self.practice.edit("company", source_id, type="client" if inside else "prospect")

    def is_inside(self, source_id: str) -> bool:
        with self.sellsy.store.transaction():
            found = self.sellsy.store.get("company", source_id)
        return bool(found and found.body.get("type") == "client")

    def values(self, object_name: str) -> dict[str, dict[str, Any]]:
        fields = FIELDS[object_name]
        with self.sellsy.store.transaction():
            rows = list(self.sellsy.store.all(self.objects[object_name]))
        return {
            one.id: {hub: one.id if path == "id" else one.body.get(path) for hub, path in fields.items()}
            for one in rows
        }

    def minimum(self, companies: int, contacts: int) -> int:
        """Who am I and the custom fields; pages of a hundred of each, and the links of companies, a batch of them at once."""
        return 2 + ceil(companies / PAGE) + ceil(contacts / PAGE) + ceil(companies / BATCH)


class TestContract(Contract):
    page_size = 100
    ways = [("in", "crm", "keep"), ("in", "crm", "erase"), ("in", "crm", "fill")]

    @pytest.fixture
    def opened(self, small_crm: Callable[..., PracticeSellsy]) -> Open:
        def open_crm(companies: int, **more: Any) -> Crm:
            return Sellsy(small_crm(companies, **more))

        return open_crm
