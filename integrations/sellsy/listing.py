"""Lists the ids that a search finds, many pages in one batch: by the number of the row, each page from the last row of the one before.

Rows move up when a record leaves the list meanwhile. The row that two pages share shows it: where it is not shared any more,
some were passed over, and the pages behind it are asked for again. Nobody may look as if they had left who only moved.
"""

from collections.abc import Sequence
from dataclasses import replace
from math import ceil

from .affiliations import ID
from .client import NUMERIC_ROWS, PAGE, Line, SellsyClient, Told
from .places import Place
from .scope import Filters

STEP = PAGE - 1


def begin(client: SellsyClient, path: str, filters: Filters) -> tuple[list[int], Place]:
    """The first page, which tells how many there are. More than can be counted through are sought for, a page at a time."""
    found = client.search(path, filters, {"limit": PAGE, "order": "id", **ID})
    ids = [int(row["id"]) for row in found.rows]
    if not found.offset or found.total > NUMERIC_ROWS - PAGE:
        return ids, Place(offset=found.offset, total=found.total)
    return ids, Place(row=STEP, last=ids[-1], total=found.total)


def goes_on(place: Place) -> bool:
    return bool(place.offset or place.last)


def lines_of(path: str, filters: Filters, place: Place, most: int) -> list[Line]:
    """The next pages, no more of them than there are rows left."""
    query = {"limit": PAGE, "order": "id", **ID}
    if place.offset:
        offsets: Sequence[str | int] = (place.offset,)
    else:
        left = max(1, ceil((place.total - place.row) / STEP)) if place.last else 0
        offsets = [place.row + number * STEP for number in range(min(most, left))]
    return [Line("POST", f"{path}/search", {**query, "offset": one}, {"filters": dict(filters)}) for one in offsets]


def read_on(told: Sequence[Told], place: Place) -> tuple[list[int], Place]:
    """The ids that are new, and where the listing goes on."""
    ids: list[int] = []
    for one in told:
        rows = [int(row["id"]) for row in one.rows]
        if place.offset:
            return rows, replace(place, offset=one.offset)
        if place.row and (not rows or rows[0] > place.last):
            return ids, replace(place, row=max(0, place.row - PAGE))
        ids += [row for row in rows if row > place.last]
        if len(rows) < PAGE:
            return ids, Place()
        place = replace(place, row=place.row + STEP, last=max(place.last, rows[-1]))
    return ids, place
