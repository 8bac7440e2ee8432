"""The fields of an interaction that a mapping line may name: what an object says in its own way, and the portal's own."""

from collections.abc import Iterable, Mapping
from typing import Any

from integrations.sync.connector import CrmField
from integrations.sync.ways import field_of

from ..schema import ID, fields_of
from .sources import Activity


def fields_of_activity(source: Activity, properties: Iterable[Mapping[str, Any]]) -> Iterable[CrmField]:
    told = list(properties)
    known = {str(one["name"]) for one in told}
    for path, way in source.ways.items():
        if known.issuperset(way.columns):
            yield field_of(path, way, is_id=path == ID)
    yield from (field for field in fields_of(told) if field.is_custom and field.path not in source.ways)
