"""Which records belong: organizations with at least one won deal, and what hangs on them."""

from collections.abc import Mapping, Sequence
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
    pipelines: tuple[str, ...] = ()
    """Of deals; none chosen means all of them."""

    @property
    def asked(self) -> Sequence[Mapping[str, str]]:
        """The questions that together list everything in scope: a list names one pipeline, or all."""
        if not self.pipelines:
            return [self.params]
        return [{**self.params, "pipeline_id": one} for one in self.pipelines]

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
            return row.get("status") == WON and (not self.pipelines or str(row.get("pipeline_id")) in self.pipelines)
        return True

    def customer_of(self, row: Row) -> str:
        found = row.get(self.customer) if self.customer else None
        return str(found) if found else ""


CUSTOMERS = Source("organization", (ORGANIZATIONS,))
CONTACTS = Source("person", (PERSONS,), "org_id")
COMPANIES = Source("organization", (ORGANIZATIONS,), ITSELF)
"""Agreements that are fields of the organization."""
NEEDED = (ID, STAMP)


def deals(pipelines: Sequence[str] = ()) -> Source:
    """Won ones, in the chosen pipelines or in all of them."""
    return Source("deal", (DEALS, ARCHIVED), "org_id", "title", {"status": WON}, tuple(pipelines))
