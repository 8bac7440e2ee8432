"""Which of an organisation's list views may serve as a scope."""

from collections.abc import Iterable, Mapping
from typing import Any

from django.utils.translation import gettext_lazy as _

from integrations.sync.connector import View

STANDARD = frozenset({"AllAccounts", "AllContacts"})
RELATIVE = frozenset(
    {
        "MyAccounts", "MyContacts", "MyTeamsAccounts", "MyTeamsContacts", "MyOpportunities", "MyTeamsOpportunities",
        "MyContracts", "MyActivatedContracts", "MyOrders", "MyQuotes",
    }
)  # fmt: skip
"""Standard views of the person who looks; others of that kind are told only by their own describe, one call each."""
DEPENDS_ON_VIEWER = _("Depends on who looks")
NOT_QUERYABLE = _("Salesforce cannot hand it out as a query")


def usable_first(listed: Iterable[Mapping[str, Any]]) -> list[View]:
    """The standard view of everything first: it is the one that is proposed. Then by label, the unusable ones last."""
    rows = sorted(listed, key=lambda row: (row["developerName"] not in STANDARD, row["label"].casefold()))
    views = [view_of(row) for row in rows]
    return [view for view in views if view.is_usable] + [view for view in views if not view.is_usable]


def view_of(row: Mapping[str, Any]) -> View:
    why_not: Any = ""
    if row["developerName"] in RELATIVE or row["developerName"].startswith("RecentlyViewed"):
        why_not = DEPENDS_ON_VIEWER
    elif not row.get("soqlCompatible", True):
        why_not = NOT_QUERYABLE
    detail = _("Standard view") if row["developerName"] in STANDARD else ""
    return View(row["id"], row["label"], is_usable=not why_not, why_not=why_not, detail=detail)
