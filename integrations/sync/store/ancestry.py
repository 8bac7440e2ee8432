"""Who hangs from whom: all ancestors of a page's customers in one statement, by the stage and else by the links."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from django.db import connection

from integrations.engine.records import LinkState

from ..models import PlannedChange, RecordLink, Staged

DEPTH = 50


@dataclass(frozen=True, slots=True)
class Family:
    parents: Mapping[str, str]
    inside: Collection[str]
    """Customers that have, or will have, a row in the hub."""


def family_of(run_id: int, connection_id: int, source_ids: Sequence[str]) -> Family:
    parents = _climb(run_id, connection_id, source_ids)
    everybody = {*parents, *parents.values()} - {""}
    return Family(parents, customers_inside(run_id, connection_id, everybody))


def customers_inside(run_id: int, connection_id: int, source_ids: Collection[str]) -> set[str]:
    """What this run decided about a customer counts; where it decided nothing, its link. Two statements."""
    ids = list(source_ids)
    links = RecordLink.objects.filter(
        connection=connection_id, object="customers", source_id__in=ids, state=LinkState.LINKED.value, churned_from=""
    )
    inside = set(links.values_list("source_id", flat=True))
    decided = PlannedChange.objects.filter(run_id=run_id, object="customers", source_id__in=ids)
    for source_id, link in decided.values_list("source_id", "link"):
        if link.get("state", LinkState.LINKED.value) == LinkState.LINKED.value and not link.get("churned_from"):
            inside.add(source_id)
        else:
            inside.discard(source_id)
    return inside


def _climb(run_id: int, connection_id: int, source_ids: Sequence[str]) -> dict[str, str]:
    """Each climbed record and its parent as the CRM says now: this run's reading, else what the link remembers."""
    if not source_ids:
        return {}
    marks = ", ".join(["(%s)"] * len(source_ids))
    sql = f"""
        WITH RECURSIVE asked(source_id) AS (VALUES {marks}),
        climb(source_id, parent_id, depth) AS (
            SELECT c.source_id, {_PARENT}, 0 FROM asked c {_joins("c.source_id")}
            UNION
            SELECT c.parent_id, {_PARENT}, c.depth + 1 FROM climb c {_joins("c.parent_id")}
            WHERE c.parent_id <> '' AND c.depth < {DEPTH}
        )
        SELECT DISTINCT source_id, parent_id FROM climb"""  # noqa: S608 (our own table names)
    with connection.cursor() as cursor:
        cursor.execute(sql, [*source_ids, run_id, connection_id, run_id, connection_id])
        return dict(cursor.fetchall())


_PARENT = "COALESCE(s.parent_id, l.parent_id, '')"


def _joins(source_id: str) -> str:
    return f"""
        LEFT JOIN {Staged._meta.db_table} s ON s.run_id = %s AND s.object = 'customers'
            AND s.source_id = {source_id} AND s.payload IS NOT NULL
        LEFT JOIN {RecordLink._meta.db_table} l ON l.connection_id = %s AND l.object = 'customers'
            AND l.source_id = {source_id}"""
