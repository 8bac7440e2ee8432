"""Samples of what a field holds, as texts that fit into a line."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime

from integrations.engine.values import Value, is_blank

SAMPLES = 3
LONGEST = 80


def samples_of(
    records: Iterable[Mapping[str, Value]], paths: Iterable[str], *, longest: int = LONGEST
) -> dict[str, tuple[str, ...]]:
    rows = list(records)
    return {path: distinct((row.get(path) for row in rows), longest=longest) for path in paths}


def distinct(values: Iterable[Value], *, longest: int = LONGEST) -> tuple[str, ...]:
    """The first few that differ; `longest`: letters of each."""
    shown: dict[str, None] = {}
    for value in values:
        if not is_blank(value):
            shown[as_text(value, longest=longest)] = None
        if len(shown) == SAMPLES:
            break
    return tuple(shown)


def as_text(value: Value, *, longest: int = LONGEST) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "; ".join(value)
    if isinstance(value, date | datetime):
        return value.isoformat()
    text = str(value)
    return text if len(text) <= longest else f"{text[:longest]}…"
