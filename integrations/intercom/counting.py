"""Samples of what a field holds, as texts that fit into a line."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from integrations.engine.values import Value, is_blank

SAMPLES, LONGEST_SAMPLE = 3, 60


def samples_of(records: Iterable[Mapping[str, Value]], paths: Iterable[str]) -> dict[str, tuple[str, ...]]:
    rows = list(records)
    return {path: distinct(row.get(path) for row in rows) for path in paths}


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
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return text if len(text) <= LONGEST_SAMPLE else f"{text[:LONGEST_SAMPLE]}…"
