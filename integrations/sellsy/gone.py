"""What is gone: Sellsy keeps no list of deletions, and of two merged records the loser simply is no more.

Known ids are asked about by name, thousands in one batch; whatever is missing from the answer is gone.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any

from integrations.wire.chunks import chunks

from .client import NUMERIC_ROWS, PAGE, Line, SellsyClient
from .scope import OPPORTUNITIES, Filters

Known = Callable[[str, int, int], Sequence[tuple[int, str]]]
"""(data type, after, how many) → row and source id of the next linked records."""
AT_ONCE = 5000
"""Known ids of one page: a batch of fifty lines, each with a hundred."""
LISTED_AT_ONCE = 50_000
"""Known ids of one page that are held against one listing."""


def missing(client: SellsyClient, path: str, ids: Iterable[str]) -> list[str]:
    """Those of them that Sellsy does not know (any more)."""
    asked = [one for one in ids if one.isdecimal()]
    if path == OPPORTUNITIES:
        return missing_one_by_one(client, path, asked)
    query = {"limit": PAGE, "field": ["id"]}
    lines = [
        Line("POST", f"{path}/search", query, {"filters": {"id": [int(one) for one in part]}})
        for part in chunks(asked, PAGE)
    ]
    found = {str(row["id"]) for told in client.ask(lines, kind="ids") for row in told.rows}
    return [one for one in asked if one not in found]


def missing_one_by_one(client: SellsyClient, path: str, ids: Sequence[str]) -> list[str]:
    """Opportunities cannot be searched for by id."""
    told = client.ask([Line("GET", f"{path}/{one}", {"field": ["id"]}) for one in ids], kind="ids")
    return [one for one, answer in zip(ids, told, strict=True) if answer.is_gone]


def listed_ids(client: SellsyClient, path: str, filters: Filters, expected: int = 0) -> set[str]:
    """All at once. A row that moves meanwhile may be missed: whoever is missing is asked about."""
    return {str(row["id"]) for row in all_rows(client, path, filters, "id", ["id"], expected)}


def all_rows(
    client: SellsyClient, path: str, filters: Filters, order: str, fields: Sequence[str], expected: int = 0
) -> Iterator[dict[str, Any]]:
    """Fifty pages in one batch, by the number of the row: as many as are expected, then what there is beside."""
    query = {"limit": PAGE, "order": order, "field": list(fields)}
    done, total = 0, max(1, expected)
    while done < min(total, NUMERIC_ROWS):
        offsets = range(done, min(total, NUMERIC_ROWS), PAGE)
        lines = [
            Line("POST", f"{path}/search", {**query, "offset": offset}, {"filters": dict(filters)})
            for offset in offsets
        ]
        told = client.ask(lines, kind="ids")
        for one in told:
            yield from one.rows
        done, total = offsets[-1] + PAGE, told[-1].total
