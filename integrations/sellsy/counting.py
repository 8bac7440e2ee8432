"""How many there are, by as few calls as the pages of the set-up can bear."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from integrations.engine.values import Value, is_blank

from .affiliations import ID
from .client import NUMERIC_ROWS, PAGE, SellsyClient
from .gone import listed_ids
from .scope import COMPANIES, CONTACTS, Filters

SAMPLE_ROWS, SAMPLES, LONGEST_SAMPLE = 50, 3, 60


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


def samples_of(records: Iterable[Mapping[str, Value]], paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    rows = list(records)
    return {path: distinct(row.get(path) for row in rows) for path in paths}


def distinct(values: Iterable[Value]) -> tuple[str, ...]:
    shown: dict[str, None] = {}
    for value in values:
        if not is_blank(value):
            shown[as_text(value)] = None
        if len(shown) == SAMPLES:
            break
    return tuple(shown)


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = str(value)
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
