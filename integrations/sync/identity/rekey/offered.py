"""Which new ID is offered to which row: by the links of a connection, by a field of the team's own, or by a file."""

from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from integrations.engine.compare import compared
from integrations.engine.mapping import Compare
from integrations.engine.values import from_json
from integrations.hub.models import CustomField

from ...models import RecordLink, ReKey, ReKeyRow
from ...store.hub_rows import CUSTOM

Rows: TypeAlias = Mapping[int, Mapping[str, Any]]
"""hub id → the columns `ref_id` and `custom` of the row."""
Offered: TypeAlias = Mapping[int, Sequence[str]]
"""hub id → every ID that is named for it."""
LIVING = (RecordLink.State.LINKED, RecordLink.State.FAILING)


def offered(job: ReKey, rows: Rows) -> Offered:
    """One statement at most, for any number of rows."""
    return SOURCES[ReKey.Source(job.source)](job, rows)


def _by_links(job: ReKey, rows: Rows) -> Offered:
    links = RecordLink.objects.filter(
        connection=job.connection_id, object=job.object, hub_id__in=rows, state__in=LIVING
    )
    return {hub_id: [source_id] for hub_id, source_id in links.values_list("hub_id", "source_id") if hub_id}


def _by_field(job: ReKey, rows: Rows) -> Offered:
    key = job.field.removeprefix(CUSTOM)
    found = {pk: compared(Compare.ID, from_json(row["custom"].get(key))) for pk, row in rows.items()}
    return {pk: [value] for pk, value in found.items() if value}


def _by_file(job: ReKey, rows: Rows) -> Offered:
    asked = {str(row["ref_id"]) for row in rows.values()} - {""}
    lines: dict[str, list[str]] = {}
    named = job.rows.filter(fate=ReKeyRow.Fate.LINE, old_id__in=asked).order_by("pk")
    for old, new in named.values_list("old_id", "new_id").distinct():
        lines.setdefault(old, []).append(new)
    return {pk: list(dict.fromkeys(lines[row["ref_id"]])) for pk, row in rows.items() if row["ref_id"] in lines}


SOURCES: Mapping[ReKey.Source, Callable[[ReKey, Rows], Offered]] = {
    ReKey.Source.LINKS: _by_links,
    ReKey.Source.FIELD: _by_field,
    ReKey.Source.FILE: _by_file,
}


def fields_offered(object_name: str) -> list[tuple[str, str]]:
    """Fields of the team's own that may hold IDs: texts and numbers."""
    types = [CustomField.Type.STRING, CustomField.Type.NUMBER]
    found = CustomField.objects.filter(entity=object_name, type__in=types).order_by("name")
    return [(f"{CUSTOM}{key}", name) for key, name in found.values_list("key", "name")]
