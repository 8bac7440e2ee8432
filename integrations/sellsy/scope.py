"""Which records belong: the filters of a search, for clients and what hangs on them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

COMPANIES, CONTACTS, OPPORTUNITIES = "/companies", "/contacts", "/opportunities"
CLIENT, WON = "client", "won"
Filters = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Scope:
    """What the connection says, as the run began with it."""

    with_archived: bool = False
    company_view: str = ""
    contact_view: str = ""
    pipelines: Sequence[int] = ()
    """None chosen: of all of them."""

    @property
    def companies(self) -> dict[str, Any]:
        """A prospect or a supplier is no customer."""
        filters: dict[str, Any] = {"type": CLIENT}
        if not self.with_archived:
            filters["is_archived"] = False
        if self.company_view:
            filters["favourite_filter"] = int(self.company_view)
        return filters

    @property
    def contacts(self) -> dict[str, Any]:
        return {"favourite_filter": int(self.contact_view)} if self.contact_view else {}

    @property
    def opportunities(self) -> dict[str, Any]:
        return {"statuses": [WON], **self.in_pipelines}

    @property
    def in_pipelines(self) -> dict[str, Any]:
        return {"pipeline": list(self.pipelines)} if self.pipelines else {}

    def holds_deal(self, row: Mapping[str, Any]) -> bool:
        pipeline = (row.get("pipeline") or {}).get("id")
        return row.get("status") == WON and (not self.pipelines or pipeline in self.pipelines)
