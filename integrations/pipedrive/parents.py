"""Which organization is above another: by a field that names it, else by the relationships that people note."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

from .client import PipedriveClient

Row = Mapping[str, Any]
OWNER, LINKED = "rel_owner_org_id", "rel_linked_org_id"
Parents = Callable[[Sequence[Row]], Mapping[str, str]]


def by_field(key: str) -> Parents:
    """Comes with the record, without another call."""

    def parents(rows: Sequence[Row]) -> Mapping[str, str]:
        told = ((str(row["id"]), (row.get("custom_fields") or {}).get(key)) for row in rows)
        return {number: str(parent) for number, parent in told if parent}

    return parents


def by_relationships(client: PipedriveClient) -> Parents:
    """One call for each organization: there is no list of all."""

    def parents(rows: Sequence[Row]) -> Mapping[str, str]:
        told = ((str(row["id"]), parent_of(str(row["id"]), client.relationships(str(row["id"])))) for row in rows)
        return {number: parent for number, parent in told if parent}

    return parents


def parent_of(number: str, relationships: Iterable[Row]) -> str:
    """The owner of a relationship is the parent. Several parents are possible: the one that was noted first counts."""
    above = (
        (int(one["id"]), str(one[OWNER]["value"]))
        for one in relationships
        if one.get("type") == "parent" and str(one[LINKED]["value"]) == number
    )
    return min(above, default=(0, ""))[1]
