"""Asks Zoho how many there are, and for a few values, before anything is saved."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.engine.values import is_blank
from integrations.setup.samples import as_text, distinct
from integrations.sync.connector import Breakdown
from integrations.wire.errors import Misconfigured, Rejected

from .client import Found, Row, ZohoClient
from .coql import COUNTED, FURTHEST, MOST_ROWS, all_of, compared, select, select_count
from .schema import ID, Described
from .scope import ACCOUNT_TYPE, ACCOUNTS
from .values import PERSON, value_of

SAMPLE_ROWS = 200


def rows_of(client: ZohoClient, module: str, columns: Iterable[str], condition: str) -> Iterable[Mapping[str, Any]]:
    """All of them, two thousand to a call."""
    after, has_more = "", True
    while has_more:
        behind = compared(ID, ">", after) if after else ""
        found = client.query(select(list(columns), module, all_of((condition, behind))))
        yield from found.rows
        after, has_more = str(found.rows[-1]["id"]) if found.rows else "", found.has_more and bool(found.rows)


def count_of(client: ZohoClient, module: str, condition: str) -> int:
    """Exactly, and as of now: the count that Zoho keeps is minutes old, and held against a listing it would be wrong."""
    rows = _counted(client, module, condition)
    if rows is None:
        return end_of(client, module, condition)
    return int(rows[0][COUNTED]) if rows else 0


def _counted(client: ZohoClient, module: str, condition: str, by: str = "") -> Sequence[Row] | None:
    """None where queries do not count: then the rows are. A condition that is refused for itself is refused there too."""
    try:
        rows = client.query(select_count(module, condition, by)).rows
    except (Misconfigured, Rejected):
        return None
    return rows if all(COUNTED in row for row in rows) else None


def end_of(client: ZohoClient, module: str, condition: str) -> int:
    """Where the rows end is searched for by offset: some ten calls of one row each for a hundred thousand of them."""
    total, after = 0, ""
    while True:
        where = all_of((condition, compared(ID, ">", after) if after else ""))
        number, after = _end_of(client, module, where)
        total += number
        if number < FURTHEST:
            return total


def _end_of(client: ZohoClient, module: str, where: str) -> tuple[int, str]:
    """How many rows there are, up to where an offset reaches, and the id of the last of them."""

    def rows(offset: int, limit: int) -> Found:
        return client.query(select([], module, where, limit, offset))

    found, low, high = rows(0, MOST_ROWS), 0, MOST_ROWS
    if found.has_more:
        while (high := high * 2) < FURTHEST and rows(high, 1).rows:
            low = high
        low, high = max(low, MOST_ROWS), min(high, FURTHEST)
        while high - low > MOST_ROWS:
            middle = (low + high) // 2 // MOST_ROWS * MOST_ROWS
            if rows(middle, 1).rows:
                low = middle
            else:
                high = middle
        found = rows(low, MOST_ROWS)
    return low + len(found.rows), str(found.rows[-1]["id"]) if found.rows else ""


def breakdown(client: ZohoClient, condition: str, described: Described) -> Breakdown:
    """Accounts by their type; the number still stands where the type is hidden from the signed-in user."""
    if not described.has(ACCOUNT_TYPE):
        return Breakdown(count_of(client, ACCOUNTS, condition))
    types = tally_of(client, ACCOUNTS, ACCOUNT_TYPE, condition)
    return Breakdown(types.total(), tuple(types.most_common()))


def tally_of(client: ZohoClient, module: str, path: str, condition: str) -> Counter[str]:
    """How many rows hold each value of a list, "" for none."""
    rows = _counted(client, module, condition, path)
    if rows is None:
        return Counter(str(row.get(path) or "") for row in rows_of(client, module, [path], condition))
    return Counter({str(row.get(path) or ""): int(row[COUNTED]) for row in rows})


def counts_by_value(client: ZohoClient, module: str, path: str, kind: str, condition: str) -> dict[str, int]:
    """Of a field with several values each of them counts."""
    if kind == "picklist":
        return {value: number for value, number in tally_of(client, module, path, condition).items() if value}
    found: Counter[str] = Counter()
    for row in rows_of(client, module, [path], condition):
        value = value_of(row, path, kind, {})
        found.update(value if isinstance(value, tuple) else () if is_blank(value) else (as_text(value),))
    return dict(found)


def sample_values(
    client: ZohoClient, described: Described, addresses: Mapping[str, str], module: str, paths: Iterable[str], condition: str
) -> dict[str, tuple[str, ...]]:  # fmt: skip
    """Up to three different filled values of each field, out of one page for each fifty of them."""
    types = described.types(path for path in paths if described.has(path))
    columns = list(dict.fromkeys(path.removesuffix(PERSON) for path in types if path != ID))
    rows: dict[str, dict[str, Any]] = {}
    for start in range(0, len(columns), 50):
        for row in client.query(select(columns[start : start + 50], module, condition, SAMPLE_ROWS)).rows:
            rows.setdefault(str(row["id"]), {}).update(row)
    return {
        path: distinct(value_of(row, path, kind, addresses) for row in rows.values()) for path, kind in types.items()
    }
