"""How many customers of Stripe are found here, and by what: looked at in the newest ones, before anything is saved."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from integrations.engine.compare import compared, domain_key
from integrations.engine.mapping import Compare, MergeKey
from integrations.sync.store.hub_rows import own_domains, table_of

from .rows import customer

Raw = Mapping[str, Any]
SHOWN = 8


@dataclass(frozen=True, slots=True)
class Recognised:
    looked_at: int
    by_key: Sequence[tuple[str, int]]
    """Label of the key → how many it finds that none before it did."""
    unfound: Sequence[str]
    """Names of the first ones that nobody here answers to."""
    number_unfound: int


def recognised(rows: Sequence[Raw], keys: Sequence[tuple[MergeKey, str]], connection_id: int) -> Recognised:
    """`keys`: in their order, each with the path that it is read from; one statement for each."""
    waiting = {str(row["id"]): row for row in rows}
    found: Counter[str] = Counter()
    for key, path in keys:
        values = {one: value_of(key, row, path) for one, row in waiting.items()}
        hits = table_of("customers").find(key, sorted(set(values.values()) - {""}), connection_id, is_common=True)
        met = [one for one, value in values.items() if value in hits]
        found[key.hub_label] = len(met)
        waiting = {one: row for one, row in waiting.items() if one not in met}
    names = [customer(row, ()).name for row in waiting.values()]
    return Recognised(len(rows), list(found.items()), names[:SHOWN], len(waiting))


def value_of(key: MergeKey, row: Raw, path: str) -> str:
    value = customer(row, (path,)).values[path]
    return domain_key(value, own_domains()) if key.compare is Compare.DOMAIN else compared(key.compare, value)
