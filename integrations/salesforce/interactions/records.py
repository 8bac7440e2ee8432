"""A row of Salesforce as a record: its fields by the paths of the mapping lines, and the customers it hangs on."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from integrations.engine.records import Record
from integrations.engine.values import Value

from ..fields import convert, long_id, moment, value_at
from .sources import CUSTOMERS, DRAFT, Source

ACCOUNT = "001"


def records_of(
    source: Source, rows: Iterable[Mapping[str, Any]], paths: Sequence[str], types: Mapping[str, str]
) -> list[Record]:
    return [record_of(source, row, paths, types) for row in rows]


def record_of(source: Source, row: Mapping[str, Any], paths: Sequence[str], types: Mapping[str, str]) -> Record:
    stamp = row.get(source.stamp)
    return Record(
        source_id=long_id(row["Id"]),
        values={path: value_of(source, row, path, types) for path in paths if path in source.ways or path in types},
        modified_at=moment(stamp) if stamp else None,
        name=str(row.get("Subject") or row.get("Title") or ""),
        customer_ids=customers_of(source, row),
        is_inside=is_inside(row),
    )


def value_of(source: Source, row: Mapping[str, Any], path: str, types: Mapping[str, str]) -> Value:
    if path in source.ways:
        return source.ways[path].value(row)
    return convert(value_at(row, path), types[path])


def customers_of(source: Source, row: Mapping[str, Any]) -> tuple[str, ...]:
    found = row.get(CUSTOMERS) or (row.get(source.customer),)
    return tuple(dict.fromkeys(long_id(one) for one in found if one and one.startswith(ACCOUNT)))


def is_inside(row: Mapping[str, Any]) -> bool:
    """Planned calls, drafts and private notes are known and stay outside."""
    return row.get("IsClosed", True) is True and row.get("Status") != DRAFT and not row.get("IsPrivate", False)
