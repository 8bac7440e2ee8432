"""Named records with values of the records that they point to. Salesforce's retrieve follows no relationship itself."""

from collections.abc import Iterable, Sequence
from typing import Any

from .client import MOST_IDS, SalesforceClient
from .schema import Described
from .soql import id_chunks


def retrieve_with_parents(
    client: SalesforceClient, described: Described, obj: str, ids: Sequence[str], paths: Iterable[str]
) -> list[dict[str, Any]]:
    """One call for the records, one more per object that lookups point to (users, mostly); gone ones are left out."""
    own = [path for path in paths if "." not in path]
    behind = [path.split(".", 1) for path in paths if "." in path]
    lookups = {relation: described.lookups[relation] for relation, _ in behind}
    asked = list(dict.fromkeys((*own, *lookups.values())))
    rows = [row for row in client.retrieve(obj, ids, asked) if row]
    for target in {target_of(described, lookup) for lookup in lookups.values()}:
        relations = {relation: lookup for relation, lookup in lookups.items() if target_of(described, lookup) == target}
        wanted = {field for relation, field in behind if relation in relations}
        attach(client, target, rows, relations, sorted(wanted))
    return rows


def asks_users(described: Described, paths: Iterable[str]) -> bool:
    relations = (path.partition(".")[0] for path in paths if "." in path)
    return any(target_of(described, described.lookups[one]) == "User" for one in relations)


def target_of(described: Described, lookup: str) -> str:
    targets: list[str] = described.raw[lookup]["referenceTo"]
    return "User" if "User" in targets else targets[0]


def attach(
    client: SalesforceClient, target: str, rows: list[dict[str, Any]], relations: dict[str, str], wanted: list[str]
) -> None:
    ids = (row[lookup] for row in rows for lookup in relations.values() if row.get(lookup))
    found: dict[str, dict[str, Any]] = {}
    for chunk in id_chunks(ids, MOST_IDS):
        found |= {parent["Id"]: parent for parent in client.retrieve(target, chunk, ["Id", *wanted]) if parent}
    for row in rows:
        row.update({relation: found.get(row.get(lookup) or "") for relation, lookup in relations.items()})
