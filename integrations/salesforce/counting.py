"""Asks Salesforce to count, and to show a few values, before anything is saved."""

from collections.abc import Iterable, Sequence
from decimal import Decimal, InvalidOperation

from integrations.setup.samples import as_text, distinct
from integrations.sync.connector import Breakdown
from integrations.wire.errors import Misconfigured, Rejected

from .client import SalesforceClient
from .fields import NUMBERS, convert, value_at
from .schema import Described
from .soql import literal, select

SAMPLE_ROWS = 200
MOST_VALUES = 200


def breakdown(client: SalesforceClient, condition: str) -> Breakdown:
    """Accounts by their type, in one call."""
    try:
        rows = client.aggregate(f"{select(['Type', 'COUNT(Id) total'], 'Account', condition)} GROUP BY Type")
    except Misconfigured as refused:
        if "Type" not in refused.fields:
            raise
        # The field is hidden from the integration's user: the number still stands.
        return Breakdown(count_of(client, "Account", condition))
    groups = sorted(((str(row["Type"] or ""), int(row["total"])) for row in rows), key=lambda group: -group[1])
    return Breakdown(sum(number for _, number in groups), tuple(groups))


def count_of(client: SalesforceClient, obj: str, condition: str) -> int:
    return client.count(select(["COUNT()"], obj, condition))


def counts_by_value(client: SalesforceClient, obj: str, path: str, condition: str) -> dict[str, int]:
    """Empty where Salesforce cannot group by the field: then nobody knows before saving."""
    try:
        rows = client.aggregate(
            f"{select([path, 'COUNT(Id) total'], obj, condition)} GROUP BY {path} LIMIT {MOST_VALUES}"
        )
    except (Misconfigured, Rejected):
        return {}
    return {as_text(row[path]): int(row["total"]) for row in rows if row[path] is not None}


def holding(described: Described, path: str, values: Sequence[str]) -> str:
    """The condition "the field holds one of these"; text compares without case, as the rules do."""
    kind = described.type_of(path)
    if kind == "multipicklist":
        return f"{path} INCLUDES {literal(list(values))}"
    if kind == "boolean":
        return " OR ".join(f"{path} = {str(value.strip().lower() == 'true').lower()}" for value in values)
    return f"{path} IN {literal([typed(value, kind) for value in values])}"


def typed(value: str, kind: str) -> str | Decimal:
    if kind not in NUMBERS and kind != "int":
        return value
    try:
        return Decimal(value)
    except InvalidOperation:
        raise Misconfigured("NOT_A_NUMBER", f"“{value}” is not a number.", fields=("value",)) from None


def sample_values(
    client: SalesforceClient, described: Described, obj: str, paths: Iterable[str], condition: str
) -> dict[str, tuple[str, ...]]:
    """Up to three different filled values of each field, out of one page."""
    types = described.types(path for path in paths if described.has(path))
    if not types:
        return {}
    rows = client.query(f"{select(list(types), obj, condition)} LIMIT {SAMPLE_ROWS}").records
    return {path: distinct(convert(value_at(row, path), kind) for row in rows) for path, kind in types.items()}
