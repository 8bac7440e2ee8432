"""Counts and sample values. Pipedrive counts nothing itself: whoever wants a number reads the rows."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import date, datetime
from typing import Any

from integrations.engine.values import Value, is_blank

from .client import PipedriveClient, Row
from .schema import Described
from .scope import WON_DEALS, Source
from .values import value_of

SAMPLES, SAMPLE_ROWS, LONGEST_SAMPLE = 3, 100, 80


def in_scope(client: PipedriveClient, source: Source, optional: Iterable[str] = ()) -> Iterator[Row]:
    """Five hundred to a call."""
    wanted = sorted({*optional, *((WON_DEALS,) if source.needs_won_deal else ())})
    asked = {**source.params, **({"include_fields": ",".join(wanted)} if wanted else {})}
    for plural in source.lists:
        yield from (row for row in client.everything(plural, asked) if source.belongs(row))


def counts_by_value(rows: Iterable[Row], path: str, described: Described, people: Mapping[str, str]) -> dict[str, int]:
    """Of a field with several values each of them counts."""
    found: Counter[str] = Counter()
    for row in rows:
        value = value_of(row, path, described.field(path), people)
        found.update(value if isinstance(value, tuple) else () if is_blank(value) else (as_text(value),))
    return dict(found)


def sample_values(
    client: PipedriveClient, source: Source, described: Described, paths: Sequence[str], people: Mapping[str, str]
) -> dict[str, tuple[str, ...]]:
    """Up to three different filled values of each field, out of one page."""
    wanted = sorted({*described.optional(paths), *((WON_DEALS,) if source.needs_won_deal else ())})
    asked = {**source.params, **({"include_fields": ",".join(wanted)} if wanted else {})}
    rows = [row for row in client.page(source.plural, asked).rows if source.belongs(row)][:SAMPLE_ROWS]
    return {path: distinct(value_of(row, path, described.field(path), people) for row in rows) for path in paths}


def distinct(values: Iterable[Value]) -> tuple[str, ...]:
    shown: dict[str, None] = {}
    for value in values:
        if not is_blank(value):
            shown[as_text(value)] = None
        if len(shown) == SAMPLES:
            break
    return tuple(shown)


def as_text(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    text = str(value)
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
