"""Which records belong: organizations with at least one won deal, and what hangs on them."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from .schema import ID, NAME, STAMP

ORGANIZATIONS, PERSONS, DEALS = "organizations", "persons", "deals"
ARCHIVED = "deals/archived"
WON_DEALS = "won_deals_count"
ITSELF = ID
WON = "won"
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Source:
    """Where the records of a data type stand, and what ties each to an organization."""

    entity: str
    lists: tuple[str, ...]
    """Deals stand in two: those in use, and the archived ones."""
    customer: str = ""
    """The field that names the organization, ITSELF where the record is one; empty: these are the customers."""
    name: str = NAME
    params: Mapping[str, str] = field(default_factory=dict)
    """What narrows down a list of everything in scope."""
    pipeline: str = ""

    @property
    def plural(self) -> str:
        return self.lists[0]

    @property
    def fields_named(self) -> str:
        return f"{self.entity}Fields"

    @property
    def needs_won_deal(self) -> bool:
        """Of organizations, whatever they stand for here."""
        return self.entity == "organization"

    def belongs(self, row: Row) -> bool:
        if row.get("is_deleted"):
            return False
        if self.needs_won_deal:
            return bool(row.get(WON_DEALS))
        if self.entity == "deal":
            return row.get("status") == WON and (not self.pipeline or str(row.get("pipeline_id")) == self.pipeline)
        return True

    def customer_of(self, row: Row) -> str:
        found = row.get(self.customer) if self.customer else None
        return str(found) if found else ""


CUSTOMERS = Source("organization", (ORGANIZATIONS,))
CONTACTS = Source("person", (PERSONS,), "org_id")
COMPANIES = Source("organization", (ORGANIZATIONS,), ITSELF)
"""Agreements that are fields of the organization."""
NEEDED = (ID, STAMP)


def deals(pipeline: str = "") -> Source:
    """Won ones, in one pipeline or in all of them."""
    params = {"status": WON} | ({"pipeline_id": pipeline} if pipeline else {})
    return Source("deal", (DEALS, ARCHIVED), "org_id", "title", params, pipeline)
