"""How many there are, by as few calls as the pages of the set-up can bear."""

from collections.abc import Sequence

from .affiliations import ID
from .client import NUMERIC_ROWS, PAGE, SellsyClient
from .gone import listed_ids
from .scope import COMPANIES, CONTACTS, Filters

SAMPLE_ROWS, LONGEST_SAMPLE = 50, 60


def company_ids(client: SellsyClient, filters: Filters) -> list[int]:
    """A count and a batch: fifty pages at once. What is behind the last row that can be counted through is sought for."""
    found = {int(one) for one in listed_ids(client, COMPANIES, filters)}
    if len(found) < NUMERIC_ROWS:
        return sorted(found)
    offset = ""
    while True:
        query = {"limit": PAGE, "order": "id", **ID, **({"offset": offset} if offset else {})}
        page = client.search(COMPANIES, filters, query)
        found.update(int(row["id"]) for row in page.rows)
        offset = page.offset
        if not offset:
            return sorted(found)


def contacts_of(client: SellsyClient, companies: Sequence[int], filters: Filters) -> int:
    """In one question, so that a contact of several companies counts once."""
    return client.count(CONTACTS, {**filters, "companies": list(companies)}) if companies else 0
